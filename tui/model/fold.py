"""State as a pure fold over events: live, resumed, watched, replayed and reported runs all use this one.

Each handler takes the run so far and one event and gives the run after it; nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from tui.model import events as ev
from tui.model.run import Attempt, Check, LedgerLine, Node, Offer, Run, Step
from tui.model.states import Progress, RunStatus, Service, StepName, StepStatus

P = TypeVar("P", bound=ev.Payload)
Handler = Callable[[Run, ev.Event, Any], Run]
_HANDLERS: dict[type[ev.Payload], Handler] = {}


def fold(events: Iterable[ev.Event]) -> Run:
    """The run that these events describe, from the first one on."""
    run = Run()
    for event in events:
        run = apply(run, event)
    return run


def apply(run: Run, event: ev.Event) -> Run:
    """The run after one more event. Event types without a handler change only ``seq``."""
    payload = event.payload
    handler = _HANDLERS.get(type(payload))
    after = handler(run, event, payload) if handler else run
    return replace(after, seq=event.seq)


def _on(kind: type[P]) -> Callable[[Callable[[Run, ev.Event, P], Run]], Callable[[Run, ev.Event, P], Run]]:
    def register(handler: Callable[[Run, ev.Event, P], Run]) -> Callable[[Run, ev.Event, P], Run]:
        _HANDLERS[kind] = handler
        return handler

    return register


def _node(run: Run, event: ev.Event, **changes: Any) -> Run:
    """``run`` with its event's node changed; a new progress also takes the event's time."""
    assert event.node is not None
    if "progress" in changes:
        changes.setdefault("since", event.time)
    node = replace(run.nodes[event.node], **changes)
    return replace(run, nodes={**run.nodes, event.node: node})


def _step(run: Run, event: ev.Event, **changes: Any) -> Run:
    """``run`` with its event's step changed."""
    assert event.node is not None
    assert event.step is not None
    steps = run.nodes[event.node].steps
    step = replace(steps.get(event.step, Step(event.step)), **changes)
    return _node(run, event, steps={**steps, event.step: step})


def _current_step(run: Run, event: ev.Event) -> Step:
    assert event.node is not None
    assert event.step is not None
    return run.nodes[event.node].steps.get(event.step, Step(event.step))


@_on(ev.RunCreated)
def _created(run: Run, event: ev.Event, data: ev.RunCreated) -> Run:
    names = (*data.nodes, *([data.management_node] if data.management_node else []))
    nodes = {
        name: Node(
            name,
            management=name == data.management_node,
            hold=data.held.get(name, ""),
            progress=Progress.HELD if name in data.held else Progress.WAITING,
            progress_reason=data.held.get(name, ""),
        )
        for name in names
    }
    return replace(
        run,
        run_id=data.run_id,
        cluster=data.cluster,
        cluster_file=data.cluster_file,
        target=data.target,
        created=event.time,
        created_by=event.actor,
        nodes=nodes,
        pause_mode=data.pause_mode,
    )


@_on(ev.RunState)
def _run_state(run: Run, event: ev.Event, data: ev.RunState) -> Run:
    checks = () if data.status is RunStatus.VALIDATING else run.checks
    return replace(
        run,
        status=data.status,
        status_since=event.time if data.status is not run.status else run.status_since,
        code=data.code,
        summary=data.summary,
        next_action=data.next_action,
        pause_mode=data.pause_mode or run.pause_mode,
        checks=checks,
    )


@_on(ev.PlanFrozen)
def _plan(run: Run, event: ev.Event, data: ev.PlanFrozen) -> Run:
    def planned(node: Node) -> Node:
        steps = data.management_steps if node.management else data.steps
        return replace(node, steps={plan.step: node.steps.get(plan.step, Step(plan.step)) for plan in steps})

    return replace(run, plan=data, nodes={name: planned(node) for name, node in run.nodes.items()})


@_on(ev.PreflightResult)
def _preflight(run: Run, event: ev.Event, data: ev.PreflightResult) -> Run:
    return replace(run, checks=(*run.checks, Check(event.node, data, event.time)))


@_on(ev.GateSample)
def _gate(run: Run, event: ev.Event, data: ev.GateSample) -> Run:
    return replace(run, gate=data)


@_on(ev.NodeSelected)
def _selected(run: Run, event: ev.Event, data: ev.NodeSelected) -> Run:
    return replace(
        _node(run, event, progress=Progress.SELECTED, progress_reason=data.reason), current=event.node
    )


@_on(ev.NodeProgress)
def _progress(run: Run, event: ev.Event, data: ev.NodeProgress) -> Run:
    after = _node(run, event, progress=data.progress, progress_reason=data.reason)
    if data.progress.done and run.current == event.node:
        return replace(after, current=None)
    return after


@_on(ev.NodeHealth)
def _health(run: Run, event: ev.Event, data: ev.NodeHealth) -> Run:
    return _node(run, event, health=data.health, health_detail=data.detail)


@_on(ev.NodeFacts)
def _facts(run: Run, event: ev.Event, data: ev.NodeFacts) -> Run:
    return _node(run, event, facts=data)


@_on(ev.NodeSkipped)
def _skipped(run: Run, event: ev.Event, data: ev.NodeSkipped) -> Run:
    after = _node(run, event, progress=Progress.SKIPPED, progress_reason=data.reason)
    return _let_go(after, event)


@_on(ev.NodeHeld)
def _held(run: Run, event: ev.Event, data: ev.NodeHeld) -> Run:
    progress = Progress.WAITING if data.released else Progress.HELD
    after = _node(run, event, progress=progress, progress_reason=data.reason, hold=data.reason)
    return _let_go(after, event)


