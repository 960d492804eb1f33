"""Products in the admin: list, form, stock corrections. Everything is written by the services."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.enums import StockStatus
from catalog.models import Brand, Category, Product, StockMovement
from catalog.selectors.products import list_products
from catalog.selectors.search import search_products
from catalog.services import stock
from catalog.tests.factories import make_product
from fantasize.tests.staff import make_viewer, said, sign_in, signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/product/"
SCRIPT = "<script>alert('x')</script>"


def found(client: Client, query: str) -> set[str]:
    return {product.name for product in client.get(f"{LIST}?{query}").context["cl"].result_list}


def form(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Oak Board",
        "sku": "OAK-1",
        "slug": "oak-board",
        "description": "<p>Solid.</p>",
        "list_price": "24.90",
        "category": "",
        "brand": "",
        "is_active": "on",
        "opening_stock": "12",
        **{
            f"{prefix}-{count}_FORMS": 0
            for prefix in ("material_shares", "price_breaks")
            for count in ("TOTAL", "INITIAL")
        },
        **fields,
    }


def row(product: Product) -> dict[str, Any]:
    return dict(Product.objects.filter(pk=product.pk).values().get())


class TestList:
    """Search and filters on indexes, the same number of queries for any number of rows."""

    def test_it_shows_price_and_availability(self) -> None:
        make_product(name="Oak Board", price="1024.90", stock=3, sku="OAK-1")
        page = signed_in().get(LIST).content.decode()
        for text in ("Oak Board", "OAK-1", "1,024.90 USD", f'data-stock="{StockStatus.RUNNING_LOW}"'):
            assert text in page

    def test_it_finds_words_beginnings_skus_and_brands_and_nothing_else(self) -> None:
        lumen = Brand.objects.create(name="Lumen", slug="lumen")
        make_product(name="Oak Board", sku="OAK-17", brand=lumen)
        make_product(name="Velvet Stocking", sku="VEL-1")
        client = signed_in()
        for text in ("oak", "oak+bo", "OAK-1", "oak-", "LUMEN"):
            assert found(client, f"q={text}") == {"Oak Board"}, text
        for text in ("%25", "_", "%27%3B", "%22", "%3A%2A%26%21", "x" * 500):
            assert found(client, f"q={text}") == set(), text

    def test_it_filters_by_category_with_everything_below(self) -> None:
        home = Category.objects.create(name="Home", slug="home")
        candles = Category.objects.create(name="Candles", slug="candles", parent=home)
        make_product(name="Board", category=home)
        make_product(name="Candle", category=candles)
        make_product(name="Mug")
        client = signed_in()
        assert found(client, f"category={home.pk}") == {"Board", "Candle"}
        assert found(client, f"category={candles.pk}") == {"Candle"}
        assert found(client, "category=nonsense") == set()

    def test_it_filters_by_brand_activity_and_availability(self) -> None:
        lumen = Brand.objects.create(name="Lumen", slug="lumen")
        make_product(name="Plenty", stock=6, brand=lumen)
        make_product(name="Few", stock=5)
        held = make_product(name="All held", stock=2)
        stock.hold({held.stock_id: 2})
        make_product(name="Hidden", stock=9, is_active=False)
        client = signed_in()
        assert found(client, f"brand__id__exact={lumen.pk}") == {"Plenty"}
        assert found(client, "is_active__exact=0") == {"Hidden"}
        assert found(client, "availability=in_stock") == {"Plenty", "Hidden"}
        assert found(client, "availability=running_low") == {"Few"}
        assert found(client, "availability=out_of_stock") == {"All held"}
        assert len(found(client, "availability=nonsense")) == 4

    def test_it_takes_as_many_queries_for_three_products_as_for_one(self) -> None:
        client, counts = signed_in(), []
        category = Category.objects.create(name="Home", slug="home")
        brand = Brand.objects.create(name="Lumen", slug="lumen")
        for products in (1, 2):
            for _ in range(products):
                make_product(category=category, brand=brand)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(LIST).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_the_switch_takes_a_product_out_of_the_shop(self) -> None:
        product, other = make_product(), make_product()
        before = row(other)
        rows = Product.objects.order_by("-created_at", "-pk")
        data = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "Save"}
        data |= {f"form-{number}-id": row.pk for number, row in enumerate(rows)}
        data |= {f"form-{number}-is_active": "on" for number, row in enumerate(rows) if row.pk == other.pk}
        assert signed_in().post(LIST, data).status_code == 302
        product.refresh_from_db()
        assert (product.is_active, product.version) == (False, 2)
        assert row(other) == before


class TestForm:
    """One more version by the service, or nothing."""

    def test_a_new_product_opens_its_stock_with_a_movement_and_is_found(self) -> None:
        manager = make_user(role="manager")
        answer = signed_in(manager).post(f"{LIST}add/", form())
        assert answer.status_code == 302, answer.context["errors"]
        product = Product.objects.select_related("stock").get(sku="OAK-1")
        assert (product.list_price, product.stock.on_hand) == (Decimal("24.90"), 12)
        movement = StockMovement.objects.get(stock_item=product.stock)
        assert (movement.delta, movement.reason, movement.actor) == (12, "opening", manager.actor)
        assert list(search_products(list_products(), "oak")) == [product]

    def test_an_edited_product_is_one_version_further_and_found_by_its_new_name(self) -> None:
        product = make_product(name="Oak Board", stock=7)
        data = form(name="Beech Board", sku=product.sku, slug=product.slug, expected_version=product.version)
        assert signed_in().post(f"{LIST}{product.pk}/change/", data).status_code == 302
        saved = Product.objects.select_related("stock").get(pk=product.pk)
        assert (saved.name, saved.version, saved.stock.on_hand) == ("Beech Board", 2, 7)
        assert list(search_products(list_products(), "beech")) == [product]

    def test_a_page_that_is_out_of_date_changes_nothing(self) -> None:
        product = make_product()
        client = signed_in()
        data = form(expected_version=product.version)
        client.post(f"{LIST}{product.pk}/change/", data | {"name": "First"})
        before = row(product)
        answer = client.post(f"{LIST}{product.pk}/change/", data | {"name": "Second"}, follow=True)
        assert "The product was changed meanwhile." in answer.content.decode()
        assert row(product) == before
        assert before["name"] == "First"

    def test_what_a_shop_page_must_not_contain_is_taken_out(self) -> None:
        signed_in().post(f"{LIST}add/", form(description=f"<p onclick='x()'>Fine</p>{SCRIPT}"))
        assert Product.objects.get(sku="OAK-1").description == "<p>Fine</p>"

    def test_bad_input_is_refused_and_stores_nothing(self) -> None:
        make_product(name="taken", sku="TAKEN", slug="taken")
        client = signed_in()
        faults: list[dict[str, str]] = [
            {"name": ""},
            {"name": "a\x00b"},
            {"sku": "TAKEN"},
            {"slug": "taken"},
            {"slug": "no slug"},
            {"list_price": "-1"},
            {"list_price": "1.005"},
            {"list_price": "NaN"},
            {"list_price": "1e20"},
            {"opening_stock": "-1"},
            {"opening_stock": "9999999999"},
            {"category": "4711"},
        ]
        for fault in faults:
            answer = client.post(f"{LIST}add/", form(**fault))
            assert answer.status_code == 200, fault
            assert list(answer.context["errors"]) != [], fault
        assert Product.objects.count() == 1

    def test_products_are_not_deleted(self) -> None:
        product = make_product()
        client = signed_in(make_user(role="administrator", is_staff=True, is_superuser=True))
        assert client.post(f"{LIST}{product.pk}/delete/", {"post": "yes"}).status_code == 403
        client.post(LIST, {"action": "delete_selected", "_selected_action": [product.pk], "post": "yes"})
        assert Product.objects.filter(pk=product.pk).exists()

    def test_without_the_right_nothing_is_saved(self) -> None:
        product = make_product()
        before = row(product)
        client = signed_in(make_viewer("catalog.view_product"))
        assert client.get(f"{LIST}{product.pk}/change/").status_code == 200
        assert client.post(f"{LIST}{product.pk}/change/", form()).status_code == 403
        assert client.get(f"{LIST}add/").status_code == 403
        assert row(product) == before

    @pytest.mark.parametrize("key", ["4711", "nonsense", "9" * 30])
    def test_a_product_that_is_not_there_leads_back(self, key: str) -> None:
        assert signed_in().get(f"{LIST}{key}/change/")["Location"] == "/admin/"

    def test_text_is_shown_as_text(self) -> None:
        product = make_product(name=SCRIPT, sku="<b>")
        Brand.objects.create(name=SCRIPT, slug="x")
        Category.objects.create(name=SCRIPT, slug="x")
        client = signed_in()
        for path in (LIST, f"{LIST}{product.pk}/change/", "/admin/catalog/category/", "/admin/catalog/brand/"):
            page = client.get(path).content.decode()
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert" in page


class TestStockCorrection:
    """A delta with a reason, by POST, booked in the ledger."""

    def correct(self, client: Client, product: Product, **fields: Any) -> Any:
        data = {"delta": "5", "reason": "correction", "note": "Counted", **fields}
        return client.post(f"{LIST}{product.pk}/stock/", data)

    def levels(self, product: Product) -> tuple[int, int, int]:
        item = Product.objects.select_related("stock").get(pk=product.pk).stock
        return item.on_hand, item.held, item.movements.count()

    @pytest.mark.parametrize(("delta", "on_hand"), [("5", 15), ("+5", 15), ("-10", 0)])
    def test_it_changes_the_level_and_says_so(self, delta: str, on_hand: int) -> None:
        product, manager = make_product(stock=10), make_user(role="manager")
        client = signed_in(manager)
        answer = self.correct(client, product, delta=delta)
        assert answer["Location"] == f"{LIST}{product.pk}/change/"
        assert said(answer) == [f"Stock changed by {int(delta):+}."]
        assert self.levels(product) == (on_hand, 0, 2)
        newest = StockMovement.objects.latest("pk")
        assert (newest.reason, newest.reference, newest.actor) == ("correction", "Counted", manager.actor)
        page = client.get(answer["Location"]).content.decode()
        assert f'data-level="on_hand">{on_hand}<' in page
        assert "Correction: Counted" in page
        assert str(manager) in page

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"delta": "0"}, "Change: Say by how many pieces it changes."),
            ({"delta": "x"}, "Change: Enter a whole number."),
            ({"delta": "99999999999"}, "Change: Ensure this value is less than or equal to 1000000."),
            ({"note": ""}, "Note: This field is required."),
            ({"reason": "sale"}, "Reason: Select a valid choice. sale is not one of the available choices."),
            ({"delta": "-8"}, "Fewer pieces would be left than open orders have reserved."),
        ],
    )
    def test_what_cannot_be_is_refused_and_changes_nothing(self, fields: dict[str, str], message: str) -> None:
        product = make_product(stock=10)
        stock.hold({product.stock_id: 3})
        before = self.levels(product)
        assert said(self.correct(signed_in(), product, **fields)) == [message]
        assert self.levels(product) == before

    def test_it_needs_the_right_the_method_and_the_token(self) -> None:
        product = make_product(stock=10)
        before = self.levels(product)
        viewer = signed_in(make_viewer("catalog.view_product"))
        assert "correct-stock" not in viewer.get(f"{LIST}{product.pk}/change/").content.decode()
        assert self.correct(viewer, product).status_code == 403
        assert signed_in().get(f"{LIST}{product.pk}/stock/?delta=5").status_code == 405
        strict = Client(enforce_csrf_checks=True)
        sign_in(strict, make_user(role="manager"))
        assert self.correct(strict, product).status_code == 403
        assert self.levels(product) == before

    def test_a_product_that_is_not_there_is_not_found(self) -> None:
        assert signed_in().post(f"{LIST}4711/stock/", {"delta": "1"}).status_code == 404

    def test_the_page_takes_as_many_queries_for_five_movements_as_for_one(self) -> None:
        product, client, counts = make_product(stock=10), signed_in(), []
        for corrections in (0, 4):
            for _ in range(corrections):
                self.correct(client, product)
            client.get(f"{LIST}{product.pk}/change/")  # shows the messages
            with CaptureQueriesContext(connection) as queries:
                client.get(f"{LIST}{product.pk}/change/")
            counts.append(len(queries))
        assert counts[1] - counts[0] <= 1  # the names of actors: none is asked for while "system" is the only one
