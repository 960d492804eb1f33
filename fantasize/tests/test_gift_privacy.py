"""Who gets an order as a gift learns neither what it cost nor who paid: everything they can reach is crawled for it.

Every field of the order, its lines and its payments is given away, unless it is named here; so is one that is new.
"""

import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import models, transaction
from django.test import Client

from accounts.tests.factories import make_user
from fantasize.core import clock, outbox
from fantasize.core.errors import DomainError
from fantasize.core.events import Event
from fantasize.tests.client import ApiClient
from fantasize.tests.standing import Standing
from orders.api.viewsets import OrderViewSet
from orders.enums import LinkScope, OrderStatus
from orders.events import AGGREGATE
from orders.models import Order, OrderLine, OrderLink, Payment
from orders.services import links
from orders.tests.factories import move
from orders.tests.payment_shop import make_unpaid, open_page, press
from realtime import protocol
from realtime.selectors import history_of, updates_after

pytestmark = pytest.mark.django_db

WORD, SUM, YEAR, COUNT = "quuxquux", Decimal("76543.21"), 2071, 987654321
GROUP = uuid.UUID("c0ffee00-0000-4000-8000-00000000cafe")
WORDS = (WORD, str(GROUP), "hosted", "sandbox")
# Short enough to stand in an id or a token by chance: those are left out where these are looked for.
SHORT = ("76543", str(YEAR), str(COUNT), "XQZ")
RANDOM = re.compile(r"[\w-]{32,}")

# What who gets it may see, and what the database lets nobody change.
OPEN = {
    Order: {"id", "number", "status", "payment_status", "payment_method", "source", "user", "gift_message"}
    | {"is_gift", "is_anonymous", "is_disputed", "awaits_acceptance", "recipient_name", "carrier", "tracking_number"}
    | {"placed_at", *(f"{status}_at" for status in OrderStatus.values)},
    OrderLine: {"id", "order", "position", "product", "package", "name", "quantity", "erased_at"},
    Payment: {"id", "order", "method", "gateway", "state", "created_at", "captured_at"},
}
PREFIXES = ("/api/v0", "/api/v1", "/api/v2", "/api", "")


def canary_for(field: Any) -> Any:
    """Something that is found again, of the field's kind."""
    if isinstance(field, models.DecimalField):
        return SUM
    if isinstance(field, models.JSONField):
        return [{"amount": str(SUM), "label": WORD}] if field.default is list else {"line1": WORD, "total": str(SUM)}
    if isinstance(field, models.EmailField):
        return f"{WORD}@example.com"
    if isinstance(field, models.CharField):
        return "XQZ" if field.name == "currency" else WORD[: field.max_length]
    kinds: dict[type[Any], Any] = {
        models.TextField: WORD,
        models.UUIDField: GROUP,
        models.DateTimeField: datetime(YEAR, 1, 1, tzinfo=UTC),
        models.PositiveIntegerField: COUNT,
    }
    return kinds[type(field)]


def give_away(rows: models.QuerySet[Any]) -> None:
    fields = [field for field in rows.model._meta.concrete_fields if field.name not in OPEN[rows.model]]
    rows.update(**{field.name: canary_for(field) for field in fields})


def build_order() -> Order:
    """A paid gift on its way, of which everything else is full of canaries."""
    user = make_user(email=f"{WORD}@example.com", first_name=WORD, last_name=WORD)
    order = make_unpaid(user=user)
    press(open_page(order), "pay")
    for status in (OrderStatus.PROCESSED, OrderStatus.SHIPPED):
        move(order, status, carrier="UPS", tracking_number="1Z9", note=WORD)
    with transaction.atomic():
        data = {"status": "shipped", "previous": "shipped", "details": {"refunded": str(SUM), "reason": WORD}}
        for name in ("order.refunded", "order.shipped", f"order.{WORD}"):
            outbox.publish(Event(AGGREGATE, str(order.pk), name, {**data, "by": WORD}, f"user:{WORD}"))
    for rows in (Order.objects.all(), OrderLine.objects.all(), Payment.objects.all()):
        give_away(rows)
    Order.objects.update(is_gift=True, is_anonymous=True, gift_message="Enjoy!", recipient_name="Bo")
    return Order.objects.get()


@pytest.fixture(scope="module")
def built_order(standing: Standing) -> Callable[[], Order]:
    return standing(build_order)


