"""When a question is stale: the run is not as it was when it was asked, so its answer must do nothing.

Each function gives a check for a dialog: run in, sentence out, empty while the question still stands.
"""

from __future__ import annotations

from collections.abc import Callable

from tui.model.run import Run
from tui.model.steps import StepName
from tui.text.sanitize import sanitize_line

StaleCheck = Callable[[Run], str]


def _under_way(run: Run) -> tuple[str, StepName, int] | None:
    """The node, step and attempt that run now."""
    for node in run.nodes.values():
        if (step := node.active_step) is not None:
            return node.name, step.name, len(step.attempts)
    return None


def _token(run: Run) -> str:
    return run.offer.offered.token if run.offer is not None else ""


def _over(before: Run, now: Run) -> str:
    ended = now.status.final and not before.status.final
    return f"the run has ended meanwhile: {now.status.words}" if ended else ""


def offer_changed(token: str) -> StaleCheck:
    """The run has ended, or that offer does not stand any more."""

    def check(now: Run) -> str:
        if now.status.final:
            return "the run has ended meanwhile, so nothing was confirmed"
        changed = "what was offered has changed meanwhile, so nothing was confirmed"
        return "" if _token(now) == token else changed

    return check


def work_changed(before: Run) -> StaleCheck:
    """The run has ended, or another step runs or is offered, or another node is in work."""
    work, token = _under_way(before), _token(before)

    def check(now: Run) -> str:
        if over := _over(before, now):
            return over
        if (running := _under_way(now)) != work:
            node, step, _ = work or running or ("", StepName.LOG_IN, 0)
            return f"{step.words} on {sanitize_line(node, 64)} has {'ended' if work else 'begun'} meanwhile"
        if _token(now) != token:
            offer = now.offer
            if offer is None:
                return "what was offered is no longer offered"
            return f"{offer.step.words} on {sanitize_line(offer.node, 64)} is offered now"
        if now.current != before.current:
            where = "in work" if now.current else "out of work"
            return f"{sanitize_line(now.current or before.current or '', 64)} is {where} meanwhile"
        return ""

    return check


def node_changed(before: Run, name: str) -> StaleCheck:
    """The run has ended, or something has happened to the node or to one of its steps."""

    def state(run: Run) -> tuple[object, ...]:
        node = run.nodes[name]
        return node.progress, node.hold, {step: (s.status, s.code) for step, s in node.steps.items()}

    def check(now: Run) -> str:
        if over := _over(before, now):
            return over
        if state(now) == state(before):
            return ""
        node = now.nodes[name]
        step = node.active_step
        where = f"{step.name.words} runs" if step is not None else node.progress.words
        return f"{sanitize_line(name, 64)} has changed meanwhile: {where}"

    return check


def ledger_changed(before: Run) -> StaleCheck:
    """Other things are out of service."""

    def check(now: Run) -> str:
        gone = {line.thing for line in before.open_ledger} ^ {line.thing for line in now.open_ledger}
        words = ", ".join(sanitize_line(thing, 80) for thing in sorted(gone))
        changed = f"what is out of service has changed meanwhile: {words}" if gone else ""
        return _over(before, now) or changed

    return check


def mode_changed(before: Run) -> StaleCheck:
    """The run has ended, or somebody has changed how often it waits."""

    def check(now: Run) -> str:
        changed = now.pause_mode is not before.pause_mode
        return _over(before, now) or (f"the mode is now {now.pause_mode.words}" if changed else "")

    return check


def first_of(*checks: StaleCheck) -> StaleCheck:
    """The first sentence of several."""
    return lambda now: next((said for check in checks if (said := check(now))), "")
