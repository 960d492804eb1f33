"""The list of orders in the admin: what it shows, finds, exports and moves; and that nothing is edited there."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from fantasize.core import clock
from fantasize.core.models import Transfer
from fantasize.core.transfers import running
from fantasize.tests.staff import make_viewer, said, signed_in
from orders.enums import OrderStatus, PaymentMethod
from orders.models import Order
from orders.tests.factories import make_order, move

pytestmark = pytest.mark.django_db


LIST = "/admin/orders/order/"


def found(client: Client, query: str) -> list[Order]:
    return list(client.get(f"{LIST}?{query}").context["cl"].result_list)


def snapshot(order: Order) -> dict[str, Any]:
    return dict(Order.objects.filter(pk=order.pk).values().get())


def test_it_shows_number_customer_pieces_total_and_badges() -> None:
    ada = make_user(first_name="Ada", last_name="Lovelace")
    order = make_order(user=ada, product=make_product(price="1200.50", stock=9), quantity=2)
    page = signed_in().get(LIST).content.decode()
    for text in (str(order.number), "Ada Lovelace", "2,401.00 USD", 'data-status="pending"', 'data-payment="unpaid"'):
        assert text in page
    assert found(signed_in(), "")[0].items == 2  # type: ignore[attr-defined] # annotated by the list


def test_newest_orders_come_first_and_oldest_on_demand(manager: Client) -> None:
    for day in (2, 3, 1):
        with clock.frozen_at(datetime(2026, 5, day, tzinfo=UTC)):
            make_order()
    assert [order.placed_at.day for order in found(manager, "")] == [3, 2, 1]
    assert [order.placed_at.day for order in found(manager, "o=2")] == [1, 2, 3]


def test_people_without_a_name_and_imports_are_called_something(manager: Client) -> None:
    guest, imported, unknown = make_order(), make_order(), make_order()
    Order.objects.filter(pk=guest.pk).update(user=None, email="guest@example.com")
    Order.objects.filter(pk=imported.pk).update(user=None, email="", reference="536365")
    Order.objects.filter(pk=unknown.pk).update(user=None, email="")
    page = manager.get(LIST).content.decode()
    for text in ("guest@example.com", "Imported 536365", ">Guest<"):
        assert text in page


class TestSearch:
    """By number, imported name, beginning of the e-mail address, or product."""

    def test_by_number_exactly(self, manager: Client) -> None:
        first, _ = make_order(), make_order()
        assert found(manager, f"q={first.number}") == [first]
        assert found(manager, f"q={str(first.number)[:-1]}") == []
        assert found(manager, "q=" + "9" * 40) == []

    def test_by_imported_name(self, manager: Client) -> None:
        order, _ = make_order(), make_order()
        Order.objects.filter(pk=order.pk).update(reference="536365")
        assert found(manager, "q=536365") == [order]

    def test_by_the_beginning_of_the_e_mail_address(self, manager: Client) -> None:
        order, _ = make_order(user=make_user(email="ada@example.com")), make_order()
        assert found(manager, "q=ADA%40exam") == [order]
        assert found(manager, "q=example.com") == []

    def test_by_product(self, manager: Client) -> None:
        order, _ = make_order(product=make_product(name="Velvet Stocking")), make_order()
        assert found(manager, "q=velvet+sto") == [order]

    def test_anything_else_finds_nothing_and_breaks_nothing(self, manager: Client) -> None:
        make_order()
        for text in ("%27", "%25", "%22%29%3B--", "%3A%2A%26%21", "%F0%9F%8E%81", "x" * 500):
            assert found(manager, f"q={text}") == [], text

    def test_blank_text_finds_everything(self, manager: Client) -> None:
        order = make_order()
        assert found(manager, "q=++") == [order]


def test_filters_narrow_the_list(manager: Client) -> None:
    waiting, hosted = make_order(), make_order(method=PaymentMethod.HOSTED)
    going = move(make_order(), OrderStatus.PROCESSING)
    assert found(manager, "status__exact=processing") == [going]
    assert found(manager, "payment_method__exact=hosted") == [hosted]
    assert set(found(manager, "status__exact=pending&source__exact=shop")) == {waiting, hosted}
    assert found(manager, "payment_status__exact=paid") == []


def test_nothing_is_added_edited_or_deleted() -> None:
    order = make_order()
    before = snapshot(order)
    client = signed_in(make_user(role="administrator", is_staff=True, is_superuser=True))
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{order.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{LIST}{order.pk}/change/", {"status": "delivered", "total": "0"}).status_code == 405
    client.post(LIST, {"action": "delete_selected", "_selected_action": [order.pk], "post": "yes"})
    assert snapshot(order) == before


def test_the_list_takes_as_many_queries_for_three_orders_as_for_one() -> None:
    client = signed_in()  # its session is kept in the cache from the first page on
    counts = []
    for orders in (1, 2):
        for _ in range(orders):
            make_order()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert not any("count(*)" in query["sql"].lower() and "limit" not in query["sql"].lower() for query in queries)


class TestBulkMoves:
    """One service call per order; a refused one does not hold the others up."""

    def press(self, client: Client, action: str, *orders: Order) -> Any:
        chosen = {"action": action, "_selected_action": [str(order.pk) for order in orders]}
        return client.post(LIST, chosen)

    def test_they_move_what_can_be_moved_and_name_the_rest(self) -> None:
        ready, waiting = move(make_order(), OrderStatus.PROCESSING), make_order(method=PaymentMethod.HOSTED)
        manager = make_user(role="manager")
        answer = self.press(signed_in(manager), "move_to_processed", ready, waiting)
        assert said(answer) == [
            "1 order is now processed.",
            f"Order {waiting.number}: An order that is pending cannot become processed here.",
        ]
        ready.refresh_from_db()
        waiting.refresh_from_db()
        assert (ready.status, waiting.status) == (OrderStatus.PROCESSED, OrderStatus.PENDING)

    def test_shipping_walks_every_step_in_between(self, manager: Client) -> None:
        orders = [make_order(), move(make_order(), OrderStatus.PROCESSING)]
        answer = self.press(manager, "move_to_shipped", *orders)
        assert said(answer) == ["2 orders are now shipped."]
        assert set(Order.objects.values_list("status", flat=True)) == {OrderStatus.SHIPPED}

    def test_a_long_list_of_refusals_is_cut_short(self, manager: Client) -> None:
        orders = [make_order(method=PaymentMethod.HOSTED) for _ in range(12)]
        messages = said(self.press(manager, "move_to_processed", *orders))
        assert len(messages) == 11
        assert messages[-1] == "2 more orders could not be moved."

    def test_without_the_right_they_are_not_offered_and_do_nothing(self) -> None:
        order = move(make_order(), OrderStatus.PROCESSING)
        before = snapshot(order)
        client = signed_in(make_viewer("orders.view_order"))
        assert "move_to_processed" not in client.get(LIST).content.decode()
        self.press(client, "move_to_processed", order)
        assert snapshot(order) == before


class TestExport:
    """CSV and XLSX of the selected rows or of the filtered list, with nothing in them that a spreadsheet would run."""

    @pytest.fixture(autouse=True)
    def _own_files(self, settings: Any, tmp_path: Path) -> None:
        settings.MEDIA_ROOT = tmp_path

    def export(self, client: Client, file_format: str, query: str = "", *orders: Order) -> bytes:
        chosen = {"selected": [str(order.pk) for order in orders]} if orders else {}
        page = client.post(f"{LIST}export/?{query}", {**chosen, "format": file_format})["Location"]
        running.run(Transfer.objects.order_by("-created_at")[0].pk)
        answer: Any = client.get(page.replace("/change/", "/file/"))
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)

    def rows(self, content: bytes) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(content.decode())))

    def test_the_filtered_list_as_csv(self, manager: Client) -> None:
        make_order(method=PaymentMethod.HOSTED)
        order = make_order(product=make_product(price="7.25"), quantity=3)
        rows = self.rows(self.export(manager, "csv", "payment_method__exact=cash_on_delivery"))
        assert [(row["number"], row["items"], row["total"], row["city"]) for row in rows] == [
            (str(order.number), "3", "21.75", "London"),
        ]

    def test_selected_orders_as_xlsx(self, manager: Client) -> None:
        _, chosen = make_order(), make_order()
        sheet = openpyxl.load_workbook(io.BytesIO(self.export(manager, "xlsx", "", chosen))).active
        rows = list(sheet.values)
        assert [row[rows[0].index("number")] for row in rows[1:]] == [chosen.number]

    def test_the_action_leads_to_the_export_of_what_is_selected(self, manager: Client) -> None:
        chosen = make_order()
        answer = manager.post(LIST, {"action": "export_selected", "_selected_action": [str(chosen.pk)]})
        assert f'value="{chosen.pk}"' in answer.content.decode()

    def test_unknown_keys_are_refused(self, manager: Client) -> None:
        make_order()
        manager.post(f"{LIST}export/", {"selected": ["nonsense"], "format": "csv"})
        assert not Transfer.objects.exists()

    def test_formulas_are_neutralised(self, manager: Client) -> None:
        order = make_order()
        address = {"full_name": "=HYPERLINK(1)", "city": "@home", "country": "+44"}
        Order.objects.filter(pk=order.pk).update(shipping_address=address, carrier="-1+1", email="=x@example.com")
        row = self.rows(self.export(manager, "csv"))[0]
        assert (row["recipient"], row["city"], row["country"]) == ("'=HYPERLINK(1)", "'@home", "'+44")
        assert (row["carrier"], row["email"]) == ("'-1+1", "'=x@example.com")

    def test_the_export_takes_as_many_queries_for_three_orders_as_for_one(self) -> None:
        client = signed_in()  # its session is kept in the cache from the first page on
        counts = []
        for orders in (1, 2):
            for _ in range(orders):
                make_order()
            with CaptureQueriesContext(connection) as queries:
                self.export(client, "csv")
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_orders_are_not_imported(self, manager: Client) -> None:
        assert f'href="{LIST}import/"' not in manager.get(LIST).content.decode()
        with pytest.raises(NoReverseMatch):
            reverse("admin:orders_order_import")

    def test_without_the_right_to_see_orders_nothing_is_exported(self) -> None:
        assert signed_in(make_viewer("catalog.view_brand")).get(f"{LIST}export/").status_code == 403


def test_payments_are_listed_and_lead_to_their_orders(manager: Client) -> None:
    order = move(make_order(), OrderStatus.DELIVERED)
    page = manager.get("/admin/orders/payment/").content.decode()
    assert f'href="{LIST}{order.pk}/change/">{order.number}</a>' in page
    assert "10.00 USD" in page
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            manager.get("/admin/orders/payment/")
        counts.append(len(queries))
        move(make_order(), OrderStatus.DELIVERED)
        move(make_order(), OrderStatus.DELIVERED)
    assert counts[0] == counts[1]
