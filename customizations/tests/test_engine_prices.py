"""Reading what answers cost."""

from decimal import Decimal

import pytest

from customizations.engine import Price, PriceMode, parse
from customizations.tests.documents import Document, button, document, faults, image, message, text


@pytest.mark.parametrize(
    ("price", "read"),
    [
        ("4.50", Price(PriceMode.FIXED, Decimal("4.50"))),
        ("0", Price(PriceMode.FIXED, Decimal(0))),
        ("1000000.00", Price(PriceMode.FIXED, Decimal(1_000_000))),
        ({"amount": "1"}, Price(PriceMode.FIXED, Decimal(1))),
        ({"mode": "percent", "amount": "12.25"}, Price(PriceMode.PERCENT, Decimal("12.25"))),
        ({"mode": "percent", "amount": "1000"}, Price(PriceMode.PERCENT, Decimal(1_000))),
        ({"mode": "once", "amount": "3.00"}, Price(PriceMode.ONCE, Decimal(3))),
        ({"mode": "per_line", "amount": "1.00"}, Price(PriceMode.PER_LINE, Decimal(1))),
        ({"mode": "per_character", "amount": "0.20", "free": 8}, Price(PriceMode.PER_CHARACTER, Decimal("0.2"), 8)),
    ],
)
def test_a_price_is_an_amount_in_a_mode(price: object, read: Price) -> None:
    assert parse(document(message(price=price)), currency="USD").options[0].price == read


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        (4.5, [("", "not_an_object")]),
        (4, [("", "not_an_object")]),
        (["1"], [("", "not_an_object")]),
        ("", [("", "not_an_amount")]),
        ("free", [("", "not_an_amount")]),
        ("1,50", [("", "not_an_amount")]),
        ("1e5", [("", "not_an_amount")]),
        ("NaN", [("", "not_an_amount")]),
        ("Infinity", [("", "not_an_amount")]),
        (" 1", [("", "not_an_amount")]),
        ("1.", [("", "not_an_amount")]),
        ("١", [("", "not_an_amount")]),
        ("9" * 400, [("", "not_an_amount")]),
        ("-1.00", [("", "out_of_range")]),
        ("1000000.01", [("", "out_of_range")]),
        ("1.005", [("", "max_decimal_places")]),
        ({}, [("/amount", "required")]),
        ({"amount": 4.5}, [("/amount", "not_an_amount")]),
        ({"amount": "1", "mode": "weekly"}, [("/mode", "unknown_choice")]),
        ({"amount": "1", "mode": 1}, [("/mode", "not_text")]),
        ({"amount": "1", "currency": "EUR"}, [("/currency", "unknown_field")]),
        ({"amount": "1000.01", "mode": "percent"}, [("/amount", "out_of_range")]),
        ({"amount": "-5", "mode": "percent"}, [("/amount", "out_of_range")]),
        ({"amount": "1.255", "mode": "percent"}, [("/amount", "max_decimal_places")]),
        ({"amount": "1", "free": 2}, [("/free", "unknown_field")]),
        ({"amount": "1", "mode": "per_line", "free": -1}, [("/free", "out_of_range")]),
        ({"amount": "1", "mode": "per_line", "free": True}, [("/free", "not_an_integer")]),
    ],
)
def test_what_is_wrong_with_a_price(price: object, expected: list[tuple[str, str]]) -> None:
    source = document(message(price=price))
    assert faults(source, currency="USD") == [(f"/options/0/price{field}", code) for field, code in expected]


@pytest.mark.parametrize("mode", ["per_character", "per_line"])
def test_only_text_is_counted(mode: str) -> None:
    price = {"mode": mode, "amount": "1.00"}
    for option in (button(price=price), image(price=price)):
        assert faults(document(option)) == [("/options/0/price/mode", "price_mode")]
    choice: Document = {"value": "red", "label": "Red", "price": price}
    assert faults(document(button() | {"choices": [choice]})) == [("/options/0/choices/0/price/mode", "price_mode")]
    assert parse(document(text(price=price))).options


def test_the_currency_bounds_the_decimals_where_it_is_known() -> None:
    assert faults(document(text(price="150.5")), currency="JPY") == [("/options/0/price", "max_decimal_places")]
    assert parse(document(text(price="1.505")), currency="KWD").options
    assert parse(document(text(price="1.505"))).options
    assert faults(document(text(price="1.5055"))) == [("/options/0/price", "max_decimal_places")]
