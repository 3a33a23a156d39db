"""Applications that use PCI Express: stopped before the services, started only after the node is active."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterable

from tui.expressware.commands import ShellText
from tui.expressware.users import Users, parse_users, users_script
from tui.model.clusterfile import ClusterFile
from tui.model.events import LedgerAdded, LedgerUndone
from tui.model.states import AbortClass, Progress, StepName
from tui.remote import JobStatus
from tui.rollout.steps.base import Outcome, Runnable, StepKind, Work, failed, succeeded

CHECK_TRIES = 10
"""How often the application's own check is asked before it counts as failed."""


class OperatorCommands:
    """The operator's own commands one after the other; the first that fails ends the row."""

    def __init__(self, commands: Iterable[str]) -> None:
        texts = [ShellText(command) for command in commands]
        self.display = " && ".join(text.display for text in texts)
        lines = [
            f"printf '%s\\n' {shlex.quote('+ ' + text.display)}\n{text.script} || exit" for text in texts
        ]
        self.script = "\n".join(lines)


async def check_passes(work: Work) -> bool:
    """True when every configured check exits 0 on the node."""
    script = OperatorCommands(work.config.applications.check).script
    return (await work.link.run(f"({script}\n) >/dev/null 2>&1", timeout=60)).exit_code == 0


async def check_settles(work: Work) -> bool:
    """True as soon as the check passes; False when it does not for a while."""
    for _ in range(CHECK_TRIES):
        if await check_passes(work):
            return True
        await asyncio.sleep(work.monitor.every)
    return False


async def users(work: Work) -> Users:
    """Who uses PCI Express on the node now."""
    answer = await work.link.run(users_script(work.config.paths.dis), timeout=60)
    return parse_users(answer.stdout)


def line_name(work: Work, what: str) -> str:
    """The name of a ledger line: ``px04/services``."""
    return f"{work.node_name}/{what}"


def is_open(work: Work, what: str) -> bool:
    """True while that ledger line is open."""
    return any(line.line == line_name(work, what) for line in work.run().open_ledger)


def close(work: Work, what: str) -> None:
    """Close a ledger line that was put back; nothing when it is not open."""
    if is_open(work, what):
        work.say(LedgerUndone(line=line_name(work, what)))


def take_out(work: Work) -> None:
    """Write down that the node goes out of service now, unless that is written already."""
    if not is_open(work, "node"):
        undo = "finish the node's update, or put back what was stopped"
        work.say(LedgerAdded(line=line_name(work, "node"), what="node", before="in service", undo=undo))


class StopApplications(StepKind):
    """Step 3 of the manual: stop all applications that use Dolphin PCI Express services."""

    name = StepName.STOP_APPLICATIONS
    progress = Progress.DRAINING
    gated = True
    unavailable = "the applications on this node"
    undo = "start the applications again"

    def planned(self, config: ClusterFile) -> str:
        """In the plan."""
        commands = config.applications.stop
        return OperatorCommands(commands).display if commands else "stop the applications by hand"

    def command(self, work: Work) -> Runnable | None:
        """The configured stop commands."""
        commands = work.config.applications.stop
        return OperatorCommands(commands) if commands else None

    def doing(self, work: Work) -> str:
        """In words, when nothing is configured."""
        return "nothing is configured: stop the applications on this node by hand, then confirm"

    async def before(self, work: Work) -> Outcome | None:
        """Write down what is taken out, and how it was before: what a person had stopped stays stopped."""
        take_out(work)
        applications = work.config.applications
        if applications.stop and not is_open(work, "applications"):
            running = await check_passes(work) if applications.check else True
            if running:
                undo = OperatorCommands(applications.start).display or "start the applications by hand"
                line = line_name(work, "applications")
                work.say(LedgerAdded(line=line, what="applications", before="running", undo=undo))
        return None

    async def after(self, work: Work, job: JobStatus | None) -> Outcome:
        """Stopped is when nobody uses PCI Express any more, not when the command said so."""
        remaining = await users(work)
        if remaining.in_use:
            who = "; ".join(remaining.sentences())
            return failed(
                "apps-still-running",
                f"{work.node_name}: PCI Express is still used: {who}",
                "stop them and rerun, or go on: the node then needs a reboot",
            )
        if not remaining.complete:
            why = f"{work.node_name}: who uses PCI Express could not be read to the end"
            return failed("users-unknown", why, "rerun stop applications")
        if job is not None and job.exit_code != 0:
            return failed(
                "stop-command",
                f"{work.node_name}: the stop command ended with exit code {job.exit_code}",
                "read its output, then rerun",
            )
        return succeeded("; ".join(("nobody uses PCI Express", *remaining.sentences())))


class StartApplications(StepKind):
    """Start the applications again, after the node is active: earlier they would stay on Ethernet."""

    name = StepName.START_APPLICATIONS
    progress = Progress.STARTING
    unavailable = "nothing more than now"
    abort_class = AbortClass.FREE

    def planned(self, config: ClusterFile) -> str:
        """In the plan."""
        commands = config.applications.start
        return OperatorCommands(commands).display if commands else "start the applications by hand"

    def not_needed(self, work: Work) -> str | None:
        """Applications that were stopped before the run stay stopped."""
        if work.config.applications.stop and not is_open(work, "applications"):
            return "they were not running before; what a person stopped stays stopped"
        return None

    def command(self, work: Work) -> Runnable | None:
        """The configured start commands."""
        commands = work.config.applications.start
        return OperatorCommands(commands) if commands else None

    def doing(self, work: Work) -> str:
        """In words, when nothing is configured."""
        return "nothing is configured: start the applications on this node by hand, then confirm"

    async def after(self, work: Work, job: JobStatus | None) -> Outcome:
        """Done when the configured check passes."""
        if job is not None and job.exit_code != 0:
            return failed(
                "start-command",
                f"{work.node_name}: the start command ended with exit code {job.exit_code}",
                "read its output, then rerun, or sign off",
            )
        if work.config.applications.check and not await check_settles(work):
            return failed(
                "application-check",
                f"{work.node_name}: the applications' check does not pass",
                "look at the application, then rerun, or sign off",
            )
        close(work, "applications")
        return succeeded("applications are back")
