"""Who calls, and with what."""

from typing import cast

from rest_framework.request import Request

from accounts import policies
from accounts.api.authentication import session_id_of
from accounts.models import Session, User
from accounts.services import reverification
from accounts.services.sessions import Device
from fantasize.core.api.client_address import site_of
from fantasize.core.api.permissions import policy
from fantasize.core.api.requests import ShopRequest

IsPerson = policy(policies.is_person)


def person_of(request: Request) -> User:
    """The person who calls, where ``IsPerson`` has made sure that it is one."""
    return cast("User", request.user)


def session_of(request: Request) -> Session:
    """The session whose access token the call carries.

    Raises:
        UnauthenticatedError: it carries none.
    """
    return Session.objects.select_related("user").get(pk=session_id_of(request))


def fresh_session_of(request: Request) -> Session:
    """The same, for changing how one gets in: who is there was shown within ten minutes, and by a second factor if any.

    Raises:
        ForbiddenError: ``reverification_required``.
    """
    session = session_of(request)
    reverification.require_recent(session)
    return session


def device_of(request: ShopRequest, token: str = "") -> Device:
    """What the call tells of the caller's device; ``token`` is what the device itself shows."""
    address = request.client_address
    return Device(
        user_agent=request.headers.get("User-Agent", "").replace("\0", ""),
        ip_address=None if address == "local" else address,
        site=site_of(address),
        token=token,
    )
