"""What is known of a hosted payment, and the state that it amounts to. Pure.

A provider tells things late, twice and out of order. So nothing here depends on when something was heard: facts are
only ever added, and adding the same ones in any order, any number of times, gives the same.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from orders.enums import PaymentState

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a provider has said about one payment session.

    Attributes:
        is_completed: the shopper has gone through the page, paid or not yet.
        captured: what came in; zero for nothing.
        refunded: what went back in all, at some time.
        refunds: each refund that it told of by itself: our name of it, else the provider's, and the amount.
        failed_refunds: those of them that did not arrive; the money came back to us.
        is_failed: an attempt was declined.
        is_expired: nobody can pay on the page any more.
        is_disputed: the shopper's bank wants the money back.
        is_dispute_closed: that has come to its end.
        is_dispute_lost: and they got it.
        payment_ref: the provider's name of the payment, under which it tells of refunds and disputes.
    """

    is_completed: bool = False
    captured: Decimal = _NOTHING
    refunded: Decimal = _NOTHING
    refunds: frozenset[tuple[str, Decimal]] = frozenset()
    failed_refunds: frozenset[tuple[str, Decimal]] = frozenset()
    is_failed: bool = False
    is_expired: bool = False
    is_disputed: bool = False
    is_dispute_closed: bool = False
    is_dispute_lost: bool = False
    payment_ref: str = ""

    def joined(self, other: "Facts") -> "Facts":
        """All that either knows."""
        mine, theirs = asdict(self), asdict(other)
        return Facts(**{name: _both(value, theirs[name]) for name, value in mine.items()})

    @property
    def returned(self) -> Decimal:
        """What went back and stayed there, as far as that is sure: ``refunded`` may count what came back since."""
        failed = sum(amount for _, amount in self.failed_refunds)
        stayed = sum((amount for _, amount in self.refunds - self.failed_refunds), start=_NOTHING)
        return max(self.refunded - failed, stayed)

    @property
    def is_over(self) -> bool:
        """Whether nobody can pay by this session any more."""
        return bool(self.captured) or self.is_expired or (self.is_completed and self.is_failed)

    @property
    def is_under_dispute(self) -> bool:
        """Whether the money is being argued about."""
        return self.is_disputed and not self.is_dispute_closed

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Facts":
        """What ``as_json`` wrote."""
        amounts = {name: Decimal(data[name]) for name in ("captured", "refunded") if name in data}
        named = {
            name: frozenset((key, Decimal(amount)) for key, amount in data[name])
            for name in ("refunds", "failed_refunds")
            if name in data
        }
        return cls(**{**data, **amounts, **named})

    def as_json(self) -> dict[str, Any]:
        """Those that are known, for a JSON column."""
        told = {name: value for name, value in asdict(self).items() if value}
        return {name: _plain(value) for name, value in told.items()}


def _both(mine: Any, theirs: Any) -> Any:
    return mine | theirs if isinstance(mine, frozenset) else max(mine, theirs)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return [[name, str(amount)] for name, amount in sorted(value)]
    return str(value) if isinstance(value, Decimal) else value


def state_of(facts: Facts) -> PaymentState:
    """The one state that the facts amount to."""
    if facts.captured:
        return refund_state(facts.captured, facts.refunded)
    if facts.is_failed:
        return PaymentState.FAILED
    if facts.is_expired and not facts.is_completed:
        return PaymentState.EXPIRED
    return PaymentState.PENDING


def refund_state(captured: Decimal, refunded: Decimal) -> PaymentState:
    """Paid, or how much of it went back."""
    if not refunded:
        return PaymentState.PAID
    return PaymentState.PARTIALLY_REFUNDED if refunded < captured else PaymentState.REFUNDED
