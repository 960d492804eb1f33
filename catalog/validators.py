"""What a line of a retail export must look like to be believed. Pure; the importers build on it.

The format is that of the "Online Retail" data set (D. Chen, UCI Machine Learning Repository):
``InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID``. Lines are messy in practice, so a line is
either understood whole or refused with a reason; nothing is guessed into it. Customer numbers are not read: an imported
order belongs to nobody.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from fantasize.core import money

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID")
FEE_REASON = "fee, not goods"

# Widths of what these cells become: an order's reference, a product's SKU and name.
_MAX_LENGTHS = {"invoice number": 40, "stock code": 64, "description": 200}
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# The export as the repository publishes it writes months first; everybody else writes ISO 8601.
_MONTH_FIRST = "%m/%d/%Y %H:%M"
# Postage, carriage, discounts, manual corrections, bank and marketplace fees, samples, charity, padding, vouchers.
_FEE = re.compile(r"(POST|DOT|C2|D|M|B|S|BANK CHARGES|AMAZONFEE|CRUK|PADS|(GIFT|ADJUST|TEST)[_0-9]*)")
# A hundred thousand pieces at a hundred thousand each is the most one line can be worth; real ones stay far below.
_QUANTITY = re.compile(r"-?[0-9]{1,5}", re.ASCII)
_PRICE = re.compile(r"-?[0-9]{1,5}(\.[0-9]{1,4})?", re.ASCII)


class BadLineError(ValueError):
    """A line that is not imported; its message is the reason, the same words for every line with this fault."""


@dataclass(frozen=True, slots=True)
class RetailLine:
    """One believable line: a sale, or goods that came back.

    Attributes:
        number: where it is in the file; the header is line 1.
        invoice: the invoice's name, or the credit note's for a return.
        code: stock code in capitals; the same article is written both ways in practice.
        description: what the till printed, without surrounding blanks.
        quantity: pieces, at least 1, also for a return.
        unit_price: what a piece cost, in whole minor units, above zero.
        at: when the invoice was made, in UTC; a time without a zone is taken as UTC.
        is_return: whether the goods came back instead of going out.
    """

    number: int
    invoice: str
    code: str
    description: str
    quantity: int
    unit_price: Decimal
    at: datetime
    is_return: bool


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """One line that is not imported: where it is, why, and what it said."""

    number: int
    reason: str
    cells: tuple[str, ...]


def is_fee(code: str) -> bool:
    """Whether a stock code in capitals stands for a charge or a correction instead of goods."""
    return _FEE.fullmatch(code) is not None


def parse_line(number: int, cells: Sequence[str], *, currency: str, latest: datetime) -> RetailLine:
    """Understand one line.

    Args:
        number: its line number in the file.
        cells: its cells, as many as ``COLUMNS``.
        currency: ISO 4217 code of the shop; prices are read as amounts of it.
        latest: nothing can have been sold after this moment.

    Raises:
        BadLineError: the first fault found.
    """
    invoice, code, description, quantity_text, date_text, price_text = _texts(cells)
    if is_fee(code):
        raise BadLineError(FEE_REASON)
    _require_texts({"invoice number": invoice, "stock code": code, "description": description})
    quantity = _parse_quantity(quantity_text)
    is_credit_note = invoice[:1] in {"C", "c"}
    if is_credit_note and quantity > 0:
        raise BadLineError("credit note with a positive quantity")
    return RetailLine(
        number=number,
        invoice=invoice,
        code=code,
        description=description,
        quantity=abs(quantity),
        unit_price=_parse_price(price_text, currency),
        at=_parse_date(date_text, latest),
        is_return=quantity < 0,
    )


def _texts(cells: Sequence[str]) -> tuple[str, str, str, str, str, str]:
    """The cells that matter, without surrounding blanks and with the code in capitals."""
    if len(cells) != len(COLUMNS):
        raise BadLineError("wrong number of columns")
    if not all(cell.isprintable() for cell in cells):
        raise BadLineError("unprintable characters")
    invoice, code, description, quantity, date, price, _ = (cell.strip() for cell in cells)
    return invoice, code.upper(), description, quantity, date, price


def _require_texts(texts: dict[str, str]) -> None:
    for name, text in texts.items():
        if not text:
            raise BadLineError(f"no {name}")
        if len(text) > _MAX_LENGTHS[name]:
            raise BadLineError(f"{name} too long")


def _parse_quantity(text: str) -> int:
    if not _QUANTITY.fullmatch(text):
        raise BadLineError("quantity is not a whole number below 100,000")
    if int(text) == 0:
        raise BadLineError("quantity is zero")
    return int(text)


def _parse_price(text: str, currency: str) -> Decimal:
    if not _PRICE.fullmatch(text):
        raise BadLineError("price is not a number below 100,000")
    price = money.quantize(Decimal(text), currency)
    if price <= 0:
        raise BadLineError("price is not above zero")
    return price


def _parse_date(text: str, latest: datetime) -> datetime:
    moment = _read_moment(text)
    if not _EARLIEST <= moment <= latest:
        raise BadLineError("date lies in the future or before 1970")
    return moment


def _read_moment(text: str) -> datetime:
    for read in (datetime.fromisoformat, lambda value: datetime.strptime(value, _MONTH_FIRST)):  # noqa: DTZ007 - the zone follows
        try:
            moment = read(text)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    raise BadLineError("date cannot be read")
