"""What an order costs by the terms that it was sold by, read from what it keeps, whatever they are now."""

from collections.abc import Hashable, Sequence
from decimal import Decimal
from typing import Any

from orders.models import Order, OrderLine
from orders.pricing import CouponTerms, Quote, QuotedLine, ShippingOption, Stage, TaxTerms, quote_again, read_reduction
from orders.services import quoting


def price_again(order: Order, lines: Sequence[QuotedLine]) -> Quote:
    """What these lines of the order come to together, with its coupon, its shipping and its taxes."""
    coupon, method, rates = _coupon_of(order), _method_of(order), _rates_of(order, lines)
    return quote_again(lines, coupon=coupon, method=method, rates=rates, currency=order.currency)


def quoted(line: OrderLine, *, quantity: int) -> QuotedLine:
    """What so many of a line cost: each as much as it did."""
    stages = tuple(Stage(each["stage"], each["rule"], Decimal(each["amount"])) for each in line.stages)
    total = line.unit_price * quantity + line.once + line.extra_charge
    facts: dict[str, Any] = {"extra": line.extra_charge, "tax_class": line.tax_class}
    return QuotedLine(stages, line.unit_price, quantity, line.once, total, **facts)


def _stage_of(order: Order, name: str) -> dict[str, str] | None:
    return next((stage for stage in order.stages if stage["stage"] == name), None)


def _coupon_of(order: Order) -> CouponTerms | None:
    stage = _stage_of(order, "coupon")
    return CouponTerms(order.coupon, *read_reduction(stage["rule"])) if stage else None


def _method_of(order: Order) -> ShippingOption | None:
    """How it is sent, for what it cost then."""
    stage = _stage_of(order, "shipping")
    if stage is None:
        return None
    name, _, rule = stage["rule"].partition(": ")
    taxed = (tax["tax_class"] for tax in order.taxes if Decimal(tax["shipping_base"]))
    return ShippingOption(order.shipping_method, name, Decimal(stage["change"]), rule, next(taxed, None))


def _rates_of(order: Order, lines: Sequence[QuotedLine]) -> dict[Hashable, TaxTerms]:
    """Those that it was taxed by. An order does not keep what was on nothing: that is as it is there now."""
    kept: dict[Hashable, TaxTerms] = {
        tax["tax_class"]: TaxTerms(tax["name"], tax["tax_class"], Decimal(tax["percent"]), tax["is_included"])
        for tax in order.taxes
    }
    missing = {line.tax_class for line in lines} - kept.keys() - {""}
    found = quoting.rates_at(order.shipping_address).values() if missing else ()
    return kept | {terms.tax_class: terms for terms in found if terms.tax_class in missing}
