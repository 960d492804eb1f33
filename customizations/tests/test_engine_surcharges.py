"""What answers cost."""

from decimal import Decimal

import pytest

from customizations.engine import Surcharge, evaluate, parse
from customizations.tests.documents import button, document, image, message, text


def surcharges(
    option: dict[str, object], answer: str, *, unit_price: str = "10.00", currency: str = "USD"
) -> list[Surcharge]:
    schema = parse(document(option))
    found = evaluate(schema, {str(option["key"]): answer}, unit_price=Decimal(unit_price), currency=currency)
    return list(found.surcharges)


def amounts(option: dict[str, object], answer: str, **told: str) -> list[str]:
    return [str(each.amount) for each in surcharges(option, answer, **told)]


@pytest.mark.parametrize(
    ("price", "answer", "expected"),
    [
        ("4.50", "x", ["4.50"]),
        ("0.00", "x", []),
        ("4.50", "", []),
        ({"mode": "once", "amount": "2.00"}, "x", ["2.00"]),
        ({"mode": "per_character", "amount": "0.20"}, "Anna B", ["1.20"]),
        ({"mode": "per_character", "amount": "0.20", "free": 5}, "Anna B", ["0.20"]),
        ({"mode": "per_character", "amount": "0.20", "free": 6}, "Anna B", []),
        ({"mode": "per_character", "amount": "0.20", "free": 7}, "Anna B", []),
        ({"mode": "per_character", "amount": "0.20"}, "  Anna  ", ["0.80"]),
        ({"mode": "per_character", "amount": "0.20"}, "e\u0301", ["0.20"]),
        ({"mode": "per_character", "amount": "0.20"}, "👩\u200d👧", ["0.60"]),
        ({"mode": "per_character", "amount": "0.20"}, "ab\r\nc\n\nd", ["0.80"]),
        ({"mode": "per_line", "amount": "1.50"}, "a", ["1.50"]),
        ({"mode": "per_line", "amount": "1.50"}, "a\n\nb\n", ["4.50"]),
        ({"mode": "per_line", "amount": "1.50", "free": 1}, "a\r\nb", ["1.50"]),
        ({"mode": "per_line", "amount": "1.50", "free": 1}, "a\n", []),
        ({"mode": "percent", "amount": "12.5"}, "x", ["1.250"]),
    ],
)
def test_modes(price: object, answer: str, expected: list[str]) -> None:
    assert amounts(message(price=price, max_lines=9), answer) == expected


def test_a_percentage_is_of_the_unit_price_and_exact() -> None:
    option = text(price={"mode": "percent", "amount": "0.01"})
    assert amounts(option, "x", unit_price="9999999.99") == ["999.999999"]
    assert amounts(option, "x", unit_price="0.01") == ["0.000001"]
    assert amounts(option, "x", unit_price="0.00") == []


def test_what_is_paid_once_is_in_whole_coins_and_apart_from_the_unit() -> None:
    option = text(price={"mode": "once", "amount": "1.005"})
    assert amounts(option, "x") == ["1.01"]
    assert amounts(option, "x", currency="KWD") == ["1.005"]
    assert surcharges(option, "x")[0].is_once
    found = evaluate(parse(document(option, image(price="3.00"))), {"name": "x"}, unit_price=Decimal(1))
    assert (found.per_unit, found.once) == (Decimal(0), Decimal("1.01"))


def test_an_option_and_its_choice_both_cost_something() -> None:
    choices = [
        {"value": "gold", "label": "Gold leaf", "price": {"mode": "percent", "amount": "50"}},
        {"value": "red", "label": "Red"},
    ]
    option = button(price="1.00") | {"choices": choices}
    assert [(each.key, each.label, each.mode, each.amount) for each in surcharges(option, "gold")] == [
        ("colour", "Colour", "fixed", Decimal("1.00")),
        ("colour", "Colour: Gold leaf", "percent", Decimal(5)),
    ]
    assert amounts(option, "red") == ["1.00"]


def test_a_hundred_exact_parts_are_added_before_anything_is_rounded() -> None:
    options = [text(f"o{number}", price={"mode": "percent", "amount": "0.33"}) for number in range(100)]
    answers = {f"o{number}": "x" for number in range(100)}
    found = evaluate(parse(document(*options)), answers, unit_price=Decimal("0.99"))
    assert found.per_unit == Decimal("0.3267")
