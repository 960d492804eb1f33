"""Packages that several people change at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection

from catalog.models import Package, Product
from catalog.services import packages
from catalog.services.packages import Part, update_package
from catalog.services.products import update_product
from catalog.tests.factories import make_package, make_product
from catalog.tests.packages import broken, reprice
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db


class TestRaces:
    """Real threads on the real database."""

    pytestmark = pytest.mark.django_db(transaction=True)

    PARTS = 4
    CHANGES = 64

    def change_parts_at_once(self, products: list[Product]) -> None:
        """Price changes, four times as many as threads, spread over the products."""
        in_threads(
            [partial(self.change, products[number % len(products)], number + 1) for number in range(self.CHANGES)]
        )

    def change(self, product: Product, price: int) -> None:
        update_product(product=product, changes={"list_price": Decimal(price)})

    def test_packages_end_with_the_sum_of_their_parts(self) -> None:
        products = [make_product(price="1.00") for _ in range(self.PARTS)]
        made = [make_package(*products, percent_off=Decimal(10)), make_package(*reversed(products))]
        self.change_parts_at_once(products)
        total = sum(Product.objects.values_list("list_price", flat=True))
        for package in Package.objects.filter(pk__in=[package.pk for package in made]):
            assert package.parts_total == total
        assert broken() == {}

    def test_the_same_without_locks_goes_wrong(self) -> None:
        """The negative control: whoever does not wait for the others adds up what is not true any more."""
        products = [make_product(price="1.00") for _ in range(2)]
        package = make_package(*products)
        read = threading.Barrier(2)
        totals_of = packages._totals_of

        def add_up_together(rows: Any) -> dict[int, Decimal]:
            totals = totals_of(rows)
            read.wait(PATIENCE_SECONDS)
            return totals

        unlocked = type(Package.objects.all())
        with (
            patch.object(unlocked, "select_for_update", lambda rows, **_: rows),
            patch.object(packages, "_totals_of", add_up_together),
        ):
            in_threads([partial(reprice, row, "5.00") for row in products])
        package.refresh_from_db()
        assert package.parts_total != Decimal("10.00")
        assert broken() == {"packages.price_follows_from_parts": 1}

    def test_prices_and_parts_change_at_once_and_still_agree(self) -> None:
        products = [make_product(price="1.00") for _ in range(self.PARTS)]
        package = make_package(products[0])
        changes: list[Callable[[], Any]] = []
        for number in range(20):
            part = Part(products[number % self.PARTS].pk, number % 3 + 1)
            changes.append(partial(update_package, package=package, changes={}, items=[part]))
            changes.append(partial(self.change, products[number % self.PARTS], number + 2))
        in_threads(changes)
        assert broken() == {}
        package.refresh_from_db()
        assert package.version == 21
        assert package.items.count() == 1


def in_threads(jobs: list[Callable[[], Any]], threads: int = 16) -> None:
    """Run all of them, several at once."""

    def run(job: Callable[[], Any]) -> None:
        try:
            job()
        finally:
            connection.close()

    with ThreadPoolExecutor(min(threads, len(jobs))) as pool:
        list(pool.map(run, jobs))
