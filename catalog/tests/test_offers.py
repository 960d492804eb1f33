"""Writes of offers: whole or not at all, with the prices of what they name."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.enums import DiscountState
from catalog.models import Category, Offer, Product
from catalog.selectors.offers import effects_of, in_state, state_of, things_named_by
from catalog.selectors.prices import attach
from catalog.services import offers, price_invariants, prices
from catalog.services.offers import NewOffer, create_offer, remove_offer, update_offer
from catalog.tasks import prices as tasks
from catalog.tests.factories import make_offer, make_package, make_product
from catalog.tests.races import at_once
from fantasize.core import clock
from fantasize.core.errors import InvalidError, NotFoundError, PreconditionFailedError

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def price_of(product: Product) -> Decimal:
    return Product.objects.get(pk=product.pk).price


def walks() -> int:
    return ProcrastinateJob.objects.filter(task_name=prices.REFRESH_ALL_TASK).count()


def faults(**fields: Any) -> dict[str, str]:
    with pytest.raises(InvalidError) as refusal:
        create_offer(new=NewOffer(**{"name": "Sale", **fields}))
    assert not Offer.objects.exists()
    return {error.location: error.code for error in refusal.value.errors}


@pytest.mark.parametrize("percent", ["0", "-1", "100.01", "12.345", "1000"])
def test_a_percentage_is_one(percent: str) -> None:
    assert faults(percent=Decimal(percent)) == {"/percent": "out_of_range"}


@pytest.mark.parametrize("amount", ["0", "-0.01", "1000000000", "0.001"])
def test_an_amount_is_one(amount: str) -> None:
    assert faults(amount=Decimal(amount)) == {"/amount": "out_of_range"}


def test_every_fault_is_named_at_once() -> None:
    now, product = clock.now(), make_product()
    assert faults(
        name=" ",
        percent=Decimal(0),
        amount=Decimal(1),
        starts_at=now,
        ends_at=now,
        products=[product.pk, product.pk + 1000],
        packages=[10**12],
        categories=[1, 2],
    ) == {
        "/name": "required",
        "/percent": "out_of_range",
        "/amount": "only_one",
        "/ends_at": "ends_before_it_starts",
        "/products/1": "does_not_exist",
        "/packages/0": "does_not_exist",
        "/categories/0": "does_not_exist",
        "/categories/1": "does_not_exist",
    }
    assert faults() == {"/percent": "required", "/amount": "required"}


def test_a_change_is_checked_with_what_stays() -> None:
    product = make_product()
    offer = make_offer(percent="10", products=[product.pk])
    for changes, places in (
        ({"amount": Decimal(1)}, {"/percent", "/amount"}),
        ({"percent": None}, {"/percent", "/amount"}),
        ({"ends_at": offer.starts_at - HOUR}, {"/ends_at"}),
        ({"name": ""}, {"/name"}),
    ):
        with pytest.raises(InvalidError) as refusal:
            update_offer(offer=offer, changes=changes)
        assert {error.location for error in refusal.value.errors} == places
    assert (Offer.objects.get().version, price_of(product)) == (1, Decimal("9.00"))


def test_prices_follow_terms_and_targets() -> None:
    first, second = make_product(), make_product()
    offer = make_offer(percent="10", products=[first.pk])
    update_offer(offer=offer, changes={"percent": None, "amount": Decimal("4.00")})
    assert (price_of(first), price_of(second)) == (Decimal("6.00"), Decimal("10.00"))
    update_offer(offer=offer, changes={"products": [second.pk]})
    assert (price_of(first), price_of(second)) == (Decimal("10.00"), Decimal("6.00"))
    update_offer(offer=offer, changes={"is_active": False})
    assert (price_of(first), price_of(second)) == (Decimal("10.00"), Decimal("10.00"))
    assert Offer.objects.get().version == 4


def test_a_stale_version_changes_nothing() -> None:
    product = make_product()
    offer = make_offer(percent="10", products=[product.pk])
    update_offer(offer=offer, changes={"name": "Renamed"}, expected_version=1)
    for write in (
        lambda: update_offer(offer=offer, changes={"percent": Decimal(90)}, expected_version=1),
        lambda: remove_offer(offer=offer, expected_version=1),
    ):
        with pytest.raises(PreconditionFailedError) as refusal:
            write()
        assert refusal.value.extra == {"current_version": 2}
    assert (Offer.objects.get().name, price_of(product)) == ("Renamed", Decimal("9.00"))


def test_what_somebody_has_deleted_is_not_there() -> None:
    offer = make_offer(percent="10")
    remove_offer(offer=Offer.objects.get(pk=offer.pk))
    for write in (lambda: update_offer(offer=offer, changes={"name": "x"}), lambda: remove_offer(offer=offer)):
        with pytest.raises(NotFoundError):
            write()


def test_an_offer_on_very_much_is_worked_off_later_and_shown_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "MOST_AT_ONCE", 2)
    category = Category.objects.create(name="Garden", slug="garden")
    products = [make_product(price="10.00", category=category) for _ in range(3)]
    offer = make_offer(percent="50", categories=[category.pk])
    assert walks() == 1
    assert {price_of(product) for product in products} == {Decimal("10.00")}
    attach(products, at=clock.now())
    assert {product.current_price.price for product in products} == {Decimal("5.00")}
    assert price_invariants.count_stale() == 0
    tasks.refresh_all_prices()
    assert {price_of(product) for product in products} == {Decimal("5.00")}
    update_offer(offer=offer, changes={"categories": []})
    remove_offer(offer=offer)
    assert walks() == 1
    tasks.refresh_all_prices()
    assert {price_of(product) for product in products} == {Decimal("10.00")}


def test_few_things_are_priced_in_a_fixed_number_of_queries() -> None:
    products = [make_product() for _ in range(30)]

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            make_offer(percent="5", products=[product.pk for product in products[:count]])
        return len(captured)

    assert queries(2) == queries(30)


def test_what_an_offer_names_is_found_down_the_tree_and_no_further_than_asked() -> None:
    top = Category.objects.create(name="Top", slug="top")
    below = Category.objects.create(name="Below", slug="below", parent=top)
    products = [make_product(category=below) for _ in range(4)]
    own, box = make_product(), make_package(category=top)
    offer = make_offer(percent="5", products=[own.pk], categories=[top.pk])
    named = {model.__name__: ids for model, ids in things_named_by(offer, limit=100).items()}
    assert named == {"Product": {own.pk, *(product.pk for product in products)}, "Package": {box.pk}}
    assert 2 <= len(things_named_by(offer, limit=2)[Product]) <= 4


def test_offers_are_found_by_their_state() -> None:
    now = clock.now()
    rows = {
        DiscountState.OFF: make_offer(percent="5", is_active=False),
        DiscountState.SCHEDULED: make_offer(percent="5", starts_at=now + HOUR),
        DiscountState.RUNNING: make_offer(percent="5", starts_at=now - HOUR, ends_at=now + HOUR),
        DiscountState.OVER: make_offer(percent="5", starts_at=now - HOUR, ends_at=now),
    }
    for state, offer in rows.items():
        assert list(in_state(Offer.objects.all(), state, at=now)) == [offer]
        assert state_of(offer, at=now) is state


def test_examples_say_what_an_offer_does() -> None:
    product, box = make_product(name="Lantern", price="10.00"), make_package(own_price=Decimal("20.00"), name="Box")
    offer = make_offer(name="Mine", percent="10", products=[product.pk], packages=[box.pk])
    make_offer(name="Better", percent="30", products=[product.pk])
    lantern, boxed = effects_of(offer, at=clock.now())
    assert (lantern.name, lantern.list_price, lantern.with_offer, lantern.price_now, lantern.better) == (
        "Lantern",
        Decimal("10.00"),
        Decimal("9.00"),
        Decimal("7.00"),
        "Better",
    )
    assert (boxed.name, boxed.price_now, boxed.better) == ("Box", boxed.with_offer, "")
    assert effects_of(make_offer(percent="1"), at=clock.now()) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_edit_one_offer_at_once_the_second_is_told() -> None:
    product = make_product()
    offer = make_offer(percent="10", products=[product.pk])

    def save(percent: int) -> Offer:
        return update_offer(offer=offer, changes={"percent": Decimal(percent)}, expected_version=1)

    outcomes = at_once(lambda: save(20), lambda: save(30))
    [kept] = [each for each in outcomes if isinstance(each, Offer)]
    assert [type(each) for each in outcomes if each is not kept] == [PreconditionFailedError]
    assert price_of(product) == Decimal(10) * (100 - (kept.percent or 0)) / 100
    assert price_invariants.count_stale() == 0


@pytest.mark.django_db(transaction=True)
def test_offers_on_the_same_things_made_at_once_leave_the_best_price() -> None:
    products = [make_product() for _ in range(5)]
    ids = [product.pk for product in products]
    wanted = [(percent, ids if percent % 2 else ids[::-1]) for percent in range(10, 18)]
    outcomes = at_once(*(lambda each=each: make_offer(percent=str(each[0]), products=each[1]) for each in wanted))
    assert all(isinstance(each, Offer) for each in outcomes)
    assert {price_of(product) for product in products} == {Decimal("8.30")}
    assert price_invariants.count_stale() == 0


def test_prices_computed_before_the_row_is_locked_go_wrong() -> None:
    """What the order of locking and reading is for: read first, and the later writer knows nothing of the other."""
    product = make_product()

    make_offer(percent="10", products=[product.pk])
    stale = list(Product.objects.filter(pk=product.pk))
    prices.set_prices(stale)
    make_offer(percent="50", products=[product.pk])
    Product.objects.filter(pk=product.pk).update(price=stale[0].price)
    assert price_invariants.count_stale() == 1
    prices.refresh_prices(products=[product.pk])
    assert price_invariants.count_stale() == 0
