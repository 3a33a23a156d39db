"""A run that is disturbed at chosen places: a step of a node, and a moment in it.

Every case has to be seen as *detached* with its age and taken up again by itself; ``tally.Row`` then compares
the end with that of an undisturbed run.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

from tests.faults.tally import ALL, ROWS, Row
from tests.rigs.waiting import patience, wait_until_async
from tests.rollout.engine_operator import PATIENCE, Operator, console
from tui.journal import OutputFile
from tui.model.events import Event
from tui.model.run import Run
from tui.model.states import PauseMode, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rehearsal import Rehearsal
from tui.remote import Options
from tui.rollout.execution import completion
from tui.rollout.opening import connections

Moment = Literal["begun", "output", "judged"]

JOBS = (
    StepName.PACKAGES,
    StepName.STOP_APPLICATIONS,
    StepName.STOP_SERVICES,
    StepName.INSTALL,
    StepName.START_APPLICATIONS,
)
"""Steps whose job's output is followed."""


class Place(NamedTuple):
    """Where a fault is injected: as the attempt begins, at its first output, or as its result is judged."""

    node: str
    step: StepName
    moment: Moment

    def __str__(self) -> str:
        return f"{self.node} {self.step} {self.moment}"


EVERYWHERE = (
    Place("px01", StepName.LOG_IN, "begun"),
    *(Place("px01", step, moment) for step in JOBS for moment in ("begun", "output", "judged")),
    Place("px01", StepName.REBOOT, "begun"),
    Place("px01", StepName.VERIFY, "begun"),
    Place("px02", StepName.PACKAGES, "begun"),
)
"""Every step that does something on a node; px02 is given the packages that px01 has built."""


Sample = Mapping[Place, str]
"""Which fault is injected where, by its name."""


def runs(sample: Sample) -> list[Sample]:
    """With ``python -m tests.faults`` a run for each fault, injected everywhere; else one for the sample."""
    if not ALL:
        return [sample]
    return [dict.fromkeys(EVERYWHERE, name) for name in dict.fromkeys(sample.values())]


def row_of(plan: Sample, where: str = "") -> Row:
    """The row of a run, in the table from now on."""
    steps = "every step, up to 3 moments" if ALL else "a sample of steps"
    row = Row(", ".join(dict.fromkeys(plan.values())), f"{steps}{where}")
    ROWS.append(row)
    return row


@dataclass
class Fault:
    """What is done to a node's connections, and how it is undone once it has been seen."""

    name: str
    inject: Callable[[str], object]
    heal: Callable[[str], object] | None = None
    seen: Callable[[Operator, Place], bool] = lambda _operator, _place: True
    """Besides the step being detached: what has to be seen before it is healed."""
    breaks: bool = True
    """The link breaks, so the step has to be shown as detached."""


@dataclass
class Case:
    """One injection, and what was seen of it."""

    place: Place
    fault: Fault
    detached: Event | None = None
    advice: str = ""
    healed: bool = False
    too_early: list[str] = field(default_factory=list)


