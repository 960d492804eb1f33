"""Offers from a file beside staff and the worker, in real threads."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import Product
from catalog.services import offers, price_invariants, prices
from catalog.services.products import update_product
from catalog.tests.factories import make_offer, make_product
from catalog.tests.races import at_once
from catalog.tests.transfers import check, confirm, sheet

pytestmark = pytest.mark.django_db(transaction=True)


def fetch() -> int | None:
    """The job that a worker would begin with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)")
        found: int | None = cursor.fetchone()[0]
    return found


def test_an_import_beside_staff_who_change_prices_and_offers_leaves_the_right_prices() -> None:
    products = [make_product(sku=f"P{number}", price="10.00") for number in range(6)]
    ids = [product.pk for product in products]
    old = make_offer(percent="10", products=ids)
    rows = [
        {"id": "", "name": f"N{n}", "percent": "20", "starts_at": "2026-01-01", "products": f"P{n}"} for n in range(6)
    ]
    changed = {
        "id": old.pk,
        "name": "Old",
        "percent": "15",
        "starts_at": old.starts_at.isoformat(),
        "products": "P0|P5",
    }
    transfer = check("offer", sheet(*rows, changed))
    assert (transfer.new_count, transfer.changed_count) == (6, 1)
    outcomes = at_once(
        lambda: confirm(transfer, skip_refused=True),
        *(
            lambda each=each: update_product(product=each, changes={"list_price": Decimal(30)})
            for each in products[::-1]
        ),
        lambda: make_offer(percent="25", products=ids[::-1][:3]),
        lambda: offers.update_offer(offer=old, changes={"percent": Decimal(5)}),
    )
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    found = list(Product.objects.order_by("pk").values_list("price", flat=True))
    assert found == [Decimal(24)] * 3 + [Decimal("22.50")] * 3
    assert price_invariants.count_stale() == 0


def test_a_job_that_waits_for_all_does_not_begin_before_they_are_done() -> None:
    prices.refresh_all_later()
    job = ProcrastinateJob.objects.get()
    with transaction.atomic():
        prices.refresh_all_later()
        assert at_once(fetch) == [None]
    assert at_once(fetch) == [job.pk]
    prices.refresh_all_later()
    assert list(ProcrastinateJob.objects.order_by("pk").values_list("status", flat=True)) == ["doing", "todo"]


def test_a_job_that_is_taken_up_in_this_moment_is_too_early() -> None:
    prices.refresh_all_later()
    with transaction.atomic():
        assert fetch() is not None
        assert at_once(prices.refresh_all_later) == [None]
    assert ProcrastinateJob.objects.count() == 2
