"""Reviews: who sees them, and what their stars come to."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Review
from catalog.selectors.reviews import author_name, count_stars
from catalog.tests.factories import make_product
from catalog.tests.reviews import grant, make_buyer, make_review, stars
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


class TestReading:
    """GET /products/{id}/reviews."""

    def test_published_ones_newest_first_in_pages_with_the_stars_beside_them(self) -> None:
        product = make_product()
        for rating in (5, 4, 5):
            make_review(product, rating=rating)
        make_review(product, rating=1, state="pending")
        make_review(product, rating=1, state="rejected")
        make_review(make_product(), rating=2)
        reply = ApiClient().get(f"/products/{product.pk}/reviews?page_size=2")
        assert [row["rating"] for row in reply.data] == [5, 4]
        assert reply.body["meta"]["pagination"]["total_items"] == 3
        assert reply.body["meta"]["facets"] == {"rating": {"5": 2, "4": 1, "3": 0, "2": 0, "1": 0}}
        older = ApiClient(prefix="/api/v1").get(f"/products/{product.pk}/reviews?page_size=2&page=2").body
        assert ([row["rating"] for row in older["results"]], older["count"]) == ([5], 3)
        assert older["facets"]["rating"]["4"] == 1

    def test_one_s_own_is_there_whatever_became_of_it(self) -> None:
        product = make_product()
        author = make_buyer(product)
        make_review(product)
        make_review(product, user=author, rating=1, state="rejected")
        listed = ApiClient(author).get(f"/products/{product.pk}/reviews")
        assert [(row["rating"], row["state"]) for row in listed.data] == [(1, "rejected"), (5, "published")]
        assert listed.body["meta"]["facets"]["rating"]["1"] == 0
        assert "public" not in listed.headers["Cache-Control"]
        assert "public" in ApiClient().get(f"/products/{product.pk}/reviews").headers["Cache-Control"]

    @pytest.mark.parametrize(
        ("first", "last", "shown"),
        [
            ("Ada", "Lovelace", "Ada L."),
            ("Ada", "", "Ada"),
            ("", "Lovelace", "A customer"),
            ("ada@example.com", "", "A customer"),
            ("  ", "", "A customer"),
        ],
    )
    def test_an_author_is_a_first_name_and_an_initial(self, first: str, last: str, shown: str) -> None:
        product = make_product()
        author = make_buyer(product, first_name=first, last_name=last)
        review = make_review(product, user=author)
        assert author_name(review) == shown
        content = ApiClient().get(f"/products/{product.pk}/reviews").content.decode()
        assert author.email not in content
        assert str(author.pk) not in content
        assert "ovelace" not in content

    @pytest.mark.parametrize(
        "query", ["page=0", "page_size=101", "page=1000000000", "user=1", "state=pending", "ordering=rating"]
    )
    def test_what_it_is_not_asked_for_is_refused(self, query: str) -> None:
        assert ApiClient().get(f"/products/{make_product().pk}/reviews?{query}").status == 422

    def test_a_page_that_is_not_there_is_not_found(self) -> None:
        assert ApiClient().get(f"/products/{make_product().pk}/reviews?page=2").status == 404

    def test_lists_cost_the_same_however_long(self) -> None:
        product, counts = make_product(), []
        author = make_buyer(product)
        make_review(product, user=author)
        for client, path in (
            (ApiClient(), f"/products/{product.pk}/reviews"),
            (ApiClient(author), f"/products/{product.pk}/reviews"),
            (ApiClient(author), "/users/reviews"),
        ):
            for more in (0, 5):
                for _ in range(more):
                    make_review(product)
                    make_review(other := make_product(), user=grant(author, other))
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(path).status == 200
                counts.append(len(queries))
        assert counts[0::2] == counts[1::2]


def test_stars_are_counted_by_the_database_whatever_happens_to_a_review() -> None:
    product = make_product()
    five, two = (make_review(product, rating=rating) for rating in (5, 2))
    assert stars(product) == (7, 2, Decimal("3.50"))
    Review.objects.filter(pk=five.pk).update(rating=4)
    assert stars(product) == (6, 2, Decimal(3))
    two.delete()
    assert stars(product) == (4, 1, Decimal(4))
    assert count_stars(product) == {5: 0, 4: 1, 3: 0, 2: 0, 1: 0}
