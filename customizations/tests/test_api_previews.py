"""Previews over HTTP: what answers come to, and what they look like."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Product
from catalog.tests.factories import make_offer, make_package, make_product
from customizations import engine, rendering
from customizations.caching import previews as kept_previews
from customizations.services.drawing import Bounds, Studio
from customizations.tests.factories import CANVAS, COLOUR, NAME, PHOTO, make_schema, make_template
from customizations.tests.uploads import picture, send
from fantasize.core.caching import breaker
from fantasize.tests.client import ApiClient, Reply

pytestmark = pytest.mark.django_db

PLACE = {"x": 100, "y": 50, "width": 600, "height": 300}
SCHEMA = make_schema(options=[COLOUR, NAME, {**PHOTO, "placement": PLACE}])
ANSWERS = {"colour": "gold", "name": "Ada Lovelace"}
WEBP, PNG = {"Accept": "image/webp"}, {"Accept": "image/png"}


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    kept_previews.forget()


@pytest.fixture
def product() -> Product:
    product = make_product(price="10.00")
    make_template(products=[product.pk], schema=SCHEMA)
    return product


def preview(user: User | None = None, headers: Any = None, **asked: Any) -> Reply:
    return ApiClient(user).post("/customizations/preview", asked, **(headers or {}))


def fetch(url: str, user: User | None = None, **headers: str) -> Reply:
    return ApiClient(user).get(url.partition("/api/v2")[2], **headers)


def opened(reply: Reply) -> Image.Image:
    return Image.open(BytesIO(reply.content))


@contextmanager
def nobody_draws() -> Iterator[None]:
    with patch.object(Studio, "draw", side_effect=AssertionError("drawn")):
        yield


def test_answers_are_judged_priced_and_drawn(product: Product) -> None:
    reply = preview(product=product.pk, answers=ANSWERS)
    assert (reply.status, reply.headers["Cache-Status"]) == (200, "fantasize; fwd=miss")
    gold = {"part": None, "key": "colour", "label": "Colour: Gold leaf", "mode": "fixed", "amount": "4.50"}
    letters = {"part": None, "key": "name", "label": "Name to engrave", "mode": "per_character", "amount": "0.80"}
    assert reply.data == {
        "valid": True,
        "errors": [],
        "visible": ["colour", "name", "photo"],
        "surcharges": [{**gold, "is_once": False}, {**letters, "is_once": False}],
        "unit_price": "15.30",
        "once": "0.00",
        "currency": "USD",
        "needs_approval": False,
        "preview_url": reply.data["preview_url"],
        "parts": [],
    }
    shown = fetch(reply.data["preview_url"])
    assert (shown.status, shown.headers["Content-Type"], opened(shown).size) == (200, "image/webp", (800, 600))


def test_what_is_wrong_is_said_and_the_rest_is_drawn(product: Product) -> None:
    wrong = {"colour": "gold", "name": "A name that is far too long to be one", "size": "xl"}
    reply = preview(product=product.pk, answers=wrong)
    assert (reply.status, reply.data["valid"], reply.data["unit_price"]) == (200, False, "14.50")
    faults = {error["pointer"]: error["code"] for error in reply.data["errors"]}
    assert faults == {"/answers/size": "unknown_option", "/answers/name": "max_length"}
    assert fetch(reply.data["preview_url"]).status == 200
    refused = preview(product=product.pk, answers=wrong, headers=WEBP)
    assert (refused.status, refused.faults) == (422, faults)


@pytest.mark.parametrize(("name", "code"), [("Ada \U0001f9ff中", "glyph_missing"), ("W" * 24, "text_does_not_fit")])
def test_what_cannot_be_printed_is_wrong_and_left_out(name: str, code: str) -> None:
    product, narrow = make_product(), {**NAME["placement"], "width": 60, "size": 60, "min_size": 40}
    make_template(products=[product.pk], schema=make_schema(options=[COLOUR, {**NAME, "placement": narrow}]))
    reply = preview(product=product.pk, answers={"colour": "red", "name": name})
    assert [(error["pointer"], error["code"]) for error in reply.data["errors"]] == [("/answers/name", code)]
    assert not reply.data["valid"]
    without = preview(product=product.pk, answers={"colour": "red"}).data["preview_url"]
    assert fetch(reply.data["preview_url"]).content == fetch(without).content
    assert preview(product=product.pk, answers={"colour": "red", "name": name}, headers=PNG).status == 422


def test_the_picture_is_the_print_file_scaled_down() -> None:
    product = make_product()
    schema = make_schema(canvas={**CANVAS, "width": 1600, "height": 1200}, options=[COLOUR, NAME])
    make_template(products=[product.pk], schema=schema)
    reply = preview(product=product.pk, answers=ANSWERS, headers=PNG)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "image/png")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "private, no-store"
    printed = rendering.render(engine.parse(schema), ANSWERS, {}).png
    assert reply.content == rendering.preview(printed, max_side=1000, format="png")


def test_the_same_preview_is_drawn_once(product: Product) -> None:
    first = preview(product=product.pk, answers=ANSWERS, headers=WEBP)
    with nobody_draws():
        again = preview(product=product.pk, answers={**ANSWERS, "name": " Ada Lovelace "}, headers=WEBP)
        assert preview(make_user(), product=product.pk, answers=ANSWERS).headers["Cache-Status"] == "fantasize; hit"
    assert (again.content, again.headers["Cache-Status"]) == (first.content, "fantasize; hit")
    assert first.headers["Cache-Status"] == "fantasize; fwd=miss"
    template = product.template_links.get().template
    ApiClient(make_user(role="manager")).call("PATCH", f"/customizations/{template.pk}", {"name": "Again"})
    assert preview(product=product.pk, answers=ANSWERS).headers["Cache-Status"] == "fantasize; fwd=miss"


def test_photos_are_shown_to_whoever_sent_them_alone(product: Product) -> None:
    sent = send(picture(size=(40, 20))).data
    guest = {"X-Cart-Token": sent["token"]}
    answers = {**ANSWERS, "photo": sent["id"]}
    reply = preview(product=product.pk, answers=answers, headers=guest)
    assert reply.data["valid"]
    shown = opened(fetch(reply.data["preview_url"], **guest)).convert("RGB")
    assert shown.getpixel((5, 5)) == (255, 255, 255) != shown.getpixel((120, 60))
    url = reply.data["preview_url"]
    others = (None, make_user(), make_user(role="administrator"))
    assert [fetch(url, user).status for user in others] == [404, 404, 404]
    foreign = preview(make_user(), product=product.pk, answers=answers)
    assert [error["pointer"] for error in foreign.data["errors"]] == ["/answers/photo"]
    assert foreign.data["preview_url"] != url


def test_the_parts_of_a_package_have_previews_of_their_own(product: Product) -> None:
    plain = make_product(price="5.00")
    package = make_package((product, 2), plain)
    make_template(packages=[package.pk], schema={"options": [COLOUR]})
    make_offer(percent="10", packages=[package.pk])
    parts = {str(product.pk): ANSWERS}
    reply = preview(package=package.pk, answers={"colour": "red"}, parts=parts)
    assert reply.data["valid"]
    # 25.00 less a tenth, and twice what is asked for each piece of the part.
    assert reply.data["unit_price"] == "33.10"
    found = [(each["part"], each["key"], each["amount"]) for each in reply.data["surcharges"]]
    assert found == [(product.pk, "colour", "9.00"), (product.pk, "name", "1.60")]
    [part] = reply.data["parts"]
    assert (part["product"], part["visible"]) == (product.pk, ["colour", "name", "photo"])
    assert part["preview_url"] == reply.data["preview_url"]
    wrong = preview(package=package.pk, answers={"colour": "red"}, parts={str(product.pk): {**ANSWERS, "name": "中"}})
    assert [each["pointer"] for each in wrong.data["errors"]] == [f"/parts/{product.pk}/name"]
    assert preview(package=package.pk, answers={"colour": "red"}, parts=parts, headers=WEBP).status == 200


def test_things_without_a_canvas_have_no_picture() -> None:
    product, plain = make_product(), make_product(price="3.00")
    make_template(products=[product.pk], schema={"options": [COLOUR]})
    assert preview(product=product.pk, answers={"colour": "red"}).data["preview_url"] is None
    refused = preview(product=product.pk, answers={"colour": "red"}, headers=WEBP)
    assert (refused.status, refused.body["code"]) == (409, "no_picture")
    assert preview(product=plain.pk).data["unit_price"] == "3.00"


@pytest.mark.parametrize(
    ("asked", "faults"),
    [
        ({}, {"/product": "required", "/package": "required"}),
        ({"product": 1, "package": 1}, {"/product": "exclusive", "/package": "exclusive"}),
        ({"product": 999_999}, {"/product": "does_not_exist"}),
        ({"package": 999_999}, {"/package": "does_not_exist"}),
        ({"product": 1, "answers": "red", "parts": []}, {"/answers": "invalid", "/parts": "invalid"}),
        (
            {"package": 1, "parts": {"x": {}, "2": 3, "01": {}}},
            {f"/parts/{key}": "invalid" for key in ("x", "2", "01")},
        ),
        ({"product": 1, "quantity": 2}, {"/quantity": "unknown_field"}),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, Any], faults: dict[str, str]) -> None:
    reply = preview(**asked)
    assert (reply.status, reply.faults) == (422, faults)


def test_what_is_not_sold_has_no_preview(product: Product) -> None:
    Product.objects.update(is_active=False)
    assert preview(product=product.pk, answers=ANSWERS).faults == {"/product": "does_not_exist"}


def test_a_token_that_is_none_is_refused(product: Product) -> None:
    reply = preview(product=product.pk, headers={"X-Cart-Token": "guess"})
    assert (reply.status, reply.body["code"]) == (400, "cart_token_malformed")


def test_who_comes_while_many_draw_is_told_to_come_again(product: Product) -> None:
    full = patch("customizations.services.drawing.studio", return_value=Studio(Bounds(places=0)))
    with full, CaptureQueriesContext(connection) as queries:
        reply = preview(product=product.pk, answers=ANSWERS)
    # Whoever is turned away costs nothing.
    assert not queries.captured_queries
    assert (reply.status, reply.body["code"], reply.headers["Retry-After"]) == (503, "busy", "1")


def test_what_cannot_be_kept_has_no_address(product: Product) -> None:
    with patch.object(breaker, "open_until", float("inf")):
        reply = preview(product=product.pk, answers=ANSWERS)
        assert (reply.data["valid"], reply.data["preview_url"]) == (True, None)
        assert preview(product=product.pk, answers=ANSWERS, headers=WEBP).status == 200


@pytest.mark.parametrize("name", ["0" * 64, "x", "A" * 64, "..%2f..%2fetc"])
def test_names_that_nothing_has_are_not_found(name: str) -> None:
    assert fetch(f"/api/v2/customizations/previews/{name}").status == 404
