"""Coupons: using them, giving a use back, and what staff write.

A code that cannot be used is never told apart from one that is not there, and misses are counted, so that nobody finds
codes by trying.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.forms import model_to_dict

from catalog.errors import CouponInvalidError, CouponMinTotalError
from catalog.models import Coupon, CouponRedemption
from catalog.pricing import coupon_discount
from catalog.services import discounts
from fantasize.core import clock, limits
from fantasize.core.errors import ConflictError, FieldError, InvalidError, NotFoundError, PreconditionFailedError

MISSES = "coupons"
ERASED = "erased"
CODE = re.compile(r"[A-Za-z0-9_-]{3,40}", re.ASCII)

_TERMS = (
    "code",
    "percent",
    "amount",
    "min_total",
    "max_uses",
    "max_uses_per_customer",
    "starts_at",
    "ends_at",
    "is_active",
)


@dataclass(frozen=True, slots=True)
class NewCoupon:
    """What a new coupon is made of: a code, and ``percent`` or ``amount``; None for as many uses as one likes."""

    code: str
    percent: Decimal | None = None
    amount: Decimal | None = None
    min_total: Decimal = Decimal(0)
    max_uses: int | None = None
    max_uses_per_customer: int | None = None
    starts_at: datetime = field(default_factory=clock.now)
    ends_at: datetime | None = None
    is_active: bool = True


def check(*, code: str, customer: str, items_total: Decimal, at: datetime) -> Decimal:
    """How much ``code`` would take off ``items_total`` for ``customer`` now; nothing is used up.

    Args:
        code: as somebody typed it; case and spaces around it do not count.
        customer: ``user:<id>``, or ``email:<normalised address>`` of a guest.
        items_total: what the items cost, offers and price breaks included; whole minor units.
        at: the moment of the order.

    Raises:
        CouponInvalidError: there is no such code, or it does not run, or it is used up.
        CouponMinTotalError: the items come to less than it asks for.
        RateLimitedError: the customer has tried too many codes.
    """
    _require_patience(customer)
    return _discount(_usable(code, customer, at), items_total)


@transaction.atomic
def redeem(*, code: str, customer: str, reference: str, items_total: Decimal, at: datetime) -> Decimal:
    """Use ``code`` for an order, and return how much it takes off. Locks the coupon: its limits are exact.

    ``reference`` is the order's id: an order uses one coupon, and the caller holds the order's lock. The rest is as for
    ``check``, and so is what is raised, beside:

    Raises:
        ConflictError: ``duplicate``: the order uses a coupon already.
    """
    _require_patience(customer)
    coupon = _usable(code, customer, at, lock=True)
    amount = _discount(coupon, items_total)
    if CouponRedemption.objects.filter(reference=reference, released_at=None).exists():
        raise ConflictError("The order uses a coupon already.", code="duplicate")
    CouponRedemption.objects.create(coupon=coupon, reference=reference, customer=customer, amount=amount, created_at=at)
    return amount


def release(*, reference: str) -> None:
    """Give back the use of the order that does not go ahead, if it has one; once more changes nothing."""
    CouponRedemption.objects.filter(reference=reference, released_at=None).update(released_at=clock.now())


@transaction.atomic
def retake(*, reference: str) -> None:
    """Use again what was given back, for an order that goes ahead after all; for one without a coupon nothing happens.

    It does not matter that the coupon ended meanwhile: the order was placed in time. Locks the coupon.

    Raises:
        CouponInvalidError: others have used it up.
    """
    use = CouponRedemption.objects.filter(reference=reference).order_by("-pk").first()
    if use is None or use.released_at is None:
        return
    coupon = Coupon.objects.select_for_update(no_key=True).get(pk=use.coupon_id)
    if _is_used_up(coupon, use.customer):
        raise CouponInvalidError
    CouponRedemption.objects.filter(pk=use.pk).update(released_at=None)


@transaction.atomic
def reprice(*, reference: str, items_total: Decimal) -> Coupon:
    """Have the use of an order whose items come to something else now take off what it does of that.

    Returns the coupon, locked. It does not matter that it ended meanwhile.

    Raises:
        CouponMinTotalError: the items come to less than it asks for.
    """
    use = CouponRedemption.objects.get(reference=reference, released_at=None)
    coupon = Coupon.objects.select_for_update(no_key=True).get(pk=use.coupon_id)
    CouponRedemption.objects.filter(pk=use.pk).update(amount=_discount(coupon, items_total))
    return coupon


def record_reduction(*, reference: str, amount: Decimal) -> None:
    """Note how much the coupon of an order takes off now that the order is less, by the terms of then."""
    CouponRedemption.objects.filter(reference=reference, released_at=None).update(amount=amount)


def withdraw(*, reference: str) -> None:
    """Have the order that is changed never have used a coupon."""
    CouponRedemption.objects.filter(reference=reference).delete()


def forget_customers(references: Collection[str]) -> None:
    """Note the uses of these orders as nobody's; they count on, for all together."""
    CouponRedemption.objects.filter(reference__in=references).update(customer=ERASED)


@transaction.atomic
def create_coupon(*, new: NewCoupon) -> Coupon:
    """Make a coupon.

    Raises:
        InvalidError: naming every fault; ``duplicate`` for a code that another coupon has, in whatever case.
    """
    values = asdict(new)
    _require_valid(values)
    return _store(Coupon(**values))


