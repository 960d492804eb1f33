"""Money: decimals in a currency's minor unit. Never floats."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

# ISO 4217 currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}


def exponent(currency: str) -> int:
    """How many decimals the currency's minor unit has (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def quantize(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole minor units, rounded half up."""
    return amount.quantize(_minor_unit(currency), rounding=ROUND_HALF_UP)


def allocate(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Spread ``total`` over ``weights`` by largest remainder; the parts sum to ``total`` exactly.

    Args:
        total: an amount in whole minor units, zero or more.
        weights: one non-negative weight per part; all zero spreads evenly.
        currency: ISO 4217 code that says what the minor unit is.
    """
    if not weights:
        return []
    unit = _minor_unit(currency)
    weights = list(weights) if sum(weights) else [Decimal(1)] * len(weights)
    # Products are exact where quotients are not: what is left over decides who gets the last coin.
    whole, products = sum(weights) * unit, [weight * total for weight in weights]
    floors = [product // whole * unit for product in products]
    missing = int((total - sum(floors)) / unit)
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(products[index] % whole), index))
    for index in by_remainder[:missing]:
        floors[index] += unit
    return floors


@cache
def _minor_unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-exponent(currency))
