"""What things cost at a moment: offers and price breaks, read for a whole page at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from catalog.models import Offer, Package, PriceBreak, Product
from catalog.pricing import BreakTerms, OfferTerms, current_price
from catalog.selectors.taxonomy import ancestors_by_category

Sellables = Sequence[Product] | Sequence[Package]


def attach(rows: Sellables, *, at: datetime) -> None:
    """Give every row its ``current_price`` at ``at``; as many queries for a hundred rows as for one.

    All rows are of one kind, with their list prices loaded.
    """
    if not rows:
        return
    offers, breaks = offers_for(rows, running_at=at), _breaks_for(rows)
    for row in rows:
        row.current_price = current_price(
            row.list_price, offers[row.pk], breaks[row.pk], at=at, currency=settings.SHOP_CURRENCY
        )


def offers_for(rows: Sellables, *, running_at: datetime | None = None) -> Mapping[int, list[OfferTerms]]:
    """The offers on each row, by its id: its own and those of its category or of one above.

    Those that run at a moment, or else all that staff have not switched off.
    """
    running = Offer.objects.filter(is_active=True)
    if running_at is not None:
        running = running.filter(Q(ends_at=None) | Q(ends_at__gt=running_at), starts_at__lte=running_at)
    above = ancestors_by_category({row.category_id for row in rows if row.category_id})
    own, terms = _named_in(running, _target_of(rows[0]), [row.pk for row in rows])
    by_category, more = _named_in(running, "categories", set().union(*above.values()))
    terms |= more
    found: defaultdict[int, list[OfferTerms]] = defaultdict(list)
    for row in rows:
        names = set(own[row.pk]).union(*(by_category[place] for place in above.get(row.category_id or 0, ())))
        found[row.pk] = [terms[name] for name in sorted(names)]
    return found


def _named_in(
    offers: "QuerySet[Offer]", targets: str, ids: Iterable[int]
) -> tuple[defaultdict[int, set[int]], dict[int, OfferTerms]]:
    """Offer ids by the id of what they name in ``targets``, and the terms by offer id. One query."""
    columns = (targets, "pk", "name", "percent", "amount", "starts_at", "ends_at")
    named: defaultdict[int, set[int]] = defaultdict(set)
    terms = {}
    for target, *facts in offers.filter(**{f"{targets}__in": list(ids)}).values_list(*columns):
        offer = OfferTerms(*facts)
        named[target].add(offer.id)
        terms[offer.id] = offer
    return named, terms


def _breaks_for(rows: Sellables) -> Mapping[int, list[BreakTerms]]:
    target = "product" if isinstance(rows[0], Product) else "package"
    found = PriceBreak.objects.filter(**{f"{target}__in": [row.pk for row in rows]})
    breaks: defaultdict[int, list[BreakTerms]] = defaultdict(list)
    for pk, *facts in found.values_list(f"{target}_id", "min_quantity", "percent", "unit_price"):
        breaks[pk].append(BreakTerms(*facts))
    return breaks


def _target_of(row: Product | Package) -> str:
    return "products" if isinstance(row, Product) else "packages"
