"""Writes of very many offers: the rules of ``catalog.services.offers``, a fixed number of queries a batch.

Everything runs in the caller's transaction, which holds the locks of the offers that are there, by primary key. What
the offers are on is held next, and what has its price computed anew last, by ``follow``. Whoever calls several of these
in one transaction hands in a ``follow`` that waits for the last one: else products would be locked out of order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.forms import model_to_dict

from catalog.models import Offer
from catalog.services import offers
from catalog.services.offers import TARGETS, TERMS
from fantasize.core.bulk import copy_rows, stored_fields, take_keys, update_rows

_COLUMNS = {"products": "product_id", "packages": "package_id", "categories": "category_id"}

# What is done for the offers that were stored and the things that they were on and are on now.
Follow = Callable[..., None]


@dataclass(slots=True)
class OfferRow:
    """One offer that is to be stored.

    Attributes:
        offer: the locked row, or a new one.
        terms: those of ``offers.TERMS`` that are said.
        targets: what it is on: ids of ``products``, ``packages`` and ``categories``, as far as they are said.
        fault: why it was not stored after all.
    """

    offer: Offer
    terms: Mapping[str, Any]
    targets: Mapping[str, Sequence[int]] = field(default_factory=dict)
    fault: str = ""


def create(rows: Sequence[OfferRow], *, follow: Follow = offers.follow) -> None:
    """Make offers; what they name has its price at once, or, if that is very much, in a moment."""
    good = _settle(rows)
    if not good:
        return
    made = [row.offer for row in good]
    for offer, key in zip(made, take_keys(Offer, len(made)), strict=True):
        offer.pk = key
    columns = stored_fields(Offer)
    copy_rows(Offer, columns, ([getattr(offer, name) for name in columns] for offer in made))
    _aim(good)
    follow(made, offers.things_of(made))


def update(rows: Sequence[OfferRow], *, follow: Follow = offers.follow) -> None:
    """Store what is said of offers; the prices of what they were on and of what they are on now follow."""
    good = _settle(rows)
    if not good:
        return
    changed = [row.offer for row in good]
    before = offers.things_of(changed)
    for offer in changed:
        offer.version += 1
    update_rows(changed, [*TERMS, "version"])
    _take_off({name: [row.offer.pk for row in good if name in row.targets] for name in TARGETS})
    _aim(good)
    follow(changed, before, offers.things_of(changed))


def remove(found: Sequence[Offer], *, follow: Follow = offers.follow) -> None:
    """Delete offers; what was sold keeps its price."""
    things, keys = offers.things_of(found), [offer.pk for offer in found]
    _take_off(dict.fromkeys(TARGETS, keys))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM catalog_offer WHERE id = ANY (%s)", [keys])
    follow(found, things)


def _settle(rows: Sequence[OfferRow]) -> list[OfferRow]:
    """Set the terms that are said of each; those that can be."""
    known = offers.hold_targets({name: {pk for row in rows for pk in row.targets.get(name, ())} for name in TARGETS})
    for row in rows:
        for name, value in row.terms.items():
            setattr(row.offer, name, value)
        faults = [*offers.faults(model_to_dict(row.offer, TERMS)), *offers.unknown(row.targets, known)]
        row.fault = " ".join(fault.detail for fault in faults)
    return [row for row in rows if not row.fault]


def _take_off(keys: Mapping[str, Sequence[int]]) -> None:
    """Forget what offers are on; of each kind those offers' that are named."""
    for name, named in keys.items():
        if named:
            getattr(Offer, name).through.objects.filter(offer__in=named).delete()


def _aim(rows: Sequence[OfferRow]) -> None:
    """Store what offers are on."""
    for name, column in _COLUMNS.items():
        named = [(row.offer.pk, pk) for row in rows for pk in dict.fromkeys(row.targets.get(name, ()))]
        if named:
            copy_rows(getattr(Offer, name).through, ("offer_id", column), named)
