"""Reviews: who may write them, who sees them, and what their stars come to."""

from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Review, ReviewGrant
from catalog.services import reviews
from catalog.tests.factories import make_package, make_product
from catalog.tests.reviews import STAFF, make_buyer, rows, stars
from fantasize.core.errors import UnauthenticatedError
from fantasize.tests.client import ApiClient
from orders.enums import OrderStatus
from orders.tests.factories import make_order, move

pytestmark = pytest.mark.django_db


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
