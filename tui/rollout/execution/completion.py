"""The end of a run, told truly: what is still out of service keeps it open; what was left out is named."""

from __future__ import annotations

from tui.model import events as ev
from tui.model import problems
from tui.model.states import RunStatus
from tui.rollout.context import RunContext
from tui.rollout.decisions import next_action
from tui.rollout.execution.cleanup import clean_up


async def complete(context: RunContext) -> None:
    """End the run, unless a person has asked for more meanwhile."""
    if still_out := context.run.open_ledger:
        words = ", ".join(f"{line.added.what} on {line.node}" for line in still_out)
        summary = f"still out of service: {words}"
        context.set_status(RunStatus.PAUSED_ON_ERROR, problems.LEDGER_OPEN, summary)
        return
    kept = await clean_up(context.fleet, context.run, context.config.paths.state)
    run = context.run
    if next_action.next_action(run) != next_action.Complete():
        return
    if kept:
        text = f"Rollcall's own files are still on {', '.join(kept)}"
        context.publisher.publish(ev.NoteAdded(text=text))
    every = dict.fromkeys((*run.order, *(node.name for node in run.cluster_nodes)))
    if left := [name for name in every if not run.nodes[name].progress.at_target]:
        summary = f"not updated: {', '.join(left)}"
        context.set_status(RunStatus.COMPLETED_WITH_EXCEPTIONS, problems.EXCEPTIONS, summary)
    else:
        summary = f"all nodes run {run.target}"
        context.set_status(RunStatus.COMPLETED, summary=summary, remedy="see the report")
