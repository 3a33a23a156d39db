"""How a node changes: picked, moved along, seen, skipped, held."""

from __future__ import annotations

from tui.model import events as ev
from tui.model.fold.base import change_node, node_of, on, spend
from tui.model.fold.copy import replace
from tui.model.run import Run, Step
from tui.model.states import Progress, Service, StepStatus
from tui.model.steps import StepName


@on(ev.NodeSelected)
def _selected(run: Run, event: ev.NodeEvent, data: ev.NodeSelected) -> Run:
    node = node_of(run, event)
    undo = node.steps.get(StepName.PUT_BACK)
    only_put_back = undo is not None and not undo.status.passed
    after = change_node(
        run,
        event,
        progress=Progress.SELECTED,
        progress_reason=data.reason,
        skipped=node.skipped if only_put_back else "",
    )
    return replace(after, current=event.node)


@on(ev.NodeProgress)
def _progress(run: Run, event: ev.NodeEvent, data: ev.NodeProgress) -> Run:
    after = change_node(run, event, progress=data.progress, progress_reason=data.reason)
    return replace(after, current=None) if data.progress.done and run.current == event.node else after


@on(ev.NodeHealth)
def _health(run: Run, event: ev.NodeEvent, data: ev.NodeHealth) -> Run:
    return change_node(run, event, health=data.health, health_detail=data.detail)


@on(ev.NodeFacts)
def _facts(run: Run, event: ev.NodeEvent, data: ev.NodeFacts) -> Run:
    return change_node(run, event, facts=data)


@on(ev.NodeReadiness)
def _readiness(run: Run, event: ev.NodeEvent, data: ev.NodeReadiness) -> Run:
    return change_node(run, event, readiness=data, readiness_at=event.time)


@on(ev.NodeErrors)
def _errors(run: Run, event: ev.NodeEvent, data: ev.NodeErrors) -> Run:
    return change_node(run, event, errors_before=data) if data.moment == "before" else run


@on(ev.NodeBaseline)
def _baseline(run: Run, event: ev.NodeEvent, data: ev.NodeBaseline) -> Run:
    after = change_node(run, event, baseline=data)
    return replace(after, baselines={data.version: data, **run.baselines})


@on(ev.NodeFiles)
def _files(run: Run, event: ev.NodeEvent, data: ev.NodeFiles) -> Run:
    if data.how == "found":
        return change_node(run, event, files_found=data)
    if data.how != "agreed":
        return change_node(run, event, files=data, files_agreed=None, files_found=None)
    if data.files is not None:
        return change_node(run, event, files_agreed=data, files_found=None)
    return replace(change_node(run, event, files_found=None), unseen_files=run.unseen_files | {event.node})


@on(ev.NodeSkipped)
def _skipped(run: Run, event: ev.NodeEvent, data: ev.NodeSkipped) -> Run:
    after = change_node(
        run, event, progress=Progress.SKIPPED, progress_reason=data.reason, skipped=data.reason
    )
    return _let_go(after, event)


@on(ev.NodeLeft)
def _left(run: Run, event: ev.NodeEvent, data: ev.NodeLeft) -> Run:
    """Its open ledger lines are closed: nobody can put back what is not there."""
    closed = f"signed-off: the node has left the cluster: {data.reason}"
    ledger = tuple(
        replace(line, closed=closed) if line.node == event.node and not line.closed else line
        for line in run.ledger
    )
    after = change_node(
        replace(run, ledger=ledger), event, left=data.reason, hold="", service=Service.IN_SERVICE
    )
    if not node_of(run, event).progress.at_target:
        reason = f"has left the cluster: {data.reason}"
        after = change_node(
            after, event, progress=Progress.SKIPPED, progress_reason=reason, skipped=data.reason
        )
    return _let_go(after, event)


@on(ev.NodeHeld)
def _held(run: Run, event: ev.NodeEvent, data: ev.NodeHeld) -> Run:
    progress = Progress.WAITING if data.released else Progress.HELD
    after = change_node(run, event, progress=progress, progress_reason=data.reason, hold=data.reason)
    return _let_go(after, event)


def _let_go(run: Run, event: ev.NodeEvent) -> Run:
    """The event's node is no longer the one being worked on; what was offered or confirmed on it is void."""
    if run.current != event.node:
        return run
    steps = {name: _void(step) for name, step in node_of(run, event).steps.items()}
    after = replace(change_node(run, event, steps=steps), current=None)
    return spend(after, run.offer.offered.token) if run.offer else after


def _void(step: Step) -> Step:
    """Whoever takes the node up again is asked again."""
    if not step.status.asked:
        return step
    return replace(step, status=StepStatus.PENDING, reason="the node was let go", confirmed_by="")
