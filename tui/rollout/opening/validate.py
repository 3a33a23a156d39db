"""Every check of a new run, before anything is touched; then the plan is frozen and the run may begin."""

from __future__ import annotations

from tui.expressware.facts import Facts
from tui.expressware.versions import same
from tui.model import events as ev
from tui.model.clusterfile import ClusterFile
from tui.model.problems import LEFT_OUT
from tui.model.run import Run
from tui.model.states import Progress, RunStatus
from tui.remote import Fleet
from tui.rollout.gate.monitor import Monitor
from tui.rollout.plan import frozen_plan, node_order
from tui.rollout.preflight import Finding, foremost, planned_sia, preflight, summary
from tui.rollout.procedure.left_out import event_of, sentence
from tui.rollout.procedure.login import facts_event, identity_of
from tui.rollout.publisher import EventPublisher
from tui.rollout.watchers import baselines


async def validate(publisher: EventPublisher, config: ClusterFile, fleet: Fleet, monitor: Monitor) -> None:
    """Make every check, and freeze the plan when nothing stands against it: before the first node only."""
    again = publisher.state.status is RunStatus.BLOCKED
    publisher.publish(ev.RunState(status=RunStatus.VALIDATING))
    findings: list[Finding] = []
    async for finding in preflight(config, fleet, monitor, publisher.state, redial=again):
        findings.append(finding)
        publisher.publish(finding.result, node=finding.node)
        if finding.facts is not None and finding.node is not None:
            node, client = publisher.state.nodes[finding.node], fleet.client(finding.node)
            facts = facts_event(finding.facts, node.management, client.identity.host_key, node.facts)
            publisher.publish(facts, node=finding.node)
            client.bind(identity_of(facts))
            _note_left_out(publisher, finding.node, finding.facts)
    if foremost(findings) is not None:
        code, words, remedy = summary(findings)
        publisher.publish(ev.RunState(status=RunStatus.BLOCKED, code=code, summary=words, next_action=remedy))
        return
    publisher.publish(ev.RunState(status=RunStatus.READY))
    digest = planned_sia(
        config, {f.node: f.facts for f in findings if f.node is not None and f.facts is not None}
    )
    publisher.publish(frozen_plan(config, digest))
    baselines.take(publisher, monitor)
    _leave_out(publisher, config)
    if publisher.state.left_out:
        told = "; ".join(f"{name}: {sentence(left)}" for name, left in publisher.state.left_out.items())
        payload = ev.RunState(
            status=RunStatus.PAUSED_ON_ERROR, code=LEFT_OUT.code, summary=told, next_action=LEFT_OUT.remedy
        )
        publisher.publish(payload)
        return
    publisher.publish(ev.RunState(status=RunStatus.RUNNING))


def _note_left_out(publisher: EventPublisher, node: str, facts: Facts) -> None:
    """What a console that is lost has left out on the node, once."""
    for left in facts.left_out:
        event = event_of(left)
        ours = left.run == publisher.state.run_id or publisher.state.settled.get(node) == left.run
        if not ours and publisher.state.left_out.get(node) != event:
            publisher.publish(event, node=node)


def _leave_out(publisher: EventPublisher, config: ClusterFile) -> None:
    """Nodes that have nothing to do in this run."""
    order = node_order(config)
    for node in tuple(publisher.state.nodes.values()):
        if node.progress is not Progress.WAITING:
            continue
        if node.name not in order:
            publisher.publish(ev.NodeSkipped(reason="update_management = no"), node=node.name)
        elif not node.again and _at_target(publisher.state, node.name):
            why = f"{publisher.state.target} is installed and active"
            publisher.publish(
                ev.NodeProgress(progress=Progress.ALREADY_AT_TARGET, reason=why), node=node.name
            )


def _at_target(run: Run, name: str) -> bool:
    node = run.nodes[name]
    if node.facts is None or not same(node.facts.installed, run.target):
        return False
    return node.management or (node.facts.active_is_installed and same(node.facts.active, run.target))
