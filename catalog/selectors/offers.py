"""Reads of offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet

from catalog.enums import DiscountState
from catalog.models import Category, Offer, Package, Product
from catalog.models.offer import Discount
from catalog.pricing import reduce
from catalog.selectors import prices

D = TypeVar("D", bound=Discount)

# So many of each kind an answer shows; things beyond are found as products that are on offer.
MAX_SHOWN = 1000
_REF = ("pk", "slug", "name")


def list_offers(*, including_hidden: bool = False) -> QuerySet[Offer]:
    """Offers with what they name; for shoppers only what they may see. Three queries more, however many offers."""
    targets: list[tuple[str, QuerySet[Any]]] = [
        ("products", Product.objects.all()),
        ("packages", Package.objects.all()),
        ("categories", Category.objects.all()),
    ]
    return Offer.objects.prefetch_related(
        *(
            Prefetch(name, _shown(rows if including_hidden else rows.filter(is_active=True)), to_attr=f"shown_{name}")
            for name, rows in targets
        )
    )


def in_state(discounts: QuerySet[D], state: DiscountState, *, at: datetime) -> QuerySet[D]:
    """The offers or coupons that are in a state at a moment."""
    over = Q(ends_at__isnull=False, ends_at__lte=at)
    conditions = {
        DiscountState.OFF: Q(is_active=False),
        DiscountState.SCHEDULED: Q(is_active=True, starts_at__gt=at),
        DiscountState.RUNNING: Q(is_active=True, starts_at__lte=at) & ~over,
        DiscountState.OVER: Q(is_active=True) & over,
    }
    return discounts.filter(conditions[state])


def state_of(discount: Discount, *, at: datetime) -> DiscountState:
    """The state of an offer or a coupon at a moment."""
    if not discount.is_active:
        return DiscountState.OFF
    if at < discount.starts_at:
        return DiscountState.SCHEDULED
    is_over = discount.ends_at is not None and discount.ends_at <= at
    return DiscountState.OVER if is_over else DiscountState.RUNNING


def things_named_by(*offers: Offer, limit: int) -> dict[type[Product] | type[Package], set[int]]:
    """The ids of what offers name, by itself or by a category above it; at least ``limit`` if there are so many."""
    places = _places_of(offers)
    named: tuple[tuple[type[Product | Package], QuerySet[Any]], ...] = (
        (Product, Offer.products.through.objects.filter(offer__in=offers).values_list("product_id", flat=True)),
        (Package, Offer.packages.through.objects.filter(offer__in=offers).values_list("package_id", flat=True)),
    )
    return {model: {*own.distinct()[:limit], *_placed_in(model, places)[:limit]} for model, own in named}


def _shown(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.only(*_REF).order_by("name", "pk")[:MAX_SHOWN]


def _placed_in(model: type[Product] | type[Package], places: set[int]) -> QuerySet[Any]:
    return model._default_manager.filter(category__in=places).values_list("pk", flat=True)  # noqa: SLF001 - Django's documented interface


def _places_of(offers: Sequence[Offer]) -> set[int]:
    """The categories that offers name and all below them; one query a level."""
    found: set[int] = set()
    edge = set(Category.objects.filter(offers__in=offers).values_list("pk", flat=True))
    while edge:
        found |= edge
        edge = set(Category.objects.filter(parent__in=edge).values_list("pk", flat=True)) - found
    return found


@dataclass(frozen=True, slots=True)
class Effect:
    """What an offer does to one thing.

    Attributes:
        with_offer: what it costs with this offer alone, whether or not it runs.
        price_now: what it costs now.
        better: the name of another offer that makes it cheaper now; empty if there is none.
    """

    name: str
    list_price: Decimal
    with_offer: Decimal
    price_now: Decimal
    better: str


def effects_of(offer: Offer, *, at: datetime, limit: int = 5) -> list[Effect]:
    """What an offer does to so many of the products that it is on, and as many packages."""
    things = things_named_by(offer, limit=limit)
    effects = []
    for model, ids in things.items():
        rows: Any = list(model._default_manager.filter(pk__in=ids).order_by("name", "pk")[:limit])  # noqa: SLF001 - Django's documented interface
        prices.attach(rows, at=at)
        effects += [_effect(offer, row) for row in rows]
    return effects


def _effect(offer: Offer, row: Product | Package) -> Effect:
    alone = reduce(row.list_price, percent=offer.percent, amount=offer.amount, currency=settings.SHOP_CURRENCY)
    now = row.current_price
    is_beaten = now.offer is not None and now.offer.id != offer.pk and now.price < alone
    return Effect(row.name, row.list_price, alone, now.price, now.offer.name if now.offer and is_beaten else "")
