"""What orders tell and forget of answers, pictures and proofs."""

import threading
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction

from accounts.models import User
from accounts.tests.factories import make_user
from customizations.models import Proof, Upload
from customizations.services import snapshots
from fantasize.core import clock, guests, invariants, privacy
from fantasize.core.errors import ConflictError
from orders.enums import OrderStatus, PaymentMethod
from orders.models import Order, OrderLine
from orders.services import customers
from orders.services import privacy as orders_privacy
from orders.services.baskets import LineRequest
from orders.services.checkout import place_order
from orders.tests.customized import (
    PHOTO,
    make_customizable,
    make_customizable_package,
    make_picture,
    place,
    send_picture,
)
from orders.tests.factories import ADDRESS, move

pytestmark = pytest.mark.django_db


def forget(user: User) -> None:
    with transaction.atomic():
        orders_privacy.forget(user.pk)


def delivered(user: User, **answers: str) -> Order:
    line = LineRequest(make_customizable(PHOTO).pk, 1, answers={"colour": "gold", "name": "Ada", **answers})
    return move(place(user, line), OrderStatus.DELIVERED)


def test_proofs_are_handed_out_with_the_orders() -> None:
    user = make_user()
    delivered(user)
    delivered(make_user(), name="Grace")
    *_, proof = orders_privacy.parts_of(user.pk)
    assert isinstance(proof, privacy.Upload)
    assert proof.name == f"proofs/{Order.objects.get(user=user).lines.get().customizations[0]['proof']}"
    assert default_storage.exists(proof.stored)


def test_pictures_of_a_guest_are_handed_out_to_whoever_has_proven_the_address() -> None:
    user, guest = make_user(email="ada@example.com", email_verified_at=clock.now()), f"cart:{'a' * 64}"
    picture = make_picture(guest)
    product = make_customizable(PHOTO)
    answers = {"colour": "gold", "name": "Ada", "photo": str(picture.pk)}
    place_order(
        customer=customers.guest(email="ada@example.com", principal=guest),
        lines=[LineRequest(product.pk, 1, answers=answers)],
        payment_method=PaymentMethod.CASH_ON_DELIVERY,
        shipping_address=ADDRESS,
    )
    place(user, LineRequest(product.pk, 1, answers={**answers, "photo": str(send_picture(user, colour="#000000").pk)}))
    files = [part for part in orders_privacy.parts_of(user.pk) if isinstance(part, privacy.Upload)]
    pictures = [(file.name, file.stored) for file in files if not file.name.startswith("proofs/")]
    assert pictures == [(f"uploads/{picture.pk}", str(picture.file))], "the account's own are told elsewhere"


def test_answers_pictures_and_proofs_go_and_the_money_stays(django_capture_on_commit_callbacks: Any) -> None:
    user = make_user()
    order = delivered(user, photo=str(send_picture(user).pk))
    before = order.lines.get()
    files = [str(Proof.objects.get().file), str(Upload.objects.get().file)]
    with django_capture_on_commit_callbacks(execute=True):
        forget(user)
    line = order.lines.get()
    [thing] = line.customizations
    assert (thing["answers"], thing["shown"], thing["uploads"], thing["fonts"], thing["proof"]) == (
        {},
        [],
        [],
        [],
        None,
    )
    assert (line.surcharges, line.line_total, line.stages) == (before.surcharges, before.line_total, before.stages)
    assert (thing["template"], thing["surcharges"]) == (
        before.customizations[0]["template"],
        before.customizations[0]["surcharges"],
    )
    assert line.erased_at is not None
    assert not Proof.objects.exists()
    assert not Upload.objects.exists()
    assert not any(default_storage.exists(file) for file in files)
    assert not any(invariants.violations().values())


def test_a_proof_that_others_bought_too_stays() -> None:
    ada, grace, mug = make_user(), make_user(), make_customizable()
    line = LineRequest(mug.pk, 1, answers={"colour": "red"})
    package = make_customizable_package((mug, 1))
    move(place(ada, line), OrderStatus.DELIVERED)
    place(grace, LineRequest(package_id=package.pk, parts={mug.pk: {"colour": "red"}}))
    forget(ada)
    assert Proof.objects.count() == 1
    assert not any(invariants.violations().values())


def test_a_picture_that_another_order_shows_too_stays() -> None:
    ada, mug, guest = make_user(), make_customizable(PHOTO), guests.principal_of(guests.new_token())
    picture = make_picture(guest)
    answers = {"colour": "red", "photo": str(picture.pk)}
    first, other = (
        place_order(
            customer=customers.guest(email=email, principal=guest),
            lines=[LineRequest(mug.pk, answers=answers)],
            payment_method=PaymentMethod.CASH_ON_DELIVERY,
            shipping_address=ADDRESS,
        )
        for email in (ada.email, "grace@example.com")
    )
    move(first, OrderStatus.DELIVERED)
    forget(ada)
    assert first.lines.get().customizations[0]["uploads"] == []
    assert other.lines.get().customizations[0]["uploads"][0]["id"] == str(picture.pk)
    assert (Upload.objects.get(), Proof.objects.count()) == (picture, 1)
    assert not any(invariants.violations().values())


@pytest.mark.django_db(transaction=True)
def test_whoever_orders_what_is_being_forgotten_waits_and_draws_it_anew() -> None:
    ada, grace, mug = make_user(), make_user(), make_customizable()
    line = LineRequest(mug.pk, 1, answers={"colour": "red"})
    move(place(ada, line), OrderStatus.DELIVERED)
    outcomes: list[str] = []

    def order() -> None:
        try:
            place(grace, line)
            outcomes.append("placed")
        except ConflictError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    with transaction.atomic():
        orders_privacy.forget(ada.pk)
        thread = threading.Thread(target=order)
        thread.start()
        thread.join(1)
        assert outcomes == []
    thread.join()
    # It was found stored, and then was gone: asked again, it is drawn again.
    assert outcomes in (["options_changed"], ["placed"])
    if outcomes == ["options_changed"]:
        place(grace, line)
    assert OrderLine.objects.get(order__user=grace).customizations[0]["proof"] == Proof.objects.get().pk
    assert invariants.violations()["orders.lines_have_their_proofs"] == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_locked", [True, False])
def test_a_proof_is_not_forgotten_under_an_order_that_is_being_placed(*, is_locked: bool) -> None:
    """Without the lock that placing takes, the proof goes while an order with it is committed."""
    ada, grace, mug = make_user(), make_user(), make_customizable()
    line = LineRequest(mug.pk, 1, answers={"colour": "red"})
    move(place(ada, line), OrderStatus.DELIVERED)

    def erase() -> None:
        try:
            forget(ada)
        finally:
            connection.close()

    lock = snapshots._KEEP_PROOFS if is_locked else snapshots._KEEP_PROOFS.removesuffix("FOR KEY SHARE")
    thread = threading.Thread(target=erase)
    with patch.object(snapshots, "_KEEP_PROOFS", lock), transaction.atomic():
        place(grace, line)
        thread.start()
        thread.join(1 if is_locked else 20)
        assert thread.is_alive() is is_locked
    thread.join()
    assert invariants.violations()["orders.lines_have_their_proofs"] == (0 if is_locked else 1)
