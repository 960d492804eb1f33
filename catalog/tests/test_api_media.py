"""Pictures and videos over HTTP: who brings them, what is taken of them, and what everybody sees."""

from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.test.client import BOUNDARY, encode_multipart
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Category, Product, ProductMedia
from catalog.selectors.media import media_of
from catalog.services import media, renditions
from catalog.tests.media import add_image, add_video, content_of, picture, stored
from catalog.tests.uploads import nothing_changed, post, upload
from fantasize.core.tests.videos import mp4, webm
from fantasize.tests.client import ApiClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


@pytest.mark.usefixtures("decoder")
def test_an_image_is_brought_prepared_and_shown(product: Product, manager: User, settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = "https://shop.example"
    reply = post(manager, f"/products/{product.slug}/media", upload(picture(size=(2000, 1000)), alt="A lantern"))
    assert reply.status == 201
    row = ProductMedia.objects.get()
    address = f"https://shop.example/media/{row.file!s}"
    assert reply.data == {
        "id": row.pk,
        "kind": "image",
        "url": address,
        "alt": "A lantern",
        "width": 2000,
        "height": 1000,
        "renditions": [],
        "srcset": "",
        "state": "processing",
        "position": 0,
    }
    renditions.prepare(media_id=row.pk)
    row.refresh_from_db()
    shown = ApiClient(manager).get(f"/media/{row.pk}").data
    stem = address.removesuffix(".jpeg")
    assert shown["state"] == "ready"
    assert shown["renditions"] == [
        {"name": "thumb", "url": f"{stem}-thumb.webp", "width": 160, "height": 80},
        {"name": "card", "url": f"{stem}-card.webp", "width": 480, "height": 240},
        {"name": "full", "url": f"{stem}-full.webp", "width": 1200, "height": 600},
    ]
    assert shown["srcset"] == f"{stem}-thumb.webp 160w, {stem}-card.webp 480w, {stem}-full.webp 1200w"
    served = Client().get(shown["renditions"][1]["url"].removeprefix("https://shop.example"))
    assert (served["Content-Type"], served.getvalue()) == ("image/webp", content_of(row.renditions[1]["file"]))


def test_a_small_picture_names_each_width_once(product: Product, manager: User) -> None:
    row = add_image(product, size=(300, 200))
    shown = ApiClient(manager).get(f"/media/{row.pk}").data
    assert [copy["name"] for copy in shown["renditions"]] == ["thumb", "card", "full"]
    assert [part.split(" ")[1] for part in shown["srcset"].split(", ")] == ["160w", "300w"]


@pytest.mark.parametrize(("content", "suffix"), [(mp4(), "mp4"), (webm(), "webm")])
def test_a_video_is_one_whatever_it_is_called(
    product: Product, manager: User, content: bytes, suffix: str, left_over: Any
) -> None:
    reply = post(manager, f"/products/{product.pk}/media", upload(content, "x.php.jpg", "text/html"))
    assert (reply.status, reply.data["kind"], reply.data["state"]) == (201, "video", "ready")
    assert reply.data["url"].endswith(f".{suffix}")
    part = Client().get("/media/" + str(ProductMedia.objects.get().file), headers={"Range": "bytes=4-7"})
    assert (part.status_code, part["Content-Type"], part.getvalue()) == (206, f"video/{suffix}", content[4:8])
    assert left_over() == []


def test_a_large_video_goes_by_way_of_the_disk(product: Product, manager: User, left_over: Any) -> None:
    content = mp4(data=bytes(20_000_000))
    on_disk: list[int] = []
    look = media.add_video

    def looking(**options: Any) -> ProductMedia:
        on_disk.extend(path.stat().st_size for path in left_over())
        return look(**options)

    with patch.object(media, "add_video", looking):
        assert post(manager, f"/products/{product.pk}/media", upload(content)).status == 201
    assert on_disk == [len(content)]
    assert left_over() == []
    assert content_of(str(ProductMedia.objects.get().file)) == content


def test_media_are_described_ordered_and_removed(
    product: Product, manager: User, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = add_image(product, alt="One"), add_video(product)
    client = ApiClient(manager)
    reply = client.call("PATCH", f"/media/{second.pk}", {"position": 0, "alt": "Film"})
    assert (reply.status, reply.data["position"], reply.data["alt"]) == (200, 0, "Film")
    assert list(media_of(product)) == [second, first]
    assert client.call("PATCH", f"/media/{first.pk}", {}).data["alt"] == "One"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.call("DELETE", f"/media/{second.pk}").status == 204
    assert list(media_of(product)) == [first]
    assert str(second.file) not in stored()
    assert client.get(f"/media/{second.pk}").status == 404


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"alt": "x" * 201}, {"/alt": "max_length"}),
        ({"position": -1}, {"/position": "min_value"}),
        ({"position": "first"}, {"/position": "invalid"}),
        ({"position": 2**40}, {"/position": "max_value"}),
        ({"url": "x", "state": "ready", "product": 1}, dict.fromkeys(("/url", "/state", "/product"), "unknown_field")),
    ],
)
def test_bad_changes_change_nothing(product: Product, manager: User, body: Any, faults: dict[str, str]) -> None:
    row = add_video(product)
    before = ProductMedia.objects.values().get()
    reply = ApiClient(manager).call("PATCH", f"/media/{row.pk}", body)
    assert (reply.status, reply.faults) == (422, faults)
    assert ProductMedia.objects.values().get() == before


