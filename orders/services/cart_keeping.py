"""How long carts are kept, and what is kept because it is in one."""

from collections.abc import Collection
from datetime import timedelta
from itertools import chain
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from fantasize.core import clock, idempotency
from orders.models import Cart, CartLine

_AT_ONCE = 500


def collect_idle() -> int:
    """Forget carts that nobody has changed for long, and what is left of those that were ordered; how many."""
    now, count = clock.now(), 0
    of_guests = Q(user=None, changed_at__lt=now - timedelta(days=settings.CART_GUEST_DAYS))
    of_people = Q(user__isnull=False, changed_at__lt=now - timedelta(days=settings.CART_USER_DAYS))
    over = of_guests | of_people | Q(ordered_at__lt=now - idempotency.KEPT)
    while True:
        with transaction.atomic():
            # One that its owner is at work on is passed over.
            rows = Cart.objects.filter(over).order_by("pk").select_for_update(skip_locked=True)
            ids = list(rows.values_list("pk", flat=True)[:_AT_ONCE])
            Cart.objects.filter(pk__in=ids).delete()
        count += len(ids)
        if len(ids) < _AT_ONCE:
            return count


def needed_uploads(ids: Collection[UUID]) -> set[UUID]:
    """Those of some pictures that something in a cart is to be made with. One query, on the index."""
    rows = CartLine.objects.filter(uploads__overlap=list(ids)).values_list("uploads", flat=True)
    return set(ids).intersection(chain.from_iterable(rows))
