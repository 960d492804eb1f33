"""Invoices become delivered orders with a whole history, once, and the import's command says what it did."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import Product, StockMovement
from catalog.tests.retail import LINES, write_export
from fantasize.core import clock, invariants
from fantasize.core.models import DomainEvent
from orders.enums import OrderSource
from orders.models import Hold, Order, OrderLine, Payment
from orders.services import import_history
from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db
STEPS = ("pending", "processing", "processed", "shipped", "delivered")


def run_import(tmp_path: Path, *options: str, lines: Iterable[str] = LINES) -> str:
    output = io.StringIO()
    call_command("import_catalogue", str(write_export(tmp_path / "month.csv.gz", lines)), *options, stdout=output)
    return output.getvalue()


def snapshot() -> dict[str, list[object]]:
    models = (Product, StockMovement, Order, OrderLine, Hold, Payment, DomainEvent)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_an_invoice_becomes_an_order(tmp_path: Path) -> None:
    run_import(tmp_path, "--orders")
    order = Order.objects.get(reference="536365")
    invoiced_at = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert (order.source, order.user, order.email, order.currency) == (OrderSource.IMPORT, None, "", "USD")
    assert (order.total, order.items_total, order.payment_status) == (Decimal("40.74"), Decimal("40.74"), "paid")
    assert (order.status, order.version, order.placed_at) == ("delivered", 5, invoiced_at)
    assert {getattr(order, f"{step}_at") for step in STEPS} == {invoiced_at}


def test_equal_articles_at_equal_prices_are_one_line(tmp_path: Path) -> None:
    run_import(tmp_path, "--orders")
    lines = OrderLine.objects.filter(order__reference="536365").order_by("position")
    assert list(lines.values_list("position", "sku", "quantity", "unit_price", "line_total")) == [
        (1, "85123A", 8, Decimal("2.55"), Decimal("20.40")),
        (2, "71053", 6, Decimal("3.39"), Decimal("20.34")),
    ]
    prices = OrderLine.objects.filter(order__reference="536381").order_by("position")
    assert list(prices.values_list("quantity", "unit_price")) == [(5, Decimal("3.75")), (1, Decimal("4.25"))]
    first = lines[0]
    assert first.product == Product.objects.get(sku="85123A")
    assert first.stages == [{"stage": "list_price", "rule": "list price", "amount": "2.55"}]


def test_fees_and_returns_are_no_orders(tmp_path: Path) -> None:
    run_import(tmp_path, "--orders")
    assert set(Order.objects.values_list("reference", flat=True)) == {"536365", "536370", "536381"}
    assert Order.objects.get(reference="536370").total == Decimal("90.00")


def test_the_history_is_whole_and_nobody_is_told(tmp_path: Path) -> None:
    jobs = ProcrastinateJob.objects.count()
    run_import(tmp_path, "--orders")
    order = Order.objects.get(reference="536370")
    history = DomainEvent.objects.filter(aggregate_id=str(order.pk)).order_by("seq")
    assert [(event.seq, event.name, event.data["previous"], event.data["status"]) for event in history] == [
        (1, "order.placed", None, "pending"),
        (2, "order.processing", "pending", "processing"),
        (3, "order.processed", "processing", "processed"),
        (4, "order.shipped", "processed", "shipped"),
        (5, "order.delivered", "shipped", "delivered"),
    ]
    assert {event.occurred_at for event in history} == {event.dispatched_at for event in history} == {order.placed_at}
    assert ProcrastinateJob.objects.count() == jobs


def test_stock_was_there_before_it_was_sold(tmp_path: Path) -> None:
    run_import(tmp_path, "--orders")
    clock_radio = Product.objects.select_related("stock").get(sku="22728")
    entries = StockMovement.objects.filter(stock_item=clock_radio.stock).order_by("at", "-delta")
    numbers = [str(Order.objects.get(reference=name).number) for name in ("536370", "536381")]
    assert list(entries.values_list("delta", "reason", "reference")) == [
        (30, "opening", "import"),
        (10, "opening", "import"),
        (-24, "sale", numbers[0]),
        (-6, "sale", numbers[1]),
    ]
    assert (clock_radio.stock.on_hand, clock_radio.stock.held, clock_radio.sales_count) == (10, 0, 30)
    holds = Hold.objects.filter(stock_item=clock_radio.stock).order_by("quantity")
    assert list(holds.values_list("quantity", "outcome")) == [(6, "consumed"), (24, "consumed")]


def test_every_invariant_holds_and_numbers_go_on_without_a_hole(tmp_path: Path) -> None:
    before = make_order().number
    run_import(tmp_path, "--orders")
    imported = Order.objects.filter(source=OrderSource.IMPORT).order_by("number")
    assert list(imported.values_list("number", "reference")) == [
        (before + 1, "536365"),
        (before + 2, "536370"),
        (before + 3, "536381"),
    ]
    assert make_order().number == before + 4
    assert not any(invariants.violations().values())


def test_a_second_run_changes_nothing_and_says_so(tmp_path: Path) -> None:
    first = run_import(tmp_path, "--orders")
    before = snapshot()
    second = run_import(tmp_path, "--orders")
    assert snapshot() == before
    assert "Nothing is new" in second
    assert "Nothing is new" not in first
    assert "Orders                     0 new, 3 known" in second


def test_orders_can_follow_in_a_later_run(tmp_path: Path) -> None:
    assert "Orders" in run_import(tmp_path)
    assert not Order.objects.exists()
    on_hand = dict(Product.objects.values_list("sku", "stock__on_hand"))
    run_import(tmp_path, "--orders")
    assert Order.objects.count() == 3
    assert dict(Product.objects.values_list("sku", "stock__on_hand")) == on_hand
    assert not any(invariants.violations().values())


def test_an_import_that_is_cut_off_leaves_whole_orders_and_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_history, "INVOICES_PER_TRANSACTION", 1)
    walk = import_history._walk
    walked: list[object] = []

    def fail_late(orders: list[Order]) -> None:
        if walked:
            raise KeyboardInterrupt
        walk(orders)
        walked.append(orders)

    monkeypatch.setattr(import_history, "_walk", fail_late)
    with pytest.raises(KeyboardInterrupt):
        run_import(tmp_path, "--orders")
    assert Order.objects.count() == 1
    assert OrderLine.objects.count() == 2
    assert not any(invariants.violations().values())
    monkeypatch.setattr(import_history, "_walk", walk)
    run_import(tmp_path, "--orders")
    assert Order.objects.count() == 3
    assert dict(Product.objects.values_list("sku", "stock__on_hand")) == {"85123A": 10, "71053": 13, "22728": 10}
    assert not any(invariants.violations().values())


def test_lines_of_an_invoice_may_lie_apart(tmp_path: Path) -> None:
    late = LINES[1].replace("08:26", "08:20")
    run_import(tmp_path, "--orders", lines=[LINES[0], *LINES[3:], late])
    order = Order.objects.get(reference="536365")
    assert order.lines.count() == 2
    assert order.placed_at == datetime(2010, 12, 1, 8, 20, tzinfo=UTC)


def test_an_invoice_too_large_for_an_order_is_refused_whole(tmp_path: Path) -> None:
    huge = [LINES[0].replace(",6,", ",99999,").replace("536365", "536999")] * 11
    dear = [LINES[1].replace(",6,", ",99999,").replace("3.39", "99999").replace("536365", "537000")] * 2
    output = run_import(tmp_path, "--orders", lines=[*huge, *dear, *LINES])
    assert not Order.objects.filter(reference__in=["536999", "537000"]).exists()
    assert Order.objects.count() == 3
    assert "line 2: invoice larger than an order can be: 536999" in output
    assert "line 13: invoice larger than an order can be: 537000" in output


def test_refused_lines_are_listed_with_number_and_reason(tmp_path: Path) -> None:
    output = run_import(tmp_path, lines=[*LINES, "536365,71053,W\x1b[31mHITE,6,2010-12-01T08:26,3.39,17850"])
    assert "line 6: fee, not goods: 536370,POST,POSTAGE,3,2010-12-01T08:45,18.0,12583" in output
    assert "line 11: no description: 536414,22139,,56,2010-12-01T11:52,0.0," in output
    assert "line 14: unprintable characters: 536365,71053,W?[31mHITE" in output
    assert "Refused                    5" in output
    assert "  price is not above zero  2" in output


def test_refused_lines_go_to_a_file_without_formulas(tmp_path: Path) -> None:
    errors = tmp_path / "errors.csv"
    output = run_import(tmp_path, "--errors", str(errors), lines=[*LINES, "=1+1,71053,WHITE,-6,,3.39,17850"])
    assert "line 6" not in output
    with errors.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][:4] == ["Line", "Reason", "InvoiceNo", "StockCode"]
    assert rows[3][:2] + rows[3][5:6] == ["12", "price is not above zero", "'-30"]
    assert rows[-1][:3] == ["14", "date cannot be read", "'=1+1"]


def test_nothing_is_sold_in_the_future(tmp_path: Path) -> None:
    with clock.frozen_at(datetime(2010, 12, 1, 9, 0, tzinfo=UTC)):
        run_import(tmp_path, "--orders")
    assert set(Order.objects.values_list("reference", flat=True)) == {"536365", "536370"}


@pytest.mark.parametrize("name", ["absent.csv", "broken.csv.gz", "other.csv"])
def test_a_file_that_cannot_be_read_changes_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.csv.gz").write_bytes(write_export(tmp_path / "whole.csv.gz").read_bytes()[:-9])
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match=r"absent\.csv|broken\.csv\.gz|other\.csv"):
        call_command("import_catalogue", str(tmp_path / name), "--orders", stdout=io.StringIO())
    assert not Product.objects.exists()
    assert not Order.objects.exists()


def test_an_errors_file_that_cannot_be_written_is_said_first(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        run_import(tmp_path, "--errors", str(tmp_path / "no" / "errors.csv"))
    assert not Product.objects.exists()
