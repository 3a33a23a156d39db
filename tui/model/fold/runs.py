"""How a run changes: its status, plan, checks, gate, ledger and notes."""

from __future__ import annotations

from tui.model import events as ev
from tui.model.fold.base import change_node, on
from tui.model.fold.copy import replace
from tui.model.run import Check, LedgerLine, Node, Run, Step
from tui.model.states import Progress, RunStatus, Service


@on(ev.RunCreated)
def _created(run: Run, event: ev.Event, data: ev.RunCreated) -> Run:
    names = (*data.nodes, *([data.management_node] if data.management_node else []))
    nodes = {
        name: Node(
            name,
            management=name == data.management_node,
            hold=data.held.get(name, ""),
            again=name in data.enforce,
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
        simulated=data.simulated,
        not_simulated=data.not_simulated,
        nodes=nodes,
        pause_mode=data.pause_mode,
    )


@on(ev.RunBound)
def _bound(run: Run, event: ev.Event, data: ev.RunBound) -> Run:
    nodes = {
        name: replace(node, in_file=name not in data.gone, left=node.left if name in data.gone else "")
        for name, node in run.nodes.items()
    }
    nodes |= {name: Node(name) for name in data.added if name not in nodes}
    return replace(run, bound=data, nodes=nodes)


@on(ev.RunState)
def _run_state(run: Run, event: ev.Event, data: ev.RunState) -> Run:
    checks = () if data.status is RunStatus.VALIDATING else run.checks
    nodes = run.nodes
    if data.status is RunStatus.RUNNING:  # what was not agreed to until here is looked at anew
        nodes = {name: replace(node, files_found=None) for name, node in nodes.items()}
    return replace(
        run,
        nodes=nodes,
        status=data.status,
        status_since=event.time if data.status is not run.status else run.status_since,
        code=data.code,
        summary=data.summary,
        next_action=data.next_action,
        pause_mode=data.pause_mode or run.pause_mode,
        checks=checks,
    )


@on(ev.PlanFrozen)
def _plan(run: Run, event: ev.Event, data: ev.PlanFrozen) -> Run:
    def planned(node: Node) -> Node:
        steps = data.management_steps if node.management else data.steps
        made = {plan.step: node.steps.get(plan.step, Step(plan.step)) for plan in steps}
        # what is in no plan (a put-back) keeps its attempts: their numbers are never used again
        return replace(node, steps={**made, **{k: v for k, v in node.steps.items() if k not in made}})

    return replace(run, plan=data, nodes={name: planned(node) for name, node in run.nodes.items()})


@on(ev.PreflightResult)
def _preflight(run: Run, event: ev.Event, data: ev.PreflightResult) -> Run:
    return replace(run, checks=(*run.checks, Check(event.node, data, event.time)))


@on(ev.GateSample)
def _gate(run: Run, event: ev.Event, data: ev.GateSample) -> Run:
    return replace(run, gate=data)


@on(ev.OutFound)
def _out_found(run: Run, event: ev.NodeEvent, data: ev.OutFound) -> Run:
    return replace(run, left_out={**run.left_out, event.node: data})


@on(ev.OutSettled)
def _out_settled(run: Run, event: ev.NodeEvent, data: ev.OutSettled) -> Run:
    left = {name: found for name, found in run.left_out.items() if name != event.node}
    return replace(run, left_out=left, settled={**run.settled, event.node: data.run})


@on(ev.LedgerAdded)
def _ledger_added(run: Run, event: ev.NodeEvent, data: ev.LedgerAdded) -> Run:
    after = replace(run, ledger=(*run.ledger, LedgerLine(data.line, event.node, data, event.time)))
    return change_node(after, event, service=Service.OUT_BY_RUN)


@on(ev.LedgerUndone)
def _ledger_undone(run: Run, event: ev.NodeEvent, data: ev.LedgerUndone) -> Run:
    closed = data.how if data.how == "undone" else f"signed-off: {data.reason}"
    # a name is used again when the node is taken out again: what was closed before keeps how it was closed
    ledger = tuple(
        replace(line, closed=closed) if line.line == data.line and not line.closed else line
        for line in run.ledger
    )
    after = replace(run, ledger=ledger)
    still_out = any(line.node == event.node and not line.closed for line in ledger)
    return after if still_out else change_node(after, event, service=Service.IN_SERVICE)


@on(ev.RisksAcknowledged)
def _risks(run: Run, event: ev.Event, data: ev.RisksAcknowledged) -> Run:
    return replace(run, risks_known=run.risks_known | set(data.risks))


@on(ev.NoteAdded)
def _note(run: Run, event: ev.Event, data: ev.NoteAdded) -> Run:
    return replace(run, notes=(*run.notes, (event.time, event.actor, data.text)))
