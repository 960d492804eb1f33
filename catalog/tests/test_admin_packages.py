"""Packages in the admin: list, page with parts, preview. Everything is written by the service."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.models import Category, Package, Product
from catalog.services import stock
from catalog.services.packages import MAX_PARTS
from catalog.tests.factories import make_package, make_product
from catalog.tests.packages import rows
from fantasize.core.models import DomainEvent
from fantasize.tests.staff import make_viewer, said, signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/package/"


def form(*parts: tuple[Any, ...], initial: Any = 0, **fields: Any) -> dict[str, Any]:
    """What the page posts; a part is (product, quantity[, position[, item]])."""
    data = {
        "name": "Tea for two",
        "sku": "TEA-2",
        "slug": "tea-for-two",
        "description": "<p>Warm.</p>",
        "category": "",
        "own_price": "",
        "percent_off": "",
        "is_active": "on",
        "items-TOTAL_FORMS": len(parts),
        "items-INITIAL_FORMS": initial,
        "price_breaks-TOTAL_FORMS": 0,
        "price_breaks-INITIAL_FORMS": 0,
        "media-TOTAL_FORMS": 0,
        "media-INITIAL_FORMS": 0,
        **fields,
    }
    for number, (product, quantity, *rest) in enumerate(parts):
        position, item = [*rest, "", ""][:2]
        said = {"product": product, "quantity": quantity, "position": position, "id": item}
        data |= {f"items-{number}-{name}": value for name, value in said.items()}
    return data


def faults(response: Any) -> list[str]:
    page = response.context
    messages = [*page["adminform"].form.errors.values()]
    for inline in page["inline_admin_formsets"]:
        messages.append(inline.formset.non_form_errors())
        messages += [error for row in inline.formset.errors for error in row.values()]
    return [str(text) for errors in messages for text in errors]


class TestList:
    """The same number of queries for any number of rows."""

    def test_it_shows_price_saving_and_availability(self) -> None:
        make_package((make_product(price="600.00", stock=5), 2), name="Tea set", percent_off=Decimal(10))
        page = signed_in().get(LIST).content.decode()
        for text in ("Tea set", "TEA-SET", "1,080.00 USD", "120.00 USD", 'data-stock="running_low"'):
            assert text in page

    def test_it_finds_words_skus_and_categories(self) -> None:
        home = Category.objects.create(name="Home", slug="home")
        make_package(name="Tea set", sku="TEA-17", category=home)
        make_package(make_product(name="Cup"), name="Cups")
        client = signed_in()
        for query in ("q=tea", "q=tea-1", "q=TEA-17", f"category={home.pk}"):
            found = client.get(f"{LIST}?{query}").context["cl"].result_list
            assert {package.name for package in found} == {"Tea set"}, query

    def test_it_takes_as_many_queries_for_many_packages_as_for_one(self) -> None:
        client, counts, category = signed_in(), [], Category.objects.create(name="Home", slug="home")
        for more in (1, 4):
            for _ in range(more):
                make_package(make_product(), make_product(), category=category)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(LIST).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_the_switch_takes_a_package_out_of_the_shop_and_leaves_its_parts(self) -> None:
        package = make_package()
        data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": package.pk, "_save": "Save"}
        assert signed_in().post(LIST, data).status_code == 302
        package.refresh_from_db()
        assert (package.is_active, package.version, package.items.count()) == (False, 2, 1)


class TestPage:
    """Package and parts are saved as a whole, or not at all."""

    def test_a_new_package_is_made_of_its_parts(self) -> None:
        manager = make_user(role="manager")
        mug, bowl = make_product(price="10.00"), make_product(price="4.00")
        answer = signed_in(manager).post(f"{LIST}add/", form((mug.pk, 2), (bowl.pk, 1), percent_off="25"))
        assert answer.status_code == 302, faults(answer)
        package = Package.objects.get()
        assert (package.sku, package.list_price, package.parts_total) == ("TEA-2", Decimal("18.00"), Decimal("24.00"))
        parts = package.items.order_by("position").values_list("product", "quantity")
        assert list(parts) == [(mug.pk, 2), (bowl.pk, 1)]
        assert [entry.actor for entry in DomainEvent.objects.filter(aggregate="package")] == [manager.actor]

    def test_neither_price_nor_percentage_is_the_sum(self) -> None:
        assert signed_in().post(f"{LIST}add/", form((make_product(price="3.00").pk, 2))).status_code == 302
        assert Package.objects.get().list_price == Decimal("6.00")

    def test_parts_are_changed_added_taken_away_and_put_in_order(self) -> None:
        mug, bowl, tray, lid = (make_product(price=price) for price in ("1.00", "2.00", "4.00", "8.00"))
        package = make_package(mug, bowl, tray)
        ids = list(package.items.order_by("position").values_list("pk", flat=True))
        data = form(
            (mug.pk, 5, 2, ids[0]),
            (bowl.pk, 1, 1, ids[1]),
            (tray.pk, 1, 0, ids[2]),
            (lid.pk, 1),
            initial=3,
            **{"items-1-DELETE": "on", "expected_version": 1},
        )
        answer = signed_in().post(f"{LIST}{package.pk}/change/", data)
        assert answer.status_code == 302, faults(answer)
        parts = package.items.order_by("position").values_list("product", "quantity")
        assert list(parts) == [(tray.pk, 1), (mug.pk, 5), (lid.pk, 1)]
        package.refresh_from_db()
        assert (package.list_price, package.version) == (Decimal("17.00"), 2)

    def test_the_kind_of_price_can_be_changed(self) -> None:
        product = make_product(price="10.00")
        package = make_package(product, own_price=Decimal("8.00"))
        item, client = package.items.get(), signed_in()
        for version, fields, price in ((1, {"percent_off": "50"}, "5.00"), (2, {"own_price": "7.50"}, "7.50")):
            data = form((product.pk, 1, 0, item.pk), initial=1, expected_version=version, **fields)
            answer = client.post(f"{LIST}{package.pk}/change/", data)
            assert answer.status_code == 302, faults(answer)
            package.refresh_from_db()
            assert package.list_price == Decimal(price)
            assert package.items.get() == item, "parts that nobody touched stay the same rows"

    def test_a_package_that_is_dearer_than_its_parts_is_warned_of(self) -> None:
        product = make_product(price="10.00")
        answer = signed_in().post(f"{LIST}add/", form((product.pk, 1), own_price="12.00"))
        assert "This package costs 2.00 USD more than its parts do singly." in said(answer)

    @pytest.mark.parametrize(
        ("parts", "fields", "fault"),
        [
            ([], {}, "A package has at least one part."),
            ([("0", 1), ("0", 1)], {}, "Please correct the duplicate data for product."),
            ([("0", 0)], {}, "Ensure this value is greater than or equal to 1."),
            ([("0", 1001)], {}, "Ensure this value is less than or equal to 1000."),
            ([("nothing", 1)], {}, "This field is required."),
            ([("999999999", 1)], {}, "Select a valid choice. That choice is not one of the available choices."),
            ([("0", 1)], {"own_price": "1", "percent_off": "1"}, "Say either a price or a percentage."),
            ([("0", 1)], {"own_price": "-1"}, f"A price is 0 or more, and less than {10**9:,}."),
            ([("0", 1)], {"own_price": "1.005"}, "No coin is small enough for that."),
            ([("0", 1)], {"own_price": "1e10"}, f"A price is 0 or more, and less than {10**9:,}."),
            ([("0", 1)], {"percent_off": "101"}, "Ensure this value is less than or equal to 100."),
            ([("0", 1)], {"sku": "TAKEN"}, "Package with this SKU already exists."),
        ],
    )
    def test_what_cannot_be_is_refused_and_changes_nothing(
        self, parts: list[tuple[str, int]], fields: dict[str, str], fault: str
    ) -> None:
        product = make_product(price="10.00")
        make_package(product, name="Taken", sku="TAKEN")
        before = rows()
        said_parts = [(product.pk if name == "0" else name, quantity) for name, quantity in parts]
        answer = signed_in().post(f"{LIST}add/", form(*said_parts, **fields))
        assert fault in (faults(answer) if answer.status_code == 200 else said(answer))
        assert rows() == before

    def test_too_many_parts_are_refused(self) -> None:
        product = make_product()
        answer = signed_in().post(f"{LIST}add/", form(*[(product.pk, 1)] * (MAX_PARTS + 1)))
        assert f"A package has at most {MAX_PARTS} parts." in faults(answer)
        assert not Package.objects.exists()

    def test_a_page_that_is_out_of_date_changes_nothing(self) -> None:
        product = make_product()
        package = make_package(product)
        Package.objects.update(version=2)
        before = rows()
        item = package.items.get()
        answer = signed_in().post(
            f"{LIST}{package.pk}/change/", form((product.pk, 3, 0, item.pk), initial=1, expected_version=1)
        )
        assert said(answer) == ["The package was changed meanwhile."]
        assert rows() == before

    def test_who_may_only_look_sees_all_and_changes_nothing(self) -> None:
        product = make_product(name="Oak tray")
        package = make_package(product, name="Tea set")
        client, before = signed_in(make_viewer("catalog.view_package")), rows()
        page = client.get(f"{LIST}{package.pk}/change/").content.decode()
        assert "Oak tray" in page
        assert "items-0-quantity" not in page
        data = form((product.pk, 9, 0, package.items.get().pk), initial=1)
        assert client.post(f"{LIST}{package.pk}/change/", data).status_code == 403
        assert client.get(f"{LIST}add/").status_code == 403
        assert rows() == before

    def test_it_is_not_deleted_here(self) -> None:
        package = make_package()
        assert signed_in().post(f"{LIST}{package.pk}/delete/", {"post": "yes"}).status_code == 403
        assert Package.objects.exists()

    def test_the_page_takes_as_many_queries_for_ten_parts_as_for_one(self) -> None:
        client, counts = signed_in(), []
        for parts in (1, 10):
            package = make_package(*(make_product() for _ in range(parts)))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"{LIST}{package.pk}/change/").status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestPreview:
    """What it would cost, while it is put together."""

    def ask(self, *parts: tuple[Product, int], **fields: str) -> Any:
        query = {"part": [f"{product.pk}:{quantity}" for product, quantity in parts], **fields}
        return signed_in().get(f"{LIST}preview/", query).json()

    def test_it_says_price_saving_and_availability(self) -> None:
        mug, bowl = make_product(price="10.00", stock=50), make_product(price="4.00", stock=7)
        stock.hold({bowl.stock_id: 1})
        card = self.ask((mug, 2), (bowl, 1), percent_off="25")
        for text in ("24.00 USD", "18.00 USD", "6.00 USD", ">6</span> available", 'data-stock="in_stock"'):
            assert text in card["card"]
        assert card["facts"] == {
            str(mug.pk): "10.00 USD, 50 available",
            str(bowl.pk): "4.00 USD, 6 available",
        }

    def test_it_agrees_with_what_is_saved(self) -> None:
        client, cases = signed_in(), [(10, 5, 1), (6, 5, 1), (5, 5, 1), (4, 5, 5), (12, 5, 2), (0, 5, 1)]
        for on_hand, mark, quantity in cases:
            product = make_product(price="9.99", stock=on_hand)
            product.stock.low_stock_at = mark
            product.stock.save()
            package = make_package((product, quantity), make_product(stock=100), percent_off=Decimal("33.33"))
            listed = client.get(LIST).context["cl"].result_list[0]
            page = client.get(f"{LIST}{package.pk}/change/").context["preview"]
            assert (listed, page.list_price, page.available, page.status) == (
                package,
                package.list_price,
                listed.available,
                listed.status,
            )

    def test_it_warns(self) -> None:
        hidden = make_product(name="<b>Oak</b>", price="10.00", is_active=False)
        card = self.ask((hidden, 1), own_price="11.00")["card"]
        assert "dearer than its parts" in card
        assert "&lt;b&gt;Oak&lt;/b&gt; is not in the shop" in card
        assert 'data-stock="out_of_stock"' in card
        assert "not in the shop" in self.ask((hidden, 1))["facts"][str(hidden.pk)]

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "part=",
            "part=x:1",
            "part=1",
            "part=1:0",
            "part=1:1001",
            f"part={'9' * 30}:1",
            "part=999999999:1",
            "part=%00:1&own_price=%00",
            "part=²:²",
        ],
    )
    def test_what_is_unfinished_is_left_out(self, query: str) -> None:
        make_product()
        answer = signed_in().get(f"{LIST}preview/?{query}")
        assert answer.status_code == 200
        assert "Choose the first part." in answer.json()["card"]

    @pytest.mark.parametrize("number", ["x", "-1", "NaN", "Infinity", "1e30", "1e-999999999", "101"])
    def test_numbers_that_are_none_are_left_out(self, number: str) -> None:
        product = make_product(price="10.00")
        card = self.ask((product, 1), percent_off=number)["card"]
        assert card.count("10.00 USD") == 2

    def test_it_is_for_those_who_see_packages(self) -> None:
        assert signed_in(make_viewer("catalog.view_product")).get(f"{LIST}preview/").status_code == 403
