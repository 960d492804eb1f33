"""Mail to staff about stock that runs low."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.enums import MovementReason
from catalog.models import Product
from catalog.services import stock
from catalog.tests.factories import make_product
from customizations.enums import TemplateState
from customizations.models import ChoiceStock
from customizations.selectors.choices import scarce_choices
from customizations.services.templates import update_template
from customizations.tests.factories import NAME, make_schema, make_template
from fantasize.core import clock, events, mail
from fantasize.core.models import DomainEvent
from fantasize.tests.staff import make_viewer
from fantasize.tests.waiting import PATIENCE_SECONDS
from notifications import handlers, tasks
from notifications.models import LowStockAlert
from notifications.services import low_stock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def letters(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Mails that were written: to whom, about what."""
    written: list[tuple[str, dict[str, Any]]] = []

    def send_later(template: str, *, to: str, context: dict[str, Any]) -> None:
        assert template == "notifications/stock_low"
        written.append((to, context))

    monkeypatch.setattr(mail, "send_later", send_later)
    return written


@pytest.fixture
def keeper() -> User:
    return make_viewer("catalog.change_stockitem")


def fall(product: Product, *, to: int) -> None:
    product.stock.refresh_from_db()
    delta = to - product.stock.available
    stock.correct(product.stock_id, delta=delta, reason=MovementReason.CORRECTION, reference="", actor="user:1")


def dispatch() -> None:
    """What the worker does with the events that are there; twice, as it may."""
    for event in [*DomainEvent.objects.all()] * 2:
        for handler in events.handlers_for(event.aggregate):
            handler(event)


def names(context: dict[str, Any]) -> list[str]:
    return [item["name"] for item in context["items"]]


def test_each_of_those_who_may_change_stock_gets_one_mail_about_everything(
    letters: list[tuple[str, dict[str, Any]]], keeper: User
) -> None:
    manager, root = make_user(role="manager"), make_user(is_staff=True, is_superuser=True)
    make_user()
    make_viewer("catalog.view_stockitem")
    former = make_viewer("catalog.change_stockitem")
    User.objects.filter(pk=former.pk).update(is_active=False)
    low, out = make_product(name="Mug"), make_product(name="Lantern")
    fall(low, to=5)
    fall(out, to=0)
    dispatch()
    assert tasks.mail_low_stock(0) == 3
    assert sorted(to for to, _ in letters) == sorted([keeper.email, manager.email, root.email])
    for _, context in letters:
        assert [(line["name"], line["available"], line["is_sold_out"]) for line in context["items"]] == [
            ("Lantern", 0, True),
            ("Mug", 5, False),
        ]
        assert (context["count"], context["more"]) == (2, 0)


def test_nothing_is_told_twice(letters: list[tuple[str, dict[str, Any]]], keeper: User) -> None:
    fall(make_product(), to=1)
    dispatch()
    assert low_stock.mail_digest() == 1
    dispatch()
    assert low_stock.mail_digest() == 0
    assert len(letters) == 1


def test_what_was_filled_up_meanwhile_and_what_is_not_sold_is_left_out(
    letters: list[tuple[str, dict[str, Any]]], keeper: User
) -> None:
    filled, hidden = make_product(), make_product(is_active=False)
    for product in (filled, hidden):
        fall(product, to=1)
    dispatch()
    fall(filled, to=50)
    assert low_stock.mail_digest() == 0
    assert letters == []
    assert not LowStockAlert.objects.filter(told_at=None).exists()


def test_stock_that_flutters_about_its_mark_is_told_of_once_in_a_while(
    letters: list[tuple[str, dict[str, Any]]], keeper: User
) -> None:
    product, start = make_product(name="Mug"), clock.now()
    for hours, told in ((0, 1), (1, 1), (5, 1), (7, 2)):
        with clock.frozen_at(start + timedelta(hours=hours)):
            fall(product, to=9)
            fall(product, to=3)
            dispatch()
            low_stock.mail_digest()
        assert len(letters) == told
    with clock.frozen_at(start + timedelta(hours=8)):
        fall(product, to=0)
        dispatch()
        low_stock.mail_digest()
    assert len(letters) == 3, "sold out is something else than running low"


