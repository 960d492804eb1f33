"""Writes of offers. The prices of everything they name follow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.forms import model_to_dict

from catalog.caching import products as product_cache
from catalog.models import Category, Offer, Package, Product
from catalog.selectors.offers import things_named_by
from catalog.services import discounts, prices
from fantasize.core import clock
from fantasize.core.errors import FieldError, InvalidError, NotFoundError, PreconditionFailedError

# Prices of more things than this are computed by the worker; until then only filters and orderings lag behind.
MOST_AT_ONCE = 1000

_TERMS = ("name", "percent", "amount", "starts_at", "ends_at", "is_active")
_TARGETS: Mapping[str, type[Model]] = {"products": Product, "packages": Package, "categories": Category}

_Things = dict[type[Product] | type[Package], set[int]]


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
    offer = Offer.objects.create(**{name: values[name] for name in _TERMS})
    _aim(offer, values)
    _follow(offer, things_named_by(offer, limit=MOST_AT_ONCE + 1))
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
    _require_valid({**model_to_dict(locked, _TERMS), **changes}, changes)
    before = things_named_by(locked, limit=MOST_AT_ONCE + 1)
    for name in changes.keys() & {*_TERMS}:
        setattr(locked, name, changes[name])
    locked.version += 1
    locked.save()
    _aim(locked, changes)
    after = things_named_by(locked, limit=MOST_AT_ONCE + 1)
    _follow(locked, {model: ids | after[model] for model, ids in before.items()})
    return locked


@transaction.atomic
def remove_offer(*, offer: Offer, expected_version: int | None = None) -> None:
    """Delete an offer; what was sold keeps its price. Locks its row.

    Raises:
        PreconditionFailedError: it is not at ``expected_version`` any more.
        NotFoundError: somebody has deleted it already.
    """
    locked = _lock(offer, expected_version)
    things = things_named_by(locked, limit=MOST_AT_ONCE + 1)
    locked.delete()
    _follow(locked, things)


def _lock(offer: Offer, expected_version: int | None) -> Offer:
    locked = Offer.objects.select_for_update().filter(pk=offer.pk).first()
    if locked is None:
        raise NotFoundError
    if expected_version is not None and locked.version != expected_version:
        raise PreconditionFailedError("The offer was changed meanwhile.", extra={"current_version": locked.version})
    return locked


def _require_valid(terms: Mapping[str, Any], targets: Mapping[str, Any]) -> None:
    errors = [*discounts.faults(terms), *_unknown(targets)]
    if not terms["name"].strip():
        errors.append(FieldError("/name", "required", "Give it a name."))
    if errors:
        raise InvalidError("The offer cannot be like this.", errors=errors)


def _unknown(targets: Mapping[str, Any]) -> Iterator[FieldError]:
    """Whatever is named and is not there. One query a kind."""
    for name, model in _TARGETS.items():
        ids = targets.get(name) or ()
        known = set(model._default_manager.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()  # noqa: SLF001 - Django's documented interface
        for place, pk in enumerate(ids):
            if pk not in known:
                yield FieldError(f"/{name}/{place}", "does_not_exist", "There is no such thing.")


def _aim(offer: Offer, changes: Mapping[str, Any]) -> None:
    """Store what the offer is on, as far as the changes say so."""
    for name in changes.keys() & _TARGETS.keys():
        getattr(offer, name).set(changes[name])


def _follow(offer: Offer, things: _Things) -> None:
    """Bring the prices of these up to date, now and when the offer begins and ends, and make cached answers stale."""
    if max(map(len, things.values())) > MOST_AT_ONCE:
        prices.refresh_all_later()
    else:
        prices.refresh_prices(products=things[Product], packages=things[Package])
    now = clock.now()
    prices.refresh_due_at([border for border in (offer.starts_at, offer.ends_at) if border and border > now])
    product_cache.invalidate_on_commit()
