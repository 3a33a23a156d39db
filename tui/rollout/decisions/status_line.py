"""Sentences for people: why nothing moves (or what moves), and what to do next."""

from __future__ import annotations

from datetime import datetime

from tui.model import problems
from tui.model.run import Node, Run, Step
from tui.model.states import Progress, RunStatus, StepStatus
from tui.rollout.decisions import next_action
from tui.rollout.interface import Advice, Candidate
from tui.rollout.procedure.order import procedure_step
from tui.rollout.procedure.step import ProcedureStep

SILENT_AFTER = 1200.0
"""Seconds without a byte of output after which a job is flagged. It may still work: nothing is killed."""


def advice(run: Run, candidates: tuple[Candidate, ...], now: datetime) -> Advice:
    """The status line."""
    node = run.working
    step = run.next_step
    if node is not None and step is not None and step.status.active:
        return _working(run, node, step, now)
    if run.status is RunStatus.RUNNING:
        return _between(run, node, step, candidates)
    if run.status.paused or run.status.final or run.status is RunStatus.BLOCKED:
        why = next_action.resumed_words(run) if run.code == problems.RECOVERED.code else run.summary
        urgent = run.status in (RunStatus.PAUSED_ON_ERROR, RunStatus.BLOCKED)
        return Advice(why or f"the run is {run.status.words}", run.next_action, urgent=urgent)
    words = {
        RunStatus.DRAFT: "opening the run",
        RunStatus.VALIDATING: "checking every node before anything is touched",
        RunStatus.READY: "all checks done",
        RunStatus.RECOVERING: "looking at every node after the interruption; nothing is started",
        RunStatus.INTERRUPTED: "the last console ended without a word",
    }
    return Advice(words.get(run.status, run.status.words), run.next_action or "wait")


def _working(run: Run, node: Node, step: Step, now: datetime) -> Advice:
    attempt = step.open_attempt
    took = max(0.0, (now - attempt.started).total_seconds()) if attempt else 0.0
    plan = run.planned(node, step.name) or procedure_step(node.management, step.name)
    pausing = "; pausing after this step" if run.status is RunStatus.PAUSE_PENDING else ""
    if step.status is StepStatus.DETACHED and step.code == problems.START_UNKNOWN.code:
        return Advice(step.reason, run.next_action, urgent=True)
    if step.status is StepStatus.DETACHED:
        since = max(0.0, (now - step.since).total_seconds()) if step.since else 0.0
        why = f"{node.name}: connection lost for {since:.0f} s during {step.name.words}; {step.reason}"
        if run.status is RunStatus.PAUSED_ON_ERROR:
            return Advice(why, run.next_action, urgent=True)
        return Advice(why + pausing, "wait: it is taken up again by itself")
    if took > plan.stop_after:
        why = f"{node.name}: {step.name.words} has run {took / 60:.0f} min, far longer than usual"
        return Advice(
            why + pausing, "nothing is killed by itself: look at the output; wait on, or cancel", urgent=True
        )
    silent = _silent(step, procedure_step(node.management, step.name), now)
    if silent > SILENT_AFTER:
        why = f"{node.name}: {step.name.words} has printed nothing for {silent / 60:.0f} min"
        return Advice(
            why + pausing,
            "it may hang; nothing is killed by itself: look at the node; wait on, or cancel",
            urgent=True,
        )
    slow = " (slower than usual)" if took > plan.warn_after else ""
    reason = node.progress_reason.removeprefix(f"{node.name}: ").removesuffix(".")
    detail = f": {reason}" if reason else ""
    if node.progress is Progress.WAITING_FOR_RETURN:
        detail = f"; it is waited for until it answers in a new boot ({reason or 'not heard of yet'})"
    return Advice(
        f"{node.name}: {step.name.words} is running{slow}{detail}{pausing}", "wait, or p to pause after it"
    )


def _silent(step: Step, procedure: ProcedureStep, now: datetime) -> float:
    """Seconds since the job of a running step has last printed something."""
    attempt = step.open_attempt
    waits = procedure.waits_for_job and step.status is StepStatus.RUNNING
    if attempt is None or attempt.begun.job_id is None or not waits:
        return 0.0
    return max(0.0, (now - (attempt.grew or attempt.started)).total_seconds())


def _between(run: Run, node: Node | None, step: Step | None, candidates: tuple[Candidate, ...]) -> Advice:
    if run.offer is not None:
        offered = run.offer.offered
        how = "type what it asks you to read" if offered.by_reading else "confirm"
        closed = offered.gate.startswith("closed")
        why = f"{run.offer.node}: {run.offer.step.words} waits for you" + (
            f"; gate {offered.gate}" if closed else ""
        )
        return Advice(why, f"enter, then {how}", urgent=True)
    if node is not None:
        return Advice(f"{node.name}: {step.name.words if step else 'finishing'}", "wait")
    best = candidates[0] if candidates else None
    if best is None and (waiting := next_action.remaining(run)):  # somebody looks on who cannot pick
        return Advice(f"the next node is to be picked; {len(waiting)} to go", "wait for who leads the run")
    if best is None:
        return Advice("no node is left", "wait for the end of the run")
    if not best.eligible:
        return Advice(f"nothing can start: {best.why}", "wait until the gate opens, or fix it")
    return Advice(
        f"{best.node} can go next: {best.proposal or best.why}",
        "n to pick it",
        urgent=next_action.waits_for_pick(run),
    )
