"""Orders that are placed as one, to be sent in parts: what they cost together. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from fantasize.core import money
from orders.pricing.quotes import Quote, Step
from orders.pricing.shipping import ShippingOption
from orders.pricing.taxes import Tax, TaxTerms

_NOTHING = Decimal(0)
# Where the lines of one of the orders are among all that were asked for.
Places = Sequence[int]
T = TypeVar("T")


def together(quotes: Sequence[Quote], places: Sequence[Places]) -> Quote:
    """What orders cost together: of every sum the sum, the lines as they were asked for, a step for each order.

    A way to send them is one that all can be sent by, for what that costs in all; ``method`` is None unless it is the
    same for all of them.

    Args:
        quotes: of each order.
        places: of each order's lines.
    """
    currency, methods = quotes[0].currency, tuple(_common_ways(quotes))
    chosen = {quote.method.code if quote.method else "" for quote in quotes}
    return Quote(
        lines=tuple(in_place([quote.lines for quote in quotes], places)),
        items=_sum((quote.items for quote in quotes), currency),
        coupon=next((quote.coupon for quote in quotes if quote.coupon), ""),
        discounts=_sum((quote.discounts for quote in quotes), currency),
        method=next((way for way in methods if chosen == {way.code}), None),
        methods=methods,
        shipping=_sum((quote.shipping for quote in quotes), currency),
        taxes=tuple(_taxes(quotes, places)),
        tax=_sum((quote.tax for quote in quotes), currency),
        tax_included=_sum((quote.tax_included for quote in quotes), currency),
        total=_sum((quote.total for quote in quotes), currency),
        steps=tuple(_steps(quotes, currency)),
        currency=currency,
    )


def in_place(found: Sequence[Sequence[T]], places: Sequence[Places]) -> list[T]:
    """What each order has of its lines, as all of them were asked for."""
    by_place: dict[int, T] = {}
    for of_order, at in zip(found, places, strict=True):
        by_place.update(zip(at, of_order, strict=True))
    return [by_place[place] for place in sorted(by_place)]


def _common_ways(quotes: Sequence[Quote]) -> Iterator[ShippingOption]:
    """Those that every order can be sent by, the cheapest first."""
    by_code = [{way.code: way for way in quote.methods} for quote in quotes]
    found = [[ways[code] for ways in by_code] for code in by_code[0] if all(code in ways for ways in by_code)]
    for ways in sorted(found, key=lambda ways: sum(way.price for way in ways)):
        rules = dict.fromkeys(way.rule for way in ways)
        yield replace(ways[0], price=sum((way.price for way in ways), _NOTHING), rule="; ".join(rules))


def _taxes(quotes: Sequence[Quote], places: Sequence[Places]) -> Iterator[Tax]:
    """Each rate, with its part of every line and of the shipping of all."""
    for terms in dict.fromkeys(tax.terms for quote in quotes for tax in quote.taxes):
        found = [_tax_by(terms, quote) for quote in quotes]
        bases, shares = (
            (*in_place([each[:-1] for each in amounts], places), sum((each[-1] for each in amounts), _NOTHING))
            for amounts in ([tax.bases for tax in found], [tax.shares for tax in found])
        )
        yield Tax(terms, bases, sum((tax.amount for tax in found), _NOTHING), shares)


def _tax_by(terms: TaxTerms, quote: Quote) -> Tax:
    """What a rate comes to in one of the orders, be it nothing."""
    nothing = (_NOTHING,) * (len(quote.lines) + 1)
    return next((tax for tax in quote.taxes if tax.terms == terms), Tax(terms, nothing, _NOTHING, nothing))


def _steps(quotes: Sequence[Quote], currency: str) -> Iterator[Step]:
    amount = _NOTHING
    for number, quote in enumerate(quotes, start=1):
        amount += quote.total
        yield Step("order", f"{number} of {len(quotes)}", quote.total, amount)
    yield Step("total", "what there is to pay", money.quantize(_NOTHING, currency), amount)


def _sum(amounts: Iterable[Decimal], currency: str) -> Decimal:
    return money.quantize(sum(amounts, _NOTHING), currency)
