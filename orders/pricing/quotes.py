"""The order as a whole: coupon, shipping, tax, total."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from catalog.pricing import coupon_discount
from fantasize.core import money
from orders.pricing.lines import Item, QuotedLine, price_lines, reduction
from orders.pricing.shipping import Parcel, ShippingOption, ShippingTerms, choose, shipping_options
from orders.pricing.taxes import Tax, Taxable, TaxTerms, levy

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """A coupon that may be used: ``percent`` or ``amount`` off what the lines come to."""

    code: str
    percent: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order costs by, beside its lines.

    Attributes:
        methods: the ways to send things to the address, in the order that staff give them.
        shipping_method: code of the one that was chosen; None is the cheapest.
        rates: the tax rates at the address, by class.
    """

    coupon: CouponTerms | None = None
    methods: tuple[ShippingTerms, ...] = ()
    shipping_method: str | None = None
    rates: Mapping[Hashable, TaxTerms] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One step from the lines to the total. ``change`` is what the rule adds, ``amount`` what it is together then."""

    stage: str
    rule: str
    change: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """What everything costs together: ``total = items - discounts + shipping + tax``.

    Attributes:
        coupon: code of the one that was used, or empty.
        method: how it is sent; None where no method goes, which costs nothing.
        methods: all ways to send it, the cheapest first.
        taxes: each rate; the last of its shares is of the shipping, the others are of the lines.
        tax: what comes on top.
        tax_included: what the prices contain; it is in ``items`` and ``shipping`` already.
        steps: how the total came about.
    """

    lines: tuple[QuotedLine, ...]
    items: Decimal
    coupon: str
    discounts: Decimal
    method: ShippingOption | None
    methods: tuple[ShippingOption, ...]
    shipping: Decimal
    taxes: tuple[Tax, ...]
    tax: Decimal
    tax_included: Decimal
    total: Decimal
    steps: tuple[Step, ...]
    currency: str


def quote(items: Sequence[Item], *, currency: str, terms: Terms | None = None) -> Quote:
    """Price ``items`` by ``terms``. Where no rule for shipping or tax matches, that costs 0.

    Raises:
        InvalidError: the shipping method that was chosen does not take them.
    """
    terms = terms or Terms()
    priced = price_lines(items, currency=currency)
    goods = _goods(priced, currency)
    worth = goods - _discount(terms.coupon, goods, currency)
    parcel = Parcel(worth, sum(item.weight_grams * item.quantity for item in items))
    methods = shipping_options(terms.methods, parcel, currency=currency)
    method = choose(methods, terms.shipping_method)
    sold = _Sold(priced, [item.tax_class for item in items], terms.coupon, method, tuple(methods), terms.rates)
    return _quote(sold, currency)


def quote_again(
    lines: Sequence[QuotedLine],
    *,
    coupon: CouponTerms | None,
    method: ShippingOption | None,
    rates: Mapping[Hashable, TaxTerms],
    currency: str,
) -> Quote:
    """What lines that were sold come to together by the terms that they were sold by.

    Args:
        lines: with their prices and the tax class that each was taxed by.
        coupon: the one that was used.
        method: how it is sent, at the price of then.
        rates: those that were on the lines and the shipping, by the code of their class.
        currency: ISO 4217.
    """
    methods = (method,) if method else ()
    return _quote(_Sold(lines, [line.tax_class for line in lines], coupon, method, methods, rates), currency)


@dataclass(frozen=True, slots=True)
class _Sold:
    """Priced lines, the tax class of each, and what the whole goes by."""

    lines: Sequence[QuotedLine]
    classes: Sequence[Hashable]
    coupon: CouponTerms | None
    method: ShippingOption | None
    methods: tuple[ShippingOption, ...]
    rates: Mapping[Hashable, TaxTerms]


def _quote(sold: _Sold, currency: str) -> Quote:
    """The whole of what the lines cost."""
    goods = _goods(sold.lines, currency)
    discounts = _discount(sold.coupon, goods, currency)
    shares = money.allocate(discounts, [line.total for line in sold.lines], currency)
    method, rates = sold.method, [sold.rates.get(of) for of in sold.classes]
    shipping = method.price if method else money.quantize(_NOTHING, currency)
    parts = [Taxable(of, line.total - off) for of, line, off in zip(sold.classes, sold.lines, shares, strict=True)]
    parts.append(Taxable(method.tax_class if method else None, shipping))
    taxes = levy(sold.rates, parts, currency=currency)
    steps = tuple(_steps(goods, _changes(sold.coupon, discounts, method, taxes, currency), currency))
    return Quote(
        lines=tuple(
            replace(line, discount=off, **_tax_of(place, rate, taxes))
            for place, (line, off, rate) in enumerate(zip(sold.lines, shares, rates, strict=True))
        ),
        items=goods,
        coupon=sold.coupon.code if sold.coupon else "",
        discounts=discounts,
        method=method,
        methods=sold.methods,
        shipping=shipping,
        taxes=tuple(taxes),
        tax=_sum(taxes, is_included=False, currency=currency),
        tax_included=_sum(taxes, is_included=True, currency=currency),
        total=steps[-1].amount,
        steps=steps,
        currency=currency,
    )


def _goods(lines: Sequence[QuotedLine], currency: str) -> Decimal:
    return money.quantize(sum((line.total for line in lines), start=_NOTHING), currency)


def _discount(coupon: CouponTerms | None, goods: Decimal, currency: str) -> Decimal:
    if coupon is None:
        return money.quantize(_NOTHING, currency)
    discount = coupon_discount(goods, percent=coupon.percent, amount=coupon.amount, currency=currency)
    return money.quantize(discount, currency)


def _sum(taxes: Sequence[Tax], *, is_included: bool, currency: str) -> Decimal:
    amounts = (tax.amount for tax in taxes if tax.terms.is_included is is_included)
    return money.quantize(sum(amounts, _NOTHING), currency)


def _tax_of(place: int, rate: TaxTerms | None, taxes: Sequence[Tax]) -> dict[str, Any]:
    """What a line bears of the one rate that is on it, as the line has it."""
    if rate is None:
        return {}
    share = next((tax.shares[place] for tax in taxes if tax.terms == rate), _NOTHING)
    return {"tax_class": rate.tax_class, "tax_included" if rate.is_included else "tax": share}


def _steps(goods: Decimal, changes: Iterable[tuple[str, str, Decimal]], currency: str) -> Iterator[Step]:
    """Every step with what it is together by then."""
    amount = goods
    yield Step("items", "all lines", goods, amount)
    for stage, rule, change in changes:
        amount += change
        yield Step(stage, rule, change, amount)
    yield Step("total", "what there is to pay", money.quantize(_NOTHING, currency), amount)


def _changes(
    coupon: CouponTerms | None,
    discounts: Decimal,
    method: ShippingOption | None,
    taxes: Sequence[Tax],
    currency: str,
) -> Iterator[tuple[str, str, Decimal]]:
    if coupon:
        yield "coupon", f"{coupon.code}: {reduction(coupon.percent, coupon.amount, currency)}", -discounts
    if method:
        yield "shipping", f"{method.name}: {method.rule}", method.price
    for tax in taxes:
        terms = tax.terms
        rule = f"{terms.name}: {terms.percent.normalize():f} % of {tax.base} {currency}"
        if terms.is_included:
            yield "tax", f"{rule}, {tax.amount} {currency} included", money.quantize(_NOTHING, currency)
        else:
            yield "tax", rule, tax.amount
