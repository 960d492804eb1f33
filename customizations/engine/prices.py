"""Reading what answers cost."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal

from customizations.engine.reading import Members, Place
from customizations.engine.schema import COUNTED, Price, PriceMode
from fantasize.core import money

MOST_AMOUNT = Decimal(1_000_000)
MOST_PERCENT = Decimal(1_000)
_AMOUNT = re.compile(r"(-?)[0-9]{1,12}(?:\.([0-9]{1,12}))?")
# No currency has smaller coins, and no percentage is finer.
_MOST_DECIMALS = 3
_PERCENT_DECIMALS = 2
_MOST_FREE = 2_000


@dataclass(frozen=True, slots=True)
class PriceReader:
    """Reads prices in ``currency`` (ISO 4217); without one, in any."""

    currency: str | None = None

    def read(self, members: Members, modes: AbstractSet[PriceMode]) -> Price | None:
        """The price of an option or a choice, if it has one: an amount, or an object with one of ``modes``."""
        place = members.at("price")
        if place is None:
            return None
        if isinstance(place.value, str):
            return self._price(place, PriceMode.FIXED)
        fields = place.members(("mode", "amount", "free"))
        mode = fields.one_of("mode", PriceMode.FIXED)
        if mode not in modes:
            place.fault("price_mode", f"Nothing here can cost something {mode}.", at="mode")
        amount = fields.needed("amount")
        free = fields.whole("free", 0, _MOST_FREE)
        if free is not None and mode not in COUNTED:
            place.fault("unknown_field", "Only characters and lines can be free.", at="free")
        return self._price(amount, mode, free or 0) if amount else None

    def _price(self, place: Place, mode: PriceMode, free: int = 0) -> Price | None:
        amount = self._amount(place, mode)
        return None if amount is None else Price(mode, amount, free)

    def _amount(self, place: Place, mode: PriceMode) -> Decimal | None:
        found = _AMOUNT.fullmatch(place.value) if isinstance(place.value, str) else None
        most, decimals = self._bounds(mode)
        if found is None:
            place.fault("not_an_amount", 'An amount is a decimal number, written as text: "4.50".')
        elif len(found[2] or "") > decimals:
            place.fault("max_decimal_places", f"At most {decimals} decimals.")
        elif found[1] or Decimal(found[0]) > most:
            place.fault("out_of_range", f"This is from 0 to {most}.")
        else:
            return Decimal(found[0])
        return None

    def _bounds(self, mode: PriceMode) -> tuple[Decimal, int]:
        """The greatest amount, and how many decimals it has."""
        if mode == PriceMode.PERCENT:
            return MOST_PERCENT, _PERCENT_DECIMALS
        return MOST_AMOUNT, _MOST_DECIMALS if self.currency is None else money.exponent(self.currency)
