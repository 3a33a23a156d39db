"""The end of a run, told truly: what is still out of service keeps it open; what was left out is named.

Rollcall's own files go from the nodes then: jobs, packages and a copied archive.
"""

from __future__ import annotations

import asyncio

from tui.model import events as ev
from tui.model import problems
from tui.model.run import Run
from tui.model.states import RunStatus
from tui.remote import Fleet, RemoteError, value_of
from tui.rollout.context import RunContext
from tui.rollout.decisions import next_action
from tui.rollout.procedure.left_out import remove

CLEAN_UP_TIMEOUT_S = 20.0
"""Seconds that a node has to remove Rollcall's own files; one that does not answer keeps them."""


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


async def clean_up(fleet: Fleet, run: Run, state: str) -> tuple[str, ...]:
    """Remove the run's files from every node that it touched; returns the nodes that kept theirs."""
    touched = [node.name for node in run.nodes.values() if any(step.attempts for step in node.steps.values())]
    kept = await asyncio.gather(*(_clean_node(fleet, name, run, state) for name in touched))
    return tuple(name for name, done in zip(touched, kept, strict=True) if not done)


async def _clean_node(fleet: Fleet, name: str, run: Run, state: str) -> bool:
    # through the runner: it refuses to remove what still runs
    client = fleet.client(name)
    try:
        async with asyncio.timeout(CLEAN_UP_TIMEOUT_S):
            value_of(await client.remove_all(f"{run.run_id}.", patience=CLEAN_UP_TIMEOUT_S))
            if not run.still_out(name):
                await remove(fleet, run, state, name)
            value_of(await client.clear_place(patience=CLEAN_UP_TIMEOUT_S))
    except (RemoteError, TimeoutError):
        return False
    return True
