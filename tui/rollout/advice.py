"""Sentences for people: why nothing moves (or what moves), what to do next, and what can be chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tui.model import intents as it
from tui.model.run import Node, Run, Step
from tui.model.states import Confirm, Progress, RerunScope, RunStatus, StepName, StepStatus
from tui.rollout import decide
from tui.rollout.answers.failures import OVERRIDES, REBOOT_CURES
from tui.rollout.desk import Advice, Candidate, Choice
from tui.rollout.procedure import kind

_RESUMABLE = (RunStatus.PAUSE_PENDING, RunStatus.BLOCKED)


def advice(run: Run, candidates: tuple[Candidate, ...], now: datetime) -> Advice:
    """The status line."""
    node = run.working
    step = decide.next_step(node) if node is not None else None
    if node is not None and step is not None and step.status.active:
        return _working(run, node, step, now)
    if run.status is RunStatus.RUNNING:
        return _between(run, node, step, candidates)
    if run.status.paused or run.status.final or run.status is RunStatus.BLOCKED:
        why = run.summary or f"the run is {run.status}"
        return Advice(
            why, run.next_action, urgent=run.status in (RunStatus.PAUSED_ON_ERROR, RunStatus.BLOCKED)
        )
    words = {
        RunStatus.DRAFT: "opening the run",
        RunStatus.VALIDATING: "checking every node before anything is touched",
        RunStatus.READY: "all checks done",
        RunStatus.RECOVERING: "looking at every node after the interruption; nothing is started",
        RunStatus.INTERRUPTED: "the last console ended without a word",
    }
    return Advice(words.get(run.status, str(run.status)), run.next_action or "wait")


def _working(run: Run, node: Node, step: Step, now: datetime) -> Advice:
    attempt = step.open_attempt
    took = (now - attempt.started).total_seconds() if attempt else 0.0
    plan = kind(node.management, step.name)
    pausing = "; pausing after this step" if run.status is RunStatus.PAUSE_PENDING else ""
    if step.status is StepStatus.DETACHED:
        since = (now - step.since).total_seconds() if step.since else 0.0
        why = f"{node.name}: connection lost for {since:.0f} s during {step.name.words}; {step.reason}"
        return Advice(why + pausing, "wait: it is taken up again by itself")
    if took > plan.stop_after:
        why = f"{node.name}: {step.name.words} has run {took / 60:.0f} min, far longer than usual"
        return Advice(
            why + pausing, "nothing is killed by itself: look at the output; wait on, or cancel", urgent=True
        )
    slow = " (slower than usual)" if took > plan.warn_after else ""
    detail = f": {node.progress_reason}" if node.progress_reason else ""
    return Advice(
        f"{node.name}: {step.name.words} is running{slow}{detail}{pausing}", "wait, or p to pause after it"
    )


def _between(run: Run, node: Node | None, step: Step | None, candidates: tuple[Candidate, ...]) -> Advice:
    if run.offer is not None:
        offered = run.offer.offered
        how = f"type {run.offer.node}" if offered.confirm is Confirm.TYPE_NAME else "confirm"
        closed = offered.gate.startswith("closed")
        why = f"{run.offer.node}: {run.offer.step.words} waits for you" + (
            f"; gate {offered.gate}" if closed else ""
        )
        return Advice(why, f"enter, then {how}", urgent=True)
    if node is not None:
        return Advice(f"{node.name}: {step.name.words if step else 'finishing'}", "wait")
    best = candidates[0] if candidates else None
    if best is None:
        return Advice("no node is left", "wait for the end of the run")
    if not best.eligible:
        return Advice(f"nothing can start: {best.why}", "wait until the gate opens, or mend it")
    return Advice(f"{best.node} can go next: {best.why}", "n to pick it", urgent=decide.waits_for_pick(run))


def choices(run: Run) -> tuple[Choice, ...]:
    """What a person can do about what stands now, the recommended choice first."""
    found: list[Choice] = []
    node = run.working
    step = decide.next_step(node) if node is not None else None
    if node is not None and step is not None and step.status.broken:
        found += _cures(node, step)
        name = node.name
        found.append(
            Choice(
                f"rerun {name} from log in",
                "do every step of the node again",
                it.RerunStep(node=name, step=StepName.LOG_IN, scope=RerunScope.NODE),
            )
        )
        out = " (it stays out of service until its ledger lines are closed)" if _is_out(run, name) else ""
        found.append(
            Choice(
                f"skip {name}",
                f"this run does not update it{out}",
                it.SkipNode(node=name, reason=""),
                needs_reason=True,
            )
        )
        found.append(
            Choice(
                f"hold {name}",
                "hands off until it is released",
                it.HoldNode(node=name, reason=""),
                needs_reason=True,
            )
        )
    elif run.code != "ledger-open" and (run.status.paused or run.status in _RESUMABLE):
        words = "check again" if run.status is RunStatus.BLOCKED else "go on"
        found.append(Choice("resume", words, it.Resume(), recommended=True))
    for line in run.open_ledger if node is None else ():
        found.append(
            Choice(
                f"sign off {line.line}",
                f"you have seen to it yourself: {line.added.undo}",
                it.SignOff(line=line.line, reason=""),
                needs_reason=True,
            )
        )
        if line.added.what == "node":
            found.append(
                Choice(
                    f"rerun {line.node}",
                    "take the node up again and finish it",
                    it.RerunStep(node=line.node, step=StepName.LOG_IN, scope=RerunScope.NODE),
                )
            )
    if not run.status.final:
        found.append(
            Choice(
                "cancel the run",
                "end it here; what is updated stays",
                it.CancelRun(reason=""),
                needs_reason=True,
            )
        )
    return tuple(sorted(found, key=lambda choice: not choice.recommended))


def _cures(node: Node, step: Step) -> list[Choice]:
    rerun = it.RerunStep(node=node.name, step=step.name)
    reboot_first = step.code in REBOOT_CURES
    waits_on = step.code == "no-return"
    word = f"wait on for {node.name}" if waits_on else f"rerun {step.name.words}"
    meaning = "no second reboot is ordered" if waits_on else "a new attempt of this step"
    found = [Choice(word, meaning, rerun, recommended=not reboot_first)]
    if reboot_first:
        reason = f"{step.name.words}: {step.code}"
        meaning = "the manual's cure; asks for the node's name before it reboots"
        found.append(
            Choice(
                f"reboot {node.name}",
                meaning,
                it.RequestReboot(node=node.name, reason=reason),
                recommended=True,
            )
        )
    if step.code in OVERRIDES:
        tried = len(step.attempts) > 1 and not reboot_first
        found = [replace(choice, recommended=choice.recommended and not tried) for choice in found]
        reboot = bool(OVERRIDES[step.code])
        word = "go on with reboot needed" if reboot else "sign off"
        meaning = (
            "the node can be updated, but only a reboot makes it active"
            if reboot
            else "you have seen to it yourself"
        )
        intent = it.Override(node=node.name, check=step.code, reason="")
        found.append(Choice(word, meaning, intent, recommended=tried, dangerous=True, needs_reason=True))
    return found


def _is_out(run: Run, node: str) -> bool:
    return any(line.node == node for line in run.open_ledger)


def blurb(node: Node) -> str:
    """A few words on a node that could be next."""
    if node.progress is Progress.FAILED:
        return f"failed before: {node.progress_reason}"
    version = node.facts.installed if node.facts else None
    return f"{node.health}, {version or 'version unknown'}"
