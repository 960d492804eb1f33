"""Who takes the shop's payments. Gateways are found here by name; nobody else makes one."""

from django.conf import settings

from orders.errors import NoGatewayError
from orders.payments.base import HostedGateway
from orders.payments.sandbox import SandboxGateway
from orders.payments.stripe import StripeGateway


def find_hosted(name: str) -> HostedGateway | None:
    """The gateway of that name if the shop uses it, be it for old payments only."""
    if name == StripeGateway.name and settings.STRIPE_API_KEY:
        return _stripe(settings.STRIPE_API_KEY, tuple(settings.STRIPE_WEBHOOK_SECRETS), settings.STRIPE_API_BASE)
    if name == SandboxGateway.name and settings.SANDBOX_PAYMENTS and settings.SANDBOX_WEBHOOK_SECRET:
        return SandboxGateway(settings.SANDBOX_WEBHOOK_SECRET)
    return None


def get_hosted(name: str = "") -> HostedGateway:
    """The gateway of that name; without one, the gateway that new payments go to.

    Raises:
        NoGatewayError: the shop has none.
    """
    names = [name] if name else [StripeGateway.name, SandboxGateway.name]
    found = next(filter(None, map(find_hosted, names)), None)
    if found is None:
        raise NoGatewayError("This shop takes no payments online.")
    return found


def in_use() -> list[HostedGateway]:
    """All gateways that the shop uses."""
    return [found for name in (StripeGateway.name, SandboxGateway.name) if (found := find_hosted(name))]


_clients: dict[tuple[str, tuple[str, ...], str], StripeGateway] = {}


def _stripe(api_key: str, secrets: tuple[str, ...], api_base: str) -> StripeGateway:
    """One client per process: it keeps its connections."""
    return _clients.setdefault((api_key, secrets, api_base), StripeGateway(api_key, secrets, api_base))
