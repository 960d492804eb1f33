"""Packages and single things that share what they are made of, wanted alone and together, in any order."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from random import Random

from fantasize.tests.drills.stage import Stage, at_once
from fantasize.tests.journeys.shop import Answer

Basket = tuple[str, ...]

BOXES = {"tea box": {"tea": 2, "mug": 1}, "jam box": {"mug": 1, "jam": 2}}
SHARED = ("tea", "mug", "jam")
_PARTS = {**BOXES, **{name: {name: 1} for name in SHARED}}


def pieces_for(baskets: int) -> dict[str, int]:
    """As many of each as about half of the baskets need."""
    return {"tea": baskets * 3 // 10, "mug": baskets * 2 // 9, "jam": baskets // 4}


def random_baskets(dice: Random, count: int) -> list[Basket]:
    """As many packages as single things; one or two in a basket."""
    wishes = [*BOXES] * 3 + [*SHARED] * 2
    return [tuple(dice.sample(wishes, dice.choice((1, 1, 2)))) for _ in range(count)]


def buy(stage: Stage, wanted: Sequence[Basket]) -> list[Answer]:
    """What each of the buyers hears, all at the same moment."""
    works = [
        partial(stage.place, buyer, *(stage.goods[name] for name in basket))
        for buyer, basket in zip(stage.buyers, wanted, strict=False)
    ]
    return at_once(works)


def left_of(wanted: Sequence[Basket], answers: Sequence[Answer], pieces: dict[str, int]) -> dict[str, int]:
    """What is left of each thing, by what the buyers were told."""
    sold = _drawn(basket for basket, answer in zip(wanted, answers, strict=True) if answer.status == 201)
    return {name: pieces[name] - sold[name] for name in SHARED}


def refused_in_vain(wanted: Sequence[Basket], answers: Sequence[Answer], left: dict[str, int]) -> list[Basket]:
    """Baskets that nobody got although there is enough for them in the end."""
    refused = (basket for basket, answer in zip(wanted, answers, strict=True) if answer.status != 201)
    return [basket for basket in refused if all(left[name] >= count for name, count in _drawn([basket]).items())]


def _drawn(baskets: Iterable[Basket]) -> Counter[str]:
    total: Counter[str] = Counter()
    for basket in baskets:
        for name in basket:
            total.update(_PARTS[name])
    return total