@transaction.atomic
def update_coupon(*, coupon: Coupon, changes: Mapping[str, Any], expected_version: int | None = None) -> Coupon:
    """Change a coupon; orders that use it keep what they got. Locks its row.

    Raises:
        PreconditionFailedError: it is not at ``expected_version`` any more.
        InvalidError: naming every fault.
        NotFoundError: somebody has deleted it.
    """
    locked = _lock(coupon, expected_version)
    _require_valid({**model_to_dict(locked, _TERMS), **changes}, but=locked.pk)
    for name, value in changes.items():
        setattr(locked, name, value)
    locked.version += 1
    return _store(locked)


@transaction.atomic
def remove_coupon(*, coupon: Coupon, expected_version: int | None = None) -> None:
    """Take a coupon out of use: one that an order ever used is switched off and kept, any other is deleted.

    Raises:
        PreconditionFailedError: it is not at ``expected_version`` any more.
        NotFoundError: somebody has deleted it already.
    """
    locked = _lock(coupon, expected_version)
    if locked.redemptions.exists():
        update_coupon(coupon=locked, changes={"is_active": False})
    else:
        locked.delete()


def _require_patience(customer: str) -> None:
    verdict = limits.test(MISSES, customer)
    if verdict:
        verdict.require()


def _miss(customer: str) -> CouponInvalidError:
    """Count a code that cannot be used; who has tried too many is not even told that."""
    verdict = limits.hit(MISSES, customer)
    if verdict:
        verdict.require()
    return CouponInvalidError()


def _usable(code: str, customer: str, at: datetime, *, lock: bool = False) -> Coupon:
    """The coupon, if ``customer`` may use it at that moment."""
    code = code.strip()
    rows = Coupon.objects.select_for_update(no_key=True) if lock else Coupon.objects.all()
    coupon = rows.filter(code__iexact=code).first() if CODE.fullmatch(code) else None
    if coupon is None or not _runs(coupon, at) or _is_used_up(coupon, customer):
        raise _miss(customer)
    return coupon


def _runs(coupon: Coupon, at: datetime) -> bool:
    return coupon.is_active and coupon.starts_at <= at and (coupon.ends_at is None or at < coupon.ends_at)


def _is_used_up(coupon: Coupon, customer: str) -> bool:
    """Whether one of its limits is reached. One query; the caller has locked the coupon if it matters."""
    if coupon.max_uses is None and coupon.max_uses_per_customer is None:
        return False
    uses = coupon.redemptions.filter(released_at=None).aggregate(
        total=Count("pk"), mine=Count("pk", filter=Q(customer=customer))
    )
    by_all, by_one = coupon.max_uses, coupon.max_uses_per_customer
    return (by_all is not None and uses["total"] >= by_all) or (by_one is not None and uses["mine"] >= by_one)


def _discount(coupon: Coupon, items_total: Decimal) -> Decimal:
    if items_total < coupon.min_total:
        raise CouponMinTotalError(coupon.min_total, settings.SHOP_CURRENCY)
    return coupon_discount(items_total, percent=coupon.percent, amount=coupon.amount, currency=settings.SHOP_CURRENCY)


def _lock(coupon: Coupon, expected_version: int | None) -> Coupon:
    locked = Coupon.objects.select_for_update().filter(pk=coupon.pk).first()
    if locked is None:
        raise NotFoundError
    if expected_version is not None and locked.version != expected_version:
        raise PreconditionFailedError("The coupon was changed meanwhile.", extra={"current_version": locked.version})
    return locked


def _store(coupon: Coupon) -> Coupon:
    """Save it; of two that take one code at once, the second is refused."""
    try:
        with transaction.atomic():
            coupon.save()
    except IntegrityError:
        raise InvalidError.at("/code", "Another coupon has this code.", code="duplicate") from None
    return coupon


def own_faults(values: Mapping[str, Any], *, but: int | None = None) -> Iterator[FieldError]:
    """What is wrong with a coupon's code and limits; ``but`` is the coupon that has the code itself."""
    yield from _code_faults(values["code"], but)
    yield from _limit_faults(values)


def _require_valid(values: Mapping[str, Any], *, but: int | None = None) -> None:
    errors = [*own_faults(values, but=but), *discounts.faults(values)]
    if errors:
        raise InvalidError("The coupon cannot be like this.", errors=errors)


def _code_faults(code: str, but: int | None) -> Iterator[FieldError]:
    if not CODE.fullmatch(code):
        yield FieldError("/code", "invalid", "A code has 3 to 40 letters, digits, hyphens and underscores.")
    elif Coupon.objects.filter(~Q(pk=but), code__iexact=code).exists():
        yield FieldError("/code", "duplicate", "Another coupon has this code.")


def _limit_faults(values: Mapping[str, Any]) -> Iterator[FieldError]:
    least = values["min_total"]
    if not (0 <= least < discounts.MAX_AMOUNT and discounts.is_whole(least)):
        yield FieldError("/min_total", "out_of_range", "An amount of 0 or more, in whole minor units.")
    for name in ("max_uses", "max_uses_per_customer"):
        if values[name] is not None and not 0 < values[name] < 2**31:
            yield FieldError(f"/{name}", "out_of_range", "At least 1, or nothing for as many as one likes.")
