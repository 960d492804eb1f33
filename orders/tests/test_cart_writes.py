"""What is put into carts and changed there; every refusal changes nothing."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.errors import OutOfStockError
from catalog.services import products
from catalog.services.stock import hold
from catalog.tests.factories import make_package, make_product
from customizations.models import ChoiceStock
from customizations.services import uploads
from fantasize.core.errors import ConflictError, DomainError, InvalidError, NotFoundError, PreconditionFailedError
from orders.models import Cart, CartLine
from orders.models.cart import MAX_LINES
from orders.services import baskets, carts
from orders.services.baskets import LineRequest
from orders.services.carts import LineChanges
from orders.tests.customized import PHOTO, make_customizable, make_customizable_package, send_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user()


def put(user: User, wish: LineRequest, **more: Any) -> list[CartLine]:
    return [each.line for each in carts.put(owner=user.actor, wish=wish, **more).lines]


def state() -> list[Any]:
    return [*Cart.objects.order_by("pk").values(), *CartLine.objects.order_by("pk").values()]


def refused(error: type[DomainError], call: Any, *args: Any, **more: Any) -> dict[str, str]:
    before = state()
    with pytest.raises(error) as refusal:
        call(*args, **more)
    assert state() == before
    return {fault.location: fault.code for fault in refusal.value.errors}


def test_equal_answers_add_up_however_they_were_written(user: User) -> None:
    mug = make_customizable()
    put(user, LineRequest(mug.pk, 1, answers={"colour": "red", "name": "Zoe\u0308"}))
    put(user, LineRequest(mug.pk, 2, answers={"name": " Zo\u00eb ", "colour": "red"}))
    put(user, LineRequest(mug.pk, 4, answers={"colour": "red", "name": "zo\u00eb"}))
    lines = put(user, LineRequest(mug.pk, 8, answers={"colour": "red", "name": ""}))
    assert [(line.quantity, line.answers.get("name")) for line in lines] == [
        (3, "Zo\u00eb"),
        (4, "zo\u00eb"),
        (8, None),
    ]


def test_answers_are_told_apart_part_by_part(user: User) -> None:
    mug, board = make_customizable(), make_customizable()
    box = make_customizable_package((mug, 1), (board, 1), own_price=15)
    red, gold = {"colour": "red"}, {"colour": "gold"}
    for parts in ({mug.pk: red, board.pk: gold}, {mug.pk: gold, board.pk: red}, {board.pk: gold, mug.pk: red}):
        lines = put(user, LineRequest(package_id=box.pk, parts=parts))
    assert [(line.quantity, line.parts) for line in lines] == [
        (2, {str(mug.pk): red, str(board.pk): gold}),
        (1, {str(mug.pk): gold, str(board.pk): red}),
    ]


def test_what_is_not_legal_is_refused_by_the_engine(user: User) -> None:
    mug = make_customizable(PHOTO)
    box = make_customizable_package((mug, 1), own_price=15)
    foreign = str(send_picture(make_user()).pk)
    assert refused(InvalidError, put, user, LineRequest(mug.pk)) == {"/answers/colour": "required"}
    assert refused(InvalidError, put, user, LineRequest(package_id=box.pk)) == {f"/parts/{mug.pk}/colour": "required"}
    asked = {"colour": "red", "photo": foreign}
    assert refused(InvalidError, put, user, LineRequest(mug.pk, answers=asked)) == {"/answers/photo": "unknown_upload"}
    plain = make_product()
    assert refused(InvalidError, put, user, LineRequest(plain.pk, answers={"colour": "red"})) == {
        "/answers/colour": "no_options"
    }
    assert not Cart.objects.exists()


def test_a_choice_that_is_sold_out_is_a_conflict_unless_more_is_wrong(user: User) -> None:
    mug = make_customizable()
    hold({ChoiceStock.objects.get(value="gold").stock_id: 12})
    gold = LineRequest(mug.pk, answers={"colour": "gold"})
    assert refused(OutOfStockError, put, user, gold) == {"/answers/colour": "out_of_stock"}
    worse = LineRequest(mug.pk, answers={"colour": "gold", "size": "xl"})
    assert set(refused(InvalidError, put, user, worse).values()) == {"out_of_stock", "unknown_option"}


def test_what_is_not_sold_is_refused_as_by_an_order(user: User) -> None:
    hidden, part = make_product(is_active=False), make_product()
    box = make_package(part, own_price=5)
    assert refused(InvalidError, put, user, LineRequest(hidden.pk)) == {"/product": "does_not_exist"}
    assert refused(InvalidError, put, user, LineRequest(package_id=10**9)) == {"/package": "does_not_exist"}
    products.update_product(product=part, changes={"is_active": False})
    before = state()
    with pytest.raises(OutOfStockError) as refusal:
        put(user, LineRequest(package_id=box.pk))
    assert (refusal.value.extra["available"], state()) == ({str(part.pk): 0}, before)


def test_other_answers_are_refused_about_what_is_not_sold_any_more(user: User) -> None:
    mug = make_customizable()
    [line] = put(user, LineRequest(mug.pk, answers={"colour": "red"}))
    products.update_product(product=mug, changes={"is_active": False})
    changes = LineChanges(answers={"colour": "gold"})
    call = {"owner": user.actor, "line_id": line.pk, "changes": changes}
    assert refused(InvalidError, carts.change, **call) == {"/product": "does_not_exist"}


def test_a_line_takes_a_thousand_and_a_cart_a_hundred_lines(user: User) -> None:
    mug = make_customizable()
    red, gold = {"colour": "red"}, {"colour": "gold"}
    put(user, LineRequest(mug.pk, 1000, answers=gold))
    [_, line] = put(user, LineRequest(mug.pk, 600, answers=red))
    assert refused(InvalidError, put, user, LineRequest(mug.pk, 401, answers=red)) == {"/quantity": "max_value"}
    same = {"owner": user.actor, "line_id": line.pk, "changes": LineChanges(answers=gold)}
    assert refused(InvalidError, carts.change, **same) == {"/quantity": "max_value"}
    for number in range(MAX_LINES - 2):
        line.pk, line.fingerprint = None, str(number)
        line.save(force_insert=True)
    assert refused(InvalidError, put, user, LineRequest(make_product().pk)) == {"": "cart_full"}
    assert put(user, LineRequest(mug.pk, 400, answers=red))[1].quantity == 1000


def test_what_nobody_could_pay_is_refused(user: User) -> None:
    dear = make_product(price="999999999.00", stock=0)
    [line] = put(user, LineRequest(dear.pk, 100))
    assert refused(InvalidError, put, user, LineRequest(dear.pk)) == {"/quantity": "too_large"}
    call = {"owner": user.actor, "line_id": line.pk, "changes": LineChanges(quantity=101)}
    assert refused(InvalidError, carts.change, **call) == {"/quantity": "too_large"}


def test_a_picture_that_goes_in_this_moment_is_missed(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    mug, picture = make_customizable(PHOTO), send_picture(user)
    evaluate = baskets.evaluate

    def evaluate_and_lose(*args: Any, **more: Any) -> Any:
        found = evaluate(*args, **more)
        uploads.remove(upload=picture)
        return found

    monkeypatch.setattr(baskets, "evaluate", evaluate_and_lose)
    wish = LineRequest(mug.pk, answers={"colour": "red", "photo": str(picture.pk)})
    with pytest.raises(ConflictError) as refusal:
        put(user, wish)
    assert (refusal.value.code, Cart.objects.exists()) == ("upload_gone", False)


def test_a_line_that_becomes_like_another_takes_it_in_and_keeps_its_place(user: User) -> None:
    mug = make_customizable()
    put(user, LineRequest(mug.pk, 1, answers={"colour": "red"}))
    [first, second] = put(user, LineRequest(mug.pk, 2, answers={"colour": "gold"}))
    changes = LineChanges(quantity=5, answers={"colour": "red"})
    [left] = carts.change(owner=user.actor, line_id=second.pk, changes=changes).lines
    assert (left.line.pk, left.line.quantity, left.line.answers) == (second.pk, 6, {"colour": "red"})
    assert CartLine.objects.get().pk == second.pk != first.pk


def test_parts_are_changed_without_the_answers_and_the_other_way_round(user: User) -> None:
    mug = make_customizable(PHOTO)
    box = make_customizable_package((mug, 1), own_price=15)
    photo = send_picture(user)
    wish = LineRequest(package_id=box.pk, answers={"card": "Hi"}, parts={mug.pk: {"colour": "red"}})
    [line] = put(user, wish)
    call: dict[str, Any] = {"owner": user.actor, "line_id": line.pk}
    carts.change(**call, changes=LineChanges(parts={mug.pk: {"colour": "gold", "photo": str(photo.pk)}}))
    carts.change(**call, changes=LineChanges(answers={}))
    line.refresh_from_db()
    assert (line.answers, line.parts[str(mug.pk)]["colour"], line.uploads) == ({}, "gold", [photo.pk])
    assert line.unit_price == Decimal("19.50")


def test_lines_of_others_and_versions_of_before_are_refused(user: User) -> None:
    mug = make_product()
    [line] = put(user, LineRequest(mug.pk))
    stranger = make_user()
    call = {"line_id": line.pk, "changes": LineChanges(quantity=5)}
    refused(NotFoundError, carts.change, owner=stranger.actor, **call)
    refused(NotFoundError, carts.remove, owner=stranger.actor, line_id=line.pk)
    put(stranger, LineRequest(mug.pk))
    refused(NotFoundError, carts.change, owner=stranger.actor, **call)
    refused(NotFoundError, carts.remove, owner=stranger.actor, line_id=line.pk)
    stale = {"owner": user.actor, "expected_version": 7}
    refused(PreconditionFailedError, carts.change, **call, **stale)
    refused(PreconditionFailedError, carts.remove, line_id=line.pk, **stale)
    refused(PreconditionFailedError, carts.empty, **stale)
    refused(PreconditionFailedError, carts.put, wish=LineRequest(mug.pk), **stale)
    refused(PreconditionFailedError, carts.empty, owner=make_user().actor, expected_version=1)
    carts.empty(owner=user.actor, expected_version=1)
    assert (Cart.objects.get(user=user).version, Cart.objects.get(user=user).lines.count()) == (2, 0)
