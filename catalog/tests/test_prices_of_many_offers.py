"""However many offers are on one thing, the few that are looked at are those that matter."""

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from catalog.models import Category, Offer, Product
from catalog.pricing import OfferTerms, current_price, next_change
from catalog.selectors import prices
from catalog.selectors.prices import attach, coming_borders, offers_for
from catalog.services import bulk_offers
from catalog.services.bulk_offers import OfferRow
from catalog.services.offers import TARGETS
from catalog.tests.factories import make_product
from fantasize.core import clock

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DICE = random.Random(20260501)  # noqa: S311 - no secret


def throw(number: int, targets: dict[str, list[int]]) -> OfferRow:
    """Some offer; few percentages, amounts and hours, so that many are alike."""
    starts = NOON + HOUR * DICE.randrange(-6, 6)
    less = {"percent": Decimal(DICE.choice([5, 10, 11, 12]))} if DICE.random() < 0.6 else {"amount": Decimal("0.01")}
    ends = DICE.choice([None, *(starts + HOUR * hours for hours in (1, 3, 6))])
    is_active = DICE.random() < 0.9
    terms = {"name": f"Offer {number}", "starts_at": starts, "ends_at": ends, "is_active": is_active, **less}
    return OfferRow(Offer(), terms, targets)


@pytest.fixture
def crowd() -> Product:
    """A product with offers on itself, on its category and on the one above."""
    top = Category.objects.create(name="Top", slug="top")
    below = Category.objects.create(name="Below", slug="below", parent=top)
    product = make_product(price="0.09", category=below)
    aims: list[dict[str, list[int]]] = [{"products": [product.pk]}, {"categories": [below.pk]}]
    aims.append({"categories": [top.pk, below.pk]})
    with clock.frozen_at(NOON):
        bulk_offers.create([throw(number, aims[number % 3]) for number in range(150)])
    return product


def terms_of_all() -> list[OfferTerms]:
    columns = ("pk", "name", "percent", "amount", "starts_at", "ends_at")
    return [OfferTerms(*row) for row in Offer.objects.filter(is_active=True).values_list(*columns)]


@pytest.mark.parametrize("list_price", ["0.01", "0.05", "0.09", "10.00"])
def test_the_few_decide_as_all_would(crowd: Product, list_price: str) -> None:
    every, crowd.list_price = terms_of_all(), Decimal(list_price)
    for at in (NOON + HOUR / 2 * halves for halves in range(-13, 24)):
        few = offers_for([crowd], at=at)[crowd.pk]
        assert len(few) < len(every) / 5
        wanted = current_price(crowd.list_price, every, (), at=at, currency="USD")
        attach([crowd], at=at)
        assert (crowd.current_price.price, crowd.current_price.offer) == (wanted.price, wanted.offer)
        assert next_change(few, at=at) == next_change(every, at=at)


def test_the_coming_borders_are_those_of_all(crowd: Product) -> None:
    every = {border for each in terms_of_all() for border in (each.starts_at, each.ends_at) if border}
    for at in (NOON - 9 * HOUR, NOON, NOON + 5 * HOUR, NOON + 20 * HOUR):
        ahead = sorted(border for border in every if border > at)
        assert coming_borders(at) == ahead
        assert coming_borders(at, most=2) == ahead[:2]


def within(plan: Any) -> Iterator[Any]:
    """A step of a query's plan and all below it."""
    yield plan
    for step in plan.get("Plans", ()):
        yield from within(step)


def test_what_is_named_is_gone_through_no_more_often_for_a_batch_than_for_a_page() -> None:
    ids = [make_product().pk for _ in range(40)]
    with clock.frozen_at(NOON):
        bulk_offers.create([throw(number, {"products": [ids[number % 40]]}) for number in range(200)])
    names = ("categories", "products", "packages", "at", "with_coming")
    statement = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", prices._NAMED)
    links = ", ".join(f"catalog_offer_{name}" for name in TARGETS)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE catalog_category, catalog_offer, {links}")
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE named (bigint[], bigint[], bigint[], timestamptz, boolean) AS {statement}")
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE named ('{}', %s, '{}', %s, TRUE)", [ids, NOON])
        answer = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE named")
    [plan] = json.loads(answer) if isinstance(answer, str) else answer
    scans = [step for step in within(plan["Plan"]) if step.get("CTE Name") == "named"]
    assert [step["Actual Loops"] for step in scans] == [1, 1]
    assert [step["Actual Rows"] for step in scans] == [200, 200]
