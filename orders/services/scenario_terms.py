"""Shipping methods, tax classes and rates of a shop made to order; methods are known by their code, rates by place."""

from typing import Any

from catalog.models import TaxClass
from fantasize.core.errors import InvalidError
from orders.models import ShippingBand, ShippingMethod, TaxRate
from orders.services.scenario_document import Good, Scenario
from orders.services.scenario_terms_document import Levy, Way


def ensure_terms(scenario: Scenario) -> None:
    """Make them; the first tax class there is becomes the default one."""
    for levy in scenario.levies:
        _ensure_rate(levy)
    for way in scenario.ways:
        _ensure_method(way)


def facts_of(good: Good) -> dict[str, Any]:
    """Weight and tax class of something to sell, as far as the document says them.

    Raises:
        InvalidError: there is no such class.
    """
    facts: dict[str, Any] = {} if good.weight_grams is None else {"weight_grams": good.weight_grams}
    return facts | ({"tax_class": _class_of(good.tax_class, good.pointer)} if good.tax_class else {})


def _ensure_rate(levy: Levy) -> None:
    is_first = not TaxClass.objects.filter(is_default=True).exists()
    name = levy.tax_class.replace("-", " ").capitalize()
    of, _ = TaxClass.objects.get_or_create(code=levy.tax_class, defaults={"name": name, "is_default": is_first})
    TaxRate.objects.filter(tax_class=of, country=levy.country, region__iexact=levy.region).delete()
    facts = {"name": levy.name, "percent": levy.percent, "is_included": levy.is_included}
    TaxRate.objects.create(tax_class=of, country=levy.country, region=levy.region, **facts)


def _ensure_method(way: Way) -> None:
    names = ("name", "countries", "kind", "price", "free_above", "position")
    wanted = {name: getattr(way, name) for name in names}
    tax_class = _class_of(way.tax_class, way.pointer) if way.tax_class else None
    method, _ = ShippingMethod.objects.update_or_create(
        code=way.code, defaults={**wanted, "tax_class": tax_class, "is_active": True}
    )
    method.bands.all().delete()
    ShippingBand.objects.bulk_create(
        ShippingBand(method=method, minimum=minimum, price=price) for minimum, price in way.bands
    )


def _class_of(code: str, pointer: str) -> TaxClass:
    found = TaxClass.objects.filter(code=code).first()
    if found is None:
        raise InvalidError.at(f"{pointer}/tax_class", "There is no such tax class.", code="does_not_exist")
    return found
