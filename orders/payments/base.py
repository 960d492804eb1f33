"""What the shop asks of whoever takes its payments."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Protocol

from fantasize.core import money
from orders.payments.facts import Facts


class GatewayDownError(Exception):
    """The provider did not answer, or said to try again. Says why without naming anybody.

    Attributes:
        is_final: it answers the same whenever it is asked under the same key.
    """

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


class GatewayRefusedError(Exception):
    """The provider will not do it, however often it is asked. Says why without naming anybody."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """What is to be paid, and where the shopper goes afterwards.

    Attributes:
        key: our name of the session; asking twice under it opens one session.
        order: the order's id.
        number: the order's number, for people.
        success_url, cancel_url: where the page leads back to; neither marks anything paid.
    """

    key: str
    order: str
    number: int
    amount: Decimal
    currency: str
    expires_at: datetime
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A page to pay on."""

    provider_id: str
    redirect_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a provider says about a session, whether it told us or was asked.

    Attributes:
        event_id: the provider's number of it; empty for an answer.
        kind: what happened, in the provider's words.
        is_known: whether it is of a kind that says something to us.
        key: our own name of the session, if it says so.
        order: the order's id, if it says so.
        provider_id: the provider's name of the session, if it says so.
        amount: what the session asks for, if it says so.
        currency: ISO 4217, if it says so.
        is_live: whether it is about real money.
        facts: what it tells.
    """

    event_id: str
    kind: str
    is_known: bool = True
    key: str = ""
    order: str = ""
    provider_id: str = ""
    amount: Decimal | None = None
    currency: str = ""
    is_live: bool = False
    facts: Facts = field(default_factory=Facts)


class Gateway(Protocol):
    """Somebody who takes money for us."""

    name: ClassVar[str]
    # Whether the shopper is sent to a page; if not, there is nobody to call.
    is_hosted: ClassVar[bool]


class HostedGateway(Gateway, Protocol):
    """A gateway with a page to pay on. Every call may raise ``GatewayDownError`` and ``GatewayRefusedError``."""

    @property
    def is_live(self) -> bool:
        """Whether it moves real money."""

    def session_lifetime(self) -> timedelta:
        """How long a page can be paid on; always less than the stock is held."""

    def open_session(self, checkout: Checkout) -> OpenedSession:
        """Open a page; the same one for the same key."""

    def fetch_session(self, provider_id: str) -> Notice:
        """What is known of a session now."""

    def expire_session(self, provider_id: str) -> None:
        """See to it that nobody can pay by it any more; nothing for one that is over."""

    def refund(self, payment_ref: str, *, amount: Decimal, currency: str, key: str) -> str:
        """Give money back, once under ``key``; returns the provider's name of the refund."""

    def find_refund(self, payment_ref: str, *, key: str) -> str:
        """The provider's name of a refund that was asked for under ``key``, however long ago; empty: there is none."""

    def read_webhook(self, body: bytes, signature: str) -> Notice:
        """What a message says.

        Raises:
            WebhookSignatureError: it is not from the provider, or too old.
            MalformedError: it says nothing that can be read.
        """


def minor_units(amount: Decimal, currency: str) -> int:
    """An amount as providers count it: in the currency's minor unit."""
    return int(amount.scaleb(_exponent(currency)))


def from_minor_units(count: int, currency: str) -> Decimal:
    """The amount that a provider counts so."""
    return money.quantize(Decimal(count).scaleb(-_exponent(currency)), currency)


def _exponent(currency: str) -> int:
    return _COUNTED_IN_HUNDREDTHS.get(currency, money.exponent(currency))


# Stripe goes on counting in hundredths what has none any more.
_COUNTED_IN_HUNDREDTHS = {"ISK": 2, "UGX": 2}
