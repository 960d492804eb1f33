"""Who asks what of which operation, and when it has been asked often enough."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import CoveragePhaseData

from fantasize.tests.contract.world import World

# Who takes turns: managers are let in nearly everywhere. Whom an operation has refused so often without ever letting
# them in, it refuses; their turn goes to the manager.
TURNS = ("manager", "customer", "manager", "anonymous")
REFUSALS = 12
# Of the valid cases that say of themselves that they try the same, of which there are up to ten, so many are enough.
ENOUGH = 2
# What is wrong with a body is told only once, and is always heard. The same wrong parameter is sent by itself and then
# beside all others, a member that nobody knows beside each of the others: it is heard once.
ENOUGH_WRONG = 1
# Whoever is answered so was not heard: what they sent was not looked at.
UNHEARD = (401, 403, 404, 412, 428)

# Whether it is wrong, and what is tried.
Trial = tuple[bool, str]


def trial_of(case: "Case[Any]") -> Trial | None:
    """What a case tries that another one may have tried before; None for what is random, or wrong in its body."""
    assert case.meta is not None
    is_wrong, data = case.meta.generation.mode.is_negative, case.meta.phase.data
    if not isinstance(data, CoveragePhaseData):
        return None
    if not is_wrong:
        return is_wrong, repr(data)
    if data.parameter_location in (None, ParameterLocation.BODY):
        return None
    sent = data.parameter and getattr(case, data.parameter_location.container_name).get(data.parameter)
    return is_wrong, repr((data.parameter_location, data.scenario, data.parameter, sent))


@dataclass
class Door:
    """What became of one role's calls of one operation."""

    statuses: list[int] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether somebody was let in: then schemathesis has also tried without credentials, and with wrong ones."""
        return any(200 <= status < 300 for status in self.statuses)

    @property
    def is_shut(self) -> bool:
        """Whether there is no use in trying on."""
        return not self.is_open and sum(status in (401, 403) for status in self.statuses) >= REFUSALS


@dataclass
class Operation:
    """One operation, and its door for each role."""

    doors: defaultdict[str, Door] = field(default_factory=lambda: defaultdict(Door))
    cases: int = 0
    made: set[str] = field(default_factory=set)
    heard: Counter[Trial | None] = field(default_factory=Counter)

    def next_role(self) -> str:
        """Whose turn it is."""
        role = TURNS[self.cases % len(TURNS)]
        self.cases += 1
        return "manager" if self.doors[role].is_shut else role

    def is_heard(self, case: "Case[Any]") -> bool:
        """Whether what this case tries has been heard often enough; what is random is always heard."""
        trial = trial_of(case)
        return trial is not None and self.heard[trial] >= (ENOUGH_WRONG if trial[0] else ENOUGH)

    def note(self, case: "Case[Any]", status: int, door: Door) -> None:
        """What became of a case."""
        door.statuses.append(status)
        if status not in UNHEARD:
            self.heard[trial_of(case)] += 1

    def is_new(self, case: "Case[Any]", role: str) -> bool:
        """Whether nobody like them has made just this call: it would find the same shop and be told the same.

        Cases often differ only in what was then replaced by rows that are there.
        """
        assert case.meta is not None
        fault = case.meta.phase.data if case.meta.generation.mode.is_negative else None
        sent = (case.path_parameters, case.query, [*case.headers.items()], case.cookies, case.media_type, case.body)
        call = repr((role, case.method, fault, sent))
        is_new = call not in self.made
        self.made.add(call)
        return is_new


@dataclass
class Tour:
    """A world, and what was tried in it."""

    world: World
    operations: defaultdict[str, Operation] = field(default_factory=lambda: defaultdict(Operation))
