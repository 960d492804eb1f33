"""The coupon of an order: may it be used, and its use. Guesses are counted by caller and by address.

An address that has tried too many codes is stopped whatever it calls itself; see ``catalog.services.coupons``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from catalog.errors import CouponInvalidError
from catalog.models import Coupon
from catalog.services import coupons
from fantasize.core import clock, limits
from orders.models import Order
from orders.pricing import CouponTerms

MISSES = "coupons_address"


def customer_of(order: Order) -> str:
    """Whose uses of a coupon are counted together: the account's, or a guest's by e-mail address."""
    return str(order.user.actor) if order.user else f"email:{order.email.strip().lower()}"


def check(code: str, *, customer: str, caller_address: str, items_total: Decimal, at: datetime) -> CouponTerms | None:
    """What the coupon takes off, if there is a code; nothing is used up.

    Raises:
        CouponInvalidError: there is no such code, or it does not run, or it is used up.
        CouponMinTotalError: the items come to less than it asks for.
        RateLimitedError: the customer, or somebody at their address, has tried too many codes.
    """
    if not code:
        return None
    with _counted(caller_address):
        coupons.check(code=code, customer=customer, items_total=items_total, at=at)
        return _terms_of(code)


def redeem(
    code: str, *, order: Order, caller_address: str, items_total: Decimal, at: datetime | None = None
) -> CouponTerms | None:
    """Use the coupon for an order, if there is a code, in its transaction. Locks the coupon.

    ``at`` is the moment that counts; left out, that is when the order was placed.

    Raises:
        CouponInvalidError, CouponMinTotalError, RateLimitedError: as for ``check``.
    """
    if not code:
        return None
    use = {"customer": customer_of(order), "reference": str(order.pk)}
    with _counted(caller_address):
        coupons.redeem(code=code, items_total=items_total, at=at or order.placed_at, **use)
        return _terms_of(code)


def change(code: str | None, *, order: Order, caller_address: str, items_total: Decimal) -> CouponTerms | None:
    """Have an order whose items come to something else use another coupon, its own (None), or none (empty).

    Locks the coupon.

    Raises:
        CouponInvalidError, CouponMinTotalError, RateLimitedError: as for ``check``.
    """
    reference = str(order.pk)
    if code is None or code.strip().lower() == order.coupon.lower():
        if not order.coupon:
            return None
        kept = coupons.reprice(reference=reference, items_total=items_total)
        return CouponTerms(kept.code, kept.percent, kept.amount)
    coupons.withdraw(reference=reference)
    return redeem(code, order=order, caller_address=caller_address, items_total=items_total, at=clock.now())


@contextmanager
def _counted(caller_address: str) -> Iterator[None]:
    """Count a code that cannot be used against the address too; one that has tried too many gets no answer."""
    _require(limits.test(MISSES, caller_address))
    try:
        yield
    except CouponInvalidError:
        _require(limits.hit(MISSES, caller_address))
        raise


def _require(verdict: limits.Verdict | None) -> None:
    if verdict:
        verdict.require()


def _terms_of(code: str) -> CouponTerms:
    """The terms of a coupon that was there a moment ago."""
    row = Coupon.objects.filter(code__iexact=code.strip()).values_list("code", "percent", "amount").first()
    if row is None:
        raise CouponInvalidError
    return CouponTerms(*row)
