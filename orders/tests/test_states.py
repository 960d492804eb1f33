"""The state table: its moves, who may make them, and the way through several of them."""

import itertools

import pytest

from orders.enums import OrderStatus, Role
from orders.states import EDGES, INITIAL, edge_between, is_legal, may_take, path, targets

S = OrderStatus


def test_every_status_can_be_reached() -> None:
    reachable = set(INITIAL)
    for _ in OrderStatus:
        reachable |= {edge.target for edge in EDGES if edge.source in reachable}
    assert reachable == set(OrderStatus)


def test_an_edge_stands_in_the_table_once() -> None:
    ends = [(edge.source, edge.target) for edge in EDGES]
    assert len(ends) == len(set(ends))


@pytest.mark.parametrize("status", [S.REJECTED, S.RETURNED])
def test_final_statuses_lead_nowhere(status: OrderStatus) -> None:
    assert not any(is_legal(status, target) for target in OrderStatus)


def test_only_the_system_brings_a_cancelled_order_back() -> None:
    edge = edge_between(S.CANCELLED, S.PROCESSING)
    assert edge is not None
    assert edge.roles == {Role.SYSTEM}


@pytest.mark.parametrize(
    ("role", "is_cash", "allowed"),
    [
        (Role.STAFF, True, True),
        (Role.STAFF, False, False),
        (Role.SYSTEM, False, True),
        (Role.OWNER, True, False),
    ],
)
def test_staff_start_only_orders_paid_in_cash(role: Role, *, is_cash: bool, allowed: bool) -> None:
    edge = edge_between(S.PENDING, S.PROCESSING)
    assert edge is not None
    assert may_take(edge, role, is_cash=is_cash) is allowed


def test_targets_come_in_the_natural_sequence() -> None:
    assert targets(S.PENDING, Role.STAFF, is_cash=True) == [S.PROCESSING, S.CANCELLED]
    assert targets(S.PENDING, Role.STAFF, is_cash=False) == [S.CANCELLED]
    assert targets(S.PENDING, Role.FACTORY, is_cash=True) == []


def test_a_later_status_is_reached_through_every_step_between() -> None:
    steps = path(S.PENDING, S.DELIVERED, Role.STAFF, is_cash=True)
    assert [edge.target for edge in steps] == [S.PROCESSING, S.PROCESSED, S.SHIPPED, S.DELIVERED]


def test_nobody_walks_through_a_step_that_is_not_theirs() -> None:
    assert path(S.PENDING, S.SHIPPED, Role.FACTORY, is_cash=True) == []
    assert path(S.PENDING, S.SHIPPED, Role.STAFF, is_cash=False) == []


def test_a_path_is_made_of_joined_legal_moves_and_passes_only_forward_statuses() -> None:
    forward = {S.PENDING, S.PROCESSING, S.PROCESSED, S.SHIPPED, S.DELIVERED}
    for source, target, role, is_cash in itertools.product(OrderStatus, OrderStatus, Role, [True, False]):
        steps = path(source, target, role, is_cash=is_cash)
        if not steps:
            continue
        assert steps[0].source is source
        assert steps[-1].target is target
        assert all(a.target is b.source for a, b in itertools.pairwise(steps))
        assert all(may_take(edge, role, is_cash=is_cash) for edge in steps)
        assert {edge.target for edge in steps[:-1]} <= forward


def test_there_is_no_way_to_the_same_status() -> None:
    assert all(path(status, status, Role.STAFF, is_cash=True) == [] for status in OrderStatus)