def test_a_mail_names_so_many_and_counts_the_rest(
    letters: list[tuple[str, dict[str, Any]]], keeper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(low_stock, "MOST_LINES", 2)
    for available in (3, 1, 2):
        fall(make_product(name=f"Gift {available}"), to=available)
    dispatch()
    low_stock.mail_digest()
    [(_, context)] = letters
    assert (names(context), context["count"], context["more"]) == (["Gift 1", "Gift 2"], 3, 1)


def test_a_digest_costs_the_same_however_much_ran_low(keeper: User) -> None:
    counts = []
    for number in (1, 3):
        for _ in range(number):
            fall(make_product(), to=1)
        dispatch()
        with CaptureQueriesContext(connection) as queries:
            assert low_stock.mail_digest() == 1
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_other_news_of_stock_alert_nobody() -> None:
    event = DomainEvent.objects.create(aggregate="stock_item", aggregate_id="1", seq=1, name="stock.admired")
    handlers.alert_staff(event)
    assert not LowStockAlert.objects.exists()


def test_alerts_are_forgotten_after_a_month() -> None:
    fall(make_product(), to=1)
    fall(make_product(), to=1)
    dispatch()
    old, _ = LowStockAlert.objects.order_by("pk")
    LowStockAlert.objects.filter(pk=old.pk).update(told_at=clock.now() - timedelta(days=31))
    assert tasks.forget_told_alerts(0) == 1
    assert not LowStockAlert.objects.filter(pk=old.pk).exists()
    assert LowStockAlert.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_write_one_mail(letters: list[tuple[str, dict[str, Any]]], keeper: User) -> None:
    for _ in range(5):
        fall(make_product(), to=1)
    dispatch()
    start = threading.Barrier(4)

    def digest(_: int) -> int:
        start.wait(PATIENCE_SECONDS)
        try:
            return low_stock.mail_digest()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(digest, range(4)))
    assert sum(written) == len(letters)
    assert sorted(name for _, context in letters for name in names(context)) == sorted(
        Product.objects.values_list("name", flat=True)
    )


@pytest.mark.django_db(transaction=True)
def test_a_digest_that_fails_is_written_by_the_next(letters: list[tuple[str, dict[str, Any]]], keeper: User) -> None:
    fall(make_product(), to=1)
    dispatch()
    with patch.object(mail, "send_later", side_effect=RuntimeError), pytest.raises(RuntimeError):
        low_stock.mail_digest()
    assert low_stock.mail_digest() == 1


class TestLetter:
    """The mail as it is sent."""

    @pytest.fixture
    def context(self, letters: list[tuple[str, dict[str, Any]]], keeper: User) -> dict[str, Any]:
        fall(make_product(name="Mug <b>&\r\nBcc: x@example.com", sku="MUG-1"), to=2)
        dispatch()
        low_stock.mail_digest()
        [(_, context)] = letters
        return context

    def message(self, context: dict[str, Any]) -> Any:
        return mail.compose("notifications/stock_low", to="ada@example.com", context=context, message_id="<1@shop>")

    def test_what_somebody_called_a_product_is_data(self, context: dict[str, Any]) -> None:
        message = self.message(context)
        assert message.subject == "Mug <b>& Bcc: x@example.com is running low"
        assert "2 left: Mug <b>&" in message.body
        [(html, _)] = message.alternatives
        assert "Mug &lt;b&gt;&amp;" in html
        assert "<b>&" not in html

    def test_it_leads_to_the_product_and_to_the_list(self, context: dict[str, Any]) -> None:
        message = self.message(context)
        product = Product.objects.get()
        for text in (message.body, message.alternatives[0][0]):
            assert f"/admin/catalog/product/{product.pk}/change/" in text
            assert "/admin/catalog/stockitem/?status=scarce" in text

    def test_several_are_counted(self, context: dict[str, Any]) -> None:
        message = self.message({**context, "count": 32, "more": 2})
        assert message.subject == "32 items are running low"
        assert "and 2 more" in message.body


def test_a_transaction_that_is_rolled_back_alerts_nobody() -> None:
    product = make_product()
    with transaction.atomic():
        fall(product, to=1)
        transaction.set_rollback(True)
    assert not DomainEvent.objects.filter(aggregate="stock_item").exists()


def test_choices_that_are_offered_are_named_beside_products(
    letters: list[tuple[str, dict[str, Any]]], keeper: User
) -> None:
    template, retired = make_template(name="Plaque"), make_template(name="Old")
    update_template(template=retired, changes={"state": TemplateState.RETIRED}, actor="system")
    for row in ChoiceStock.objects.all():
        stock.correct(row.stock_id, delta=-10, reason=MovementReason.CORRECTION, reference="", actor="user:1")
    fall(make_product(name="Mug", sku="MUG-1"), to=1)
    dispatch()
    assert low_stock.mail_digest() == 1
    [(_, context)] = letters
    mug, gold = context["items"]
    assert (mug["name"], mug["detail"]) == ("Mug", "MUG-1")
    assert (gold["name"], gold["detail"], gold["available"]) == ("Plaque: Gold leaf", "Colour", 2)
    assert gold["url"].endswith(f"/admin/customizations/choicestock/{template.choice_stocks.get().pk}/change/")
    update_template(template=template, changes={"schema": make_schema(options=[NAME])}, actor="system")
    assert scarce_choices([template.choice_stocks.get().stock_id]) == []
