"""Tax: which part of an order each rate is on, what it comes to, and how it is spread."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fantasize.core import money

_WHOLE = Decimal(100)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class TaxTerms:
    """A rate on a class of things in one place; ``is_included``: the prices contain it."""

    name: str
    tax_class: str
    percent: Decimal
    is_included: bool


@dataclass(frozen=True, slots=True)
class Tax:
    """What a rate comes to.

    Attributes:
        bases: what it is of in each part of the order, after the coupon; with the tax, if prices contain it.
        amount: rounded once, half up.
        shares: of each part; they add up to ``amount``.
    """

    terms: TaxTerms
    bases: tuple[Decimal, ...]
    amount: Decimal
    shares: tuple[Decimal, ...]

    @property
    def base(self) -> Decimal:
        """What it is of, in all parts together."""
        return sum(self.bases, _NOTHING)


@dataclass(frozen=True, slots=True)
class Taxable:
    """A part of an order: what it costs, and which of the rates is on it."""

    tax_class: Hashable
    amount: Decimal


def levy(rates: Mapping[Hashable, TaxTerms], parts: Sequence[Taxable], *, currency: str) -> list[Tax]:
    """What every rate comes to that is on some part, in the sequence of the parts.

    Classes may share a rate. A part whose class has no rate is not taxed, nor is one that costs nothing.
    """
    found = dict.fromkeys(rates[part.tax_class] for part in parts if part.amount and part.tax_class in rates)
    return [_tax(terms, tuple(_base_of(part, rates, terms) for part in parts), currency) for terms in found]


def _base_of(part: Taxable, rates: Mapping[Hashable, TaxTerms], terms: TaxTerms) -> Decimal:
    return part.amount if rates.get(part.tax_class) == terms else _NOTHING


def _tax(terms: TaxTerms, bases: tuple[Decimal, ...], currency: str) -> Tax:
    whole = _WHOLE + terms.percent if terms.is_included else _WHOLE
    amount = money.quantize(sum(bases, _NOTHING) * terms.percent / whole, currency)
    return Tax(terms, bases, amount, tuple(money.allocate(amount, bases, currency)))
