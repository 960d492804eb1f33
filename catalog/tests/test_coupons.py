"""Coupons: used as often as they may be, by nobody who guesses, and given back."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from catalog.errors import CouponInvalidError, CouponMinTotalError
from catalog.models import Coupon, CouponRedemption
from catalog.selectors.coupons import list_coupons
from catalog.services import coupons
from catalog.services.coupons import (
    NewCoupon,
    check,
    create_coupon,
    redeem,
    release,
    remove_coupon,
    update_coupon,
)
from catalog.tests.races import at_once
from fantasize.core import clock
from fantasize.core.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    PreconditionFailedError,
    RateLimitedError,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TEN = Decimal("10.00")


def make_coupon(code: str = "SPRING", *, percent: str | None = "10", **fields: Any) -> Coupon:
    terms: dict[str, Any] = {"percent": Decimal(percent) if percent else None, "starts_at": NOON, **fields}
    return create_coupon(new=NewCoupon(code=code, **terms))


def use(code: str = "SPRING", *, order: str = "order", customer: str = "user:1", **said: Any) -> Decimal:
    said = {"items_total": TEN, "at": NOON, **said}
    return redeem(code=code, customer=customer, reference=order, **said)


def live() -> int:
    return CouponRedemption.objects.filter(released_at=None).count()


@pytest.mark.parametrize(
    ("terms", "total", "off"),
    [
        ({"percent": "10"}, "80.00", "8.00"),
        ({"percent": "100"}, "80.00", "80.00"),
        ({"percent": None, "amount": Decimal("15.00")}, "80.00", "15.00"),
        ({"percent": None, "amount": Decimal("15.00")}, "9.00", "9.00"),
    ],
)
def test_a_coupon_takes_off_what_it_says_and_no_more_than_there_is(terms: dict[str, Any], total: str, off: str) -> None:
    make_coupon(**terms)
    assert check(code="SPRING", customer="user:1", items_total=Decimal(total), at=NOON) == Decimal(off)
    assert live() == 0
    assert use(items_total=Decimal(total)) == Decimal(off)
    row = CouponRedemption.objects.get()
    assert (row.reference, row.customer, row.amount, row.released_at) == ("order", "user:1", Decimal(off), None)


@pytest.mark.parametrize("typed", ["spring", "SPRING", " sPrInG "])
def test_case_and_spaces_around_a_code_do_not_count(typed: str) -> None:
    make_coupon()
    assert use(typed) == Decimal("1.00")


@pytest.mark.parametrize(
    ("at", "works"), [(-SECOND, False), (timedelta(0), True), (59 * SECOND, True), (60 * SECOND, False)]
)
def test_a_coupon_runs_from_its_beginning_until_just_before_its_end(at: timedelta, *, works: bool) -> None:
    make_coupon(ends_at=NOON + 60 * SECOND)
    if works:
        assert use(at=NOON + at) == Decimal("1.00")
        return
    with pytest.raises(CouponInvalidError):
        use(at=NOON + at)
    assert live() == 0


def test_a_small_order_is_told_what_is_missing() -> None:
    make_coupon(min_total=Decimal("10.01"))
    with pytest.raises(CouponMinTotalError) as refusal:
        use()
    assert refusal.value.extra == {"min_total": "10.01", "currency": "USD"}
    assert live() == 0
    assert use(items_total=Decimal("10.01")) == Decimal("1.00")


def test_codes_that_cannot_be_used_look_all_the_same() -> None:
    make_coupon("OVER", ends_at=NOON + SECOND)
    make_coupon("LATER", starts_at=NOON + 60 * SECOND)
    make_coupon("OFF", is_active=False)
    make_coupon("ONCE", max_uses=1)
    make_coupon("MINE", max_uses_per_customer=1)
    use("ONCE", order="1", customer="user:2")
    use("MINE", order="2")
    told = set()
    for code in ("OVER", "LATER", "OFF", "ONCE", "MINE", "NOBODYS", "", "x", "a\x00b", "é" * 5, "a" * 5000, "' OR 1=1"):
        with pytest.raises(CouponInvalidError) as refusal:
            use(code, at=NOON + 2 * SECOND)
        told.add((refusal.value.code, refusal.value.detail, str(refusal.value.extra), refusal.value.errors))
    assert len(told) == 1
    assert live() == 2
    assert use("MINE", order="3", customer="user:2") == Decimal("1.00")


def test_whoever_tries_too_many_codes_is_stopped_before_a_right_one(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "coupons": "3/1h"}
    make_coupon()
    for number in range(3):
        with pytest.raises(CouponInvalidError):
            check(code=f"GUESS{number}", customer="user:1", items_total=TEN, at=NOON)
    for code in ("GUESS4", "SPRING"):
        with pytest.raises(RateLimitedError):
            use(code)
    assert live() == 0
    assert use(customer="user:2") == Decimal("1.00")


def test_a_miss_beyond_the_limit_is_not_even_called_one(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "coupons": "1/1h"}
    monkeypatch.setattr(coupons, "_require_patience", lambda _: None)
    with pytest.raises(CouponInvalidError):
        use("GUESS1")
    with pytest.raises(RateLimitedError):
        use("GUESS2")


def test_uses_are_given_back_once() -> None:
    make_coupon(max_uses=1)
    use(order="1")
    with pytest.raises(CouponInvalidError):
        use(order="2")
    with clock.frozen_at(NOON + SECOND):
        release(reference="1")
    with clock.frozen_at(NOON + 9 * SECOND):
        release(reference="1")
        release(reference="unknown")
    assert CouponRedemption.objects.get().released_at == NOON + SECOND
    assert use(order="2") == Decimal("1.00")
    assert use_again_after_release()


def use_again_after_release() -> bool:
    release(reference="2")
    return use(order="1") == Decimal("1.00")


def test_an_order_uses_one_coupon() -> None:
    make_coupon()
    make_coupon("SUMMER")
    use()
    for code in ("SPRING", "SUMMER"):
        with pytest.raises(ConflictError) as refusal:
            use(code)
        assert refusal.value.code == "duplicate"
    assert live() == 1


def test_uses_are_counted_for_staff() -> None:
    make_coupon()
    make_coupon("SUMMER")
    use(order="1")
    use(order="2")
    use(order="3")
    release(reference="2")
    assert {coupon.code: getattr(coupon, "uses", None) for coupon in list_coupons()} == {"SPRING": 2, "SUMMER": 0}


def refused(work: Callable[[], Any]) -> dict[str, str]:
    with pytest.raises(InvalidError) as refusal:
        work()
    return {error.location: error.code for error in refusal.value.errors}


def test_every_fault_of_a_coupon_is_named() -> None:
    assert refused(
        lambda: make_coupon(
            "a b",
            percent="101",
            amount=Decimal(0),
            ends_at=NOON,
            min_total=Decimal(-1),
            max_uses=0,
            max_uses_per_customer=2**31,
        )
    ) == {
        "/code": "invalid",
        "/percent": "out_of_range",
        "/amount": "out_of_range",
        "/ends_at": "ends_before_it_starts",
        "/min_total": "out_of_range",
        "/max_uses": "out_of_range",
        "/max_uses_per_customer": "out_of_range",
    }
    assert not Coupon.objects.exists()


def test_a_code_is_taken_in_whatever_case(monkeypatch: pytest.MonkeyPatch) -> None:
    make_coupon("Spring")
    assert refused(lambda: make_coupon("sPRING")) == {"/code": "duplicate"}
    # Two at the same moment: neither has seen the other when it looked.
    monkeypatch.setattr(coupons, "_code_faults", lambda *_: [])
    assert refused(lambda: make_coupon("SPRING")) == {"/code": "duplicate"}
    assert Coupon.objects.count() == 1


def test_a_coupon_is_changed_by_its_version() -> None:
    coupon = make_coupon()
    update_coupon(coupon=coupon, changes={"code": "Spring", "max_uses": 5}, expected_version=1)
    with pytest.raises(PreconditionFailedError) as refusal:
        update_coupon(coupon=coupon, changes={"max_uses": 9}, expected_version=1)
    assert refusal.value.extra == {"current_version": 2}
    assert refused(lambda: update_coupon(coupon=coupon, changes={"amount": Decimal(1)})).keys() == {
        "/percent",
        "/amount",
    }
    row = Coupon.objects.get()
    assert (row.code, row.max_uses, row.version) == ("Spring", 5, 2)


def test_a_coupon_that_was_used_is_kept_and_one_that_was_not_is_deleted() -> None:
    used, fresh = make_coupon(), make_coupon("FRESH")
    use()
    release(reference="order")
    remove_coupon(coupon=used)
    remove_coupon(coupon=fresh, expected_version=1)
    assert list(Coupon.objects.values_list("code", "is_active")) == [("SPRING", False)]
    with pytest.raises(NotFoundError):
        remove_coupon(coupon=Coupon(pk=10**9))


def race(uses: int) -> list[Any]:
    return at_once(*(lambda each=each: use(order=f"order {each}", customer=f"user:{each}") for each in range(uses)))


@pytest.mark.django_db(transaction=True)
def test_a_hundred_at_once_use_a_coupon_for_one_once() -> None:
    make_coupon(max_uses=1)
    outcomes = race(100)
    assert [each for each in outcomes if isinstance(each, Decimal)] == [Decimal("1.00")]
    assert {type(each) for each in outcomes if not isinstance(each, Decimal)} == {CouponInvalidError}
    assert live() == 1


@pytest.mark.django_db(transaction=True)
def test_a_hundred_at_once_use_a_coupon_for_ten_ten_times() -> None:
    make_coupon(max_uses=10)
    assert sum(isinstance(each, Decimal) for each in race(100)) == 10
    assert live() == 10


@pytest.mark.django_db(transaction=True)
def test_one_customer_with_many_orders_at_once_keeps_to_their_limit() -> None:
    make_coupon(max_uses_per_customer=2)
    outcomes = at_once(*(lambda each=each: use(order=f"order {each}") for each in range(20)))
    assert sum(isinstance(each, Decimal) for each in outcomes) == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_more_would_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    make_coupon(max_uses=1)
    usable = coupons._usable
    monkeypatch.setattr(coupons, "_usable", lambda *asked, **_: usable(*asked))
    barrier_of_ten = threading.Barrier(10)
    counted = coupons._is_used_up

    def count_together(coupon: Coupon, customer: str) -> bool:
        result = counted(coupon, customer)
        barrier_of_ten.wait()
        return result

    monkeypatch.setattr(coupons, "_is_used_up", count_together)
    assert sum(isinstance(each, Decimal) for each in race(10)) == 10
    assert live() == 10
