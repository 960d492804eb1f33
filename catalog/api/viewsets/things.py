"""Products and packages side by side."""

from collections.abc import Sequence

from catalog.models import Package, Product
from catalog.selectors import media, packages, prices, products
from fantasize.core import clock


def complete_things(things: Sequence[Product | Package]) -> None:
    """Give all of them what they show beside themselves, and them and the packages' parts their prices at this moment.

    As many queries for fifty as for one.
    """
    moment = clock.now()
    singles = [thing for thing in things if isinstance(thing, Product)]
    boxes = [thing for thing in things if isinstance(thing, Package)]
    products.complete(singles)
    media.attach(boxes)
    prices.attach([*singles, *packages.parts_of(boxes)], at=moment)
    prices.attach(boxes, at=moment)
