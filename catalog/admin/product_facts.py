"""What a product's page says beside its form."""

from dataclasses import dataclass

from django.conf import settings

from catalog.models import Package, Product
from catalog.pricing import OfferTerms
from catalog.selectors import prices
from fantasize.core import clock
from fantasize.core.admin.display import amount


@dataclass(frozen=True, slots=True)
class Facts:
    """What one costs now and without an offer, which offer that is, and the packages that it is a part of."""

    price: str
    list_price: str
    offer: OfferTerms | None
    packages: list[tuple[Package, int]]


def facts_of(product: Product) -> Facts:
    """The card's facts. Three queries, however many packages there are."""
    prices.attach([product], at=clock.now())
    current = product.current_price
    parts = product.package_items.select_related("package").order_by("package__name", "pk")
    return Facts(
        amount(current.price, settings.SHOP_CURRENCY),
        amount(current.list_price, settings.SHOP_CURRENCY),
        current.offer,
        [(part.package, part.quantity) for part in parts],
    )
