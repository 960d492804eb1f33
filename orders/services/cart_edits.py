"""One change of a cart under its lock: judged, priced anew, and what its lines were listed at kept honest."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings

from catalog.errors import OutOfStockError
from customizations.services import uploads
from customizations.services.evaluation import Answers
from fantasize.core import clock
from fantasize.core.errors import FieldError, InvalidError, NotFoundError, PreconditionFailedError
from orders.models import Cart, CartLine
from orders.models.cart import MAX_LINES, MAX_QUANTITY
from orders.pricing import QuotedLine
from orders.services import baskets, cart_reading
from orders.services.baskets import LineRequest
from orders.services.cart_reading import CartReading, LineReading

# What a column of money has room for.
_MAX_TOTAL = Decimal(10) ** 11
LISTED = ("name", "unit_price", "once", "currency")


def lock_or_open(owner: str) -> Cart:
    """Somebody's open cart, locked until the transaction ends; a new one if they have none."""
    while (cart := find_locked(owner)) is None:
        # Somebody else may be faster: there is one then.
        Cart.objects.bulk_create([_new_cart(owner)], ignore_conflicts=True)
    return cart


def touch(cart: Cart) -> None:
    """Note that the locked cart has changed."""
    cart.version += 1
    cart.changed_at = clock.now()
    cart.save()


def _new_cart(owner: str) -> Cart:
    user_id = owner.removeprefix("user:")
    return Cart(guest=owner) if user_id == owner else Cart(user_id=user_id)


def find_locked(owner: str) -> Cart | None:
    """Somebody's open cart, locked until the transaction ends."""
    return Cart.objects.open().of(owner).select_for_update(no_key=True).first()


def lock(owner: str) -> Cart:
    """The same, where there has to be one.

    Raises:
        NotFoundError: there is none.
    """
    cart = find_locked(owner)
    if cart is None:
        raise NotFoundError
    return cart


def lines_of(cart: Cart) -> list[CartLine]:
    """Its lines in their order."""
    return list(cart.lines.order_by("pk"))


def require_version(cart: Cart, expected: int | None) -> None:
    """Refuse to act on another version than the caller has seen.

    Raises:
        PreconditionFailedError: it is another.
    """
    if expected is not None and cart.version != expected:
        raise PreconditionFailedError("The cart has changed meanwhile.", extra={"current_version": cart.version})


def require_quantity(quantity: int) -> int:
    """The quantity.

    Raises:
        InvalidError: it is more than there can be of a line.
    """
    if quantity > MAX_QUANTITY:
        raise InvalidError.at("/quantity", f"There can be {MAX_QUANTITY} of it.", code="max_value")
    return quantity


def judge(wish: LineRequest, owner: str) -> dict[str, Any]:
    """What a line keeps of legal answers; their pictures stay until the commit.

    Raises:
        InvalidError: they are not legal.
        OutOfStockError: a choice is sold out, and nothing else is wrong.
        ConflictError: ``upload_gone``.
    """
    [line] = baskets.evaluate([wish], principal=owner)
    faults = [FieldError(fault.pointer, fault.code, fault.detail) for fault in line.errors]
    if any(fault.code != OutOfStockError.code for fault in faults):
        raise InvalidError("Some answers are not possible.", errors=faults)
    if faults:
        refusal = OutOfStockError({})
        refusal.errors = tuple(faults)
        raise refusal
    if line.uploads:
        uploads.lock_pictures(line.uploads)
    given = {thing.product: thing.evaluation.answers for thing in line.things}
    own = given.pop(None, {})
    parts = {str(part): answers for part, answers in given.items() if answers}
    facts = {"answers": own, "parts": parts, "templates": cart_reading.templates_of(line)}
    return {**facts, "uploads": list(line.uploads), "fingerprint": _fingerprint(wish, own, parts)}


