"""Shipping methods and taxes for tests."""

from decimal import Decimal
from typing import Any

from catalog.models import TaxClass
from orders.enums import ShippingKind
from orders.models import ShippingBand, ShippingMethod, TaxRate


def make_method(
    code: str = "post", price: str | None = None, *bands: tuple[int, str | None], **fields: Any
) -> ShippingMethod:
    """A method that costs ``price`` for every parcel, or goes by ``bands`` of weight unless told."""
    if bands:
        fields.setdefault("kind", ShippingKind.BY_WEIGHT)
    flat = {"price": Decimal(price)} if price is not None else {}
    method = ShippingMethod.objects.create(code=code, name=code.title(), **{**flat, **fields})
    ShippingBand.objects.bulk_create(
        ShippingBand(method=method, minimum=minimum, price=Decimal(cost) if cost else None) for minimum, cost in bands
    )
    return method


def make_class(code: str = "standard", *, is_default: bool = True) -> TaxClass:
    """A tax class without rates; the default one unless told."""
    return TaxClass.objects.create(code=code, name=code.title(), is_default=is_default)


def make_rate(
    of: TaxClass, percent: str, *, is_included: bool = False, country: str = "GB", region: str = ""
) -> TaxRate:
    """What is on a class in a place."""
    return TaxRate.objects.create(
        tax_class=of, name="VAT", percent=Decimal(percent), is_included=is_included, country=country, region=region
    )