def test_a_place_behind_the_last_is_the_last(product: Product, manager: User) -> None:
    row, other = add_video(product), add_video(product)
    assert ApiClient(manager).call("PATCH", f"/media/{row.pk}", {"position": 2**31 - 1}).data["position"] == 1
    assert list(media_of(product)) == [other, row]


def test_only_staff_with_the_right_bring_and_change_media(product: Product, manager: User) -> None:
    row = add_video(product)
    before = (ProductMedia.objects.values().get(), stored())
    for user, status in ((None, 401), (make_user(), 403)):
        client = ApiClient(user)
        assert post(user, f"/products/{product.pk}/media", upload(picture())).status == status
        for method, body in (("GET", None), ("PATCH", {"alt": "x"}), ("DELETE", None)):
            for pk in (row.pk, 0):
                assert client.call(method, f"/media/{pk}", body).status == status
    assert (ProductMedia.objects.values().get(), stored()) == before


def test_who_may_change_products_does_not_therefore_change_categories(product: Product, settings: Settings) -> None:
    settings.API_KEYS = ["robot:0123456789abcdef:catalog.change_product"]
    shown = add_image(Category.objects.create(name="Home", slug="home"))
    client = ApiClient()
    client.headers = {"X-API-Key": "0123456789abcdef"}
    assert client.call("DELETE", f"/media/{shown.pk}").status == 403
    assert client.call("PATCH", f"/media/{add_video(product).pk}", {"alt": "Film"}).status == 200
    assert ProductMedia.objects.filter(pk=shown.pk).exists()


def test_programs_are_counted_and_staff_by_their_own_limit(product: Product, manager: User, settings: Settings) -> None:
    settings.API_KEYS = ["robot:0123456789abcdef:catalog.change_product"]
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "uploads": "2/1h"}
    path = f"/products/{product.pk}/media"
    robot = [post(None, path, upload(mp4()), X_API_Key="0123456789abcdef").status for _ in range(3)]
    assert robot == [201, 201, 429]
    assert [post(manager, path, upload(mp4())).status for _ in range(3)] == [201] * 3


def test_a_thing_that_is_not_there_gets_nothing(manager: User) -> None:
    for path in ("/products/0/media", "/products/nothing/media", "/packages/0/media"):
        assert post(manager, path, upload(picture())).status == 404
    assert nothing_changed()


def test_a_twenty_first_is_refused(product: Product, manager: User) -> None:
    for _ in range(media.MAX_MEDIA):
        add_video(product)
    reply = post(manager, f"/products/{product.pk}/media", upload(picture()))
    assert (reply.status, reply.body["code"]) == (409, "too_many_media")
    assert len(stored()) == media.MAX_MEDIA


def test_a_retried_upload_is_one(product: Product, manager: User) -> None:
    content = encode_multipart(BOUNDARY, upload(picture()))
    for _ in range(2):
        reply = post(manager, f"/products/{product.pk}/media", content, Idempotency_Key="k")
        assert reply.status == 201
    assert reply.headers["Idempotency-Replayed"] == "true"
    assert (ProductMedia.objects.count(), len(stored())) == (1, 1)
