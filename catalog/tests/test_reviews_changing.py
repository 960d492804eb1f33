"""Reviews that are written anew, taken back and decided about."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.enums import ReviewState
from catalog.services import reviews
from catalog.tests.factories import make_product
from catalog.tests.reviews import STAFF, make_buyer, make_review, rows, stars
from fantasize.core import clock
from fantasize.core.errors import NotFoundError, PreconditionFailedError
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


class TestChanging:
    """/users/reviews."""

    def test_a_changed_review_waits_again_and_its_stars_do_not_count_until_then(self) -> None:
        product = make_product()
        author = make_buyer(product)
        review = make_review(product, user=author, rating=5)
        reply = ApiClient(author).call("PATCH", f"/users/reviews/{review.pk}", {"text": "Broke."})
        assert (reply.status, reply.data["state"], reply.data["rating"], reply.data["text"]) == (
            200,
            "pending",
            5,
            "Broke.",
        )
        assert reply.data["edited_at"] is not None
        review.refresh_from_db()
        assert (review.moderated_by, review.moderated_at) == ("", None)
        assert stars(product) == (0, 0, Decimal(0))

    def test_saying_the_same_again_changes_nothing(self) -> None:
        product = make_product()
        author = make_buyer(product)
        review = make_review(product, user=author)
        before = rows()
        for body in ({}, {"rating": 5}, {"text": "Good."}, {"rating": 5, "text": " Good.\x07 "}):
            reply = ApiClient(author).call("PATCH", f"/users/reviews/{review.pk}", body)
            assert (reply.status, reply.data["state"]) == (200, "published")
        assert rows() == before

    def test_a_rejected_one_may_be_said_otherwise(self) -> None:
        product = make_product()
        author = make_buyer(product)
        review = make_review(product, user=author, state="rejected")
        ApiClient(author).call("PATCH", f"/users/reviews/{review.pk}", {"text": "Polite."})
        review.refresh_from_db()
        assert review.state == ReviewState.PENDING

    def test_a_withdrawn_one_takes_its_stars_along_and_may_be_written_anew(self) -> None:
        product = make_product()
        author, client_path = make_buyer(product), f"/products/{product.pk}/reviews"
        review = make_review(product, user=author, rating=2)
        make_review(product, rating=4)
        client = ApiClient(author)
        assert client.call("DELETE", f"/users/reviews/{review.pk}").status == 204
        assert stars(product) == (4, 1, Decimal(4))
        assert client.get(f"/users/reviews/{review.pk}").status == 404
        assert client.post(client_path, {"rating": 3}).status == 201

    def test_one_s_own_are_listed_and_shown(self) -> None:
        products = [make_product() for _ in range(3)]
        author = make_buyer(*products)
        for product, state in zip(products, ("pending", "published", "rejected"), strict=True):
            make_review(product, user=author, state=state)
        make_review(products[0])
        listed = ApiClient(author).get("/users/reviews").data
        assert [row["state"] for row in listed] == ["rejected", "published", "pending"]
        assert ApiClient(author).get(f"/users/reviews/{listed[0]['id']}").data == listed[0]

    @pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
    def test_others_look_like_what_is_not_there(self, method: str) -> None:
        product = make_product()
        review = make_review(product)
        before = rows()
        for client in (ApiClient(make_buyer(product)), ApiClient(make_user(role="administrator"))):
            replies = [
                client.call(method, f"/users/reviews/{pk}", {"rating": 1}) for pk in (review.pk, 10**9, "x", "٣")
            ]
            assert {reply.status for reply in replies} == {404}
        assert rows() == before

    @pytest.mark.parametrize(
        ("body", "faults"),
        [
            ({"rating": 0}, {"/rating": "min_value"}),
            ({"rating": None}, {"/rating": "null"}),
            ({"text": "x" * 4001}, {"/text": "max_length"}),
            ({"state": "published"}, {"/state": "unknown_field"}),
            ({"author": "x"}, {"/author": "unknown_field"}),
        ],
    )
    def test_what_a_change_refuses(self, body: dict[str, Any], faults: dict[str, str]) -> None:
        product = make_product()
        author = make_buyer(product)
        review = make_review(product, user=author)
        before = rows()
        reply = ApiClient(author).call("PATCH", f"/users/reviews/{review.pk}", body)
        assert (reply.status, reply.faults) == (422, faults)
        assert rows() == before


class TestModeration:
    """Publishing and rejecting."""

    def test_it_is_known_who_decided_and_when(self) -> None:
        review = make_review(make_product(), state="pending")
        moment = clock.now() + timedelta(hours=1)
        with clock.frozen_at(moment):
            reviews.publish_review(review_id=review.pk, actor=STAFF)
        review.refresh_from_db()
        assert (review.state, review.moderated_by, review.moderated_at) == ("published", STAFF, moment)

    def test_doing_it_again_changes_nothing_and_minds_may_change(self) -> None:
        product = make_product()
        review = make_review(product, rating=3)
        before = rows()
        reviews.publish_review(review_id=review.pk, actor="user:other")
        assert rows() == before
        reviews.reject_review(review_id=review.pk, actor="user:other")
        assert stars(product) == (0, 0, Decimal(0))
        reviews.publish_review(review_id=review.pk, actor=STAFF)
        assert stars(product) == (3, 1, Decimal(3))

    @pytest.mark.parametrize("decide", [reviews.publish_review, reviews.reject_review])
    def test_what_was_changed_after_it_was_read_is_not_decided(self, decide: Callable[..., None]) -> None:
        product = make_product()
        author = make_buyer(product)
        review = make_review(product, user=author, state="pending")
        seen_at = clock.now()
        with clock.frozen_at(seen_at + timedelta(seconds=1)):
            reviews.edit_review(review_id=review.pk, user_id=author.pk, changes={"text": "Buy at my shop!"})
        before = rows()
        with pytest.raises(PreconditionFailedError):
            decide(review_id=review.pk, actor=STAFF, seen_at=seen_at)
        assert rows() == before
        decide(review_id=review.pk, actor=STAFF, seen_at=seen_at + timedelta(seconds=1))
        assert rows() != before

    def test_what_was_withdrawn_is_not_decided(self) -> None:
        with pytest.raises(NotFoundError):
            reviews.publish_review(review_id=1, actor=STAFF)


@pytest.mark.django_db(transaction=True)
def test_a_decision_reaches_what_is_cached() -> None:
    product = make_product()
    review = make_review(product, state="pending")
    listed, shown = f"/products/{product.pk}/reviews", f"/products/{product.pk}"
    reader = ApiClient()
    assert (reader.get(listed).data, reader.get(shown).data["rating"]["count"]) == ([], 0)
    etag = reader.get(listed).headers["ETag"]
    assert reader.get(listed, If_None_Match=etag).status == 304
    reviews.publish_review(review_id=review.pk, actor=STAFF)
    fresh = reader.get(listed, If_None_Match=etag)
    assert (fresh.status, len(fresh.data), reader.get(shown).data["rating"]["count"]) == (200, 1, 1)
