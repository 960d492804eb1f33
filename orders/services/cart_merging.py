"""A guest signs in: what is in their cart goes to the account's."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from customizations.models import Upload
from customizations.services import uploads
from fantasize.core import clock
from orders.models import Cart, CartLine
from orders.models.cart import MAX_LINES, MAX_QUANTITY
from orders.services import cart_reading
from orders.services.cart_edits import (
    LISTED,
    agree_to_prices,
    find_locked,
    lines_of,
    lock_or_open,
    told_of,
    touch,
)


def merge(*, token_principal: str, user: User) -> None:
    """Put what a guest has in their cart into that of the account that they have signed in to, and end the guest's.

    Lines with equal answers add up, as far as a line goes; what there is no room for stays behind. The guest's
    pictures go to the account, as far as it has room. Once more changes nothing. Locks the guest's cart, the account,
    the pictures, then the account's cart.

    Args:
        token_principal: ``cart:<hash>``, as ``guests.principal_of`` names the guest.
        user: who has shown both the account's credentials and the guest's token.

    Raises:
        UnauthenticatedError: the account was closed meanwhile.
    """
    if not _has_anything(token_principal):
        return
    at = clock.now()
    with transaction.atomic():
        guests = find_locked(token_principal)
        # Read while their pictures are still the guest's.
        told = _told_of(guests, at) if guests is not None else set()
        uploads.hand_over(token_principal=token_principal, user=user)
        if guests is not None:
            _move_lines(guests, lock_or_open(user.actor), told, at)
            guests.delete()


def _has_anything(token_principal: str) -> bool:
    """Whether there is something to be handed over; mostly there is not, and nobody needs to be locked."""
    has_cart = Cart.objects.open().of(token_principal).exists()
    return has_cart or Upload.objects.filter(owner=token_principal, kept_at=None).exists()


def _told_of(cart: Cart, at: datetime) -> set[int | None]:
    return told_of(cart_reading.read(cart, lines_of(cart), at=at))


def _move_lines(source: Cart, target: Cart, told: set[int | None], at: datetime) -> None:
    """Move the lines of one locked cart to another, those first that were there first.

    That pieces of both reach a price break together is no change of the price; what is ``told`` of stays told.
    """
    told = told | _told_of(target, at)
    known = {line.fingerprint: line for line in lines_of(target)}
    moved: list[CartLine] = []
    for line in lines_of(source):
        equal = known.get(line.fingerprint)
        if equal is not None:
            equal.quantity = min(equal.quantity + line.quantity, MAX_QUANTITY)
        elif len(known) < MAX_LINES:
            line.cart = target
            known[line.fingerprint] = line
            moved.append(line)
    CartLine.objects.bulk_update(known.values(), ["quantity", "cart"])
    after = cart_reading.read(target, lines_of(target), at=at)
    listed = agree_to_prices(each for each in after.lines if each.line.pk not in told)
    CartLine.objects.bulk_update(listed, LISTED)
    touch(target)
