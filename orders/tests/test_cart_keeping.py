"""How long carts live, what is kept for them, and how an order ends one."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from catalog.tests.races import at_once
from customizations.models import Upload
from customizations.services.uploads import collect_unused
from customizations.tests.factories import make_upload
from fantasize.core import clock, guests
from fantasize.core.errors import InvalidError
from fantasize.core.privacy import Document
from orders import tasks
from orders.errors import CartAlreadyOrderedError
from orders.models import Cart, CartLine
from orders.services import carts, privacy
from orders.services.baskets import LineRequest
from orders.services.carts import LineChanges
from orders.tests.customized import PHOTO, make_customizable

GUEST = guests.principal_of("a" * 43)
in_one_shop = pytest.mark.django_db


def put(owner: str, product: Any, **answers: Any) -> None:
    carts.put(owner=owner, wish=LineRequest(product.pk, **answers))


@in_one_shop
def test_a_cart_that_nobody_changes_is_forgotten_a_guests_sooner() -> None:
    user, mug, began = make_user(), make_product(), clock.now()
    put(GUEST, mug)
    put(user.actor, mug)
    for days, left in ((29, [GUEST, user.actor]), (31, [user.actor]), (179, [user.actor]), (181, [])):
        with clock.frozen_at(began + timedelta(days=days)):
            tasks.collect_idle_carts.func(0)
        assert [cart.owner for cart in Cart.objects.order_by("pk")] == left
    assert not CartLine.objects.exists()


@in_one_shop
def test_whoever_changes_something_keeps_the_cart() -> None:
    mug, began = make_product(), clock.now()
    put(GUEST, mug)
    with clock.frozen_at(began + timedelta(days=20)):
        changes = LineChanges(quantity=2)
        carts.change(owner=GUEST, line_id=CartLine.objects.get().pk, changes=changes)
    with clock.frozen_at(began + timedelta(days=40)):
        assert tasks.collect_idle_carts.func(0) == 0
    with clock.frozen_at(began + timedelta(days=60)):
        assert tasks.collect_idle_carts.func(0) == 1


@in_one_shop
def test_many_are_forgotten_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.services.cart_keeping._AT_ONCE", 2)
    long_ago = clock.now() - timedelta(days=99)
    Cart.objects.bulk_create(Cart(guest=f"cart:{number}", changed_at=long_ago) for number in range(5))
    assert tasks.collect_idle_carts.func(0) == 5


@in_one_shop
def test_pictures_in_a_cart_are_kept_as_long_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("customizations.services.uploads._AT_ONCE", 2)
    mug, began = make_customizable(PHOTO), clock.now()
    pictures = [make_upload(GUEST) for _ in range(6)]
    needed = pictures[:3]
    for picture in needed:
        put(GUEST, mug, answers={"colour": "red", "photo": str(picture.pk)})
    with clock.frozen_at(began + timedelta(days=29)):
        assert (collect_unused(), collect_unused()) == (3, 0)
    assert {*Upload.objects.values_list("pk", flat=True)} == {picture.pk for picture in needed}
    carts.remove(owner=GUEST, line_id=CartLine.objects.earliest("pk").pk)
    with clock.frozen_at(began + timedelta(days=29)):
        assert collect_unused() == 1
    with clock.frozen_at(began + timedelta(days=60)):
        tasks.collect_idle_carts.func(0)
        assert collect_unused() == 2


@in_one_shop
def test_an_order_takes_the_lines_and_ends_the_cart() -> None:
    user, mug, lamp = make_user(), make_customizable(), make_product()
    put(user.actor, mug, answers={"colour": "red", "name": " Ada "})
    put(user.actor, lamp)
    wishes = carts.lines_for_order(user.actor)
    assert wishes == [LineRequest(mug.pk, answers={"colour": "red", "name": "Ada"}), LineRequest(lamp.pk)]
    carts.close(user.actor)
    assert carts.read(user.actor).lines == ()
    with pytest.raises(CartAlreadyOrderedError):
        carts.lines_for_order(user.actor)
    put(user.actor, lamp)
    assert carts.lines_for_order(user.actor) == [LineRequest(lamp.pk)]
    assert Cart.objects.of(user.actor).count() == 2
    with clock.frozen_at(clock.now() + timedelta(days=4)):
        assert tasks.collect_idle_carts.func(0) == 1
    assert [cart.owner for cart in Cart.objects.open()] == [user.actor]


@in_one_shop
def test_an_empty_cart_is_not_ordered() -> None:
    user = make_user()
    for _ in range(2):
        with pytest.raises(InvalidError) as refusal:
            carts.lines_for_order(user.actor)
        assert [(fault.location, fault.code) for fault in refusal.value.errors] == [("/from_cart", "cart_empty")]
        put(user.actor, make_product())
        carts.empty(owner=user.actor)


def order(owner: str) -> list[LineRequest]:
    with transaction.atomic():
        lines = carts.lines_for_order(owner)
        carts.close(owner)
    return lines


@pytest.mark.django_db(transaction=True)
def test_of_many_orders_from_one_cart_at_once_one_is_placed() -> None:
    put(GUEST, make_product())
    outcomes = at_once(*(partial(order, GUEST) for _ in range(8)))
    assert sum(isinstance(outcome, list) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, CartAlreadyOrderedError) for outcome in outcomes) == 7


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_many_would_be_placed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: who does not wait finds the lines still there."""
    put(GUEST, make_product())
    monkeypatch.setattr(carts, "find_locked", carts.find)
    placed: list[Any] = []
    for _ in range(10):
        placed = [
            outcome for outcome in at_once(*(partial(order, GUEST) for _ in range(8))) if isinstance(outcome, list)
        ]
        if len(placed) > 1:
            break
        put(GUEST, make_product())
    assert len(placed) > 1


@in_one_shop
def test_what_is_in_a_cart_is_handed_out_and_forgotten_with_the_person() -> None:
    user, other, mug = make_user(), make_user(), make_customizable()
    put(user.actor, mug, answers={"colour": "red", "name": "Ada"})
    put(other.actor, mug, answers={"colour": "red", "name": "Grace"})
    [cart] = [part for part in privacy.parts_of(user.pk) if isinstance(part, Document) and part.name == "cart"]
    assert [(line["name"], line["quantity"], line["answers"]["name"]) for line in cart.data] == [(mug.name, 1, "Ada")]
    with transaction.atomic():
        privacy.forget(user.pk)
    assert [found.owner for found in Cart.objects.all()] == [other.actor]
