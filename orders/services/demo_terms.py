"""What it costs to send things from the demonstration shop, what they weigh, and how they are taxed."""

from decimal import Decimal

from catalog.models import Product, TaxClass
from orders.enums import ShippingKind
from orders.models import ShippingBand, ShippingMethod, TaxRate

_GRAMS = 350
_WEIGHTS = {"Home & cushions": 900, "Prints & frames": 1200, "Jewellery": 80}
_FREE_FROM = Decimal(60)
# Value added tax is in the prices, as it is in British and German shops.
_RATES = (
    ("standard", "GB", 20),
    ("standard", "DE", 19),
    ("standard", "FR", 20),
    ("books", "GB", 0),
    ("books", "DE", 7),
)
_BY_WEIGHT = {0: "3.90", 1000: "5.90", 5000: "11.50", 20_000: None}


def set_terms() -> None:
    """Weights, tax classes and rates, and three ways to send a parcel."""
    Product.objects.update(weight_grams=_GRAMS)
    for category, grams in _WEIGHTS.items():
        Product.objects.filter(category__name=category).update(weight_grams=grams)
    classes = {
        "standard": TaxClass.objects.create(code="standard", name="Standard", is_default=True),
        "books": TaxClass.objects.create(code="books", name="Cards and books"),
    }
    Product.objects.filter(category__name="Stationery").update(tax_class=classes["books"])
    TaxRate.objects.bulk_create(
        TaxRate(tax_class=classes[of], name="VAT", country=country, percent=Decimal(percent), is_included=True)
        for of, country, percent in _RATES
    )
    _send()


def _send() -> None:
    parcel = ShippingMethod.objects.create(
        code="parcel",
        name="Tracked parcel",
        countries=["GB"],
        kind=ShippingKind.BY_WEIGHT,
        free_above=_FREE_FROM,
    )
    ShippingBand.objects.bulk_create(
        ShippingBand(method=parcel, minimum=grams, price=price and Decimal(price))
        for grams, price in _BY_WEIGHT.items()
    )
    for place, (code, name, countries, price) in enumerate(
        (("courier", "Next-day courier", ["GB"], "8.50"), ("abroad", "International post", [], "14.90")), start=1
    ):
        ShippingMethod.objects.create(code=code, name=name, countries=countries, price=Decimal(price), position=place)
