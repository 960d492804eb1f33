"""What answers cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from customizations.engine.schema import BaseOption, ButtonOption, Option, Price, PriceMode
from customizations.engine.text import count_lines
from fantasize.core import money

_WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Surcharge:
    """What one answer costs more.

    Attributes:
        key: the option that is answered.
        label: what it is for, as the shopper reads it.
        mode: how it was reckoned.
        amount: for each unit, exact, not rounded; or for the line, in whole minor units, if ``is_once``.
        is_once: whether it is paid once a line, however many units there are.
    """

    key: str
    label: str
    mode: PriceMode
    amount: Decimal
    is_once: bool


def surcharges_of(option: Option, answer: str, *, unit_price: Decimal, currency: str) -> Iterator[Surcharge]:
    """What ``answer`` costs more: for the option, and for the choice. What costs nothing is not named.

    Args:
        option: what is answered.
        answer: a legal, normalised answer.
        unit_price: what a unit costs without customization, offers and price breaks included.
        currency: ISO 4217, of whose smallest coin prices paid once are made.
    """
    choice = option.choice(answer) if isinstance(option, ButtonOption) else None
    priced = [(option.label, option.price)]
    if choice:
        priced.append((f"{option.label}: {choice.label}", choice.price))
    for label, price in priced:
        if price and (amount := _amount(price, answer, unit_price)):
            yield _surcharge(option, label, price.mode, amount, currency)


def _surcharge(option: BaseOption, label: str, mode: PriceMode, amount: Decimal, currency: str) -> Surcharge:
    is_once = mode == PriceMode.ONCE
    return Surcharge(option.key, label, mode, money.quantize(amount, currency) if is_once else amount, is_once)


def _amount(price: Price, answer: str, unit_price: Decimal) -> Decimal:
    """What ``price`` asks for ``answer``, exactly."""
    match price.mode:
        case PriceMode.PERCENT:
            return unit_price * price.amount / _WHOLE
        case PriceMode.PER_CHARACTER:
            return price.amount * max(len(answer.replace("\n", "")) - price.free, 0)
        case PriceMode.PER_LINE:
            return price.amount * max(count_lines(answer) - price.free, 0)
        case _:
            return price.amount
