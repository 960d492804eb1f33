"""What documents say of an order: what it was when it was sold, and the money that moved. Nothing is priced again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from fantasize.core import money
from orders.models import CreditNoteLine, Order, OrderLine

TIMES = "\N{MULTIPLICATION SIGN}"
# Written as on a parcel: what stands on one line.
_ADDRESS = (("full_name",), ("line1",), ("line2",), ("postal_code", "city"), ("region",), ("country",))


@dataclass(frozen=True, slots=True)
class Item:
    """What is in the parcel: so many of what, what it is made of, and how it was made to order."""

    quantity: int
    name: str
    sku: str
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Slip:
    """A packing slip: never a price, and no word of who bought it if they did not want that.

    Attributes:
        sender: who gives it, if it is a gift and they may be named.
    """

    number: int
    at: datetime
    address: Sequence[str]
    items: Sequence[Item]
    is_gift: bool
    sender: str


@dataclass(frozen=True, slots=True)
class Card:
    """A gift card."""

    at: datetime
    recipient: str
    message: str
    sender: str


@dataclass(frozen=True, slots=True)
class Priced:
    """A position with what it cost: for one, for all, and what of the coupon and of the tax on top is its share."""

    item: Item
    unit_price: str
    total: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """What was sold to whom for how much, and the money that came and went; amounts are written out.

    Attributes:
        sums: label and amount from the goods down to the total.
        moved: label and amount of what was paid and given back.
    """

    number: int
    at: datetime
    buyer: Sequence[str]
    address: Sequence[str]
    lines: Sequence[Priced]
    sums: Sequence[tuple[str, str]]
    total: str
    moved: Sequence[tuple[str, str]]


def slip_of(order: Order) -> Slip:
    """What goes into the parcel, or went: not what was given back for before. One query more than the lines take."""
    here = _stayed_here(order)
    items = [_packed(line, here) for line in order.lines.all() if here[line.pk, None] < line.quantity]
    return Slip(
        order.number, order.placed_at, address_of(order.shipping_address), items, order.is_gift, _sender_of(order)
    )


def card_of(order: Order) -> Card:
    """What the gift's recipient reads."""
    recipient = order.recipient_name or str(order.shipping_address.get("full_name", ""))
    return Card(order.placed_at, recipient, order.gift_message, _sender_of(order))


def invoice_of(order: Order) -> Invoice:
    """What was sold for how much. Three queries."""
    lines = [_priced(line, order.currency) for line in order.lines.all()]
    name = order.user.get_full_name() if order.user else ""
    buyer = [text for text in (name, order.email) if text]
    total = _amount(order.total, order.currency)
    address = address_of(order.shipping_address)
    return Invoice(order.number, order.placed_at, buyer, address, lines, list(_sums(order)), total, list(_moved(order)))


def address_of(address: Mapping[str, Any]) -> list[str]:
    """An address, line by line."""
    lines = (" ".join(str(address[key]) for key in keys if address.get(key)) for keys in _ADDRESS)
    return [line for line in lines if line]


def _sender_of(order: Order) -> str:
    if not order.is_gift or order.is_anonymous or order.user is None:
        return ""
    return order.user.get_full_name()


def _stayed_here(order: Order) -> Counter[tuple[int, int | None]]:
    """Units of positions, and pieces of their parts, that were given back for before the parcel left."""
    found = CreditNoteLine.objects.filter(note__order=order)
    if order.shipped_at:
        found = found.filter(note__created_at__lt=order.shipped_at)
    here = Counter[tuple[int, int | None]]()
    for line, part, quantity in found.values_list("line", "part", "quantity"):
        here[line, part] += quantity
    return here


def _packed(line: OrderLine, here: Counter[tuple[int, int | None]]) -> Item:
    item = _item(line)
    away = [(here[line.pk, part["product"]], part["name"]) for part in line.parts]
    without = [f"Without {count} {TIMES} {name}" for count, name in away if count]
    return replace(item, quantity=line.quantity - here[line.pk, None], notes=[*without, *item.notes])


def _item(line: OrderLine) -> Item:
    parts = [f"{part['quantity']} {TIMES} {part['name']}" for part in line.parts]
    names = {part["product"]: f"{part['name']}: " for part in line.parts}
    answers = [
        f"{names.get(thing['part'], '')}{answer['label']}: {answer['text'] or 'a picture'}"
        for thing in line.customizations
        for answer in thing["shown"]
    ]
    return Item(line.quantity, line.name, line.sku, [*parts, *answers])


def _priced(line: OrderLine, currency: str) -> Priced:
    item = _item(line)
    extras = [("once", line.once), ("special request", line.extra_charge)]
    notes = [*item.notes, *(f"+ {_amount(value, currency)} {label}" for label, value in extras if value)]
    item = Item(item.quantity, item.name, item.sku, notes)
    return Priced(item, _amount(line.unit_price, currency), _amount(line.line_total, currency))


def _sums(order: Order) -> list[tuple[str, str]]:
    currency = order.currency
    rows = [
        ("Items", order.items_total),
        (f"Discount {order.coupon}".strip(), -order.discount_total),
        ("Shipping", order.shipping_total),
    ]
    rows += [(_tax_label(tax), Decimal(tax["amount"])) for tax in order.taxes]
    return [(label, _amount(value, currency)) for label, value in rows if value or label == "Items"]


def _tax_label(tax: Mapping[str, Any]) -> str:
    label = f"{tax['name']} {Decimal(tax['percent']).normalize():f} %"
    return f"{label} (in the prices)" if tax["is_included"] else label


def _moved(order: Order) -> list[tuple[str, str]]:
    """What was paid when, what was given back when, and how much of it all together."""
    payments = list(order.payments.captured().order_by("captured_at", "pk"))
    notes = list(order.credit_notes.order_by("created_at", "pk"))
    moved = [(f"Paid on {_day(payment.captured_at)}", payment.amount) for payment in payments]
    moved += [(f"{note.get_kind_display()} on {_day(note.created_at)}", -note.amount) for note in notes]
    back = sum((payment.refunded for payment in payments), start=Decimal(0))
    if back:
        moved.append(("Given back in all", -back))
    return [(label, _amount(value, order.currency)) for label, value in moved]


def _day(at: datetime | None) -> str:
    return f"{at:%-d %B %Y}" if at else ""


def _amount(value: Decimal, currency: str) -> str:
    return f"{money.quantize(value, currency):,} {currency}"
