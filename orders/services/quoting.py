"""What an order would cost, and why: lines, coupon, shipping and tax together. Reads only; nothing is held."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.conf import settings

from accounts.validators import spellings_of_region
from catalog.errors import OutOfStockError
from catalog.models import StockItem, TaxClass
from fantasize.core import clock
from fantasize.core.errors import InvalidError
from fantasize.core.statements import Slot, Statement, TextsSlot
from orders.enums import ShippingKind
from orders.models import ShippingMethod, TaxRate
from orders.pricing import Band, CouponTerms, Quote, ShippingTerms, TaxTerms, Terms, in_place, quote, together
from orders.services import baskets, coupon_use, splitting
from orders.services.baskets import Basket, LineRequest

Address = Mapping[str, Any]
# What a column of money has room for.
MAX_TOTAL = Decimal(10) ** 11

_METHODS = Statement(
    lambda: ShippingMethod.objects.serving(Slot("country")).prefetch_related("bands").order_by("position", "pk")
)
_TAX_CLASSES = Statement(TaxClass.objects.all)
_RATES = Statement(lambda: TaxRate.objects.at(Slot("country"), TextsSlot("regions")))


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants that the price of the whole goes by.

    Attributes:
        coupon: a code as it was typed, or empty.
        shipping_method: code of the way to send it; None is the cheapest.
        caller_address: from where they call; guesses of codes are counted by it.
        ship_in_parts: what staff look at first may be an order of its own.
    """

    coupon: str = ""
    shipping_method: str | None = None
    caller_address: str = ""
    ship_in_parts: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """What keeps a line from being ordered as it is; ``available`` is how many there are."""

    code: str
    detail: str
    available: int


@dataclass(frozen=True, slots=True)
class Part:
    """One order of those that there would be; ``places`` says which of the lines it is of."""

    places: tuple[int, ...]
    basket: Basket
    quote: Quote


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was asked for, what it would cost now, and what there is too little of, by line.

    Attributes:
        basket, quote: all of it, be it one order or several.
        parts: each order, if there would be several; none if it is one.
    """

    basket: Basket
    quote: Quote
    notices: tuple[Notice | None, ...]
    parts: tuple[Part, ...] = ()


def estimate(
    lines: Sequence[LineRequest], *, principal: str | None, customer: str, address: Address, wishes: Wishes
) -> Estimate:
    """Price lines as an order of this moment would be. As many queries for fifty lines as for one.

    Args:
        lines: what somebody wants.
        principal: whose pictures the answers may name; None is nobody.
        customer: whose uses, and guesses, of a coupon are counted together.
        address: where it goes, as far as that is known: ``country`` and ``region`` count.
        wishes: coupon, shipping method, and whether it is to be sent in parts.

    Raises:
        InvalidError: a line names something that is not sold, its answers are not legal, no such method goes there, or
            it comes to more than an order can cost.
        OutOfStockError: a package has a part that is not sold.
        CouponInvalidError, CouponMinTotalError, RateLimitedError: see ``coupon_use.check``.
    """
    at = clock.now()
    whole = baskets.read(lines, principal=principal or "", at=at)
    if faults := [fault for fault in whole.faults if fault.code != OutOfStockError.code]:
        raise InvalidError("Some answers are not possible.", errors=faults)
    places = splitting.places_of(whole, ship_in_parts=wishes.ship_in_parts)
    found = splitting.read_apart(lines, whole, places, principal=principal or "", at=at)
    coupons = splitting.use_coupon(found, lambda number: _check_coupon(found[number], customer, wishes))
    parts = tuple(
        Part(part, basket, settle(basket, address=address, wishes=wishes, coupon=coupon))
        for part, basket, coupon in zip(places, found, coupons, strict=True)
    )
    require_room(*(part.quote for part in parts))
    return _together(whole, parts) if len(parts) > 1 else Estimate(whole, parts[0].quote, _notices(whole))


def _check_coupon(basket: Basket, customer: str, wishes: Wishes) -> CouponTerms | None:
    return coupon_use.check(
        wishes.coupon,
        customer=customer,
        caller_address=wishes.caller_address,
        items_total=basket.quote.total,
        at=basket.at,
    )


def _together(whole: Basket, parts: tuple[Part, ...]) -> Estimate:
    """All parts as one, each line as it is priced in its own order."""
    places = [part.places for part in parts]
    price = together([part.quote for part in parts], places)
    lines = tuple(in_place([part.basket.lines for part in parts], places))
    basket = replace(whole, lines=lines)
    return Estimate(basket, price, _notices(basket), parts)


def settle(basket: Basket, *, address: Address, wishes: Wishes, coupon: CouponTerms | None) -> Quote:
    """What a basket costs with everything that is of the whole. At most four queries.

    Raises:
        InvalidError: the shipping method that was chosen does not take it there.
    """
    country = str(address.get("country", ""))
    terms = Terms(coupon, _methods_to(country), wishes.shipping_method, rates_at(address))
    return quote([line.item for line in basket.lines], currency=settings.SHOP_CURRENCY, terms=terms)


def require_room(*quotes: Quote) -> None:
    """That what orders come to together, before and after the coupon, is what a column has room for.

    Raises:
        InvalidError: it is more than that.
    """
    if max(sum(each.items for each in quotes), sum(each.total for each in quotes)) >= MAX_TOTAL:
        raise InvalidError.at("/lines", "No order can cost as much.", code="too_large")


def terms_of(method: ShippingMethod) -> ShippingTerms:
    """A shipping method as prices are computed by it."""
    bands = tuple(Band(band.minimum, band.price) for band in method.bands.all())
    kind, price, free_above = ShippingKind(method.kind), method.price, method.free_above
    return ShippingTerms(method.code, method.name, kind, price, bands, free_above, method.tax_class_id)


def _methods_to(country: str) -> tuple[ShippingTerms, ...]:
    return tuple(terms_of(method) for method in _METHODS.fetch(country=country))


def rates_at(address: Address) -> dict[Hashable, TaxTerms]:
    """The tax rates there, by tax class; what is in no class is taxed like the default one. Two queries.

    A region is the same by its code and by any of its names.
    """
    country, region = str(address.get("country", "")), str(address.get("region", "")).strip()
    regions = list(spellings_of_region(country, region))
    classes = {row.pk: row for row in _TAX_CLASSES.fetch()}
    rates: dict[Hashable, TaxTerms] = {}
    for rate in _RATES.fetch(country=country, regions=regions) if classes else ():
        of = classes[rate.tax_class_id]
        rates[of.pk] = TaxTerms(rate.name, of.code, rate.percent, rate.is_included)
    default = next((pk for pk, of in classes.items() if of.is_default), None)
    return {**rates, None: rates[default]} if default in rates else rates


def _notices(basket: Basket) -> tuple[Notice | None, ...]:
    """What each line falls short of; of what lines share, those before get it. One query.

    An answer that is sold out is not among what a line takes, and leaves none of the line.
    """
    left = {item.pk: item.available for item in StockItem.objects.filter(pk__in=basket.demand)}
    notices = []
    for line in basket.lines:
        quantity, demand = line.request.quantity, line.demand
        most = min(quantity, *(left.get(item, 0) * quantity // pieces for item, pieces in demand.items()))
        most = 0 if line.evaluated.errors else most
        for item, pieces in demand.items():
            left[item] = left.get(item, 0) - pieces // quantity * most
        notices.append(None if most == quantity else _shortage(most))
    return tuple(notices)


def _shortage(available: int) -> Notice:
    if available:
        return Notice("only_n_left", f"There are only {available} of it now.", available)
    return Notice("out_of_stock", "There is none of it now.", 0)
