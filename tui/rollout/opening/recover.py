"""How a run begins: a new one is checked before anything is touched, an unfinished one is recovered.

Recovery looks and re-attaches; it never goes straight to running.
"""

from __future__ import annotations

from tui.model import events as ev
from tui.model.problems import RECOVERED, of
from tui.model.run import Run, Step
from tui.model.states import Progress, RunStatus, StepStatus
from tui.rollout.context import RunContext
from tui.rollout.decisions import next_action
from tui.rollout.opening.validate import validate
from tui.rollout.watchers import baselines

NEW = (RunStatus.DRAFT, RunStatus.VALIDATING, RunStatus.BLOCKED, RunStatus.READY)


async def begin(context: RunContext) -> None:
    """Check a new run, or recover an unfinished one."""
    if context.run.status in NEW:
        await validate(context)
    elif not context.run.status.final:
        await _recover(context)


async def _recover(context: RunContext) -> None:
    """Look at every node, void what was only offered, and wait for a person."""
    before = context.run
    if before.status is not RunStatus.INTERRUPTED:
        context.set_status(RunStatus.INTERRUPTED, of(before.code), before.summary, "")
    context.set_status(RunStatus.RECOVERING, of(before.code), before.summary, "")
    await context.monitor.look_until_well(context.config.nodes)
    baselines.take(context)
    node, step = context.run.working, context.run.next_step
    if node is not None and step is not None and _only_offered(step):
        reason = "offered before the console was restarted"
        payload = ev.StepState(status=StepStatus.PENDING, reason=reason)
        context.publisher.publish(payload, node=node.name, step=step.name)
    if node is not None and step is not None and step.status.broken and node.progress is not Progress.FAILED:
        failed = ev.NodeProgress(progress=Progress.FAILED, reason=step.reason)
        context.publisher.publish(failed, node=node.name)
    context.publisher.publish(waits(context.run))


def waits(run: Run) -> ev.RunState:
    """The pause in which a recovered run waits for a person: at a failed step, or to be resumed."""
    step = run.next_step
    if step is not None and step.status.broken:
        paused = RunStatus.PAUSED_ON_ERROR
        return ev.RunState(status=paused, code=step.code, summary=step.reason, next_action=step.remedy)
    return ev.RunState(
        status=RunStatus.PAUSED_BY_USER,
        code=RECOVERED.code,
        summary=next_action.resumed_words(run),
        next_action=RECOVERED.remedy,
    )


def _only_offered(step: Step) -> bool:
    confirmed = step.status is StepStatus.CONFIRMED and step.open_attempt is None
    return step.status is StepStatus.AWAITING_CONFIRM or confirmed
