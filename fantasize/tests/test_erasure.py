"""Forgetting somebody, in every table, file and key."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.core import mail as outbox_of_mails
from django.core.files.storage import default_storage
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings
from redis import Redis

from accounts.models import Session, User
from accounts.services import erasure, sessions
from accounts.services.sessions import Device
from accounts.tests.factories import make_user
from catalog.models import CouponRedemption, ReviewGrant
from catalog.services import coupons, favourites, reviews
from catalog.services.coupons import NewCoupon
from catalog.tests.factories import make_product
from fantasize.core import clock, invariants, mail
from fantasize.core.errors import ConflictError
from fantasize.core.models import DomainEvent
from fantasize.tests.canary import CANARY, IP, TRACES, buy, deliver, make_person, proven
from orders.models import Order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _clean_slate(transactional_db: None, tmp_path: Any, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def traces() -> dict[str, int]:
    """In which tables, files and keys something of the person is found, and how often."""
    found = {table: rows for table in tables() if (rows := rows_with_traces(table))}
    files = [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    found["files"] = sum(CANARY in path.name or CANARY.encode() in path.read_bytes() for path in files)
    found["redis"] = sum(any(trace in text.lower() for trace in TRACES) for text in redis_texts())
    return {place: number for place, number in found.items() if number}


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def rows_with_traces(table: str) -> int:
    """Every column counts: a row as text holds them all, bytes as hexadecimal digits."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {table} AS r WHERE r::text ILIKE ANY (%s)",  # noqa: S608 - a table's own name
            [[f"%{trace}%" for trace in TRACES]],
        )
        return int(cursor.fetchone()[0])


def redis_texts() -> list[str]:
    redis: Any = Redis.from_url(settings.REDIS_URL or "")
    readers: dict[bytes, Callable[[bytes], Any]] = {
        b"string": redis.get,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"zset": lambda key: redis.zrange(key, 0, -1),
        b"stream": redis.xrange,
    }
    return [f"{key!r} {readers[redis.type(key)](key)!r}" for key in redis.scan_iter()]


def test_nothing_of_somebody_is_left_and_the_books_are_whole() -> None:
    user = make_person()
    product = make_product()
    order = buy(user, product)
    deliver(order)
    favourites.add(user_id=user.pk, product=product)
    review = reviews.write_review(user_id=user.pk, target=product, rating=1, text=f"Says {CANARY}.")
    reviews.publish_review(review_id=review.pk, actor="user:staff")
    other = make_user()
    reviews.grant(user_id=other.pk, product_ids=[product.pk], reference="1002")
    kept = reviews.write_review(user_id=other.pk, target=product, rating=5, text="Good.")
    reviews.publish_review(review_id=kept.pk, actor="user:staff")
    coupons.create_coupon(new=NewCoupon(code="THANKS", percent=Decimal(10)))
    customer = f"user:{user.pk}"
    coupons.redeem(code="thanks", customer=customer, reference="1", items_total=Decimal(20), at=clock.now())
    before = traces()
    assert {
        "catalog_review",
        "accounts_user",
        "accounts_address",
        "accounts_session",
        "orders_order",
        "orders_orderline",
        "core_domainevent",
        "core_idempotencyrecord",
        "django_admin_log",
        "mfa_authenticator",
        "socialaccount_socialaccount",
        "account_emailaddress",
        "files",
    } <= before.keys(), "the search finds what is there"
    totals = Order.objects.values("number", "total", "items_total", "status", "payment_status").get()

    reply = proven(user).call("DELETE", "/users/profile", Idempotency_Key="erase")

    assert reply.status == 204, reply.body
    assert reply.content == b""
    assert traces() == {}
    assert Order.objects.values("number", "total", "items_total", "status", "payment_status").get() == totals
    product.refresh_from_db()
    assert (product.rating_sum, product.rating_count) == (5, 1), "the stars went with the opinion, the other's stay"
    assert not ReviewGrant.objects.filter(user=user).exists()
    assert CouponRedemption.objects.get().customer == "erased"
    assert [event.name for event in DomainEvent.objects.filter(aggregate="user", aggregate_id=str(user.pk))] == [
        "user.erased"
    ]
    assert not any(invariants.violations().values())
    letters = [job.args["letter"] for job in ProcrastinateJob.objects.filter(task_name=mail.SEND_TASK)]
    for letter in letters:
        mail.deliver(letter)
    last = [sent for sent in outbox_of_mails.outbox if "erased" in sent.subject.lower()]
    assert [sent.to for sent in last] == [[f"zoe.{CANARY}@example.com"]]


def test_what_was_under_way_is_forgotten_a_little_later() -> None:
    user = make_person()
    erasure.erase(user=user)
    sessions.begin(user=user, device=Device(user_agent=CANARY, ip_address=IP))
    assert traces() == {"accounts_session": 1}
    job = ProcrastinateJob.objects.get(task_name=erasure.FINISH_TASK)
    assert job.scheduled_at > clock.now() + timedelta(minutes=10)
    erasure.finish(user_id=job.args["user_id"])
    assert traces() == {}
    assert not Session.objects.live(clock.now()).filter(user=user).exists()
    other = make_user()
    erasure.finish(user_id=other.pk)
    assert User.objects.get(pk=other.pk).is_active, "who was not erased is left alone"


def test_while_an_order_is_under_way_nobody_is_forgotten() -> None:
    user, product = make_person(), make_product()
    order = buy(user, product)
    before = traces()
    reply = proven(user).call("DELETE", "/users/profile")
    assert (reply.status, reply.body["code"], reply.body["orders"]) == (409, "orders_open", [order.number])
    assert traces() == before
    assert default_storage.exists(f"avatars/{CANARY}.webp")
    assert User.objects.get(pk=user.pk).is_active
    assert not ProcrastinateJob.objects.filter(task_name__in=[mail.SEND_TASK, erasure.FINISH_TASK]).exists()
    deliver(order)
    Order.objects.update(is_disputed=True)
    with pytest.raises(ConflictError):
        erasure.erase(user=user)
    Order.objects.update(is_disputed=False)
    erasure.erase(user=user)
    assert traces() == {}


def test_others_keep_what_is_theirs() -> None:
    other, product = make_person(), make_product()
    deliver(buy(other, product))
    before = traces()
    erasure.erase(user=make_user())
    assert traces() == before
