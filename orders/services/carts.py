"""Carts: what their owners put there, change and take out. Each write locks the cart, and nothing else for long.

Owners are named as text: ``user:<id>``, or ``cart:<hash>`` of a guest's token. Nothing is reserved, and prices are
told, not promised: an order is priced anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import transaction

from customizations.services.evaluation import Answers
from fantasize.core import clock
from fantasize.core.errors import InvalidError
from orders.errors import CartAlreadyOrderedError
from orders.models import Cart, CartLine
from orders.services import cart_reading
from orders.services.baskets import LineRequest
from orders.services.cart_edits import (
    Edit,
    find_locked,
    judge,
    lines_of,
    lock,
    lock_or_open,
    require_quantity,
    require_version,
    touch,
)
from orders.services.cart_reading import CartReading, LineReading


@dataclass(frozen=True, slots=True)
class LineChanges:
    """What is to be otherwise with a line; None leaves it.

    Attributes:
        answers, parts: in place of all that were given.
        acknowledges_price: its owner has seen what it costs now.
    """

    quantity: int | None = None
    answers: Answers | None = None
    parts: Mapping[int, Answers] | None = None
    acknowledges_price: bool = False


def find(owner: str | None) -> Cart | None:
    """Somebody's open cart, if they have one; a guest without a token has none."""
    return Cart.objects.open().of(owner).first() if owner else None


def read(owner: str | None) -> CartReading:
    """What somebody's cart comes to now; an empty one if they have none. As many queries for fifty lines as for one."""
    cart = find(owner)
    reading = cart_reading.read(cart or Cart(), lines_of(cart) if cart else [], at=clock.now())
    return cart_reading.complete(reading)


@transaction.atomic
def put(*, owner: str, wish: LineRequest, expected_version: int | None = None) -> CartReading:
    """Put something into a cart, which is made if there is none; what is there with equal answers adds up.

    Raises:
        InvalidError: it is not sold, its answers are not legal, or there would be too much.
        ConflictError: ``out_of_stock``: a choice, or a part of the package, is sold out; ``upload_gone``.
        PreconditionFailedError: the cart is not at ``expected_version`` any more.
    """
    edit = Edit(lock_or_open(owner), expected_version)
    asked = judge(wish, owner)
    edit.begin(wish.product_id, wish.package_id)
    line = edit.find_equal(str(asked["fingerprint"]))
    if line is None:
        things = {"product_id": wish.product_id, "package_id": wish.package_id}
        line = edit.add(CartLine(cart=edit.cart, quantity=wish.quantity, **things, **asked))
    else:
        line.quantity = require_quantity(line.quantity + wish.quantity)
    return cart_reading.complete(edit.finish(line, must_be_sold=True))


@transaction.atomic
def change(*, owner: str, line_id: int, changes: LineChanges, expected_version: int | None = None) -> CartReading:
    """Change a line; one that becomes like another takes it in.

    Answers are judged if some are given; a quantity can be changed of what is not sold any more, too.

    Raises:
        NotFoundError: it is not in the owner's cart.
        InvalidError, ConflictError, PreconditionFailedError: as for ``put``.
    """
    edit = Edit(lock(owner), expected_version)
    line = edit.line(line_id)
    is_answered = changes.answers is not None or changes.parts is not None
    asked = judge(_reworded(line, changes), owner) if is_answered else {}
    edit.begin(line.product_id, line.package_id)
    line.quantity = changes.quantity or line.quantity
    if is_answered:
        equal = edit.find_equal(str(asked["fingerprint"]))
        if equal is not None and equal is not line:
            line.quantity = require_quantity(line.quantity + equal.quantity)
            edit.take_out(equal)
        for name, value in asked.items():
            setattr(line, name, value)
    if is_answered or changes.acknowledges_price:
        edit.agree(line)
    return cart_reading.complete(edit.finish(line, must_be_sold=is_answered))


@transaction.atomic
def remove(*, owner: str, line_id: int, expected_version: int | None = None) -> None:
    """Take a line out.

    Raises:
        NotFoundError: it is not in the owner's cart.
        PreconditionFailedError: as for ``put``.
    """
    edit = Edit(lock(owner), expected_version)
    line = edit.line(line_id)
    edit.begin(line.product_id, line.package_id)
    edit.take_out(line)
    edit.finish()


@transaction.atomic
def empty(*, owner: str, expected_version: int | None = None) -> None:
    """Take everything out; nothing if there is no cart.

    Raises:
        PreconditionFailedError: as for ``put``.
    """
    cart = find_locked(owner)
    require_version(cart or Cart(), expected_version)
    if cart is not None:
        cart.lines.all().delete()
        touch(cart)


def lines_for_order(owner: str) -> list[LineRequest]:
    """What is to be ordered, in order. In the caller's transaction; locks the cart until it ends.

    Raises:
        ConflictError: ``cart_already_ordered``: an order was placed from it, and nothing was put there since.
        InvalidError: ``cart_empty``.
    """
    cart = find_locked(owner)
    if cart is None and Cart.objects.of(owner).exists():
        raise CartAlreadyOrderedError("An order was placed from this cart.")
    lines = lines_of(cart) if cart else []
    if not lines:
        raise InvalidError.at("/from_cart", "The cart is empty.", code="cart_empty")
    return [LineReading(line).request for line in lines]


def close(owner: str) -> None:
    """An order was placed from the cart, which its owner has locked by ``lines_for_order``: it ends."""
    for cart in Cart.objects.open().of(owner):
        cart.lines.all().delete()
        cart.ordered_at = clock.now()
        touch(cart)


def _reworded(line: CartLine, changes: LineChanges) -> LineRequest:
    """The line with other answers."""
    request = LineReading(line).request
    given = {name: value for name in ("answers", "parts") if (value := getattr(changes, name)) is not None}
    return replace(request, **given)
