"""The request as the apps' viewsets see it."""

from rest_framework.request import Request

from fantasize.core import guests
from fantasize.core.api.client_address import client_address
from fantasize.core.api.versioning import call_of
from fantasize.core.errors import DomainError, FieldError, MalformedError

CART_TOKEN_HEADER = "X-Cart-Token"  # noqa: S105 - a header's name
ORDER_TOKEN_HEADER = "X-Order-Token"  # noqa: S105 - as above


class ShopRequest(Request):
    """DRF's request with what the shop wants to know of a call."""

    @property
    def is_explicit_v2(self) -> bool:
        """Whether v2 was named, so that the headers which v2 requires are required."""
        return call_of(self._request).is_explicit_v2

    @property
    def legacy_path(self) -> str:
        """The bare path of the earlier system that the call came by (``/login``), else empty."""
        return call_of(self._request).legacy_path

    @property
    def request_id(self) -> str:
        """The call's id, as ``X-Request-ID`` has it."""
        return str(getattr(self._request, "request_id", ""))

    @property
    def client_address(self) -> str:
        """The client's address, by the rule for trusted proxies."""
        return client_address(self._request)

    @property
    def actor(self) -> str:
        """Who calls, as events and ledgers write it."""
        return str(getattr(self.user, "actor", "anonymous"))

    @property
    def principal(self) -> str:
        """Whose idempotency keys these are: the account's, the cart's, the order link's or anybody's."""
        if self.user.is_authenticated:
            return self.actor
        token = self.headers.get(CART_TOKEN_HEADER) or self.headers.get(ORDER_TOKEN_HEADER)
        return guests.principal_of(token) if token else "anonymous"

    @property
    def owner(self) -> str | None:
        """Who owns what the call makes: the account, or the guest by their token; None for a guest without one yet.

        Raises:
            MalformedError: the token is none of ours.
        """
        token = self.headers.get(CART_TOKEN_HEADER)
        if token is not None and not guests.is_token(token):
            raise _malformed_token()
        if self.user.is_authenticated:
            return self.actor
        return None if token is None else guests.principal_of(token)

    def _authenticate(self) -> None:
        try:
            super()._authenticate()  # type: ignore[misc]  # missing in DRF's stubs
        except DomainError:
            # As DRF does for its own exceptions: whoever asks again is told "nobody", not raised at again.
            self._not_authenticated()  # type: ignore[attr-defined]  # missing in DRF's stubs
            raise


def _malformed_token() -> MalformedError:
    code, detail = "cart_token_malformed", "Send the token that the shop gave out, as it was."
    fault = FieldError(CART_TOKEN_HEADER, code, detail, "header")
    return MalformedError(detail, code=code, title="Cart token malformed", errors=[fault])
