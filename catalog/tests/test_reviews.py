"""Reviews: who may write them, who sees them, and what their stars come to."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.enums import ReviewState
from catalog.models import Package, Product, Review, ReviewGrant
from catalog.selectors.reviews import author_name, count_stars
from catalog.services import reviews
from catalog.tests.factories import make_package, make_product
from fantasize.core import clock
from fantasize.core.errors import NotFoundError, PreconditionFailedError, UnauthenticatedError
from fantasize.tests.client import ApiClient
from orders.enums import OrderStatus
from orders.tests.factories import make_order, move

pytestmark = pytest.mark.django_db
STAFF = "user:staff"


def make_buyer(*products: Product, **fields: Any) -> User:
    """Somebody who has received these."""
    user = make_user(**fields)
    reviews.grant(user_id=user.pk, product_ids=[product.pk for product in products], reference="1001")
    return user


def make_review(
    product: Product, *, user: User | None = None, rating: int = 5, text: str = "Good.", state: str = "published"
) -> Review:
    user = user or make_buyer(product)
    review = reviews.write_review(user_id=user.pk, target=product, rating=rating, text=text)
    if state == ReviewState.PUBLISHED:
        reviews.publish_review(review_id=review.pk, actor=STAFF)
    if state == ReviewState.REJECTED:
        reviews.reject_review(review_id=review.pk, actor=STAFF)
    review.refresh_from_db()
    return review


def stars(thing: Product | Package) -> tuple[int, int, Decimal]:
    thing.refresh_from_db()
    return thing.rating_sum, thing.rating_count, thing.rating_average


def rows() -> list[dict[str, Any]]:
    return [dict(row) for row in Review.objects.order_by("pk").values()]


class TestGrants:
    """A delivery lets its customer review what was in it."""

    def test_a_delivery_grants_once_for_each_product(self) -> None:
        user, product = make_user(), make_product()
        orders = [make_order(user=user, product=product, quantity=2) for _ in range(2)]
        move(orders[0], OrderStatus.SHIPPED)
        assert not ReviewGrant.objects.exists()
        for order in orders:
            move(order, OrderStatus.DELIVERED)
        grant = ReviewGrant.objects.get()
        assert (grant.user, grant.product, grant.reference) == (user, product, str(orders[0].number))

    def test_an_order_of_nobody_grants_nothing(self) -> None:
        order = make_order()
        order.user = None
        order.save()
        move(order, OrderStatus.DELIVERED)
        assert not ReviewGrant.objects.exists()

    @pytest.mark.parametrize("count", [1, 5])
    def test_many_cost_as_much_as_one(self, count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        user, products = make_user(), [make_product().pk for _ in range(count)]
        package = make_package()
        with django_assert_num_queries(1):
            reviews.grant(user_id=user.pk, product_ids=products, package_ids=[package.pk], reference="1001")
        assert ReviewGrant.objects.filter(user=user).count() == count + 1


class TestWriting:
    """POST /products/{id}/reviews."""

    def test_a_buyer_writes_one_and_only_they_see_it_until_it_is_published(self) -> None:
        product = make_product()
        author, reader = make_buyer(product, first_name="Ada", last_name="Lovelace"), make_buyer(product)
        reply = ApiClient(author).post(f"/products/{product.slug}/reviews", {"rating": 4, "text": "Nice <b>mug</b>"})
        assert reply.status == 201
        assert {name: reply.data[name] for name in ("product", "package", "rating", "text", "author", "state")} == {
            "product": product.pk,
            "package": None,
            "rating": 4,
            "text": "Nice <b>mug</b>",
            "author": "Ada L.",
            "state": "pending",
        }
        path = f"/products/{product.pk}/reviews"
        assert ApiClient(author).get(path).data == [reply.data]
        for other in (ApiClient(), ApiClient(reader), ApiClient(make_user(role="manager"))):
            assert other.get(path).data == []
        assert stars(product) == (0, 0, Decimal(0))
        reviews.publish_review(review_id=reply.data["id"], actor=STAFF)
        assert [row["state"] for row in ApiClient().get(path).data] == ["published"]
        assert stars(product) == (4, 1, Decimal(4))

    def test_packages_are_reviewed_too(self) -> None:
        package, user = make_package(), make_user()
        path = f"/packages/{package.slug}/reviews"
        assert ApiClient(user).post(path, {"rating": 5}).body["code"] == "not_received"
        reviews.grant(user_id=user.pk, product_ids=(), package_ids=[package.pk], reference="1001")
        reply = ApiClient(user).post(path, {"rating": 5})
        assert (reply.status, reply.data["package"], reply.data["text"]) == (201, package.pk, "")
        reviews.publish_review(review_id=reply.data["id"], actor=STAFF)
        assert stars(package) == (5, 1, Decimal(5))
        assert ApiClient().get(path).body["meta"]["facets"]["rating"]["5"] == 1

    def test_who_has_not_received_it_is_refused(self) -> None:
        product, other = make_product(), make_product()
        reply = ApiClient(make_buyer(other)).post(f"/products/{product.pk}/reviews", {"rating": 5})
        assert (reply.status, reply.body["code"]) == (403, "not_received")
        assert not Review.objects.exists()

    def test_there_is_one_for_each_thing(self) -> None:
        product, other = make_product(), make_product()
        client = ApiClient(make_buyer(product, other))
        assert client.post(f"/products/{product.pk}/reviews", {"rating": 5}).status == 201
        before = rows()
        reply = client.post(f"/products/{product.pk}/reviews", {"rating": 1})
        assert (reply.status, reply.body["code"]) == (409, "duplicate")
        assert rows() == before
        assert client.post(f"/products/{other.pk}/reviews", {"rating": 5}).status == 201

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_what_is_hidden_looks_like_what_is_not_there(self, method: str) -> None:
        hidden = make_product(is_active=False)
        client = ApiClient(make_buyer(hidden))
        replies = [
            client.call(method, f"/products/{name}/reviews", {"rating": 5} if method == "POST" else None)
            for name in (hidden.pk, hidden.slug, 10**9, "nothing")
        ]
        assert {reply.status for reply in replies} == {404}
        assert not Review.objects.exists()

    @pytest.mark.parametrize(
        ("body", "faults"),
        [
            ({}, {"/rating": "required"}),
            ({"rating": 0}, {"/rating": "min_value"}),
            ({"rating": 6}, {"/rating": "max_value"}),
            ({"rating": "5"}, {"/rating": "invalid"}),
            ({"rating": 4.5}, {"/rating": "invalid"}),
            ({"rating": 5, "text": "x" * 4001}, {"/text": "max_length"}),
            ({"rating": 5, "text": "a\0b"}, {"/text": "invalid_character"}),
            ({"rating": 5, "text": 5}, {"/text": "invalid"}),
            ({"rating": 5, "state": "published"}, {"/state": "unknown_field"}),
            ({"rating": 5, "user": "x", "product": 1}, {"/user": "unknown_field", "/product": "unknown_field"}),
        ],
    )
    def test_what_a_review_refuses(self, body: dict[str, Any], faults: dict[str, str]) -> None:
        product = make_product()
        reply = ApiClient(make_buyer(product)).post(f"/products/{product.pk}/reviews", body)
        assert (reply.status, reply.faults.items() >= faults.items()) == (422, True), reply.body
        assert not Review.objects.exists()

    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            ("cafe\u0301", "café"),
            ("one\r\ntwo\rthree\tfour", "one\ntwo\nthree\tfour"),
            ("good\u202egnihtyna\u202c", "goodgnihtyna"),
            ("a\x07b\x1b[31mc\x85", "ab[31mc"),
            ("  \n ", ""),
            ("مرحبا 👩‍👧 ☕", "مرحبا 👩‍👧 ☕"),
            ("{{ user.password }} %s <script>", "{{ user.password }} %s <script>"),
        ],
    )
    def test_odd_signs_are_kept_where_they_say_something(self, text: str, kept: str) -> None:
        product = make_product()
        assert (
            ApiClient(make_buyer(product))
            .post(f"/products/{product.pk}/reviews", {"rating": 5, "text": text})
            .data["text"]
            == kept
        )

    def test_a_text_that_composes_to_more_than_there_is_room_for_is_refused(self) -> None:
        product = make_product()
        # Each becomes two code points in NFC.
        reply = ApiClient(make_buyer(product)).post(
            f"/products/{product.pk}/reviews", {"rating": 5, "text": "\u0958" * 4000}
        )
        assert (reply.status, reply.faults) == (422, {"/text": "max_length"})
        assert not Review.objects.exists()

    def test_nobody_machines_and_who_has_left_write_nothing(self, settings: Settings) -> None:
        product = make_product()
        settings.API_KEYS = ["robot:0123456789abcdef:catalog"]
        machine = ApiClient()
        machine.headers = {"X-API-Key": "0123456789abcdef"}
        for client, status in ((ApiClient(), 401), (machine, 403)):
            assert client.post(f"/products/{product.pk}/reviews", {"rating": 5}).status == status
            assert client.get("/users/reviews").status == status
        assert machine.get(f"/products/{product.pk}/reviews").status == 200
        user = make_buyer(product)
        User.objects.update(is_active=False)
        with pytest.raises(UnauthenticatedError):
            reviews.write_review(user_id=user.pk, target=product, rating=5, text="")
        assert not Review.objects.exists()

    def test_there_are_ten_an_hour(self, settings: Settings) -> None:
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "reviews": "2/1h"}
        products = [make_product() for _ in range(3)]
        client = ApiClient(make_buyer(*products))
        replies = [client.post(f"/products/{product.pk}/reviews", {"rating": 5}).status for product in products]
        assert replies == [201, 201, 429]
        own = Review.objects.first()
        assert own is not None
        assert client.call("PATCH", f"/users/reviews/{own.pk}", {"rating": 1}).status == 429
        assert client.get(f"/products/{products[0].pk}/reviews").status == 200
        assert set(Review.objects.values_list("rating", flat=True)) == {5}


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


def grant(user: User, product: Product) -> User:
    reviews.grant(user_id=user.pk, product_ids=[product.pk], reference="1002")
    return user


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


def test_stars_are_counted_by_the_database_whatever_happens_to_a_review() -> None:
    product = make_product()
    five, two = (make_review(product, rating=rating) for rating in (5, 2))
    assert stars(product) == (7, 2, Decimal("3.50"))
    Review.objects.filter(pk=five.pk).update(rating=4)
    assert stars(product) == (6, 2, Decimal(3))
    two.delete()
    assert stars(product) == (4, 1, Decimal(4))
    assert count_stars(product) == {5: 0, 4: 1, 3: 0, 2: 0, 1: 0}


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
