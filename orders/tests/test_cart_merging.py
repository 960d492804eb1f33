"""A guest signs in: nothing in their cart is lost or doubled, whoever else does so in the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Product
from catalog.pricing import BreakTerms
from catalog.services.price_breaks import set_breaks
from catalog.tests.factories import make_product
from catalog.tests.races import at_once
from customizations.models import Upload
from customizations.services import uploads
from customizations.tests.factories import make_upload
from fantasize.core import guests
from fantasize.core.errors import UnauthenticatedError
from fantasize.tests.waiting import PATIENCE_SECONDS
from orders.models import Cart, CartLine
from orders.models.cart import MAX_LINES
from orders.services import cart_edits, cart_merging, carts
from orders.services.baskets import LineRequest
from orders.services.cart_merging import merge
from orders.tests.customized import PHOTO, make_customizable

GUEST = guests.principal_of("a" * 43)
in_one_shop = pytest.mark.django_db
racing = pytest.mark.django_db(transaction=True)


def put(owner: str, product: Any, quantity: int = 1, **answers: Any) -> None:
    carts.put(owner=owner, wish=LineRequest(product.pk, quantity, **answers))


def content(owner: str) -> list[tuple[int | None, int]]:
    lines = CartLine.objects.filter(cart__in=Cart.objects.open().of(owner))
    return list(lines.order_by("pk").values_list("product", "quantity"))


@in_one_shop
def test_equal_lines_add_up_others_come_along_and_the_guests_cart_ends() -> None:
    user, mug, lamp = make_user(), make_customizable(), make_product()
    put(user.actor, mug, 2, answers={"colour": "red"})
    put(GUEST, mug, 3, answers={"colour": "red", "name": " "})
    put(GUEST, mug, 1, answers={"colour": "gold"})
    put(GUEST, lamp, 4)
    merge(token_principal=GUEST, user=user)
    assert content(user.actor) == [(mug.pk, 5), (mug.pk, 1), (lamp.pk, 4)]
    assert [cart.owner for cart in Cart.objects.all()] == [user.actor]
    assert [line.notices for line in carts.read(user.actor).lines] == [[], [], []]
    merge(token_principal=GUEST, user=user)
    assert content(user.actor) == [(mug.pk, 5), (mug.pk, 1), (lamp.pk, 4)]


@in_one_shop
def test_what_costs_less_because_there_is_more_of_it_together_is_no_news() -> None:
    user, mug, lamp = make_user(), make_customizable(price="10.00"), make_product(price="10.00")
    for product in (mug, lamp):
        set_breaks(target=product, breaks=[BreakTerms(4, Decimal(10), None)])
    put(user.actor, mug, 2, answers={"colour": "red"})
    put(user.actor, lamp, 2)
    put(GUEST, mug, 2, answers={"colour": "gold"})
    put(GUEST, lamp, 2)
    merge(token_principal=GUEST, user=user)
    lines = carts.read(user.actor).lines
    assert [line.notices for line in lines] == [[], [], []]
    assert [line.line.unit_price for line in lines] == [Decimal("9.00"), Decimal("9.00"), Decimal("13.50")]


@in_one_shop
@pytest.mark.parametrize("whose", ["guest", "account"])
def test_what_the_shop_has_made_dearer_stays_told(whose: str) -> None:
    user, mug, lamp = make_user(), make_product(price="10.00"), make_product(price="10.00")
    put(GUEST if whose == "guest" else user.actor, mug)
    Product.objects.filter(pk=mug.pk).update(list_price=Decimal(12))
    put(GUEST, lamp)
    merge(token_principal=GUEST, user=user)
    told = {line.thing: [notice.code for notice in line.notices] for line in carts.read(user.actor).lines}
    assert told == {mug: ["price_changed"], lamp: []}


@in_one_shop
def test_who_has_no_cart_yet_gets_the_guests() -> None:
    user, mug = make_user(), make_product()
    put(GUEST, mug)
    merge(token_principal=GUEST, user=user)
    assert (content(user.actor), content(GUEST)) == ([(mug.pk, 1)], [])


@in_one_shop
def test_nothing_to_merge_costs_two_looks_and_makes_no_cart() -> None:
    with CaptureQueriesContext(connection) as captured:
        merge(token_principal=GUEST, user=make_user())
    looks = [query for query in captured if "orders_cart" in query["sql"] or "customizations_upload" in query["sql"]]
    assert len(looks) == 2
    assert not Cart.objects.exists()


@in_one_shop
def test_a_line_takes_as_many_as_one_may_and_a_cart_as_many_lines() -> None:
    user, mug, lamp = make_user(), make_product(), make_product()
    put(user.actor, mug, 600)
    put(GUEST, mug, 600)
    put(GUEST, lamp)
    [line] = CartLine.objects.filter(cart__user=user)
    for number in range(MAX_LINES - 1):
        line.pk, line.fingerprint = None, str(number)
        line.save(force_insert=True)
    merge(token_principal=GUEST, user=user)
    assert CartLine.objects.filter(cart__user=user, product=mug).earliest("pk").quantity == 1000
    assert (CartLine.objects.count(), content(GUEST)) == (MAX_LINES, [])


@in_one_shop
def test_pictures_go_with_the_cart_and_without_one() -> None:
    user, mug = make_user(), make_customizable(PHOTO)
    picture = make_upload(GUEST)
    merge(token_principal=GUEST, user=user)
    assert Upload.objects.get().owner == user.actor
    Upload.objects.update(owner=GUEST)
    put(GUEST, mug, answers={"colour": "red", "photo": str(picture.pk)})
    merge(token_principal=GUEST, user=user)
    assert Upload.objects.get().owner == user.actor
    [line] = carts.read(user.actor).lines
    assert (line.notices, line.line.uploads) == ([], [picture.pk])


@in_one_shop
def test_a_picture_that_the_account_has_no_room_for_is_told_on_its_line(settings: Settings) -> None:
    settings.UPLOAD_QUOTA_FILES = 1
    user, mug = make_user(), make_customizable(PHOTO)
    make_upload(user.actor)
    put(GUEST, mug, answers={"colour": "red", "photo": str(make_upload(GUEST).pk)})
    merge(token_principal=GUEST, user=user)
    [line] = carts.read(user.actor).lines
    assert [notice.code for notice in line.notices] == ["unknown_upload"]


@in_one_shop
def test_an_account_that_was_closed_takes_nothing() -> None:
    user, mug = make_user(), make_product()
    put(GUEST, mug)
    User.objects.update(is_active=False)
    with pytest.raises(UnauthenticatedError):
        merge(token_principal=GUEST, user=user)
    assert (content(GUEST), content(user.actor)) == ([(mug.pk, 1)], [])


@racing
@pytest.mark.parametrize("is_one_person", [True, False], ids=["one person", "two people"])
def test_two_sign_ins_at_once_bring_it_once(is_one_person: bool) -> None:  # noqa: FBT001 - a case
    people = [make_user()] * 2 if is_one_person else [make_user(), make_user()]
    mug, lamp = make_product(), make_product()
    for user in {user.actor: user for user in people}:
        put(user, mug, 1)
    put(GUEST, mug, 2)
    put(GUEST, lamp, 4)
    outcomes = at_once(*(partial(merge, token_principal=GUEST, user=user) for user in people * 4))
    assert outcomes == [None] * 8
    assert sum(CartLine.objects.filter(product=mug).values_list("quantity", flat=True)) == (3 if is_one_person else 4)
    assert list(CartLine.objects.filter(product=lamp).values_list("quantity", flat=True)) == [4]
    assert not Cart.objects.of(GUEST).exists()


@racing
def test_without_the_lock_it_would_be_there_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: both have read the guest's cart before either has ended it."""
    people, mug = [make_user(), make_user()], make_product()
    for user in people:
        put(user.actor, mug, 1)
    put(GUEST, mug, 2)
    both_have_read, found = Barrier(2), cart_edits.find_locked

    def find_unlocked(owner: str) -> Cart | None:
        return Cart.objects.open().of(owner).first() if owner == GUEST else found(owner)

    def read_together(cart: Cart) -> list[CartLine]:
        lines = cart_edits.lines_of(cart)
        if cart.guest:
            both_have_read.wait(PATIENCE_SECONDS)
        return lines

    monkeypatch.setattr(cart_merging, "find_locked", find_unlocked)
    monkeypatch.setattr(cart_merging, "lines_of", read_together)
    # Pictures are locked too, by another lock; it is not what races here.
    monkeypatch.setattr(uploads, "hand_over", lambda **_: frozenset())
    at_once(*(partial(merge, token_principal=GUEST, user=user) for user in people))
    assert [quantity for user in people for _, quantity in content(user.actor)] == [3, 3]


