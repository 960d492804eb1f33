"""The moderation queue in the admin."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.admin import review as review_admin
from catalog.models import Review
from catalog.services import reviews
from catalog.tests.factories import make_product
from catalog.tests.reviews import make_buyer, make_review, rows, stars
from fantasize.core import clock
from fantasize.tests.staff import make_viewer, said, signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/review/"
SCRIPT = "<script>alert('x')</script>"


def listed(client: Client, query: str = "") -> list[str]:
    return [review.text for review in client.get(f"{LIST}{query}").context["cl"].result_list]


def decide(client: Client, action: str, *chosen: Review, query: str = "", **fields: Any) -> Any:
    data = {"action": action, "_selected_action": [review.pk for review in chosen], "seen_at": clock.now().isoformat()}
    return client.post(f"{LIST}{query}", data | fields)


class TestList:
    """What waits comes first, in the order it came."""

    def test_it_shows_what_waits_and_on_demand_the_rest(self) -> None:
        product = make_product()
        for state in ("pending", "published", "rejected"):
            make_review(product, text=state, state=state)
        make_review(product, text="later", state="pending")
        client = signed_in()
        assert listed(client) == ["pending", "later"]
        assert listed(client, "?state=published") == ["published"]
        assert listed(client, "?state=rejected") == ["rejected"]
        assert listed(client, "?state=nonsense") == ["pending", "later"]
        assert len(listed(client, "?state=all")) == 4

    def test_it_filters_by_stars(self) -> None:
        for rating in (1, 5):
            make_review(make_product(), rating=rating, text=str(rating), state="pending")
        assert listed(signed_in(), "?rating__exact=1") == ["1"]

    def test_words_of_people_are_data(self) -> None:
        product = make_product(name=SCRIPT)
        make_review(product, user=make_buyer(product, first_name=SCRIPT), text=SCRIPT, state="pending")
        page = signed_in().get(LIST).content.decode()
        assert SCRIPT not in page
        assert page.count("&lt;script&gt;alert(&#x27;x&#x27;)") >= 3

    def test_it_says_who_decided(self) -> None:
        manager = make_user(role="manager", first_name="Mia", last_name="Moss")
        review = make_review(make_product(), state="pending")
        decide(signed_in(manager), "publish", review)
        assert "Mia Moss" in signed_in().get(f"{LIST}?state=published").content.decode()

    def test_it_takes_as_many_queries_for_many_as_for_one(self) -> None:
        client, counts = signed_in(), []
        for number in (1, 4):
            for _ in range(number):
                make_review(make_product())
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"{LIST}?state=published").status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestDecisions:
    """Many at once; one that is refused holds up no other."""

    def test_the_selected_ones_are_published(self) -> None:
        product, manager = make_product(), make_user(role="manager")
        chosen, other = (
            [make_review(product, rating=rating, state="pending") for rating in (5, 2)],
            make_review(product, rating=1, state="pending"),
        )
        answer = decide(signed_in(manager), "publish", *chosen)
        assert said(answer) == ["2 reviews are published."]
        assert stars(product)[:2] == (7, 2)
        for review in chosen:
            review.refresh_from_db()
            assert (review.state, review.moderated_by) == ("published", manager.actor)
        other.refresh_from_db()
        assert other.state == "pending"

    def test_a_published_one_can_be_taken_back(self) -> None:
        product = make_product()
        review = make_review(product)
        assert said(decide(signed_in(), "reject", review, query="?state=published")) == ["1 review is rejected."]
        assert stars(product)[:2] == (0, 0)

    def test_what_changed_or_went_meanwhile_is_refused_and_the_rest_is_done(self) -> None:
        product = make_product(name="Mug")
        authors = [make_buyer(product) for _ in range(3)]
        kept, edited, gone = (make_review(product, user=author, state="pending") for author in authors)
        seen_at = clock.now()
        with clock.frozen_at(seen_at + timedelta(seconds=1)):
            reviews.edit_review(review_id=edited.pk, user_id=authors[1].pk, changes={"text": "Buy mine!"})
        reviews.withdraw_review(review_id=gone.pk, user_id=authors[2].pk)
        answer = decide(signed_in(), "publish", kept, edited, gone, seen_at=seen_at.isoformat())
        assert said(answer) == [
            "1 review is published.",
            "Mug, 5 of 5: Its author changed it after you opened the page. Read it again.",
        ]
        edited.refresh_from_db()
        assert edited.state == "pending"

    @pytest.mark.parametrize("seen_at", ["", "yesterday", "2026-11-21T08:00:00"])
    def test_a_page_that_does_not_say_when_it_was_made_has_seen_no_change(self, seen_at: str) -> None:
        product = make_product()
        author = make_buyer(product)
        review = make_review(product, user=author, state="pending")
        reviews.edit_review(review_id=review.pk, user_id=author.pk, changes={"text": "Otherwise."})
        before = rows()
        assert "changed it after" in said(decide(signed_in(), "publish", review, seen_at=seen_at))[0]
        assert rows() == before

    def test_many_refusals_are_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(review_admin, "_MAX_REFUSALS_SHOWN", 1)
        chosen = [make_review(make_product(), state="pending") for _ in range(3)]
        for review in chosen:
            reviews.edit_review(review_id=review.pk, user_id=review.user_id, changes={"text": "Otherwise."})
        messages = said(decide(signed_in(), "reject", *chosen, seen_at=""))
        assert len(messages) == 2
        assert messages[1] == "2 more reviews were not rejected."

    @pytest.mark.parametrize("permissions", [(), ("catalog.view_review",)])
    def test_who_may_not_decide_does_not(self, permissions: tuple[str, ...]) -> None:
        review = make_review(make_product(), state="pending")
        before = rows()
        decide(signed_in(make_viewer(*permissions)), "publish", review)
        assert rows() == before

    def test_nobody_writes_reviews_here(self) -> None:
        review = make_review(make_product(), state="pending")
        before = rows()
        client = signed_in()
        assert client.get(f"{LIST}add/").status_code == 403
        assert client.post(f"{LIST}{review.pk}/change/", {"text": "Better.", "state": "published"}).status_code == 403
        assert client.post(f"{LIST}{review.pk}/delete/", {"post": "yes"}).status_code == 403
        assert rows() == before
