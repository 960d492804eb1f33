"""A lively little shop to look around in: people, gifts, and a month of orders, made by the services of a real one."""

import random
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.enums import Role
from accounts.models import User
from accounts.services import roles
from catalog.models import Product
from fantasize.core import clock
from fantasize.core.errors import UnavailableError
from fantasize.core.models import DomainEvent
from orders.enums import OrderStatus, PaymentMethod
from orders.enums import Role as Capacity
from orders.events import AGGREGATE
from orders.models import Order
from orders.services import checkout, customers, demo_goods, demo_media, demo_templates, demo_terms, transitions
from orders.services.baskets import LineRequest
from orders.services.transitions import Move

S = OrderStatus

_SHOPPERS = (
    ("Amelia", "Hart", "12 Orchard Lane", "Bristol", "BS6 5PL"),
    ("Noah", "Bennett", "4 Mill Row", "Leeds", "LS2 9JT"),
    ("Priya", "Raman", "88 Harbour Street", "Brighton", "BN1 1AE"),
    ("Oliver", "Lindqvist", "21 Castle Terrace", "Edinburgh", "EH1 2DP"),
    ("Grace", "Okafor", "7 Chapel Walk", "Sheffield", "S1 2PD"),
    ("Leo", "Martins", "35 Quay Road", "Cardiff", "CF10 4GA"),
    ("Sofia", "Rossi", "60 Elm Grove", "Norwich", "NR1 3JQ"),
)
# How many orders end where, and how many days ago those were placed (between).
_ENDS: tuple[tuple[OrderStatus, int, float, float], ...] = (
    (S.PENDING, 6, 0.05, 0.9),
    (S.PROCESSING, 6, 0.4, 2),
    (S.PROCESSED, 4, 1.5, 3),
    (S.SHIPPED, 6, 3, 6),
    (S.DELIVERED, 13, 7, 30),
    (S.CANCELLED, 3, 2, 25),
    (S.RETURNED, 2, 16, 28),
)
# How long after the order was placed it reaches a status, in days; jittered, and never later than now.
_DAYS_AFTER = {S.PROCESSING: 0.2, S.PROCESSED: 1.2, S.SHIPPED: 2, S.DELIVERED: 4.5, S.CANCELLED: 0.3, S.RETURNED: 11}
_CARRIERS = ("Royal Mail", "DPD", "Evri")


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody who can sign in to the demonstration shop."""

    email: str
    password: str
    role: Role


@dataclass(frozen=True, slots=True)
class _People:
    """Who shops, and who handles the orders."""

    shoppers: list[tuple[User, dict[str, Any]]]
    manager: User


def is_empty_shop() -> bool:
    """Whether nobody has an account and nothing is sold yet."""
    return not (User.objects.exists() or Product.objects.exists())


@transaction.atomic
def seed_demo() -> list[DemoAccount]:
    """Fill an empty shop and return who can sign in; in a shop that is not empty, do nothing and return nobody."""
    if not is_empty_shop():
        return []
    dice = random.Random(20260401)  # noqa: S311 - the same shop every time; no secrets come from it
    accounts = [
        DemoAccount(f"{role.value}@fantasize.example", secrets.token_urlsafe(12), role)
        for role in (Role.CUSTOMER, Role.MANAGER, Role.ADMINISTRATOR)
    ]
    people = _create_people(accounts)
    goods = demo_goods.fill_shelves()
    demo_terms.set_terms()
    stocked = [product for product in goods if product.stock.on_hand > 10]  # noqa: PLR2004 - leave the rare ones
    orders = [_play_order(people, stocked, plan, dice) for plan in _plan_orders(clock.now(), dice)]
    _settle_events(orders)
    demo_goods.make_cheaper(goods)
    demo_goods.let_buyers_speak(people.manager.actor, dice)
    demo_templates.ask_buyers()
    _settle_events(_play_answered(people))
    demo_media.hang_later()
    return accounts


def _create_people(accounts: Sequence[DemoAccount]) -> _People:
    roles.sync_roles()
    by_role = {account.role: _create_user(account) for account in accounts}
    names = [("Robin", "Ellis", "1 Market Square", "Bath", "BA1 1AA"), *_SHOPPERS]
    shoppers = [by_role[Role.CUSTOMER], *(_create_shopper(first, last) for first, last, *_ in _SHOPPERS)]
    addresses = [
        {"full_name": f"{first} {last}", "line1": line1, "city": city, "postal_code": code, "country": "GB"}
        for first, last, line1, city, code in names
    ]
    return _People(list(zip(shoppers, addresses, strict=True)), by_role[Role.MANAGER])


def _create_user(account: DemoAccount) -> User:
    user = User.objects.create_user(account.email, account.password, email_verified_at=clock.now())
    roles.assign_role(user=user, role=account.role)
    return user


def _create_shopper(first: str, last: str) -> User:
    email = f"{first}.{last}@shoppers.example".lower()
    return User.objects.create_user(email, None, first_name=first, last_name=last, email_verified_at=clock.now())


def _plan_orders(now: datetime, dice: random.Random) -> list[tuple[datetime, OrderStatus]]:
    """When each order is placed and where it ends, oldest first, as order numbers should follow time."""
    plans = [
        (now - timedelta(days=dice.uniform(latest, earliest)), end)
        for end, count, latest, earliest in _ENDS
        for _ in range(count)
    ]
    return sorted(plans)


def _play_order(
    people: _People, stocked: Sequence[Product], plan: tuple[datetime, OrderStatus], dice: random.Random
) -> Order:
    """Place one order and move it to its end, each step at its time."""
    placed_at, end = plan
    shopper, address = dice.choice(people.shoppers)
    wanted = dice.sample(stocked, dice.choice((1, 1, 2, 2, 3)))
    with clock.frozen_at(placed_at):
        order = checkout.place_order(
            customer=customers.of(shopper),
            lines=[LineRequest(product.pk, dice.choice((1, 1, 1, 2, 3))) for product in wanted],
            payment_method=PaymentMethod.CASH_ON_DELIVERY,
            shipping_address=address,
        )
    for status in _stops(end):
        days = _DAYS_AFTER[status] * dice.uniform(0.8, 1.2)
        with clock.frozen_at(min(placed_at + timedelta(days=days), clock.now())):
            transitions.move_order(order_id=order.pk, move=_move(status, shopper, people.manager, dice))
    return order


def _play_answered(people: _People) -> list[Order]:
    """Orders of gifts that buyers have made their own, as far as this machine can draw them."""
    placed = []
    for (shopper, address), (gift, answers) in zip(people.shoppers, demo_templates.ANSWERED.items(), strict=False):
        product = Product.objects.get(name=gift)
        with suppress(UnavailableError):
            order = checkout.place_order(
                customer=customers.of(shopper),
                lines=[LineRequest(product.pk, answers=answers)],
                payment_method=PaymentMethod.CASH_ON_DELIVERY,
                shipping_address=address,
            )
            placed.append(order)
    return placed


def _stops(end: OrderStatus) -> list[OrderStatus]:
    """The statuses an order reaches on its way to ``end``."""
    forward = [S.PROCESSING, S.PROCESSED, S.SHIPPED, S.DELIVERED, S.RETURNED]
    if end in forward:
        return forward[: forward.index(end) + 1]
    return [S.CANCELLED] if end is S.CANCELLED else []


def _move(status: OrderStatus, shopper: User, manager: User, dice: random.Random) -> Move:
    if status is S.CANCELLED:
        return Move(target=status, actor=shopper.actor, role=Capacity.OWNER)
    if status is S.SHIPPED:
        number = f"FZ{dice.randrange(10**9, 10**10)}"
        carrier = dice.choice(_CARRIERS)
        return Move(target=status, actor=manager.actor, role=Capacity.STAFF, carrier=carrier, tracking_number=number)
    return Move(target=status, actor=manager.actor, role=Capacity.STAFF, restock=status is S.RETURNED)


def _settle_events(orders: Sequence[Order]) -> None:
    """Count what happened weeks ago as told; the worker may still tell it again, which is harmless."""
    ids = [str(order.pk) for order in orders]
    mine = DomainEvent.objects.filter(aggregate=AGGREGATE, aggregate_id__in=ids, dispatched_at=None)
    mine.update(dispatched_at=F("occurred_at"))
