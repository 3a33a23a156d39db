"""Applications that use PCI Express: stopped before the services, started only after the node is active."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from typing_extensions import override

from tui.expressware.commands import ShellText
from tui.expressware.tagged import ended_badly
from tui.expressware.users import Users, parse_users, users_script
from tui.model import problems
from tui.model.clusterfile import ClusterFile
from tui.model.states import AbortClass, Progress
from tui.model.steps import StepName
from tui.rollout.asking import ask
from tui.rollout.procedure.idle import PATIENCE, until_idle
from tui.rollout.procedure.ledger import (
    RUNNING,
    close,
    is_open,
    open_entry,
    open_line,
    stopped_by_person,
    take_out,
    was_running,
)
from tui.rollout.procedure.step import Outcome, ProcedureStep, Runnable, StepContext, failed, succeeded

if TYPE_CHECKING:
    from tui.remote import JobStatus

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


async def check_passes(context: StepContext) -> bool | None:
    """True when every configured check exits 0 on the node, False when one says no. None: one of them could
    not be run, or was killed, so nobody knows.
    """
    script = OperatorCommands(context.config.applications.check).script
    code = (await context.client.run(f"({script}\n) >/dev/null 2>&1", timeout=60)).exit_code
    return None if ended_badly("the check", code) else code == 0


async def check_settles(context: StepContext) -> bool:
    """True as soon as the check passes; False when it does not for a while."""
    for _ in range(CHECK_TRIES):
        if await check_passes(context):
            return True
        await asyncio.sleep(context.monitor.every)
    return False


async def users(context: StepContext) -> Users:
    """Who uses PCI Express on the node now."""
    return parse_users(await ask(context.client, users_script(context.config.paths.dis), 60.0))


async def applications_run(context: StepContext) -> bool | None:
    """Whether the configured applications run now; None when that cannot be told. Without a check they do."""
    applications = context.config.applications
    if not applications.stop or not applications.check or is_open(context, "applications"):
        return True
    return await check_passes(context)


def check_unknown(context: StepContext) -> Outcome:
    """What stopped must stay stopped, and what ran must come back: so it has to be known which it is."""
    node = context.node_name
    why = f"{node}: the applications' check did not end by itself, so whether they run is not known"
    return failed(problems.CHECK_UNKNOWN, why)


def take_out_applications(context: StepContext, running: bool) -> None:
    """Write down that the configured applications go out, and whether they ran, unless that is written."""
    applications = context.config.applications
    if applications.stop and not is_open(context, "applications"):
        undo = OperatorCommands(applications.start).display or "start the applications by hand"
        open_entry(context, "applications", running, undo)


def seen_back(context: StepContext, job: JobStatus | None) -> str:
    """What was seen of started applications, and no more: without a check only a person knows."""
    if context.config.applications.check:
        return "applications are back"
    if job is not None:
        return "the start command ended well; no check is configured"
    return "nothing is configured to start or check: only a person can see whether applications run"


class StopApplications(ProcedureStep):
    """Step 3 of the manual: stop all applications that use Dolphin PCI Express services."""

    name = StepName.STOP_APPLICATIONS
    progress = Progress.DRAINING
    gated = True
    unavailable = "the applications on this node"
    undo = "start the applications again"

    def limits(self, config: ClusterFile) -> tuple[float, float]:
        """It may have to be waited for that nobody uses PCI Express."""
        waits = (PATIENCE + 1) * config.policy.idle_for
        return self.warn_after + waits, self.stop_after + waits

    @override
    def planned(self, config: ClusterFile) -> str:
        commands = config.applications.stop
        return OperatorCommands(commands).display if commands else "stop the applications by hand"

    @override
    def command(self, context: StepContext) -> Runnable | None:
        commands = context.config.applications.stop
        return OperatorCommands(commands) if commands else None

    @override
    def description(self, context: StepContext) -> str:
        return "nothing is configured: stop the applications on this node by hand, then confirm"

    async def before(self, context: StepContext) -> Outcome | None:
        """Write down what is taken out, and how it was before: what a person had stopped stays stopped."""
        if stopped_by_person(context):
            why = f"{context.node_name}: a person had stopped its services before the run came to it"
            return failed(problems.STOPPED_BEFORE, why)
        running = await applications_run(context)
        if running is None:
            return check_unknown(context)
        take_out(context)
        take_out_applications(context, running)
        return None

    async def after(self, context: StepContext, job: JobStatus | None) -> Outcome:
        """Stopped is when nobody has used PCI Express for a while, not when the command said so."""
        refused = job is not None and job.exit_code != 0
        found = await until_idle(context, at_once=refused)
        if isinstance(found, Outcome):
            return found
        if job is not None and refused:
            why = f"{context.node_name}: the stop command ended with exit code {job.exit_code}"
            return failed(problems.STOP_COMMAND, why)
        return succeeded(found)


class StartApplications(ProcedureStep):
    """Start the applications again, after the node is active: earlier they would stay on Ethernet."""

    name = StepName.START_APPLICATIONS
    progress = Progress.STARTING
    unavailable = "nothing more than now"
    abort_class = AbortClass.FREE

    @override
    def planned(self, config: ClusterFile) -> str:
        commands = config.applications.start
        return OperatorCommands(commands).display if commands else "start the applications by hand"

    def not_needed(self, context: StepContext) -> str | None:
        """Applications that were stopped before the run stay stopped."""
        if (
            not context.config.applications.stop
            or was_running(context, "applications")
            or self._stops(context)
        ):
            return None
        return "they were not running before; what a person stopped stays stopped"

    def why(self, context: StepContext) -> str:
        """Why they are stopped here, of all places."""
        if self._stops(context):
            return "a person had stopped them before the run; the reboot may have started them"
        return ""

    def command(self, context: StepContext) -> Runnable | None:
        """The configured start commands; or the stop commands, where a reboot started what shall not run."""
        applications = context.config.applications
        commands = applications.stop if self._stops(context) else applications.start
        return OperatorCommands(commands) if commands else None

    @override
    def description(self, context: StepContext) -> str:
        return "nothing is configured: start the applications on this node by hand, then confirm"

    def _stops(self, context: StepContext) -> bool:
        """They were stopped before the run took the node out, and it has been in more than one boot since."""
        stop = context.other(StepName.STOP_APPLICATIONS)
        boots = {attempt.begun.boot_id for attempt in stop.attempts}
        now = context.node.facts.boot_id if context.node.facts is not None else ""
        line = open_line(context, "applications")
        return line is not None and line.added.before != RUNNING and bool(boots - {now})

    async def after(self, context: StepContext, job: JobStatus | None) -> Outcome:
        """Done when the configured check passes; or does not, where they shall not run."""
        check = context.config.applications.check
        if self._stops(context):
            if check and await check_passes(context) is not False:
                node = context.node_name
                why = f"{node}: what a person had stopped was started by the reboot and does not stop"
                return failed(problems.APPLICATION_CHECK, why, "stop it by hand, then rerun, or sign off")
            return succeeded("stopped again, as a person had left them")
        if job is not None and job.exit_code != 0:
            why = f"{context.node_name}: the start command ended with exit code {job.exit_code}"
            return failed(problems.START_COMMAND, why)
        if check and not await check_settles(context):
            why = f"{context.node_name}: the applications' check does not pass"
            return failed(problems.APPLICATION_CHECK, why)
        close(context, "applications")
        return succeeded(seen_back(context, job))
