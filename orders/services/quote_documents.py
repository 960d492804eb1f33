"""Quotes as they are told and as orders keep them: what JSON knows, amounts as text."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from catalog.models import Product
from customizations.services.evaluation import EvaluatedLine
from fantasize.core import money
from orders.pricing import Quote, QuotedLine, Stage, Step
from orders.services.baskets import Basket, BasketLine
from orders.services.quoting import Estimate, Notice


def describe(basket: Basket, quote: Quote, notices: Sequence[Notice | None] = ()) -> dict[str, Any]:
    """The whole derivation: anyone can compute the total again from it."""
    rows = zip(basket.lines, quote.lines, notices or [None] * len(quote.lines), strict=True)
    currency = quote.currency
    return {
        "lines": [_line(*row, currency) for row in rows],
        "items": amount(quote.items, currency),
        "coupon": quote.coupon or None,
        "discounts": amount(quote.discounts, currency),
        "shipping_method": quote.method.code if quote.method else None,
        "shipping": amount(quote.shipping, currency),
        "shipping_methods": [
            {"code": way.code, "name": way.name, "price": amount(way.price, currency), "rule": way.rule}
            for way in quote.methods
        ],
        "tax": amount(quote.tax, currency),
        "tax_included": amount(quote.tax_included, currency),
        "taxes": taxes(quote),
        "total": amount(quote.total, currency),
        "currency": currency,
        "stages": stages(quote.steps),
        "needs_approval": basket.needs_approval,
    }


def describe_estimate(found: Estimate) -> dict[str, Any]:
    """The same of what somebody thinks of ordering; with ``quotes``, that of each order, if it would be several."""
    told = describe(found.basket, found.quote, found.notices)
    quotes = [
        describe(part.basket, part.quote, [found.notices[place] for place in part.places]) for part in found.parts
    ]
    return {**told, "quotes": quotes} if quotes else told


def stages(steps: Sequence[Stage | Step]) -> list[dict[str, str]]:
    """Stages of a price, as lines and orders keep them."""
    return [{name: str(value) for name, value in asdict(step).items()} for step in steps]


def taxes(quote: Quote) -> list[dict[str, Any]]:
    """What each rate comes to, as orders keep it; lines hold the rest of what is not on the shipping."""
    return [
        {
            "name": tax.terms.name,
            "tax_class": tax.terms.tax_class,
            "percent": f"{tax.terms.percent.normalize():f}",
            "is_included": tax.terms.is_included,
            "base": amount(tax.base, quote.currency),
            "amount": amount(tax.amount, quote.currency),
            "shipping_base": amount(tax.bases[-1], quote.currency),
            "shipping_amount": amount(tax.shares[-1], quote.currency),
        }
        for tax in quote.taxes
    ]


def amount(value: Decimal, currency: str) -> str:
    """An amount with all its decimals."""
    return f"{money.quantize(value, currency):f}"


def _line(line: BasketLine, priced: QuotedLine, notice: Notice | None, currency: str) -> dict[str, Any]:
    own = "product" if isinstance(line.thing, Product) else "package"
    return {
        "product": None,
        "package": None,
        own: line.thing.pk,
        "name": line.thing.name,
        "sku": line.thing.sku,
        "quantity": priced.quantity,
        "stages": stages(priced.stages),
        "unit_price": amount(priced.unit_price, currency),
        "surcharges": surcharges(line.evaluated),
        "once": amount(priced.once, currency),
        "line_total": amount(priced.total, currency),
        "discount": amount(priced.discount, currency),
        "tax": amount(priced.tax, currency),
        "tax_included": amount(priced.tax_included, currency),
        "needs_approval": line.evaluated.needs_approval,
        "notices": [asdict(notice)] if notice else [],
    }


def surcharges(line: EvaluatedLine) -> list[dict[str, Any]]:
    """What the answers cost: for one unit of the line, all pieces counted, or once."""
    return [
        {"part": thing.product, **asdict(each), "amount": f"{each.amount * (1 if each.is_once else thing.pieces):f}"}
        for thing in line.things
        for each in thing.evaluation.surcharges
    ]