def _fingerprint(wish: LineRequest, answers: Answers, parts: Mapping[str, Answers]) -> str:
    """What two lines have in common that are of the same thing with the same answers."""
    facts = json.dumps([wish.product_id, wish.package_id, answers, parts], sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()


def told_of(reading: CartReading) -> set[int | None]:
    """The lines of which it is told that they cost something else, or whose price nobody can agree to."""
    return {each.line.pk for each in reading.lines if each.price_changes or not each.has_legal_answers}


def agree_to_prices(readings: Iterable[LineReading]) -> list[CartLine]:
    """List lines at what they cost now, those that have a price; returns those that were listed at something else."""
    return [each.line for each in readings if each.priced and _agree_to_price(each, each.priced)]


class Edit:
    """One change of a locked cart: of lines of one thing, which may move the prices of its other lines too.

    What a line costs otherwise because its owner has changed how many there are is no change of the price. One that
    was not told of before stays told.
    """

    def __init__(self, cart: Cart, expected_version: int | None) -> None:
        require_version(cart, expected_version)
        self.cart, self._at = cart, clock.now()
        self._lines = lines_of(cart)
        self._told: set[int | None] = set()
        self._thing: tuple[int | None, int | None] = (None, None)

    def line(self, line_id: int) -> CartLine:
        """One of the lines.

        Raises:
            NotFoundError: it is none of them.
        """
        found = next((line for line in self._lines if line.pk == line_id), None)
        if found is None:
            raise NotFoundError
        return found

    def begin(self, product_id: int | None, package_id: int | None) -> None:
        """Look at the thing's lines as they are before."""
        self._thing = (product_id, package_id)
        if any(self._is_concerned(line) for line in self._lines):
            self._told = told_of(self._read())

    def find_equal(self, fingerprint: str) -> CartLine | None:
        """The line with this thing and these answers."""
        return next((line for line in self._lines if line.fingerprint == fingerprint), None)

    def add(self, line: CartLine) -> CartLine:
        """Take a new line in.

        Raises:
            InvalidError: the cart is full.
        """
        if len(self._lines) >= MAX_LINES:
            raise InvalidError.at("", f"A cart has {MAX_LINES} lines at most.", code="cart_full")
        self._lines.append(line)
        return line

    def take_out(self, line: CartLine) -> None:
        """Delete a line."""
        self._lines.remove(line)
        line.delete()

    def agree(self, line: CartLine) -> None:
        """The owner agrees to what the line costs now."""
        self._told.discard(line.pk)

    def finish(self, line: CartLine | None = None, *, must_be_sold: bool = False) -> CartReading:
        """Price everything, list the lines of the thing anew, and store them. ``line`` is what was changed.

        Raises:
            InvalidError: it is not sold, or costs more than can be paid.
            OutOfStockError: a part of the package is not sold.
        """
        after = self._read()
        if line is not None:
            _require_possible(next(each for each in after.lines if each.line is line), after, must_be_sold=must_be_sold)
        listed = [each for each in after.lines if self._is_concerned(each.line) and each.line.pk not in self._told]
        moved = agree_to_prices(listed)
        CartLine.objects.bulk_update([other for other in moved if other is not line], LISTED)
        if line is not None:
            line.changed_at = self._at
            line.save()
        touch(self.cart)
        return after

    def _is_concerned(self, line: CartLine) -> bool:
        return (line.product_id, line.package_id) == self._thing

    def _read(self) -> CartReading:
        return cart_reading.read(self.cart, self._lines, at=self._at)


def _require_possible(reading: LineReading, cart: CartReading, *, must_be_sold: bool) -> None:
    if reading.priced is None and must_be_sold:
        raise _not_sold(reading)
    totals = [cart.quote.total, *(each.priced.total for each in cart.lines if each.priced)]
    if max(totals) >= _MAX_TOTAL:
        raise InvalidError.at("/quantity", "No order can cost as much.", code="too_large")


def _not_sold(reading: LineReading) -> Exception:
    """As an order of it is refused."""
    if reading.thing is not None:
        hidden = [part.product_id for part in baskets.parts_of(reading.thing) if not part.product.is_active]
        return OutOfStockError(dict.fromkeys(hidden, 0))
    kind = "product" if reading.line.package_id is None else "package"
    return InvalidError.at(f"/{kind}", f"There is no such {kind}.", code="does_not_exist")


def _agree_to_price(reading: LineReading, priced: QuotedLine) -> bool:
    """List the line at what it costs now; returns whether that is something else than before."""
    line, before = reading.line, [getattr(reading.line, name) for name in LISTED]
    line.name = reading.thing.name if reading.thing else line.name
    line.unit_price, line.once, line.currency = priced.unit_price, priced.once, settings.SHOP_CURRENCY
    return [getattr(line, name) for name in LISTED] != before
