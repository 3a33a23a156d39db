"""Runs as they may stand, made without a journal: for tests of what is decided about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from tui.model.events import AttemptStarted, LedgerAdded, StepOffered
from tui.model.run import Attempt, LedgerLine, Node, Offer, Run, Step
from tui.model.states import AbortClass, Confirm, ConfirmClass, PauseMode, Progress, RunStatus, StepStatus
from tui.model.steps import StepName

NOW = datetime(2026, 11, 28, tzinfo=UTC)
STEPS = tuple(name for name in StepName if name is not StepName.PUT_BACK)


def under_way(begun: bool = True) -> tuple[Attempt, ...]:
    """An attempt that has not ended; one with no job on the node when it has not ``begun`` there."""
    started = AttemptStarted(
        job_id="j" if begun else None, boot_id="b", command="c", output="o", confirmed_by="eva@console"
    )
    return (Attempt(1, started, NOW),)


def node(name: str, at: StepName | None = None, step: Step | None = None, **words: Any) -> Node:
    """A Cluster Node whose steps have passed up to ``at``, which stands as ``step`` says (pending)."""
    steps: dict[StepName, Step] = {each: Step(each) for each in STEPS}
    passed = STEPS.index(at) if at is not None else len(STEPS) * (words.get("progress") is Progress.UPDATED)
    for each in STEPS[:passed]:
        steps[each] = Step(each, StepStatus.SUCCEEDED)
    if step is not None:
        steps[step.name] = step
    return Node(name, steps=steps, **words)


def run(*nodes: Node, current: str | None = None, **words: Any) -> Run:
    """A running one that waits for a person at every step, unless ``words`` say otherwise."""
    return Run(
        run_id="r", status=words.pop("status", RunStatus.RUNNING), nodes={each.name: each for each in nodes},
        current=current, **words,
    )  # fmt: skip


def at(name: StepName, status: StepStatus, code: str = "", **words: Any) -> Run:
    """A run that works on px01, which is at a step that stands so."""
    step = Step(name, status, code=code, **words)
    return run(node("px01", name, step), node("px02"), current="px01")


def offered(
    run: Run, confirm: Confirm, stands_for: ConfirmClass, mode: PauseMode, step: StepName = StepName.INSTALL
) -> Run:
    """The same with a step of its node offered."""
    words = StepOffered(
        token="t", target="px01", command="c", confirm=confirm, abort_class=AbortClass.FREE,
        unavailable="", undo="", gate="", reason="", confirm_class=stands_for, notices=(),
    )  # fmt: skip
    return replace(run, offer=Offer("px01", step, 1, words, NOW), pause_mode=mode)


def taken_out(run: Run, name: str, *what: Literal["applications", "services", "node"]) -> Run:
    """The same with these things of a node out of service."""
    lines = [
        LedgerAdded(line=f"{name}/{each}", what=each, before="running", undo=f"start {each}") for each in what
    ]
    return replace(run, ledger=(*run.ledger, *(LedgerLine(each.line, name, each, NOW) for each in lines)))


def updated(name: str) -> Node:
    """A node that is done."""
    return node(name, progress=Progress.UPDATED)
