"""Carts of any kind, the same from the same dice; and what the shop's own quote says of one, as plain data."""

from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

from catalog.pricing import BreakTerms, OfferTerms, current_price
from orders.enums import ShippingKind
from orders.pricing import Band, CouponTerms, Item, Quote, ShippingTerms, TaxTerms, Terms, quote
from orders.tests.quotes_again import Cart

_AT = datetime(2026, 5, 1, tzinfo=UTC)
_CLASSES = ("standard", "reduced", "books")
_CURRENCIES = {"USD": 2, "JPY": 0, "KWD": 3}


def random_cart(dice: Random) -> Cart:
    """One of 1 to 8 lines, some of them of one thing; as ``quotes_again`` describes it."""
    things = [_thing(dice, number) for number in range(dice.randint(1, 5))]
    rates = {
        of: (dice.choice((0, 5_000, 8_875, 19_000, dice.randint(1, 99_999))), dice.random() < 0.5) for of in _CLASSES
    }
    return {
        "currency": dice.choice(("USD", "USD", "USD", "JPY", "KWD")),
        "lines": [_line(dice, dice.choice(things)) for _ in range(dice.randint(1, 8))],
        "coupon": _reduction(dice) if dice.random() < 0.5 else None,
        "methods": [_method(dice, number) for number in range(dice.randint(0, 4))],
        "rates": {of: rate for of, rate in rates.items() if dice.random() < 0.7},
    }


def quoted(cart: Cart) -> dict[str, Any]:
    """What ``orders.pricing`` says of a cart, in coins."""
    found = _told(quote(items_of(cart), currency=cart["currency"], terms=cart_terms(cart)))
    coins = Decimal(10) ** _CURRENCIES[cart["currency"]]
    return {name: _in_coins(value, coins) for name, value in found.items()}


def items_of(cart: Cart) -> list[Item]:
    """The cart's lines as they are quoted."""
    return [_item(line, cart["currency"]) for line in cart["lines"]]


def _told(price: Quote) -> dict[str, Any]:
    lines = price.lines
    return {
        "unit_prices": [line.unit_price for line in lines],
        "line_totals": [line.total for line in lines],
        "line_discounts": [line.discount for line in lines],
        "line_taxes": [line.tax for line in lines],
        "line_taxes_included": [line.tax_included for line in lines],
        "items": price.items,
        "discounts": price.discounts,
        "method": price.method.code if price.method else None,
        "methods": [method.code for method in price.methods],
        "shipping": price.shipping,
        "tax": price.tax,
        "tax_included": price.tax_included,
        "total": price.total,
    }


def _in_coins(value: Any, coins: Decimal) -> Any:
    if isinstance(value, list):
        return [_in_coins(each, coins) for each in value]
    return int(value * coins) if isinstance(value, Decimal) else value


def _coins(dice: Random, most: int = 20_000) -> int:
    return dice.choice((0, 1, 99, 999, dice.randint(0, most), dice.randint(0, most)))


def _reduction(dice: Random) -> tuple[str, int]:
    if dice.random() < 0.5:
        return "percent", dice.choice((10_000, 33_330, 100_000, dice.randint(1, 10_000) * 10))
    return "amount", 1 + _coins(dice, 5_000)


def _thing(dice: Random, number: int) -> dict[str, Any]:
    breaks = {
        minimum: (minimum, *_reduction(dice)) if dice.random() < 0.7 else (minimum, "price", _coins(dice))
        for minimum in dice.sample(range(2, 12), dice.randint(0, 3))
    }
    return {
        "thing": number,
        "list_price": _coins(dice),
        "offer": _reduction(dice) if dice.random() < 0.4 else None,
        "breaks": [each for each in breaks.values() if each[1] != "amount"],
        "weight": dice.choice((0, 250, dice.randint(1, 3000))),
        "tax_class": dice.choice((*_CLASSES, None)),
    }


def _line(dice: Random, thing: dict[str, Any]) -> dict[str, Any]:
    per_unit = dice.choice((0, 0, 450_000, dice.randint(1, 99_999)))
    return {**thing, "quantity": dice.randint(1, 6), "per_unit": per_unit, "once": dice.choice((0, 0, 300))}


def _method(dice: Random, number: int) -> dict[str, Any]:
    kind = dice.choice([each.value for each in ShippingKind])
    starts = [] if kind == "flat" else dice.sample(range(0, 20_000, 500), dice.randint(1, 4))
    return {
        "code": f"way{number}",
        "kind": kind,
        "price": _coins(dice, 2_000) if kind == "flat" else None,
        "bands": [(start, None if dice.random() < 0.1 else _coins(dice, 2_000)) for start in starts],
        "free_above": dice.choice((None, None, 5_000, 20_000)),
        "tax_class": dice.choice((*_CLASSES, None)),
    }


def _decimal(coins: int | None, currency: str) -> Decimal | None:
    return None if coins is None else Decimal(coins).scaleb(-_CURRENCIES[currency])


def _off(reduction: tuple[str, int], currency: str) -> tuple[Decimal | None, Decimal | None]:
    """Its percentage or its amount."""
    kind, value = reduction
    return (Decimal(value) / 1000, None) if kind == "percent" else (None, _decimal(value, currency))


def _item(line: dict[str, Any], currency: str) -> Item:
    offers = [OfferTerms(1, "Offer", *_off(line["offer"], currency), _AT, None)] if line["offer"] else []
    breaks = [BreakTerms(minimum, *_off((kind, value), currency)) for minimum, kind, value in line["breaks"]]
    listed = _decimal(line["list_price"], currency) or Decimal(0)
    return Item(
        line["thing"],
        current_price(listed, offers, breaks, at=_AT, currency=currency),
        line["quantity"],
        per_unit=Decimal(line["per_unit"]).scaleb(-3 - _CURRENCIES[currency]),
        once=_decimal(line["once"], currency) or Decimal(0),
        weight_grams=line["weight"],
        tax_class=line["tax_class"],
    )


def cart_terms(cart: Cart) -> Terms:
    """What the cart costs by, beside its lines."""
    currency = cart["currency"]
    coupon = cart["coupon"] and CouponTerms("CODE", *_off(cart["coupon"], currency))
    rates = {
        of: TaxTerms("Tax", of, Decimal(percent) / 1000, is_included)
        for of, (percent, is_included) in cart["rates"].items()
    }
    return Terms(coupon, tuple(_way(method, currency) for method in cart["methods"]), None, rates)


def _way(method: dict[str, Any], currency: str) -> ShippingTerms:
    kind = ShippingKind(method["kind"])
    bands = tuple(
        Band(
            Decimal(start) if kind == ShippingKind.BY_WEIGHT else _decimal(start, currency) or Decimal(0),
            _decimal(price, currency),
        )
        for start, price in method["bands"]
    )
    price, free_above = _decimal(method["price"], currency), _decimal(method["free_above"], currency)
    return ShippingTerms(method["code"], method["code"], kind, price, bands, free_above, method["tax_class"])
