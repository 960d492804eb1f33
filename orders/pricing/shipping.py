"""What it costs to send a parcel, and where a fuller one is cheaper."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import ceil

from fantasize.core import money
from fantasize.core.errors import InvalidError
from orders.enums import ShippingKind

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent: its worth after the coupon, in whole minor units, and its weight."""

    worth: Decimal
    weight_grams: int


@dataclass(frozen=True, slots=True)
class Band:
    """From ``minimum`` on, grams or an amount, it costs ``price``; None: it is not sent like this from there on."""

    minimum: Decimal
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class ShippingTerms:
    """A way to send things.

    Attributes:
        kind: what the price goes by.
        price: of any parcel, if it is flat.
        bands: else; the last one that a parcel reaches counts, and one that reaches none is not sent like this.
        free_above: from this worth on it costs nothing; None: never.
        tax_class: which of the terms' rates is on it.
    """

    code: str
    name: str
    kind: ShippingKind
    price: Decimal | None = None
    bands: tuple[Band, ...] = ()
    free_above: Decimal | None = None
    tax_class: Hashable = None


@dataclass(frozen=True, slots=True)
class ShippingOption:
    """A way in which this parcel can be sent. ``rule`` says why it costs ``price``."""

    code: str
    name: str
    price: Decimal
    rule: str
    tax_class: Hashable = None


@dataclass(frozen=True, slots=True)
class ShippingCliff:
    """That a parcel from ``minimum`` on, of ``kind``, costs ``after``, less than the ``before`` of one just below.

    By weight these are prices of sending alone, else of goods and sending together.
    """

    kind: ShippingKind
    minimum: Decimal
    before: Decimal
    after: Decimal


def shipping_options(methods: Sequence[ShippingTerms], parcel: Parcel, *, currency: str) -> list[ShippingOption]:
    """The ways to send the parcel, the cheapest first; of equal ones, in the order given."""
    options = (_option(method, parcel, currency) for method in methods)
    return sorted((option for option in options if option is not None), key=lambda option: option.price)


def choose(options: Sequence[ShippingOption], code: str | None) -> ShippingOption | None:
    """The option of this code; without one the cheapest; None if there is none to choose from.

    Raises:
        InvalidError: the parcel cannot be sent as the code says.
    """
    if code is None:
        return options[0] if options else None
    for option in options:
        if option.code == code:
            return option
    raise InvalidError.at("/shipping_method", "It cannot be sent there like this.", code="not_available")


def shipping_cliffs(method: ShippingTerms, *, currency: str) -> list[ShippingCliff]:
    """Where a little more in the parcel makes the whole cheaper, the smallest first."""
    return sorted(_cliffs(method, currency), key=lambda cliff: cliff.minimum)


def _cliffs(method: ShippingTerms, currency: str) -> Iterator[ShippingCliff]:
    if method.kind == ShippingKind.BY_WEIGHT:
        yield from _weight_cliffs(method)
    limits = {band.minimum for band in method.bands} if method.kind == ShippingKind.BY_TOTAL else set()
    if method.free_above is not None:
        limits.add(method.free_above)
    coin = Decimal(1).scaleb(-money.exponent(currency))
    for limit in limits:
        below, at = (_dearest(method, worth, currency) for worth in (limit - coin, limit))
        if limit > 0 and below is not None and at is not None and limit + at < limit - coin + below:
            yield ShippingCliff(ShippingKind.BY_TOTAL, limit, limit - coin + below, limit + at)


def _weight_cliffs(method: ShippingTerms) -> Iterator[ShippingCliff]:
    bands = _ascending(method.bands)
    for lighter, heavier in pairwise(bands):
        if lighter.price is not None and heavier.price is not None and heavier.price < lighter.price:
            yield ShippingCliff(ShippingKind.BY_WEIGHT, heavier.minimum, lighter.price, heavier.price)


def _dearest(method: ShippingTerms, worth: Decimal, currency: str) -> Decimal | None:
    """What the dearest parcel of this worth costs to send."""
    weights = {ceil(band.minimum) for band in method.bands} if method.kind == ShippingKind.BY_WEIGHT else {0}
    options = (_option(method, Parcel(worth, weight), currency) for weight in weights)
    return max((option.price for option in options if option), default=None)


def _option(method: ShippingTerms, parcel: Parcel, currency: str) -> ShippingOption | None:
    band = _band_of(method, parcel)
    if band is None or band.price is None:
        return None
    if method.free_above is not None and parcel.worth >= method.free_above:
        price, rule = money.quantize(_NOTHING, currency), f"free from {method.free_above} {currency}"
    else:
        price, rule = money.quantize(band.price, currency), _rule_of(method, band, currency)
    return ShippingOption(method.code, method.name, price, rule, method.tax_class)


def _band_of(method: ShippingTerms, parcel: Parcel) -> Band | None:
    if method.kind == ShippingKind.FLAT:
        return Band(_NOTHING, method.price)
    measure = Decimal(parcel.weight_grams) if method.kind == ShippingKind.BY_WEIGHT else parcel.worth
    reached = [band for band in _ascending(method.bands) if band.minimum <= measure]
    return reached[-1] if reached else None


def _rule_of(method: ShippingTerms, band: Band, currency: str) -> str:
    if method.kind == ShippingKind.FLAT:
        return "every parcel"
    unit = "g" if method.kind == ShippingKind.BY_WEIGHT else currency
    return f"from {band.minimum.normalize():f} {unit}" if unit == "g" else f"from {band.minimum} {unit}"


def _ascending(bands: Sequence[Band]) -> list[Band]:
    return sorted(bands, key=lambda band: band.minimum)
