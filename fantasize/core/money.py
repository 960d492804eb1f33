"""Money: decimals in a currency's minor unit. Never floats."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

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
    return amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_UP)


def allocate(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Spread ``total`` over ``weights`` by largest remainder; the parts sum to ``total`` exactly.

    Args:
        total: an amount in whole minor units, zero or more.
        weights: one non-negative weight per part; all zero spreads evenly.
        currency: ISO 4217 code that says what the minor unit is.
    """
    if not weights:
        return []
    unit = Decimal(1).scaleb(-exponent(currency))
    whole = sum(weights) or Decimal(len(weights))
    shares = [(weight if sum(weights) else Decimal(1)) * total / whole for weight in weights]
    floors = [(share // unit) * unit for share in shares]
    missing = int((total - sum(floors)) / unit)
    by_remainder = sorted(range(len(shares)), key=lambda index: (floors[index] - shares[index], index))
    for index in by_remainder[:missing]:
        floors[index] += unit
    return floors
