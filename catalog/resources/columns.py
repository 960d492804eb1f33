"""What several tables' columns have in common."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError

from fantasize.core import money

MOST_PIECES = 1_000_000


def require_whole_minor_units(price: Decimal) -> None:
    """Raise ValidationError for a price with fractions of the shop currency's smallest coin."""
    if money.quantize(price, settings.SHOP_CURRENCY) != price:
        raise ValidationError(f"{settings.SHOP_CURRENCY} has {money.exponent(settings.SHOP_CURRENCY)} decimals.")
