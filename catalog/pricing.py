"""What one piece of something costs. Pure: offers and price breaks come in as plain values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fantasize.core import money

_WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """An offer's terms: ``percent`` or ``amount`` less, from ``starts_at`` until just before ``ends_at``."""

    id: int
    name: str
    percent: Decimal | None
    amount: Decimal | None
    starts_at: datetime
    ends_at: datetime | None

    def holds_at(self, at: datetime) -> bool:
        """Whether the offer runs at that moment."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True)
class BreakTerms:
    """From ``min_quantity`` pieces on, each costs ``percent`` less, or ``unit_price``."""

    min_quantity: int
    percent: Decimal | None
    unit_price: Decimal | None


@dataclass(frozen=True, slots=True)
class Undercut:
    """That ``quantity`` pieces cost ``total``, less than the ``total_before`` of one piece fewer."""

    quantity: int
    total_before: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class CouponCliff:
    """That goods for ``min_total`` cost ``total`` with a coupon, less than the ``total_before`` of a coin less."""

    min_total: Decimal
    total_before: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class CurrentPrice:
    """What one piece costs at a moment, and why.

    Attributes:
        list_price: without any offer.
        price: with the best offer, in whole minor units.
        offer: the one that made ``price``; None if there is none, or none that makes it cheaper.
        breaks: for buying more, smallest quantity first.
    """

    list_price: Decimal
    price: Decimal
    offer: OfferTerms | None = None
    breaks: tuple[BreakTerms, ...] = ()

    @property
    def exact_price(self) -> Decimal:
        """What the offer leaves, before it is rounded."""
        if self.offer is None:
            return self.list_price
        return reduce_exactly(self.list_price, percent=self.offer.percent, amount=self.offer.amount)


def current_price(
    list_price: Decimal, offers: Iterable[OfferTerms], breaks: Iterable[BreakTerms], *, at: datetime, currency: str
) -> CurrentPrice:
    """The price with the best of the ``offers`` that hold at ``at``: the lowest; of equals the one that lasts longest.

    ``list_price`` is in whole minor units of ``currency``; so is what comes out.
    """
    best, price = None, list_price
    for offer in sorted((offer for offer in offers if offer.holds_at(at)), key=_longest_first):
        reduced = reduce(list_price, percent=offer.percent, amount=offer.amount, currency=currency)
        if reduced < price:
            best, price = offer, reduced
    return CurrentPrice(list_price, price, best, tuple(sorted(breaks, key=_by_quantity)))


def bulk_price(current: CurrentPrice, quantity: int, *, currency: str) -> tuple[Decimal, BreakTerms | None]:
    """What each of ``quantity`` pieces costs, and the price break that made it so.

    A percentage is taken off what the offer leaves, before that is rounded; a fixed unit price takes its place. Buying
    more never costs more a piece: a break that is dearer than the price, or than a smaller break, does not apply.
    """
    price, applied = current.price, None
    for step in current.breaks:
        stepped = _stepped(current, step, currency)
        if step.min_quantity <= quantity and stepped < price:
            price, applied = stepped, step
    return price, applied


def cliffs(list_price: Decimal, breaks: Iterable[BreakTerms], *, currency: str) -> list[BreakTerms]:
    """The price breaks at which a piece would cost more than fewer pieces do, at the list price."""
    current, found = CurrentPrice(list_price, list_price), []
    lowest = list_price
    for step in sorted(breaks, key=_by_quantity):
        price = _stepped(current, step, currency)
        if price > lowest:
            found.append(step)
        lowest = min(lowest, price)
    return found


def undercuts(list_price: Decimal, breaks: Iterable[BreakTerms], *, currency: str) -> list[Undercut]:
    """Where more pieces cost less together than one piece fewer, at the list price."""
    current = CurrentPrice(list_price, list_price, breaks=tuple(sorted(breaks, key=_by_quantity)))
    found = []
    for many in (step.min_quantity for step in current.breaks):
        before, after = (number * bulk_price(current, number, currency=currency)[0] for number in (many - 1, many))
        if after < before:
            found.append(Undercut(many, before, after))
    return found


def reduce(price: Decimal, *, percent: Decimal | None, amount: Decimal | None, currency: str) -> Decimal:
    """``price`` less ``percent`` of it, or less ``amount``; never below 0; half up to the minor unit."""
    return money.quantize(reduce_exactly(price, percent=percent, amount=amount), currency)


def reduce_exactly(price: Decimal, *, percent: Decimal | None, amount: Decimal | None) -> Decimal:
    """The same before it is rounded, for a price that another rule goes on with."""
    lower = price * (_WHOLE - percent) / _WHOLE if percent is not None else price - (amount or Decimal(0))
    return max(lower, Decimal(0))


def coupon_discount(items_total: Decimal, *, percent: Decimal | None, amount: Decimal | None, currency: str) -> Decimal:
    """How much a coupon takes off ``items_total``: never more than all of it."""
    return items_total - reduce(items_total, percent=percent, amount=amount, currency=currency)


def coupon_cliff(
    min_total: Decimal, *, percent: Decimal | None, amount: Decimal | None, currency: str
) -> CouponCliff | None:
    """Where a coupon with a least total makes a larger order cheaper than a smaller one; None if it does not."""
    coin = Decimal(1).scaleb(-money.exponent(currency))
    total = min_total - coupon_discount(min_total, percent=percent, amount=amount, currency=currency)
    is_cliff = min_total > 0 and total < min_total - coin
    return CouponCliff(min_total, min_total - coin, total) if is_cliff else None


def package_list_price(parts_total: Decimal, percent_off: Decimal, *, currency: str) -> Decimal:
    """What a package without a price of its own costs: its parts' list prices together, less ``percent_off``."""
    return reduce(parts_total, percent=percent_off, amount=None, currency=currency)


def next_change(offers: Iterable[OfferTerms], *, at: datetime) -> datetime | None:
    """When one of ``offers`` begins or ends next after ``at``; None if never."""
    borders = (border for offer in offers for border in (offer.starts_at, offer.ends_at) if border and border > at)
    return min(borders, default=None)


def _longest_first(offer: OfferTerms) -> tuple[bool, float, Decimal, int]:
    """Of those that last equally long the one that takes off more: rounded, they may leave the same."""
    ends, more = offer.ends_at, offer.percent if offer.percent is not None else offer.amount
    return ends is not None, -ends.timestamp() if ends else 0.0, -(more or Decimal(0)), offer.id


def _by_quantity(step: BreakTerms) -> int:
    return step.min_quantity


def _stepped(current: CurrentPrice, step: BreakTerms, currency: str) -> Decimal:
    """What a piece costs by the terms of ``step``, whether or not that is less."""
    if step.unit_price is not None:
        return step.unit_price
    return reduce(current.exact_price, percent=step.percent, amount=None, currency=currency)
