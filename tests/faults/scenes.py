"""What the tests of reboots and of the ledger share: going to a place in a run, counting what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.faults.tally import Row
from tests.rollout.engine_operator import Operator
from tui.model import intents as it
from tui.model.fold import fold
from tui.model.states import Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rehearsal import Rehearsal
from tui.report import read_report

FAST = 200.0


async def no_clean_up(*_: object) -> tuple[str, ...]:
    """Leave the nodes' files: the test compares them with what was kept here."""
    return ()


@pytest.fixture
def kept_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs stay on the nodes after a run, so that every byte can be compared."""
    monkeypatch.setattr("tui.rollout.execution.completion.clean_up", no_clean_up)


def runs(operator: Operator, step: StepName, node: str = "px01") -> bool:
    """Whether an attempt of the step is under way."""
    found = operator.run.nodes[node].steps.get(step)
    return found is not None and found.status in (StepStatus.RUNNING, StepStatus.DETACHED)


def said(operator: Operator, step: StepName, node: str = "px01") -> bytes:
    """The output so far of the step's latest attempt."""
    attempt = operator.step(node, step).attempt
    return operator.engine.output(node, step, attempt.number, 0) if attempt is not None else b""


async def go_to(
    operator: Operator, step: StepName, node: str = "px01", remedies: Mapping[str, str] | None = None
) -> None:
    """Confirm until that step of that node is offered; the run pauses at every step."""
    for _ in range(60):
        await operator.needed()
        run = operator.run
        if run.offer is not None and (run.offer.node, run.offer.step) == (node, step):
            return
        if run.offer is not None:
            reply = operator.confirm()
            if not reply.accepted:
                await operator.engine._monitor.look_now()
        elif run.status is RunStatus.RUNNING:
            await operator.engine._monitor.look_now()
            operator.engine.submit(it.SelectNode(node=operator.engine.candidates()[0].node))
        elif run.code in (remedies or {}):
            assert operator.choose((remedies or {})[run.code]).accepted
        else:
            raise AssertionError(f"on the way to {step}: {run.status} {run.summary}")
    raise AssertionError(f"{step} was not reached")


def pauses(operator: Operator) -> list[tuple[str, str]]:
    """Code and words of every pause for an error, in order."""
    return [
        (str(event.data["code"]), f"{event.data['summary']}; {event.data['next_action']}")
        for event in operator.happened
        if event.type == "run.state" and event.data["status"] == RunStatus.PAUSED_ON_ERROR
    ]


class Case:
    """Compares what a row counts; whatever is not as expected is one wrong final state."""

    def __init__(self, row: Row, rehearsal: Rehearsal) -> None:
        self.row = row
        self.rehearsal = rehearsal
        row.cases += 1

    def expect(self, holds: object, words: str) -> None:
        """Count it as wrong when it does not hold."""
        if not holds:
            self.row.wrong_states += 1
            self.row.notes.append(words)

    def ran(self, node: str, words: str, times: int) -> None:
        """A program was called so often, and not once more."""
        log = self.rehearsal.node(node).log
        seen = sum(1 for line in log if line == words or line.startswith(f"{words} "))
        self.row.double_starts += max(0, seen - times)
        self.expect(seen == times, f"{node}: {words!r} {seen} times, not {times}: {log}")

    def bytes_and_record(self, operator: Operator, directory: Path | None = None) -> None:
        """Every output file against the job on the node; the journal against the state."""
        operator.check_the_record()
        where = directory or operator.session.run_dir
        self.expect(fold(operator.engine.events()) == operator.run, "the journal folds to another state")
        for promise in read_report(operator.session.run_dir).invariants:
            self.expect(promise.holds, f"{promise.name}: {promise.evidence}")
        for name in self.rehearsal.nodes:
            self.row._bytes(operator.run, where, name, self.rehearsal.node(name).sysroot)

    def serves(self, node: str, version: str) -> None:
        """The node runs its services and its application, with that version loaded."""
        machine = self.rehearsal.node(node)
        self.expect(machine.services_running, f"{node}: services do not run")
        self.expect(machine.app_transport == "pcie", f"{node}: application over {machine.app_transport}")
        self.expect(machine.active == version, f"{node}: {machine.active} is loaded, not {version}")

    def updated(self, operator: Operator, nodes: Iterable[str]) -> None:
        """The end that a run is there for."""
        target = self.rehearsal.plan.target
        self.expect(not operator.run.open_ledger, "the ledger is open")
        for name in nodes:
            progress = operator.run.nodes[name].progress
            self.expect(progress is Progress.UPDATED, f"{name} is {progress}")
            installed = self.rehearsal.node(name).installed
            self.expect(installed == target, f"{name}: {installed} is installed")
            self.serves(name, target)
