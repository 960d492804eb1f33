"""The order's state table, and questions about it. Pure; the database trigger repeats it."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from orders.enums import OrderStatus, Role

S = OrderStatus


@dataclass(frozen=True, slots=True)
class Edge:
    """One legal move.

    Attributes:
        source: the status it leaves.
        target: the status it reaches.
        roles: who may make it.
        needs_note: a reason for the customer is required.
        cash_only: only orders paid in cash on delivery; the system is exempt.
    """

    source: OrderStatus
    target: OrderStatus
    roles: frozenset[Role]
    needs_note: bool = False
    cash_only: bool = False


INITIAL = frozenset({S.UNDER_REVIEW, S.PENDING})

EDGES: tuple[Edge, ...] = (
    # The system: once an edit has left nothing that staff would look at.
    Edge(S.UNDER_REVIEW, S.PENDING, frozenset({Role.STAFF, Role.SYSTEM})),
    Edge(S.UNDER_REVIEW, S.REJECTED, frozenset({Role.STAFF}), needs_note=True),
    Edge(S.PENDING, S.PROCESSING, frozenset({Role.SYSTEM, Role.STAFF}), cash_only=True),
    Edge(S.PENDING, S.CANCELLED, frozenset({Role.OWNER, Role.STAFF, Role.SYSTEM})),
    Edge(S.UNDER_REVIEW, S.CANCELLED, frozenset({Role.OWNER, Role.STAFF, Role.SYSTEM})),
    Edge(S.CANCELLED, S.PROCESSING, frozenset({Role.SYSTEM})),
    Edge(S.PROCESSING, S.PROCESSED, frozenset({Role.FACTORY, Role.STAFF})),
    Edge(S.PROCESSING, S.CANCELLED, frozenset({Role.STAFF})),
    Edge(S.PROCESSED, S.CANCELLED, frozenset({Role.STAFF})),
    Edge(S.PROCESSED, S.SHIPPED, frozenset({Role.STAFF, Role.FACTORY})),
    Edge(S.SHIPPED, S.DELIVERED, frozenset({Role.STAFF})),
    Edge(S.SHIPPED, S.RETURNED, frozenset({Role.STAFF})),
    Edge(S.DELIVERED, S.RETURNED, frozenset({Role.STAFF})),
)

_BY_ENDS: Mapping[tuple[OrderStatus, OrderStatus], Edge] = {(edge.source, edge.target): edge for edge in EDGES}
# Only moves towards delivery are walked in several steps: nobody cancels an order on the way to something else.
_FORWARD = frozenset({S.PENDING, S.PROCESSING, S.PROCESSED, S.SHIPPED, S.DELIVERED})


def is_legal(source: OrderStatus, target: OrderStatus) -> bool:
    """Whether anybody at all may make this move."""
    return (source, target) in _BY_ENDS


def edge_between(source: OrderStatus, target: OrderStatus) -> Edge | None:
    """The move from ``source`` to ``target``, if there is one."""
    return _BY_ENDS.get((source, target))


def may_take(edge: Edge, role: Role, *, is_cash: bool) -> bool:
    """Whether ``role`` may make this move on an order that is, or is not, paid in cash on delivery."""
    return role in edge.roles and (is_cash or not edge.cash_only or role is Role.SYSTEM)


def targets(source: OrderStatus, role: Role, *, is_cash: bool) -> list[OrderStatus]:
    """The statuses that ``role`` may move an order to in one step, in the order's natural sequence."""
    allowed = {edge.target for edge in EDGES if edge.source is source and may_take(edge, role, is_cash=is_cash)}
    return [status for status in OrderStatus if status in allowed]


def path(source: OrderStatus, target: OrderStatus, role: Role, *, is_cash: bool) -> list[Edge]:
    """The shortest chain of moves that ``role`` may make; empty when there is none.

    Intermediate stops are forward statuses only (pending, processing, processed, shipped, delivered).
    """
    queue: deque[tuple[OrderStatus, list[Edge]]] = deque([(source, [])])
    seen = {source}
    while queue:
        status, taken = queue.popleft()
        for step in targets(status, role, is_cash=is_cash):
            chain = [*taken, _BY_ENDS[status, step]]
            if step is target:
                return chain
            if step in _FORWARD and step not in seen:
                seen.add(step)
                queue.append((step, chain))
    return []
