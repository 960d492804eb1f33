"""What makes things cheaper in a shop made to order: offers, coupons and price breaks."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from catalog.models import Category, Coupon, Offer, Package, Product
from catalog.pricing import BreakTerms
from catalog.services import coupons, offers, price_breaks
from catalog.services.coupons import NewCoupon
from catalog.services.offers import NewOffer
from fantasize.core.errors import InvalidError
from orders.services.scenario_document import Reduction, Rung, Scenario, Terms, Voucher
from orders.services.scenario_fields import placed
from orders.services.scenario_lookup import Referable, ids_of

_TARGETS: Mapping[str, Referable] = {"products": Product, "packages": Package, "categories": Category}
_KINDS: Mapping[str, type[Product] | type[Package]] = {"product": Product, "package": Package}


def ensure_discounts(scenario: Scenario) -> None:
    """Make them; the price breaks of a thing take the place of all that it had, if the document has some for it."""
    for reduction in scenario.reductions:
        _ensure_offer(reduction)
    for voucher in scenario.vouchers:
        _ensure_coupon(voucher)
    ladders: defaultdict[tuple[str, str], list[Rung]] = defaultdict(list)
    for rung in scenario.rungs:
        ladders[rung.kind, rung.key].append(rung)
    for (kind, _), rungs in ladders.items():
        _ensure_breaks(_KINDS[kind], rungs)


def _ensure_offer(reduction: Reduction) -> None:
    targets = {name: _targets_of(reduction, name) for name in _TARGETS}
    wanted = {"name": reduction.name, "is_active": True, **_values(reduction.terms)}
    found = Offer.objects.filter(name=reduction.name).order_by("pk").first()
    with placed(reduction.pointer):
        if found is None:
            offers.create_offer(new=NewOffer(**{**wanted, **targets}))
            return
        changes = _changes(found, wanted)
        for name, ids in targets.items():
            if set(getattr(found, name).values_list("pk", flat=True)) != set(ids):
                changes[name] = ids
        if changes:
            offers.update_offer(offer=found, changes=changes)


def _targets_of(reduction: Reduction, name: str) -> list[int]:
    keys = getattr(reduction, name)
    return ids_of(_TARGETS[name], keys, [f"{reduction.pointer}/{name}/{index}" for index in range(len(keys))])


def _ensure_coupon(voucher: Voucher) -> None:
    limits = ("min_total", "max_uses", "max_uses_per_customer")
    wanted = {"code": voucher.code, "is_active": True, **_values(voucher.terms)}
    wanted |= {name: getattr(voucher, name) for name in limits}
    found = Coupon.objects.filter(code__iexact=voucher.code).first()
    with placed(voucher.pointer):
        if found is None:
            coupons.create_coupon(new=NewCoupon(**wanted))
            return
        changes = _changes(found, wanted)
        if changes:
            coupons.update_coupon(coupon=found, changes=changes)


def _values(terms: Terms) -> dict[str, Any]:
    """The terms, without a beginning that nobody has said: it is now, or stays as it was."""
    return {name: value for name, value in asdict(terms).items() if name != "starts_at" or value is not None}


def _changes(found: Offer | Coupon, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if getattr(found, name) != value}


def _ensure_breaks(model: type[Product] | type[Package], rungs: list[Rung]) -> None:
    [pk] = ids_of(model, [rungs[0].key], [f"{rungs[0].pointer}/{rungs[0].kind}"])
    target = model._default_manager.get(pk=pk)  # noqa: SLF001 - Django's documented interface
    terms = [rung.terms for rung in rungs]
    rows = target.price_breaks.values_list("min_quantity", "percent", "unit_price")
    if {BreakTerms(*row) for row in rows} == set(terms) and len(set(terms)) == len(terms):
        return
    try:
        price_breaks.set_breaks(target=target, breaks=terms)
    except InvalidError as error:
        # The service counts the breaks of one thing; the document has those of all things in one list.
        faults = []
        for fault in error.errors:
            _, place, rest = fault.location.split("/", 2)
            faults.append(replace(fault, location=f"{rungs[int(place)].pointer}/{rest}"))
        raise InvalidError(error.detail, errors=faults) from error
