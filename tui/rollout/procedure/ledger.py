"""The ledger as steps keep it: a line is written before something goes out, with the state that it was in.

What a person had stopped before is written down as such: it is not started; its line is closed as it is.
"""

from __future__ import annotations

from typing import Literal

from tui.expressware.commands import services
from tui.model.events import LedgerAdded, LedgerUndone
from tui.model.run import LedgerLine
from tui.model.states import Health
from tui.rollout.procedure.step import StepContext

What = Literal["applications", "services", "node"]

RUNNING = "running"
STOPPED = "stopped by a person"


def line_name(context: StepContext, what: What) -> str:
    """The name of a ledger line: ``px04/services``."""
    return f"{context.node_name}/{what}"


def open_line(context: StepContext, what: What) -> LedgerLine | None:
    """The open ledger line of that kind."""
    return next((line for line in context.run.open_ledger if line.line == line_name(context, what)), None)


def is_open(context: StepContext, what: What) -> bool:
    """True while that ledger line is open."""
    return open_line(context, what) is not None


def was_running(context: StepContext, what: What) -> bool:
    """True when the run has taken it out and has to put it back."""
    line = open_line(context, what)
    return line is not None and line.added.before == RUNNING


def close(context: StepContext, what: What) -> None:
    """Close a ledger line that was put back; nothing when it is not open."""
    if is_open(context, what):
        context.say(LedgerUndone(line=line_name(context, what)))


def close_what_was_stopped(context: StepContext) -> None:
    """Close the lines of what a person had stopped: it is as it was."""
    whats: tuple[What, ...] = ("services", "applications")
    for what in whats:
        if is_open(context, what) and not was_running(context, what):
            close(context, what)


def open_entry(context: StepContext, what: What, running: bool, undo: str) -> None:
    """Open a line, with the state before."""
    before = RUNNING if running else STOPPED
    undo = undo if running else "nothing: it stays stopped"
    context.say(LedgerAdded(line=line_name(context, what), what=what, before=before, undo=undo))


def take_out(context: StepContext) -> None:
    """Write down that the node goes out of service now, unless that is written already."""
    if not is_open(context, "node"):
        undo = "finish the node's update, or put back what was stopped"
        context.say(LedgerAdded(line=line_name(context, "node"), what="node", before="in service", undo=undo))


def take_out_services(context: StepContext) -> None:
    """The same for the services of the node."""
    if not is_open(context, "services"):
        undo = services(context.config.paths.dis, "start").display
        open_entry(context, "services", not _all_stopped(context), undo)


def stopped_by_person(context: StepContext) -> bool:
    """All services are stopped, and not by this run."""
    return _all_stopped(context) and not is_open(context, "services")


def _all_stopped(context: StepContext) -> bool:
    look = context.monitor.last(context.node_name)
    return look is not None and look.health is Health.DISABLED
