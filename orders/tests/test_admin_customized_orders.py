"""Orders with answers in the admin: what was answered, what it looks like, what to print, and how to find it."""

import hashlib
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.models import User
from accounts.tests.factories import make_user
from customizations.models import Proof
from fantasize.core import clock
from fantasize.tests.staff import make_viewer, signed_in
from orders.models import Order, OrderLine
from orders.services.baskets import LineRequest
from orders.tests.customized import PHOTO, make_customizable, make_customizable_package, place, send_picture

pytestmark = pytest.mark.django_db

NASTY = "<script>Ada</script>"
LIST = "/admin/orders/order/"


def page_of(order: Order, client: Client | None = None) -> str:
    return (client or signed_in()).get(f"{LIST}{order.pk}/change/").content.decode()


def proof_path(order: Order, kind: str) -> str:
    [thing] = OrderLine.objects.get(order=order).customizations
    return f"{LIST}proofs/{thing['proof']}/{kind}/"


def one(user: User | None = None, **answers: str) -> Order:
    return place(user or make_user(), LineRequest(make_customizable(PHOTO).pk, 1, answers={"colour": "red", **answers}))


def test_the_order_page_shows_answers_proofs_pictures_and_parts() -> None:
    user, mug = make_user(), make_customizable(PHOTO)
    package = make_customizable_package((mug, 2), name="Tea for two")
    picture = send_picture(user)
    order = place(
        user,
        LineRequest(mug.pk, 1, answers={"colour": "gold", "name": NASTY, "photo": str(picture.pk)}),
        LineRequest(package_id=package.pk, answers={"card": "Dear\nGran"}, parts={mug.pk: {"colour": "red"}}),
    )
    page = page_of(order)
    for text in ("Gold leaf", "Name to engrave", "Tea for two", f"2 × {mug.name}", "Dear<br>Gran", "Print PDF"):
        assert text in page
    assert NASTY not in page
    assert f"/admin/customizations/upload/{picture.pk}/thumbnail/" in page
    assert page.count("/thumbnail/") == 3
    assert f"/admin/catalog/package/{package.pk}/change/" in page
    assert "colour: gold" in page


def test_who_may_not_look_at_uploads_reads_that_there_is_one() -> None:
    user = make_user()
    order = one(user, photo=str(send_picture(user).pk))
    viewer = make_viewer("orders.view_order")
    page = page_of(order, signed_in(viewer))
    assert "A picture" in page
    assert "/admin/customizations/upload/" not in page


def test_what_was_forgotten_says_so() -> None:
    order = one()
    order.lines.update(customizations=[], erased_at=clock.now())
    assert "was forgotten on" in page_of(order)


def test_staff_print_from_the_stored_file(manager: Client) -> None:
    order = one(name="Ada")
    [proof] = Proof.objects.all()
    png = manager.get(proof_path(order, "png"))
    assert (png.status_code, png["Content-Type"]) == (200, "image/png")
    assert hashlib.sha256(png.content).hexdigest() == proof.pk
    assert png["Content-Disposition"].startswith("attachment")
    assert ("no-store" in png["Cache-Control"], png["X-Content-Type-Options"]) == (True, "nosniff")
    pdf = manager.get(proof_path(order, "pdf"))
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    small = manager.get(proof_path(order, "thumbnail"))
    with Image.open(BytesIO(small.content)) as image:
        assert (small["Content-Type"], image.format, image.size) == ("image/webp", "WEBP", (160, 120))


def test_nobody_else_gets_a_print_file(manager: Client) -> None:
    order = one()
    assert manager.get(proof_path(order, "svg")).status_code == 404
    assert manager.get(f"{LIST}proofs/{'0' * 64}/png/").status_code == 404
    assert manager.post(proof_path(order, "png")).status_code == 405
    assert signed_in(make_viewer()).get(proof_path(order, "png")).status_code == 403
    assert Client().get(proof_path(order, "png")).status_code == 302
    proof = Proof.objects.get()
    proof.file.delete(save=False)
    Proof.objects.update(file="proofs/ab/gone.png")
    assert manager.get(proof_path(order, "png")).status_code == 404


def test_orders_are_found_by_what_was_answered(manager: Client) -> None:
    mug = make_customizable(stock=50)
    gold = place(make_user(), LineRequest(mug.pk, 1, answers={"colour": "gold", "name": "Ada"}))
    red = place(make_user(), LineRequest(mug.pk, 1, answers={"colour": "red"}))

    def found(**query: str) -> set[int]:
        return {order.number for order in manager.get(LIST, query).context["cl"].result_list}

    assert found(answer="colour:gold") == found(answer=" colour : gold ") == found(font="serif") == {gold.number}
    assert found(answer="colour:blue") == set()
    everything = {gold.number, red.number}
    assert found(answer="gold") == found(answer="colour:") == found(font="comic") == found() == everything


def test_the_order_page_costs_the_same_for_many_answered_lines(manager: Client) -> None:
    user, mug = make_user(), make_customizable(stock=50)

    def queries(count: int) -> int:
        order = place(user, *(LineRequest(mug.pk, 1, answers={"colour": "red"}) for _ in range(count)))
        page_of(order, manager)
        with CaptureQueriesContext(connection) as captured:
            page_of(order, manager)
        return len(captured)

    assert queries(1) == queries(10)
