"""What lies on nodes about what is out of service there: written before it goes out, removed at its return.

It is found by whoever comes when the console that wrote it is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.expressware.left_out import LeftOut, OutLine, remove_shell, write_shell
from tui.model import events as ev
from tui.model.run import Run
from tui.remote import RemoteError
from tui.rollout.procedure.ledger import RUNNING
from tui.rollout.procedure.step import StepContext

if TYPE_CHECKING:
    from tui.remote import Fleet

ANSWER_TIMEOUT_S = 20.0
"""Seconds that a node has for one."""


def told_on_node(context: StepContext) -> str:
    """Shell text for the front of a job: what of the node is out, on its disk before anything is run.

    Empty for a node of which nothing is out. The same for the same lines: a job sent twice is one job.
    """
    run = context.run
    lines = tuple(
        OutLine(line.added.what, line.added.before, line.added.undo)
        for line in run.still_out(context.node_name)
    )
    if not lines:
        return ""
    who = context.step.confirmed_by
    left = LeftOut(run.run_id, run.cluster, who, context.step_name.value, None, lines)
    return write_shell(context.config.paths.state, left)


async def tell_node(context: StepContext) -> None:
    """The same for a step that a person does by hand, so that no job carries it. Raises RemoteError."""
    if not (text := told_on_node(context)):
        return
    # refuses a place that is not ours, as each job does
    await context.client.prepare(patience=ANSWER_TIMEOUT_S)
    if (await context.client.run(text, timeout=ANSWER_TIMEOUT_S)).exit_code != 0:
        sentence = f"{context.node_name}: what goes out of service could not be written down there."
        raise RemoteError("job-failed-to-start", context.node_name, sentence)


def known_runs(run: Run, node: str) -> tuple[str, ...]:
    """The runs whose line on the node this run may remove: its own, and what a person has settled."""
    settled = run.settled.get(node)
    return (run.run_id, *([settled] if settled is not None else []))


def event_of(left: LeftOut) -> ev.OutFound:
    """The node's line as the journal keeps it. One that cannot be understood may mean anything."""
    lines = left.lines or (OutLine("services", RUNNING, "start them"), OutLine("node", "in service", "look"))
    return ev.OutFound(
        run=left.run,
        cluster=left.cluster,
        who=left.who,
        step=left.step,
        since=left.since,
        lines=tuple(ev.LeftLine(what=line.what, before=line.before, undo=line.undo) for line in lines),
    )


def sentence(left: ev.OutFound) -> str:
    """What was left out, by whom."""
    if not left.run:
        return "a line on the node says that something is out of service, and cannot be understood"
    what = ", ".join(line.what for line in left.lines if line.what != "node") or "the node"
    by = f"run {left.run} of {left.cluster or 'a cluster'} ({left.who or 'nobody named'})"
    return f"{what} taken out of service by {by}, at {left.step or 'some step'}, and not put back"


async def remove(fleet: Fleet, run: Run, state: str, name: str) -> None:
    """Remove the line of a node, if it is one of ours or settled. Raises RemoteError."""
    await fleet.client(name).run(remove_shell(state, known_runs(run, name)), timeout=ANSWER_TIMEOUT_S)
