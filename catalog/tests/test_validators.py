"""Which lines of a retail export are believed, and why others are not."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.validators import FEE_REASON, BadLineError, RetailLine, is_fee, parse_line

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CELLS = {
    "invoice": "536365",
    "code": "85123a",
    "description": " WHITE HANGING HEART T-LIGHT HOLDER ",
    "quantity": "6",
    "date": "2010-12-01T08:26",
    "price": "2.55",
    "customer": "17850",
}


def parse(currency: str = "USD", **changes: str) -> RetailLine:
    return parse_line(7, list({**CELLS, **changes}.values()), currency=currency, latest=NOW)


def test_a_sale_is_understood_whole() -> None:
    assert parse() == RetailLine(
        number=7,
        invoice="536365",
        code="85123A",
        description="WHITE HANGING HEART T-LIGHT HOLDER",
        quantity=6,
        unit_price=Decimal("2.55"),
        at=datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
        is_return=False,
    )


@pytest.mark.parametrize("invoice", ["C536379", "c536379", "536379"])
def test_negative_pieces_came_back(invoice: str) -> None:
    line = parse(invoice=invoice, quantity="-3")
    assert (line.is_return, line.quantity) == (True, 3)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2010-12-01 08:26:30", datetime(2010, 12, 1, 8, 26, 30, tzinfo=UTC)),
        ("2010-12-01T08:26+02:00", datetime(2010, 12, 1, 6, 26, tzinfo=UTC)),
        ("12/1/2010 8:26", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_exports_write_them(text: str, moment: datetime) -> None:
    assert parse(date=text).at == moment


def test_prices_are_amounts_of_the_shop_currency() -> None:
    assert parse(price="2.5").unit_price == Decimal("2.50")
    assert parse(price="2.555").unit_price == Decimal("2.56")
    assert parse(currency="JPY", price="255.0").unit_price == Decimal(255)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"invoice": " "}, "no invoice number"),
        ({"invoice": "5" * 41}, "invoice number too long"),
        ({"code": ""}, "no stock code"),
        ({"code": "8" * 65}, "stock code too long"),
        ({"description": "  "}, "no description"),
        ({"description": "W" * 201}, "description too long"),
        ({"description": "WHITE\x00HEART"}, "unprintable characters"),
        ({"description": "WHITE \x1b[2J HEART"}, "unprintable characters"),
        ({"quantity": "0"}, "quantity is zero"),
        ({"quantity": "1.5"}, "quantity is not a whole number below 100,000"),
        ({"quantity": "1e3"}, "quantity is not a whole number below 100,000"),
        ({"quantity": "100000"}, "quantity is not a whole number below 100,000"),
        ({"quantity": "١٢"}, "quantity is not a whole number below 100,000"),
        ({"price": "0.0"}, "price is not above zero"),
        ({"price": "0.004"}, "price is not above zero"),
        ({"price": "-11062.06"}, "price is not above zero"),
        ({"price": "2,55"}, "price is not a number below 100,000"),
        ({"price": "NaN"}, "price is not a number below 100,000"),
        ({"price": "100000"}, "price is not a number below 100,000"),
        ({"date": "yesterday"}, "date cannot be read"),
        ({"date": "2010-02-30T08:26"}, "date cannot be read"),
        ({"date": "0001-01-01T00:00+05:00"}, "date cannot be read"),
        ({"date": "2026-01-01T00:01"}, "date lies in the future or before 1970"),
        ({"date": "1969-12-31T23:59"}, "date lies in the future or before 1970"),
        ({"invoice": "C536379"}, "credit note with a positive quantity"),
    ],
)
def test_a_faulty_line_is_refused_with_its_reason(changes: dict[str, str], reason: str) -> None:
    with pytest.raises(BadLineError) as caught:
        parse(**changes)
    assert str(caught.value) == reason


@pytest.mark.parametrize("count", [0, 1, 6, 8])
def test_a_line_of_another_shape_is_refused(count: int) -> None:
    with pytest.raises(BadLineError, match="wrong number of columns"):
        parse_line(2, ["1"] * count, currency="USD", latest=NOW)


@pytest.mark.parametrize(
    "code",
    [
        "POST",
        "D",
        "DOT",
        "M",
        "m",
        "BANK CHARGES",
        "S",
        "AMAZONFEE",
        "CRUK",
        "PADS",
        "C2",
        "B",
        "gift_0001_40",
        "ADJUST2",
    ],
)
def test_a_fee_is_no_article(code: str) -> None:
    with pytest.raises(BadLineError, match=FEE_REASON):
        parse(code=code, quantity="-1")


@pytest.mark.parametrize("code", ["85123A", "DCGS0076", "15056BL", "POSTER", "MUG", "22139"])
def test_goods_are_no_fee(code: str) -> None:
    assert not is_fee(code)


@given(st.lists(st.text(max_size=60), min_size=5, max_size=8))
def test_whatever_a_line_says_it_is_understood_or_refused(cells: list[str]) -> None:
    with suppress(BadLineError):
        line = parse_line(2, cells, currency="USD", latest=NOW)
        assert line.quantity >= 1
        assert line.unit_price > 0
