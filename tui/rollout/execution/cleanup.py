"""When a run is over, Rollcall's own files go from the nodes: jobs, packages and a copied archive."""

from __future__ import annotations

import asyncio

from tui.model.run import Run
from tui.remote import Fleet, RemoteError, value_of
from tui.rollout.procedure.left_out import remove

CLEAN_UP_TIMEOUT_S = 20.0
"""Seconds that a node has for it; one that does not answer keeps its files."""


async def clean_up(fleet: Fleet, run: Run, state: str) -> tuple[str, ...]:
    """Remove the run's files from every node that it touched; returns the nodes that kept theirs."""
    touched = [node.name for node in run.nodes.values() if any(step.attempts for step in node.steps.values())]
    kept = await asyncio.gather(*(_clean_node(fleet, name, run, state) for name in touched))
    return tuple(name for name, done in zip(touched, kept, strict=True) if not done)


async def _clean_node(fleet: Fleet, name: str, run: Run, state: str) -> bool:
    # one job after the other through the runner: it refuses to remove what still runs
    client = fleet.client(name)
    try:
        async with asyncio.timeout(CLEAN_UP_TIMEOUT_S):
            for job in await client.jobs(patience=CLEAN_UP_TIMEOUT_S):
                if job.job_id.startswith(f"{run.run_id}."):
                    value_of(await client.remove(job.job_id, patience=CLEAN_UP_TIMEOUT_S))
            if not run.still_out(name):
                await remove(fleet, run, state, name)
            value_of(await client.clear_place(patience=CLEAN_UP_TIMEOUT_S))
    except (RemoteError, TimeoutError):
        return False
    return True
