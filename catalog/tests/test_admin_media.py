"""The panel of pictures and videos, and the list of all: who sees and changes them, and what is refused."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from catalog.admin.media import thumbnail
from catalog.enums import MediaState
from catalog.models import Category, Product, ProductMedia
from catalog.selectors.media import media_of
from catalog.tests.factories import make_package, make_product
from catalog.tests.media import add_image, add_video, picture, stored
from fantasize.tests.staff import make_viewer, sign_in, signed_in

pytestmark = pytest.mark.django_db
ROOT = "/admin/catalog/productmedia"


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def product() -> Product:
    return make_product(name="Paper lantern")


def panel(product: Product) -> str:
    return f"{ROOT}/of/product/{product.pk}/"


def file(content: bytes | None = None) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("../x.php", content or picture())}


def test_what_is_posted_is_added_and_shown_and_written_down(product: Product) -> None:
    browser = signed_in()
    answer = browser.post(panel(product), file())
    row = ProductMedia.objects.get()
    assert (answer.status_code, row.product, row.state) == (200, product, MediaState.PROCESSING)
    assert f'data-media="{row.pk}"'.encode() in answer.content
    assert b"data-busy" in answer.content
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.change_message) == (str(product.pk), f"Added image {row.pk}.")


def test_media_are_described_ordered_retried_and_removed(
    product: Product, django_capture_on_commit_callbacks: Any
) -> None:
    browser, first, second = signed_in(), add_image(product), add_video(product)
    ids = f"{second.pk},{first.pk}"
    assert browser.post(f"{panel(product)}order/", {"ids": ids}).status_code == 200
    assert list(media_of(product)) == [second, first]
    answer = browser.post(f"{ROOT}/{first.pk}/alt/", {"alt": 'A "lantern" <b>'})
    assert b"A &quot;lantern&quot; &lt;b&gt;" in answer.content
    ProductMedia.objects.filter(pk=first.pk).update(state=MediaState.FAILED)
    assert b"Try again" in browser.get(panel(product)).content
    assert b"data-busy" in browser.post(f"{ROOT}/{first.pk}/retry/").content
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"{ROOT}/{first.pk}/remove/")
    assert list(media_of(product)) == [second]
    assert stored() == {str(second.file)}
    assert LogEntry.objects.count() == 4


@pytest.mark.parametrize(
    ("deed", "fields", "status"),
    [
        ("", {}, 422),
        ("", {"file": "text"}, 422),
        ("", file(b"<svg/>"), 422),
        ("order/", {}, 422),
        ("order/", {"ids": "1,"}, 422),
        ("order/", {"ids": "one"}, 422),
        ("order/", {"ids": "[" * 100_000}, 422),
        ("order/", {"ids": "9" * 5000}, 422),
        ("order/", {"ids": "0"}, 409),
        ("order/", {"ids": ""}, 422),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(product: Product, deed: str, fields: Any, status: int) -> None:
    add_video(product)
    before = (list(ProductMedia.objects.values()), stored())
    answer = signed_in().post(panel(product) + deed, fields)
    assert (answer.status_code, len(answer.json()["detail"]) > 5) == (status, True)
    assert ((list(ProductMedia.objects.values()), stored()), LogEntry.objects.count()) == (before, 0)


def test_a_description_has_an_end(product: Product) -> None:
    row = add_video(product)
    assert signed_in().post(f"{ROOT}/{row.pk}/alt/", {"alt": "x" * 201}).status_code == 422
    assert ProductMedia.objects.get().alt == ""


def test_nothing_is_changed_by_a_link_or_from_another_site(product: Product) -> None:
    row = add_video(product)
    deeds = [f"{panel(product)}order/", *(f"{ROOT}/{row.pk}/{deed}/" for deed in ("alt", "remove", "retry"))]
    assert {signed_in().get(path).status_code for path in deeds} == {405}
    assert signed_in().put(panel(product)).status_code == 405
    client = Client(enforce_csrf_checks=True)
    sign_in(client, make_viewer("catalog.change_product"))
    assert {client.post(path).status_code for path in (*deeds, panel(product))} == {403}
    assert list(media_of(product)) == [row]


def test_everybody_does_what_they_may_with_the_thing(product: Product) -> None:
    row, shown = add_video(product), add_image(Category.objects.create(name="Home", slug="home"))
    paths = [panel(product), f"{panel(product)}order/", *(f"{ROOT}/{row.pk}/{deed}/" for deed in ("alt", "remove"))]
    looking, other = signed_in(make_viewer("catalog.view_product")), signed_in(make_viewer("catalog.change_category"))
    page = looking.get(panel(product))
    assert page.status_code == 200
    for control in (b"data-upload", b"data-handle", b"data-alt", b"data-post"):
        assert control not in page.content
    for browser in (looking, other, signed_in(make_viewer())):
        assert {browser.post(path, file()).status_code for path in paths} == {403}
    assert other.get(panel(product)).status_code == 403
    assert other.post(f"{ROOT}/{shown.pk}/alt/", {"alt": "Home"}).status_code == 200
    assert list(media_of(product)) == [row]


@pytest.mark.parametrize("path", ["of/product/0/", "of/user/1/", "of/nothing/1/", "0/alt/", "0/remove/", "0/retry/"])
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert signed_in().post(f"{ROOT}/{path}").status_code == 404


def test_a_category_offers_one_picture() -> None:
    category = Category.objects.create(name="Home", slug="home")
    browser, path = signed_in(), f"{ROOT}/of/category/{category.pk}/"
    for _ in range(2):
        page = browser.post(path, file()).content
    assert ProductMedia.objects.filter(category=category).count() == 1
    assert b"data-handle" not in page
    assert b"video/mp4" not in page


def test_the_form_of_the_page_has_nothing_to_do_with_it(product: Product) -> None:
    add_video(product)
    page = signed_in().get(f"/admin/catalog/product/{product.pk}/change/").content.decode()
    assert f'data-media-panel="{panel(product)}"' in page
    assert "media-TOTAL_FORMS" not in page


def test_a_panel_costs_the_same_however_much_it_shows(product: Product, django_assert_max_num_queries: Any) -> None:
    browser = signed_in()
    browser.get(panel(product))
    for count in (1, 10):
        for _ in range(count):
            add_video(product)
        with django_assert_max_num_queries(6):
            assert browser.get(panel(product)).status_code == 200


def test_the_list_costs_the_same_however_long_it_is(product: Product, django_assert_max_num_queries: Any) -> None:
    browser = signed_in()
    add_image(product), add_video(product), add_image(make_product(), is_ready=False)
    browser.get(f"{ROOT}/")
    for _ in range(2):
        with django_assert_max_num_queries(8):
            page = browser.get(f"{ROOT}/?state__exact=ready")
        assert b"Paper lantern" in page.content
        for _ in range(5):
            add_video(make_product())


def test_a_thumbnail_is_the_smallest_copy_or_a_sign(product: Product) -> None:
    row = add_image(product, alt='<"lantern">')
    assert f'src="/media/{row.renditions[0]["file"]}"' in thumbnail(row)
    assert "&lt;&quot;lantern&quot;&gt;" in thumbnail(row)
    assert "movie" in thumbnail(add_video(product))
    assert "image" in thumbnail(None)
    assert "<img" not in thumbnail(add_image(product, is_ready=False))


def test_lists_show_the_first_picture_and_a_letter_where_there_is_none(product: Product) -> None:
    add_video(product)
    row, bare = add_image(product), make_product(name="<Bare>")
    package = make_package(bare, name="Box")
    pages = [signed_in().get(f"/admin/catalog/{kind}/").content.decode() for kind in ("product", "package")]
    assert f'src="/media/{row.renditions[0]["file"]}"' in pages[0]
    assert [page.count("fz-media-thumb") for page in pages] == [1, 0]
    assert ">&lt;</span>" in pages[0]
    add_image(package)
    assert "fz-media-thumb" in signed_in().get("/admin/catalog/package/").content.decode()
