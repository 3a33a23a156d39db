"""Did it start? What a node has to show before a step is begun again; where it cannot, a person decides."""

from __future__ import annotations

import time

from tui.model.run import Attempt
from tui.remote import JobStatus, JobTraces, NodeClient, Preparation, RemoteError, StartTerms
from tui.rollout.gate.monitor import FRESH_FOR
from tui.rollout.procedure.step import Outcome, StepContext


def seen(context: StepContext) -> Preparation | None:
    """What the look in the moment before tells of the node, so that it need not be asked; None where it tells
    not enough. Should a job have begun since, the node refuses the start.
    """
    look = context.monitor.last(context.node_name)
    probe = look.probe if look is not None else None
    if look is None or probe is None or probe.unknown or not (probe.last_job and probe.boot_id):
        return None
    age = time.monotonic() - look.at
    if probe.uptime is None or age > FRESH_FOR:
        return None
    return Preparation(probe.last_job, probe.boot_id, probe.uptime + round(age))


def terms(attempt: Attempt, ground: Preparation, limit: float) -> StartTerms:
    """Under which alone the attempt's job may begin: soon, and with nothing begun since it was announced."""
    deadline = None if ground.uptime is None else ground.uptime + round(limit) + 1
    return StartTerms(attempt.begun.last_seen, ground.boot_id, deadline)


def doubt(attempt: Attempt, found: JobStatus | Outcome, kept: int, state_dir: str) -> str | None:
    """Why it is not sure that a job of which the node shows nothing never began; None when it is.

    ``kept``: bytes of its output that are here; ``state_dir``: where the node was asked for it. Only the
    node's own word, given in the same boot, is a proof.
    """
    begun = attempt.begun
    if isinstance(found, Outcome):
        return found.reason
    if begun.state_dir not in ("", state_dir):
        return f"its files lie below {begun.state_dir}, no longer paths.state"
    if found.boot_id != begun.boot_id:
        return "the node has rebooted since, and what it knew of its jobs may be gone"
    if kept:
        return f"{kept} bytes of its output are here, but the node knows nothing of it"
    if not begun.last_seen:
        return "the earlier version of Rollcall that began it did not note what would show it"
    if not found.last:
        return "what would show it, /run/rollcall/last on the node, is gone"
    if found.last == begun.job_id:
        return "the node says that it began, but its files there are gone"
    if found.last != begun.last_seen:
        return f"another job, {found.last}, has begun on the node since"
    return None


async def evidence(client: NodeClient, attempt: Attempt) -> str:
    """What the node still shows of the job, in words for a person; never an error."""
    job_id, place = attempt.begun.job_id or "", attempt.begun.state_dir
    try:
        traces = await client.traces(job_id, place=place, patience=20.0)
    except RemoteError as error:
        return f"it cannot be searched for there: {error.sentence.removesuffix('.')}"
    where = f"{place}/jobs/{job_id}" if place else job_id
    return f"{_directory(where, traces)}; {_processes(traces)}"


def _directory(where: str, traces: JobTraces) -> str:
    words = {"none": "is not there", "claimed": "is there, not begun"}
    return f"{where} {words.get(traces.status.state, f'is there: {traces.status.state}')}"


def _processes(traces: JobTraces) -> str:
    if not traces.processes:
        return "no process carries its id"
    more = f" and {len(traces.processes) - 3} more" if len(traces.processes) > 3 else ""
    return f"processes with its id: {', '.join(traces.processes[:3])}{more}"
