"""What pieces of a sold position are worth when they are given back for. Pure.

What was paid for a position is spread over its pieces: after any n of its N pieces, ``round(paid x n / N)`` has gone
back. So whatever order they go back in, by one or by many, all of them come to what was paid, to the cent. What a
package cost is spread over its parts by their list prices first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from fantasize.core import money


@dataclass(frozen=True, slots=True)
class SoldPart:
    """A part of a package as it was sold: so many in one package, each at its list price then."""

    product: int
    quantity: int
    list_price: Decimal


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A position as it was sold, and what was given back for already.

    Attributes:
        quantity: units.
        paid: for all of them, the coupon taken off and tax put on.
        parts: of one unit; none for a product.
        credited: pieces given back for so far, by part; of a product by None.
    """

    quantity: int
    paid: Decimal
    currency: str
    parts: Sequence[SoldPart] = ()
    credited: Counter[int | None] = field(default_factory=Counter)

    def left(self, part: int | None = None) -> int:
        """How many units can still go back, or pieces of a part."""
        counts = self._in_one()
        if part is not None:
            return counts.get(part, 0) * self.quantity - self.credited[part]
        return min((each * self.quantity - self.credited[key]) // each for key, each in counts.items())

    @property
    def is_all_credited(self) -> bool:
        """Whether nothing is left to give back for."""
        return all(each * self.quantity == self.credited[key] for key, each in self._in_one().items())

    def worth(self, quantity: int, part: int | None = None) -> Decimal:
        """What the next ``quantity`` units, or pieces of a part, are worth."""
        taken = self._pieces(quantity, part)
        shares, counts = self._shares(), self._in_one()
        return sum((self._step(shares[key], counts[key], key, many) for key, many in taken.items()), start=Decimal(0))

    def without(self, quantity: int, part: int | None = None) -> "SoldLine":
        """The position after these have gone back."""
        credited = self.credited + Counter(self._pieces(quantity, part))
        return SoldLine(self.quantity, self.paid, self.currency, self.parts, credited)

    def _step(self, share: Decimal, in_one: int, key: int | None, many: int) -> Decimal:
        """From what had gone back to what has then."""
        before, of = self.credited[key], in_one * self.quantity
        ends = (money.quantize(share * count / of, self.currency) for count in (before + many, before))
        after, earlier = ends
        return after - earlier

    def _in_one(self) -> Mapping[int | None, int]:
        return {part.product: part.quantity for part in self.parts} or {None: 1}

    def _pieces(self, quantity: int, part: int | None) -> dict[int | None, int]:
        if part is not None:
            return {part: quantity}
        return {key: each * quantity for key, each in self._in_one().items()}

    def _shares(self) -> Mapping[int | None, Decimal]:
        """What was paid for all pieces of each part."""
        weights = [part.list_price * part.quantity for part in self.parts]
        shares = money.allocate(self.paid, weights, self.currency)
        return dict(zip((part.product for part in self.parts), shares, strict=True)) or {None: self.paid}


def spread(amount: Decimal, worths: Iterable[Decimal], currency: str) -> list[Decimal]:
    """What of ``amount`` is for which of the things: as they are worth, or in proportion where there is less."""
    worths = list(worths)
    return worths if sum(worths) <= amount else money.allocate(amount, worths, currency)
