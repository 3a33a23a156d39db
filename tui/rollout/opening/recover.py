"""How a run begins: a new one is checked before anything is touched, an unfinished one is recovered.

Recovery looks and re-attaches; it never goes straight to running.
"""

from __future__ import annotations

from tui.model import events as ev
from tui.model.clusterfile import ClusterFile
from tui.model.problems import RECOVERED
from tui.model.states import Progress, RunStatus, StepStatus
from tui.remote import Fleet
from tui.rollout.decisions import next_action
from tui.rollout.gate.monitor import Monitor
from tui.rollout.opening.validate import validate
from tui.rollout.preflight import settle
from tui.rollout.publisher import EventPublisher
from tui.rollout.watchers import baselines

NEW = (RunStatus.DRAFT, RunStatus.VALIDATING, RunStatus.BLOCKED, RunStatus.READY)


async def open_run(
    publisher: EventPublisher, config: ClusterFile, fleet: Fleet, monitor: Monitor, actor: str
) -> None:
    """Check a new run, or recover an unfinished one."""
    if publisher.state.status in NEW:
        await validate(publisher, config, fleet, monitor)
    elif not publisher.state.status.final:
        await _recover(publisher, config, monitor, actor)


async def _recover(publisher: EventPublisher, config: ClusterFile, monitor: Monitor, actor: str) -> None:
    """Look at every node, void what was only offered, and wait for a person."""
    before = publisher.state
    if before.status is not RunStatus.INTERRUPTED:
        publisher.publish(ev.RunState(status=RunStatus.INTERRUPTED, code=before.code, summary=before.summary))
    publisher.publish(ev.RunState(status=RunStatus.RECOVERING, code=before.code, summary=before.summary))
    await settle(config, monitor, config.nodes)
    baselines.take(publisher, monitor)
    node = publisher.state.working
    step = publisher.state.next_step
    if node is not None and step is not None:
        if step.status is StepStatus.AWAITING_CONFIRM or (
            step.status is StepStatus.CONFIRMED and step.open_attempt is None
        ):
            payload = ev.StepState(
                status=StepStatus.PENDING, reason="offered before the console was restarted"
            )
            publisher.publish(payload, node=node.name, step=step.name)
        if step.status.broken:
            if node.progress is not Progress.FAILED:
                publisher.publish(
                    ev.NodeProgress(progress=Progress.FAILED, reason=step.reason), node=node.name
                )
            publisher.publish(
                ev.RunState(
                    status=RunStatus.PAUSED_ON_ERROR,
                    code=step.code,
                    summary=step.reason,
                    next_action=step.remedy,
                )
            )
            return
    publisher.publish(
        ev.RunState(
            status=RunStatus.PAUSED_BY_USER,
            code=RECOVERED.code,
            summary=next_action.taken_up(publisher.state),
            next_action=RECOVERED.remedy,
        )
    )
