"""What an order was made with before it was changed goes, unless another order shows it."""

from typing import Any

import pytest
from django.core.files.storage import default_storage

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Product
from customizations.models import Proof, Upload
from fantasize.core import invariants
from fantasize.core.tests.jobs import work_off
from orders.enums import OrderStatus, Role
from orders.models import Order
from orders.services import replaced_files
from orders.services.baskets import LineRequest
from orders.services.order_changes import LineChange
from orders.tests.customized import PHOTO, make_customizable, place, send_picture
from orders.tests.factories import move
from orders.tests.test_order_edits import edit, line_of

pytestmark = pytest.mark.django_db(transaction=True)


def order_mug(user: User, product: Product, name: str = "Ada", **answers: str) -> Order:
    return place(user, LineRequest(product.pk, 1, answers={"colour": "gold", "name": name, **answers}))


def rename(order: Order, **answers: str) -> None:
    edit(order, lines=[LineChange(line_of(order).pk, answers={"colour": "gold", **answers})])
    work_off()


def proof_of(order: Order) -> Any:
    [thing] = line_of(order).customizations
    return thing["proof"]


def test_the_proof_and_the_picture_that_were_replaced_go() -> None:
    user = make_user()
    picture = send_picture(user)
    order = order_mug(user, make_customizable(PHOTO), photo=str(picture.pk))
    old = Proof.objects.get()
    rename(order, name="Grace")
    assert [proof.pk for proof in Proof.objects.all()] == [proof_of(order)]
    assert not default_storage.exists(str(old.file))
    assert Upload.objects.get(pk=picture.pk).kept_at is None, "it is the shopper's own again"
    assert not any(invariants.violations().values())


def test_what_another_order_shows_stays() -> None:
    user, product = make_user(), make_customizable(PHOTO)
    picture = str(send_picture(user).pk)
    other, order = (order_mug(user, product, photo=picture) for _ in range(2))
    rename(order, name="Grace")
    assert {proof.pk for proof in Proof.objects.all()} == {proof_of(other), proof_of(order)}
    assert Upload.objects.get(pk=picture).kept_at is not None


def test_what_stays_in_the_order_stays() -> None:
    user = make_user()
    picture = send_picture(user)
    order = order_mug(user, make_customizable(PHOTO), photo=str(picture.pk))
    rename(order, name="Grace", photo=str(picture.pk))
    assert Upload.objects.get(pk=picture.pk).kept_at is not None


def test_a_line_that_is_taken_out_of_what_is_made_leaves_nothing() -> None:
    user, product = make_user(), make_customizable()
    plain = LineRequest(product.pk, 1, answers={"colour": "red", "name": "Ada"})
    order = place(user, plain, LineRequest(product.pk, 1, answers={"colour": "red", "name": "Grace"}))
    order = move(order, OrderStatus.PROCESSING)
    edit(order, role=Role.STAFF, lines=[LineChange(line_of(order).pk)])
    work_off()
    assert [proof.pk for proof in Proof.objects.all()] == [proof_of(order)]


def test_letting_go_again_changes_nothing() -> None:
    order = order_mug(make_user(), make_customizable())
    for _ in range(2):
        replaced_files.let_go(upload_ids=[], proof_hashes=[proof_of(order), "0" * 64])
    assert Proof.objects.count() == 1
