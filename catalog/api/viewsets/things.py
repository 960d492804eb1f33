"""Products and packages side by side."""

from collections.abc import Sequence

from catalog.models import Package, Product
from catalog.selectors import packages, prices
from fantasize.core import clock


def complete_things(things: Sequence[Product | Package]) -> None:
    """Give all of them, and the packages' parts, their prices at this moment; as many queries for fifty as for one."""
    moment = clock.now()
    found = [thing for thing in things if isinstance(thing, Package)]
    prices.attach([thing for thing in things if isinstance(thing, Product)], at=moment)
    prices.attach(found, at=moment)
    prices.attach(packages.parts_of(found), at=moment)