class Disturber:
    """Injects a fault at each place, once, and watches what the engine says of it."""

    def __init__(self, operator: Operator, faults: Iterable[Fault], plan: Sample) -> None:
        self.cases: list[Case] = []
        self._operator = operator
        self._faults = {fault.name: fault for fault in faults}
        self._left = dict(plan)
        self._lock = threading.Lock()
        self._loop = asyncio.get_running_loop()
        self._tasks: list[asyncio.Task[None]] = []
        operator.engine.subscribe(self._happened)

    @property
    def missed(self) -> list[str]:
        """The places that the run never came to."""
        return sorted(map(str, self._left))

    def wrote(self, node: str, step: StepName) -> None:
        """The first output of an attempt is on disk here; called on the follower's thread."""
        self._strike(Place(node, step, "output"))

    async def over(self) -> None:
        """Return when every case has been seen to its end."""
        await asyncio.gather(*self._tasks)

    def _happened(self, event: Event, _run: Run) -> None:
        if event.node is None or event.step is None:
            return
        if event.type == "attempt.started":
            self._strike(Place(event.node, event.step, "begun"))
        elif event.type == "step.state" and event.data["status"] == StepStatus.VERIFYING:
            self._strike(Place(event.node, event.step, "judged"))
        elif event.type == "step.state" and event.data["status"] == StepStatus.DETACHED:
            for case in self.cases:
                if case.detached is None and case.place[:2] == (event.node, event.step):
                    case.detached = event
                    case.advice = self._operator.engine.advice().why
        elif event.type == "attempt.ended":
            for case in self.cases:
                if case.place[:2] == (event.node, event.step) and not case.healed:
                    case.too_early.append(str(event.data["status"]))

    def _strike(self, place: Place) -> None:
        with self._lock:
            if place not in self._left:
                return
            case = Case(place, self._faults[self._left.pop(place)])
        self.cases.append(case)
        case.fault.inject(place.node)
        case.healed = case.fault.heal is None
        self._loop.call_soon_threadsafe(self._attend, case)

    def _attend(self, case: Case) -> None:
        self._tasks.append(self._loop.create_task(self._see_through(case)))

    async def _see_through(self, case: Case) -> None:
        place, fault = case.place, case.fault
        if fault.breaks and place.step is not StepName.REBOOT:
            await wait_until_async(lambda: case.detached is not None, PATIENCE, f"detached at {place}")
            assert f"connection lost for 0 s during {place.step.words}" in case.advice, case.advice
        await wait_until_async(
            lambda: fault.seen(self._operator, place), PATIENCE, f"{fault.name} at {place}"
        )
        if fault.heal is not None:
            case.healed = True
            # A step may come to its next moment before the break has been noticed: then it is one break.
            if all(other.healed for other in self.cases if other.place.node == place.node):
                fault.heal(place.node)
            assert not case.too_early, f"{place}: {case.too_early} while nobody could see the node"


def down(operator: Operator, place: Place) -> bool:
    """A new login was tried in vain."""
    return operator.engine.live(place.node).phase in ("backoff", "refused")


def up(operator: Operator, place: Place) -> bool:
    """The connection stands again, but the output that was followed does not come: it stays detached."""
    return operator.engine.live(place.node).phase == "up" and (
        place.moment != "output" or operator.step(*place[:2]).status is StepStatus.DETACHED
    )


@contextmanager
def in_a_hurry(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Iterator[None]:
    """The same machinery with short pauses, and the nodes' files are left there to be compared."""

    async def no_clean_up(*_: object) -> tuple[str, ...]:
        return ()

    with monkeypatch.context() as patched:
        quick: dict[str, Any] = {"backoff_first": 0.1, "backoff_limit": 0.5, **changes}
        patched.setattr(connections, "Options", partial(Options, **quick))
        patched.setattr(completion, "clean_up", no_clean_up)
        yield


@asynccontextmanager
async def disturbed(
    rehearsal: Rehearsal,
    state_dir: Path,
    faults: Iterable[Fault],
    plan: Sample,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[tuple[Operator, Disturber]]:
    """A console with a disturber at its side; every case is seen through at the end."""
    write = OutputFile.write
    disturber: Disturber | None = None

    def noticed(self: OutputFile, data: bytes) -> object:
        first = self.size == 0
        done = write(self, data)
        if first and disturber is not None:
            node, name = self.relative.split("/")[-2:]
            disturber.wrote(node, next(step for step in StepName if name.rpartition("-")[0] == step))
        return done

    monkeypatch.setattr(OutputFile, "write", noticed)
    async with console(rehearsal, state_dir, pause=PauseMode.NONE) as operator:
        disturber = Disturber(operator, faults, plan)
        yield operator, disturber
        await disturber.over()


async def as_far_as_it_goes(operator: Operator) -> RunStatus:
    """The run until it needs more than a yes; while the gate is closed, it is asked again and again."""
    async with asyncio.timeout(2 * PATIENCE * patience()):
        return await operator.finish({"gate-closed": "resume"}, limit=1_000_000)


async def run_through(
    rehearsal: Rehearsal,
    state_dir: Path,
    faults: Iterable[Fault],
    plan: Sample,
    row: Row,
    monkeypatch: pytest.MonkeyPatch,
) -> list[Case]:
    """A whole run that nobody has to help; fills the row."""
    async with disturbed(rehearsal, state_dir, faults, plan, monkeypatch) as (operator, disturber):
        status = await as_far_as_it_goes(operator)
        assert status is RunStatus.COMPLETED, operator.run.summary
        operator.check_the_record()
    row.cases += len(disturber.cases)
    row.take(rehearsal, state_dir, {"reboot": 1})
    assert not disturber.missed, disturber.missed
    assert row.clean, row.notes
    return disturber.cases
