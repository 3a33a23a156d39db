"""Every check of a new run, before anything is touched; then the plan is frozen and the run may begin."""

from __future__ import annotations

from tui.expressware.facts import Facts
from tui.expressware.versions import same
from tui.model import events as ev
from tui.model.problems import FILES_UNKNOWN, LEFT_OUT, RISKS_OPEN, of
from tui.model.risks import risk_words
from tui.model.run import Run
from tui.model.states import Progress, RunStatus
from tui.rollout.context import RunContext
from tui.rollout.plan import frozen_plan, node_order
from tui.rollout.preflight import Finding, foremost, planned_sia, preflight, readiness, summary
from tui.rollout.procedure import watched_files
from tui.rollout.procedure.left_out import event_of, sentence
from tui.rollout.procedure.login import facts_event, identity_of
from tui.rollout.watchers import baselines


async def validate(context: RunContext) -> None:
    """Make every check, and freeze the plan when nothing stands against it: before the first node only."""
    again = context.run.status is RunStatus.BLOCKED
    context.set_status(RunStatus.VALIDATING)
    findings: list[Finding] = []
    journal = context.cache.parent
    async for finding in preflight(
        context.config, context.fleet, context.monitor, context.run, redial=again, own_places=(journal,),
        seen=lambda node: context.publisher.publish(readiness(node), node=node.name),
    ):  # fmt: skip
        findings.append(finding)
        context.publisher.publish(finding.result, node=finding.node)
        if finding.facts is not None and finding.node is not None:
            node, client = context.run.nodes[finding.node], context.fleet.client(finding.node)
            facts = facts_event(finding.facts, node.management, client.identity.host_key, node.facts)
            context.publisher.publish(facts, node=finding.node)
            client.bind(identity_of(facts))
            _note_left_out(context, finding.node, finding.facts)
    if foremost(findings) is not None:
        code, words, remedy = summary(findings)
        context.set_status(RunStatus.BLOCKED, of(code), words, remedy)
        return
    reached = [found.node for found in findings if found.node is not None and found.facts is not None]
    if unknown := await watched_files.begin(context, reached):
        words = f"the files that are watched cannot be told: {unknown}"
        context.set_status(RunStatus.BLOCKED, FILES_UNKNOWN, words)
        return
    context.set_status(RunStatus.READY)
    digest = planned_sia(
        context.config, {f.node: f.facts for f in findings if f.node is not None and f.facts is not None}
    )
    context.publisher.publish(frozen_plan(context.config, digest))
    baselines.take(context)
    _leave_out(context)
    if context.run.left_out:
        told = "; ".join(f"{name}: {sentence(left)}" for name, left in context.run.left_out.items())
        context.set_status(RunStatus.PAUSED_ON_ERROR, LEFT_OUT, told)
        return
    if words := risk_words(context.run):
        context.set_status(RunStatus.PAUSED_ON_ERROR, RISKS_OPEN, words)
        return
    context.set_status(RunStatus.RUNNING)


def _note_left_out(context: RunContext, node: str, facts: Facts) -> None:
    """What a console that is lost has left out on the node, once."""
    for left in facts.left_out:
        event = event_of(left)
        ours = left.run == context.run.run_id or context.run.settled.get(node) == left.run
        if not ours and context.run.left_out.get(node) != event:
            context.publisher.publish(event, node=node)


def _leave_out(context: RunContext) -> None:
    """Nodes that have nothing to do in this run."""
    order = node_order(context.config)
    for node in tuple(context.run.nodes.values()):
        if node.progress is not Progress.WAITING:
            continue
        if node.name not in order:
            context.publisher.publish(ev.NodeSkipped(reason="update_management = no"), node=node.name)
        elif not node.again and _at_target(context.run, node.name):
            why = f"{context.run.target} is installed and active"
            context.publisher.publish(
                ev.NodeProgress(progress=Progress.ALREADY_AT_TARGET, reason=why), node=node.name
            )


def _at_target(run: Run, name: str) -> bool:
    node = run.nodes[name]
    if node.facts is None or not same(node.facts.installed, run.target):
        return False
    return node.management or (node.facts.active_is_installed and same(node.facts.active, run.target))
