"""Writes of offers. The prices of everything they name follow."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField
from django.forms import model_to_dict

from catalog.caching import products as product_cache
from catalog.models import Offer, Package, Product
from catalog.selectors.offers import things_named_by
from catalog.services import discounts, prices
from fantasize.core import clock
from fantasize.core.errors import FieldError, InvalidError, NotFoundError, PreconditionFailedError

# Prices of more things than this are computed by the worker; until then only filters and orderings lag behind.
MOST_AT_ONCE = 1000

TERMS = ("name", "percent", "amount", "starts_at", "ends_at", "is_active")
TARGETS = ("products", "packages", "categories")

Things = Mapping[type[Product] | type[Package], set[int]]

_LARGEST_ID = BigIntegerField.MAX_BIGINT
# Whoever deletes one of them waits; whoever changes one does not.
_HOLD = {
    "products": "SELECT id FROM catalog_product WHERE id = ANY (%s) ORDER BY id FOR KEY SHARE",
    "packages": "SELECT id FROM catalog_package WHERE id = ANY (%s) ORDER BY id FOR KEY SHARE",
    "categories": "SELECT id FROM catalog_category WHERE id = ANY (%s) ORDER BY id FOR KEY SHARE",
}


@dataclass(frozen=True, slots=True)
class NewOffer:
    """What a new offer is made of: ``percent`` or ``amount``, and the ids of what it is on."""

    name: str
    percent: Decimal | None = None
    amount: Decimal | None = None
    starts_at: datetime = field(default_factory=clock.now)
    ends_at: datetime | None = None
    is_active: bool = True
    products: Sequence[int] = ()
    packages: Sequence[int] = ()
    categories: Sequence[int] = ()


@transaction.atomic
def create_offer(*, new: NewOffer) -> Offer:
    """Make an offer; what it names has its price at once, or, if that is very much, in a moment.

    Raises:
        InvalidError: naming every fault.
    """
    values = asdict(new)
    _require_valid(values, values)
    offer = Offer.objects.create(**{name: values[name] for name in TERMS})
    _aim(offer, values)
    follow([offer], things_of([offer]))
    return offer


@transaction.atomic
def update_offer(*, offer: Offer, changes: Mapping[str, Any], expected_version: int | None = None) -> Offer:
    """Change an offer's terms and what it is on (``products``, ``packages``, ``categories``: ids). Locks its row.

    Raises:
        PreconditionFailedError: it is not at ``expected_version`` any more.
        InvalidError: naming every fault.
        NotFoundError: somebody has deleted it.
    """
    locked = _lock(offer, expected_version)
    _require_valid({**model_to_dict(locked, TERMS), **changes}, changes)
    before = things_of([locked])
    for name in changes.keys() & {*TERMS}:
        setattr(locked, name, changes[name])
    locked.version += 1
    locked.save()
    _aim(locked, changes)
    follow([locked], before, things_of([locked]))
    return locked


@transaction.atomic
def remove_offer(*, offer: Offer, expected_version: int | None = None) -> None:
    """Delete an offer; what was sold keeps its price. Locks its row.

    Raises:
        PreconditionFailedError: it is not at ``expected_version`` any more.
        NotFoundError: somebody has deleted it already.
    """
    locked = _lock(offer, expected_version)
    things = things_of([locked])
    locked.delete()
    follow([locked], things)


def faults(terms: Mapping[str, Any]) -> Iterator[FieldError]:
    """What is wrong with all terms of an offer."""
    yield from discounts.faults(terms)
    if not terms["name"].strip():
        yield FieldError("/name", "required", "Give it a name.")


def unknown(targets: Mapping[str, Sequence[int]], known: Mapping[str, Collection[int]]) -> Iterator[FieldError]:
    """Whatever is named and is not there."""
    for name in TARGETS:
        for place, pk in enumerate(targets.get(name) or ()):
            if pk not in known[name]:
                yield FieldError(f"/{name}/{place}", "does_not_exist", "There is no such thing.")


def hold_targets(ids: Mapping[str, Collection[int]]) -> dict[str, set[int]]:
    """Those of the products, packages and categories that are there; until the transaction is over, they stay.

    Locks them by primary key, one query for each kind that is asked for.
    """
    found: dict[str, set[int]] = {name: set() for name in TARGETS}
    for name, statement in _HOLD.items():
        if wanted := [pk for pk in ids.get(name) or () if 0 < pk <= _LARGEST_ID]:
            with connection.cursor() as cursor:
                cursor.execute(statement, [wanted])
                found[name] = {pk for (pk,) in cursor.fetchall()}
    return found


def things_of(offers: Collection[Offer]) -> Things:
    """The ids of what these offers name; if it is more than ``MOST_AT_ONCE`` things of a kind, not all of them."""
    return things_named_by(*offers, limit=MOST_AT_ONCE + 1)


def follow(changed: Collection[Offer], *things: Things) -> None:
    """Bring the prices of these up to date, now and when the offers begin and end, and make cached answers stale."""
    begun = clock.now()
    products, packages = (set[int]().union(*(each[model] for each in things)) for model in (Product, Package))
    if max(len(products), len(packages)) > MOST_AT_ONCE:
        prices.refresh_all_later()
    else:
        prices.refresh_prices(products=products, packages=packages)
    borders = {border for offer in changed for border in (offer.starts_at, offer.ends_at) if border}
    prices.refresh_due_at([border for border in borders if border > begun])
    product_cache.invalidate_on_commit()


def _lock(offer: Offer, expected_version: int | None) -> Offer:
    locked = Offer.objects.select_for_update().filter(pk=offer.pk).first()
    if locked is None:
        raise NotFoundError
    if expected_version is not None and locked.version != expected_version:
        raise PreconditionFailedError("The offer was changed meanwhile.", extra={"current_version": locked.version})
    return locked


def _require_valid(terms: Mapping[str, Any], targets: Mapping[str, Any]) -> None:
    errors = [*faults(terms), *unknown(targets, hold_targets(targets))]
    if errors:
        raise InvalidError("The offer cannot be like this.", errors=errors)


def _aim(offer: Offer, changes: Mapping[str, Any]) -> None:
    """Store what the offer is on, as far as the changes say so."""
    for name in changes.keys() & {*TARGETS}:
        getattr(offer, name).set(changes[name])
