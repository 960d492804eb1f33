"""Whether the quote and a second reckoning, which shares no code with it, agree on random carts; and how fast it is.

The carts and the second reckoning are those of the tests.
"""

import os
import statistics
from concurrent.futures import ProcessPoolExecutor
from random import Random
from time import thread_time

from bench.report import Measurement
from orders.tests.quotes_again import reckon
from orders.tests.random_carts import quoted, random_cart

_CARTS = 100_000
_SHARES = 40


def measure() -> list[Measurement]:
    """Count the carts on which the two disagree by a coin anywhere: there are none."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(compare, range(_SHARES)))
    times = [taken for _, taken in found]
    return [
        Measurement("random carts", _CARTS, ""),
        Measurement("disagreements", sum(wrong for wrong, _ in found), "", 0),
        Measurement("a quote of 4.5 lines, mean", 1000 * statistics.mean(times), "ms"),
    ]


def compare(seed: int) -> tuple[int, float]:
    """On how many carts of a share the two disagree, and the seconds that a quote takes on average."""
    dice, wrong, taken = Random(seed), 0, 0.0
    carts = _CARTS // _SHARES
    for _ in range(carts):
        cart = random_cart(dice)
        began = thread_time()
        quote = quoted(cart)
        taken += thread_time() - began
        wrong += quote != reckon(cart)
    return wrong, taken / carts
