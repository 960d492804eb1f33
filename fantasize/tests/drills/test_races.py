"""Crowds that want the same goods at the same moment, over HTTP from the shop's real processes."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from random import Random

import pytest

from fantasize.tests.drills import baskets
from fantasize.tests.drills.controls import KNOWS_NO_TWINS, LOCKS_NO_CART, READS_THEN_WRITES, TAKES_IN_ANY_ORDER
from fantasize.tests.drills.hanging_up import order_and_hang_up
from fantasize.tests.drills.stage import Stage, at_once, insist, outcomes, running_stage
from fantasize.tests.journeys.shop import Answer

pytestmark = pytest.mark.processes

# Thousands, and crowds on a slow line to the database, are `bin/bench races`.
BUYERS, PIECES = 500, 100
# Of each of those that need only be wrong once.
CANDLES, CONTROLS = 12, 16
BASKETS = 80
CLICKS = 200
HANG_UPS = [0] * 8 + [1, 2, 12, 40, 150, 300, 600, 900, 1200, 1500, 2000, 10**6]
SHARED = baskets.pieces_for(BASKETS)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    products = {
        "lantern": PIECES,
        "candle": CANDLES,
        "mirror": CLICKS,
        "shadow": CLICKS,
        "clock": CLICKS,
        **SHARED,
        **dict.fromkeys(("vase", "bowl", "left", "right"), CLICKS),
    }
    with running_stage(
        tmp_path_factory.mktemp("races"), buyers=BUYERS, products=products, packages=baskets.BOXES
    ) as running:
        yield running


def flood(stage: Stage, name: str, buyers: int = BUYERS) -> Counter[str]:
    """What so many buyers hear who each want one piece, all at the same moment."""
    return outcomes(at_once([partial(stage.place, buyer, stage.goods[name]) for buyer in stage.buyers[:buyers]]))


def test_five_hundred_buyers_get_the_hundred_pieces_there_are(stage: Stage) -> None:
    assert flood(stage, "lantern") == {"placed": PIECES, "409 out_of_stock": BUYERS - PIECES}
    assert stage.held("lantern") == PIECES
    assert stage.deadlocks() == 0


def test_packages_and_their_parts_are_sold_to_the_last_piece_and_no_further(stage: Stage) -> None:
    wanted = baskets.random_baskets(Random(7), BASKETS)  # noqa: S311 - the same each time
    answers = baskets.buy(stage, wanted)
    assert {*outcomes(answers)} == {"placed", "409 out_of_stock"}
    left = baskets.left_of(wanted, answers, SHARED)
    assert {name: stage.held(name) for name in SHARED} == {name: SHARED[name] - left[name] for name in SHARED}
    assert baskets.refused_in_vain(wanted, answers, left) == []
    assert stage.deadlocks() == 0


def click(stage: Stage, name: str, clicks: int) -> list[Answer]:
    """One buyer's one order, sent so many times at once under one key."""
    return at_once([partial(stage.place, stage.buyers[0], stage.goods[name], key=f"key of {name}")] * clicks)


def test_two_hundred_calls_under_one_key_are_one_order(stage: Stage) -> None:
    answers = click(stage, "mirror", CLICKS)
    assert {*outcomes(answers)} <= {"placed", "409 request_in_flight"}
    assert all(answer.headers["Retry-After"] == "1" for answer in answers if answer.status == 409)
    again = [click(stage, "mirror", 1)[0] for _ in range(3)]
    placed = [answer for answer in (*answers, *again) if answer.status == 201]
    assert len({json.dumps(answer.body, sort_keys=True) for answer in placed}) == 1
    assert all(answer.headers["Idempotency-Replayed"] == "true" for answer in again)
    assert stage.held("mirror") == 1


def hang_up_and_ask_again(stage: Stage, buyer: str, after: int) -> Answer:
    key = f"hung up after {after} {buyer[-9:]}"
    order_and_hang_up(stage, buyer, stage.goods["clock"], key=key, after=after)
    return insist(partial(stage.place, buyer, stage.goods["clock"], key=key))


def test_who_hangs_up_and_asks_again_has_one_order(stage: Stage) -> None:
    """After none, one, some, half and all of the answer's bytes; those who asked under another key have two."""
    works = [partial(hang_up_and_ask_again, stage, *each) for each in zip(stage.buyers, HANG_UPS, strict=False)]
    answers = at_once(works)
    assert outcomes(answers) == {"placed": len(HANG_UPS)}
    assert len({answer.data["id"] for answer in answers}) == len(HANG_UPS)
    assert any("Idempotency-Replayed" in answer.headers for answer in answers), "nobody was heard at first"
    assert stage.held("clock") == len(HANG_UPS)
    order_and_hang_up(stage, stage.buyers[0], stage.goods["clock"], key="another", after=1)
    assert stage.held("clock") == len(HANG_UPS) + 1


def click_on_cart(stage: Stage, buyer: str, name: str, clicks: int) -> Counter[str]:
    """One cart with one thing in it, ordered so many times at once, each time under another key."""
    assert stage.shop.call("POST", "/api/v2/cart/items", stage.goods[name], token=buyer).status == 201
    return outcomes(at_once([partial(stage.place, buyer)] * clicks))


def test_fifty_clicks_under_fifty_keys_make_one_order_of_a_cart(stage: Stage) -> None:
    assert click_on_cart(stage, stage.buyers[1], "vase", 50) == {"placed": 1, "409 cart_already_ordered": 49}
    assert stage.held("vase") == 1
    stage.verify()


def test_without_its_lock_a_cart_is_ordered_more_than_once(stage: Stage) -> None:
    """The negative control."""
    with stage.without(LOCKS_NO_CART):
        found = click_on_cart(stage, stage.buyers[2], "bowl", CONTROLS)
    assert stage.held("bowl") == found["placed"] > 1


def test_who_reads_first_and_writes_then_sells_more_than_there_is(stage: Stage) -> None:
    """The negative control."""
    with stage.without(READS_THEN_WRITES):
        found = flood(stage, "candle", 40)
    assert found["placed"] > CANDLES
    assert stage.held("candle") < found["placed"]
    with pytest.raises(AssertionError, match='held_is_sum_of_open_holds": 1'):
        stage.verify()


def test_who_takes_things_in_any_order_waits_for_somebody_who_waits_for_him(stage: Stage) -> None:
    """The negative control."""
    pair = (stage.goods["left"], stage.goods["right"])
    with stage.without(TAKES_IN_ANY_ORDER):
        at_once([partial(stage.place, buyer, *pair) for buyer in stage.buyers[:CONTROLS]])
    assert stage.deadlocks() > 0


def test_without_the_lock_twins_both_go_to_work_and_only_the_database_stops_them(stage: Stage) -> None:
    """The negative control."""
    with stage.without(KNOWS_NO_TWINS):
        answers = click(stage, "shadow", CONTROLS)
    assert not {*outcomes(answers)} <= {"placed", "409 request_in_flight"}
    assert stage.held("shadow") == 1