@contextmanager
def together(monkeypatch: pytest.MonkeyPatch, threads: int) -> Iterator[None]:
    """All have seen that there is no cart before any of them makes one."""
    all_have_looked, found, waited = Barrier(threads), cart_edits.find_locked, set[int]()

    def look(owner: str) -> Cart | None:
        cart = found(owner)
        if cart is None and id(connection.connection) not in waited:
            waited.add(id(connection.connection))
            all_have_looked.wait(PATIENCE_SECONDS)
        return cart

    with monkeypatch.context() as patched:
        patched.setattr(cart_edits, "find_locked", look)
        yield


@racing
def test_the_first_things_put_there_at_once_share_one_cart(monkeypatch: pytest.MonkeyPatch) -> None:
    mug = make_product()
    with together(monkeypatch, 6):
        at_once(*(partial(put, GUEST, mug) for _ in range(6)))
    assert (Cart.objects.count(), content(GUEST)) == (1, [(mug.pk, 6)])


@racing
def test_putting_and_signing_in_at_once_loses_nothing() -> None:
    user, mug = make_user(), make_product(stock=100)
    put(GUEST, mug)
    works: list[Any] = [partial(merge, token_principal=GUEST, user=user), partial(put, GUEST, mug)] * 4
    assert [outcome for outcome in at_once(*works) if outcome is not None] == []
    merge(token_principal=GUEST, user=user)
    assert content(user.actor) == [(mug.pk, 5)]