def _let_go(run: Run, event: ev.Event) -> Run:
    """The event's node is no longer the one being worked on, and its offer is void."""
    if run.current != event.node:
        return run
    spent = run.spent_tokens | {run.offer.offered.token} if run.offer else run.spent_tokens
    return replace(run, current=None, offer=None, spent_tokens=spent)


@_on(ev.StepOffered)
def _offered(run: Run, event: ev.Event, data: ev.StepOffered) -> Run:
    assert event.node is not None
    assert event.step is not None
    assert event.attempt is not None
    after = _step(run, event, status=StepStatus.AWAITING_CONFIRM, since=event.time, confirmed_by="")
    return replace(after, offer=Offer(event.node, event.step, event.attempt, data, event.time))


@_on(ev.StepConfirmed)
def _confirmed(run: Run, event: ev.Event, data: ev.StepConfirmed) -> Run:
    command = run.offer.offered.command if run.offer else ""
    after = _step(
        run,
        event,
        status=StepStatus.CONFIRMED,
        since=event.time,
        confirmed_by=event.actor,
        confirmed_command=command,
    )
    return replace(after, offer=None, spent_tokens=run.spent_tokens | {data.token})


@_on(ev.StepDeclined)
def _declined(run: Run, event: ev.Event, data: ev.StepDeclined) -> Run:
    after = _step(run, event, status=StepStatus.PENDING, since=event.time, reason="declined")
    return replace(after, offer=None, spent_tokens=run.spent_tokens | {data.token})


@_on(ev.StepState)
def _step_state(run: Run, event: ev.Event, data: ev.StepState) -> Run:
    restarted = data.status in (StepStatus.PENDING, StepStatus.RUNNING)
    step = _current_step(run, event)
    after = _step(
        run,
        event,
        status=data.status,
        since=event.time,
        code=data.code,
        reason=data.reason,
        remedy=data.remedy,
        confirmed_by="" if data.status is StepStatus.PENDING else step.confirmed_by,
    )
    after = _reboot_wanted(after, event, data.status, data.reboot_reason)
    if restarted and run.offer and (run.offer.node, run.offer.step) == (event.node, event.step):
        after = replace(after, offer=None, spent_tokens=run.spent_tokens | {run.offer.offered.token})
    return after


@_on(ev.AttemptStarted)
def _attempt_started(run: Run, event: ev.Event, data: ev.AttemptStarted) -> Run:
    assert event.attempt is not None
    step = _current_step(run, event)
    attempt = Attempt(event.attempt, data, event.time)
    return _step(
        run,
        event,
        status=StepStatus.RUNNING,
        since=event.time,
        code="",
        reason="",
        remedy="",
        attempts=(*step.attempts, attempt),
    )


def _latest_attempt(run: Run, event: ev.Event, **changes: Any) -> tuple[Attempt, ...]:
    *before, last = _current_step(run, event).attempts
    assert last.number == event.attempt
    return (*before, replace(last, **changes))


@_on(ev.AttemptOutput)
def _attempt_output(run: Run, event: ev.Event, data: ev.AttemptOutput) -> Run:
    return _step(run, event, attempts=_latest_attempt(run, event, size=data.offset))


@_on(ev.AttemptEnded)
def _attempt_ended(run: Run, event: ev.Event, data: ev.AttemptEnded) -> Run:
    attempts = _latest_attempt(
        run,
        event,
        ended=event.time,
        status=data.status,
        exit_code=data.exit_code,
        size=data.size,
        sha256=data.sha256,
        summary=data.summary,
    )
    after = _step(
        run,
        event,
        attempts=attempts,
        status=data.status,
        since=event.time,
        code=data.code,
        reason=data.summary,
        remedy=data.remedy,
    )
    return _reboot_wanted(after, event, data.status, data.reboot_reason)


def _reboot_wanted(run: Run, event: ev.Event, status: StepStatus, reason: str) -> Run:
    """Note why the node needs a reboot, or that it has had it."""
    if reason:
        return _node(run, event, reboot_reason=reason)
    if event.step is StepName.REBOOT and status is StepStatus.SUCCEEDED:
        return _node(run, event, reboot_reason="")
    return run


@_on(ev.OverrideUsed)
def _override(run: Run, event: ev.Event, data: ev.OverrideUsed) -> Run:
    step = _current_step(run, event)
    if not step.attempts:
        return run
    *before, last = step.attempts
    marked = replace(last, overrides=(*last.overrides, f"{data.check}: {data.reason}"))
    return _step(run, event, attempts=(*before, marked))


@_on(ev.LedgerAdded)
def _ledger_added(run: Run, event: ev.Event, data: ev.LedgerAdded) -> Run:
    assert event.node is not None
    after = replace(run, ledger=(*run.ledger, LedgerLine(data.line, event.node, data, event.time)))
    return _node(after, event, service=Service.OUT_BY_RUN)


@_on(ev.LedgerUndone)
def _ledger_undone(run: Run, event: ev.Event, data: ev.LedgerUndone) -> Run:
    assert event.node is not None
    closed = data.how if data.how == "undone" else f"signed-off: {data.reason}"
    ledger = tuple(replace(line, closed=closed) if line.line == data.line else line for line in run.ledger)
    after = replace(run, ledger=ledger)
    still_out = any(line.node == event.node and not line.closed for line in ledger)
    return after if still_out else _node(after, event, service=Service.IN_SERVICE)


@_on(ev.NoteAdded)
def _note(run: Run, event: ev.Event, data: ev.NoteAdded) -> Run:
    return replace(run, notes=(*run.notes, (event.time, event.actor, data.text)))