@pytest.fixture
def order(built_order: Callable[[], Order]) -> Order:
    return built_order()


def crawl(order: Order, token: str, prefixes: Sequence[str] = PREFIXES) -> Iterator[tuple[str, int, str]]:
    """Everything that a token opens: where, the status and what was said."""
    for where, response in (*_calls(order, token, prefixes), *_pages(token)):
        headers = " ".join(f"{name}: {value}" for name, value in response.headers.items())
        yield where, response.status_code, headers + response.getvalue().decode(errors="replace")
    for where, frame in _frames(order, token):
        yield where, 200 if '"error"' not in frame else 404, frame


def _calls(order: Order, token: str, prefixes: Sequence[str]) -> Iterator[tuple[str, Any]]:
    for prefix in prefixes:
        client = ApiClient(prefix=prefix)
        for name in (str(order.pk), str(order.number)):
            for path in (f"/orders/{name}/track?token={token}", f"/orders/{name}/track?after=1&token={token}"):
                yield prefix + path, client.get(path).response
        for method, path in _doors(order):
            yield f"{method} {prefix}{path}", client.call(method, path, _body(method), X_Order_Token=token).response


def _doors(order: Order) -> Iterator[tuple[str, str]]:
    """Every action there is on one order, also those to come."""
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        yield method, f"/orders/{order.pk}"
    actions: Any = OrderViewSet.get_extra_actions()
    for action in actions:
        path = action.url_path.replace("(?P<link>[^/]+)", str(uuid.uuid4()))
        for method in action.mapping:
            yield method.upper(), f"/orders/{order.pk}/{path}"
    yield "GET", f"/payments/{order.payments.get().pk}"
    yield "GET", "/orders"


def _body(method: str) -> dict[str, str] | None:
    return None if method == "GET" else {}


def _pages(token: str) -> Iterator[tuple[str, Any]]:
    yield "page", Client().get(f"/track/{token}")
    for action in ("pay", "cancel"):
        yield f"page: {action}", Client().post(f"/track/{token}", {"action": action})


def _frames(order: Order, token: str) -> Iterator[tuple[str, str]]:
    try:
        holder = links.get_holder(token)
        yield "tracking", protocol.build_frame(*history_of(order, holder).snapshot(None))
        for update in updates_after(order.pk, 0, holder):
            yield "update", protocol.build_frame("order_status_update", update)
    except DomainError as error:
        yield "error", protocol.build_frame("error", protocol.describe_error(error))


def leaks(found: list[tuple[str, int, str]]) -> set[str]:
    return {where for where, _, said in found if tells(said)}


def tells(said: str) -> bool:
    """Whether a canary is in it."""
    return any(word in said for word in WORDS) or any(trace in RANDOM.sub("", said) for trace in SHORT)


def test_nothing_that_a_recipient_reaches_tells_a_price_or_the_purchaser(order: Order) -> None:
    token = links.issue(order, scope=LinkScope.RECIPIENT, actor=f"user:{WORD}")
    found = list(crawl(order, token))
    assert leaks(found) == set()
    opened = {where for where, status, _ in found if status == 200}
    assert {"page", "tracking", "update", f"/api/v2/orders/{order.pk}/track?token={token}"} <= opened
    assert all("track" in where or where in ("page", "update") for where in opened)
    order.refresh_from_db()
    assert order.status == OrderStatus.SHIPPED


def test_the_same_walk_finds_it_where_it_may_be_told(order: Order) -> None:
    """The negative control: the canaries are there, and the walk sees them."""
    token = links.issue(order, scope=LinkScope.OWNER, actor="system")
    found = leaks([*crawl(order, token, ["/api/v2"])])
    assert {"page", "tracking", "update", f"/api/v2/orders/{order.pk}/track?token={token}"} <= found


@pytest.mark.parametrize("scope", LinkScope)
@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_a_link_that_has_ended_reads_nothing(order: Order, scope: LinkScope, end: str) -> None:
    new = links.create(order, scope=scope, actor="system")
    if end == "revoked":
        links.revoke(link_id=new.link.pk, actor="system")
    else:
        OrderLink.objects.update(created_at=order.placed_at, expires_at=clock.now())
    found = list(crawl(order, new.token, ["/api/v2"]))
    assert {status for _, status, _ in found} <= {401, 404, 405, 410}
    assert leaks(found) == set()
    assert not any(word in said for _, _, said in found for word in ("Enjoy!", "1Z9"))
