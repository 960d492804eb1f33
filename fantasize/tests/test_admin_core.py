"""What admin pages stand on: names of actors, bounded pages, refusals as messages."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.tests.factories import make_user
from catalog.models import Brand
from fantasize.core import clock
from fantasize.core.admin.actors import names_of
from fantasize.core.admin.display import amount, badge, moment
from fantasize.core.admin.paginator import BoundedPaginator
from fantasize.tests.staff import signed_in
from orders.tests.factories import make_order


@pytest.mark.django_db
def test_actors_are_called_by_name_in_one_query(django_assert_num_queries: object) -> None:
    ada = make_user(email="ada@example.com", first_name="Ada", last_name="Lovelace")
    bob = make_user(email="bob@example.com")
    gone = f"user:{uuid.uuid4()}"
    with django_assert_num_queries(1):  # type: ignore[operator] # a fixture without a type
        names = names_of([ada.actor, bob.actor, gone, "key:factory", "system", "user:nonsense"])
    assert names == {
        ada.actor: "Ada Lovelace (ada@example.com)",
        bob.actor: "bob@example.com",
        gone: gone,
        "key:factory": "factory (API key)",
        "system": "System",
        "user:nonsense": "user:nonsense",
    }
    with django_assert_num_queries(0):  # type: ignore[operator] # as above
        assert names_of(["system"]) == {"system": "System"}


@pytest.mark.django_db
def test_pages_count_no_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedPaginator, "COUNT_LIMIT", 3)
    Brand.objects.bulk_create(Brand(name=f"Brand {number}", slug=f"brand-{number}") for number in range(5))
    assert BoundedPaginator(Brand.objects.filter(name__lt="Brand 2").order_by("name"), 2).count == 2
    assert BoundedPaginator(Brand.objects.order_by("name"), 2).count == 3


def test_values_are_written_for_people() -> None:
    assert amount(Decimal("1234.5"), "USD") == "1,234.50 USD"
    assert amount(Decimal(1234), "JPY") == "1,234 JPY"
    assert moment(datetime(2026, 11, 3, 14, 5, tzinfo=UTC)) == "3 Nov 2026, 14:05"
    assert badge("status", "x", '<b "') == '<span class="fz-badge" data-status="x">&lt;b &quot;</span>'


@pytest.mark.django_db
class TestDaysFilter:
    """Days are whole, and both ends belong to it."""

    NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)

    @pytest.fixture(autouse=True)
    def _orders(self) -> None:
        for days in (-1, 0, 1):
            with clock.frozen_at(self.NOON + timedelta(days=days)):
                make_order()

    @pytest.mark.parametrize(
        ("query", "days"),
        [
            ("placed_at_from=2026-03-10", [11, 10]),
            ("placed_at_to=2026-03-10", [10, 9]),
            ("placed_at_from=2026-03-10&placed_at_to=2026-03-10", [10]),
            ("placed_at_from=nonsense&placed_at_to=", [11, 10, 9]),
        ],
    )
    def test_it_finds_the_days_asked_for(self, query: str, days: list[int]) -> None:
        rows = signed_in().get(f"/admin/orders/order/?{query}").context["cl"].result_list
        assert [order.placed_at.day for order in rows] == days


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["q=%00", "status__exact=%00", "source__exact=x%00y"])
def test_a_query_with_nul_shows_the_list_unfiltered(query: str) -> None:
    answer = signed_in().get(f"/admin/orders/order/?{query}", follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain == [("/admin/orders/order/?e=1", 302)]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["9" * 5000, "lantern", ""])
def test_an_action_on_rows_that_cannot_be_is_refused(key: str) -> None:
    brand = Brand.objects.create(name="Heron", slug="heron")
    client = signed_in()
    asked = {"action": "delete_selected", "_selected_action": [str(brand.pk), key], "post": "yes"}
    page = client.post("/admin/catalog/brand/", asked, follow=True)
    assert "These rows are not there." in page.content.decode()
    assert Brand.objects.exists()
