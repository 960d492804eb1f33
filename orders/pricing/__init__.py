"""The quote: what an order costs and why. Pure; anyone can recompute a total from the answer."""

from orders.pricing.lines import Item, QuotedLine, Stage, exact_prices, read_reduction
from orders.pricing.parts import in_place, together
from orders.pricing.quotes import CouponTerms, Quote, Step, Terms, quote, quote_again
from orders.pricing.shipping import Band, Parcel, ShippingCliff, ShippingOption, ShippingTerms, shipping_cliffs
from orders.pricing.taxes import Tax, TaxTerms

__all__ = [
    "Band",
    "CouponTerms",
    "Item",
    "Parcel",
    "Quote",
    "QuotedLine",
    "ShippingCliff",
    "ShippingOption",
    "ShippingTerms",
    "Stage",
    "Step",
    "Tax",
    "TaxTerms",
    "Terms",
    "exact_prices",
    "in_place",
    "quote",
    "quote_again",
    "read_reduction",
    "shipping_cliffs",
    "together",
]
