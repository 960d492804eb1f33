"""What documents look like. Pure: the same facts give the same bytes."""

from collections.abc import Sequence
from functools import partial

from orders.services.documents.facts import TIMES, Card, Invoice, Item, Slip
from orders.services.documents.sheet import Sheet, numbered

A4 = (210.0, 297.0)
A6 = (148.0, 105.0)
_SMALL, _LARGE, _FAINT = 8.5, 20, 110
# Gift messages are written as large as they fit on the card.
_MESSAGE_SIZES = (18, 15, 12, 10, 8, 6.5)
_DATE = "%-d %B %Y"


def slip(facts: Slip) -> bytes:
    """A packing slip."""
    return numbered(partial(_slip, facts), at=facts.at, size=A4, margin=20, title=f"Packing slip {facts.number}")


def card(facts: Card) -> bytes:
    """A gift card."""
    sheet = Sheet(at=facts.at, size=A6, margin=12, title="Gift card")
    if facts.recipient:
        sheet.write_block(facts.recipient, size=11, grey=_FAINT, align="C")
        sheet.ln(4)
    room = A6[1] - 2 * 12 - sheet.get_y() + 12 - (14 if facts.sender else 4)
    sizes = (size for size in _MESSAGE_SIZES if sheet.height_of(facts.message, size=size) <= room)
    size = next(sizes, _MESSAGE_SIZES[-1])
    sheet.ln(max((room - sheet.height_of(facts.message, size=size)) / 2, 0))
    sheet.write_block(facts.message, size=size, align="C")
    if facts.sender:
        sheet.ln(4)
        sheet.write_block(facts.sender, size=11, grey=_FAINT, align="C")
    return sheet.finish()


def invoice(facts: Invoice) -> bytes:
    """An invoice."""
    return numbered(partial(_invoice, facts), at=facts.at, size=A4, margin=20, title=f"Invoice {facts.number}")


def _slip(facts: Slip, sheet: Sheet) -> None:
    _head(sheet, "Packing slip", f"Order {facts.number}, {facts.at.strftime(_DATE)}")
    _address(sheet, "Ship to", facts.address)
    if facts.is_gift:
        sheet.write_block(f"A gift from {facts.sender}." if facts.sender else "A gift.", size=11)
    sheet.rule()
    for item in facts.items:
        _item(sheet, item)


def _invoice(facts: Invoice, sheet: Sheet) -> None:
    _head(sheet, "Invoice", f"Order {facts.number}, {facts.at.strftime(_DATE)}")
    _address(sheet, "Sold to", facts.buyer)
    _address(sheet, "Shipped to", facts.address)
    sheet.rule()
    head = (("", 12, "L"), ("Product", 88, "L"), ("Price", 35, "R"), ("Sum", 35, "R"))
    sheet.write_row(head, size=_SMALL, grey=_FAINT)
    sheet.ln(2)
    for line in facts.lines:
        _item(sheet, line.item, (line.unit_price, line.total))
    sheet.rule()
    _sums(sheet, facts.sums)
    _sums(sheet, [("Total", facts.total)], size=13)
    if facts.moved:
        sheet.rule()
        _sums(sheet, facts.moved, size=_SMALL)


def _head(sheet: Sheet, title: str, about: str) -> None:
    sheet.write_block(title, size=_LARGE)
    sheet.write_block(about, grey=_FAINT)
    sheet.ln(6)


def _address(sheet: Sheet, title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    sheet.write_block(title, size=_SMALL, grey=_FAINT)
    for line in lines:
        sheet.write_block(line)
    sheet.ln(4)


def _item(sheet: Sheet, item: Item, amounts: Sequence[str] = ()) -> None:
    """A position with what belongs to it; with amounts on the right, where prices are shown."""
    width = 170.0 - 12 - 35 * len(amounts)
    cells = [(f"{item.quantity} {TIMES}", 12.0, "L"), (item.name, width, "")]
    sheet.write_row([*cells, *((amount, 35.0, "R") for amount in amounts)])
    for note in (item.sku, *item.notes):
        sheet.write_row([("", 12.0, "L"), (note, width, "")], size=_SMALL, grey=_FAINT)
    sheet.ln(3)


def _sums(sheet: Sheet, rows: Sequence[tuple[str, str]], *, size: float = 10) -> None:
    for label, amount in rows:
        sheet.write_row([("", 50, "L"), (label, 75, "R"), (amount, 45, "R")], size=size)
