"""The Dolphin PCI Express services: stopped before the installation, and the node's return to service."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from typing_extensions import override

from tui.expressware.commands import services
from tui.expressware.modules import Module
from tui.expressware.probe import Probe
from tui.expressware.services import ServicesReport, parse_report
from tui.expressware.users import Users
from tui.model import problems
from tui.model.clusterfile import ClusterFile
from tui.model.states import AbortClass, Confirm, ConfirmClass, Progress, StepStatus
from tui.model.steps import StepName
from tui.remote import RemoteError
from tui.rollout.procedure.applications import users
from tui.rollout.procedure.idle import used_again
from tui.rollout.procedure.ledger import (
    close,
    close_what_was_stopped,
    is_open,
    take_out,
    take_out_services,
    was_running,
)
from tui.rollout.procedure.step import Outcome, ProcedureStep, Runnable, StepContext, failed, succeeded
from tui.text.marks import Verdict

if TYPE_CHECKING:
    from tui.remote import JobStatus

TAIL = 65_536
"""Bytes of output that are read for verdicts."""


class StopServices(ProcedureStep):
    """Step 4 of the manual: stop all Dolphin PCI Express services."""

    name = StepName.STOP_SERVICES
    progress = Progress.STOPPED
    confirm_class = ConfirmClass.READING
    gated = True
    unavailable = "PCI Express on this node; SuperSockets fall back to Ethernet"
    undo = "dis_services start"
    abort_class = AbortClass.OLD_VERSION
    warn_after = 120.0

    @override
    def planned(self, config: ClusterFile) -> str:
        return services(config.paths.dis, "stop").display

    @override
    def command(self, context: StepContext) -> Runnable | None:
        return services(context.config.paths.dis, "stop")

    async def before(self, context: StepContext) -> Outcome | None:
        """Nobody may have come back to use them; write down that they are taken out."""
        ended = context.other(StepName.STOP_APPLICATIONS).status is StepStatus.SUCCEEDED
        begun = is_open(context, "services")  # half stopped, they cannot be asked who uses them
        if ended and not begun and (again := await used_again(context)) is not None:
            return again
        take_out(context)
        take_out_services(context)
        return None

    async def after(self, context: StepContext, job: JobStatus | None) -> Outcome:
        """Stopped is when every line says so and the modules are gone."""
        assert job is not None
        context.monitor.forget(context.node_name)
        await context.monitor.look_now([context.node_name])
        look = context.monitor.last(context.node_name)
        if look is None or look.probe is None or not look.probe.complete:  # nobody has seen what is loaded
            unseen = look.detail if look is not None else f"{context.node_name} has not answered"
            raise RemoteError(context.client.state.error_kind or "lost", context.node_name, unseen)
        loaded = [module.name for module in look.probe.modules]
        report = parse_report(context.printed(TAIL))
        why = _not_stopped(report, look.probe)
        why += [f"still loaded: {', '.join(loaded)}"] if loaded else []
        if not why and job.exit_code == 0:
            return succeeded("all services stopped, modules gone")
        why = why or [f"dis_services stop ended with exit code {job.exit_code}"]
        why += [who] if (who := await _who_holds(context, look.probe.modules)) else []
        return failed(problems.SERVICES_NOT_STOPPED, f"{context.node_name}: {'; '.join(why)}")


def _not_stopped(report: ServicesReport, probe: Probe) -> list[str]:
    """Which services do not say that they are stopped; a stop that said nothing at all proves nothing."""
    said = [str(line.service or line.words) for line in report.failed]
    unsure = [str(line.service or line.words) for line in report.lines if line.verdict is Verdict.UNKNOWN]
    running = [str(status.service or status.words) for status in probe.services if status.running]
    why = [f"{', '.join(said)} could not be stopped"] if said else []
    why += [f"no result that is understood for {', '.join(unsure)}"] if unsure else []
    why += [f"said to run still: {', '.join(running)}"] if running and not probe.unknown else []
    if not report.lines and not why:
        all_stopped = bool(probe.services) and all(status.running is False for status in probe.services)
        if probe.unknown or not all_stopped:
            why.append("dis_services stop named no service, and they are not seen to be stopped")
    return why


async def _who_holds(context: StepContext, modules: tuple[Module, ...]) -> str:
    """Who keeps the drivers from being unloaded: as it is now, else as the preflight saw it."""
    now: Users | None = None
    with contextlib.suppress(RemoteError):  # the services are not stopped, whoever it was
        now = await users(context)
    if now is not None and now.in_use:
        return f"in use now: {'; '.join(now.sentences())}"
    before = [
        check.result.summary.removeprefix(f"{context.node_name}: ")
        for check in context.run.checks
        if check.node == context.node_name
        and check.result.check == "users"
        and check.result.verdict != "passed"
    ]
    if before:
        return f"the preflight saw: {before[0]}"
    counts = [f"{module.name} has {module.refcnt} references" for module in modules if module.refcnt]
    held = f" ({', '.join(counts)})" if counts else ""
    return f"no program is seen to use them, so something in the kernel does{held}" if modules else ""


class ReturnToService(ProcedureStep):
    """The node serves again: the ledger's last line of this node is closed."""

    name = StepName.RETURN
    progress = Progress.STABILIZING
    confirm = Confirm.NONE

    @override
    def description(self, context: StepContext) -> str:
        return "close the node's lines in the ledger"

    @override
    def planned(self, config: ClusterFile) -> str:
        return "close the node's lines in the ledger; the next node may go"

    async def after(self, context: StepContext, job: JobStatus | None) -> Outcome:
        """Nothing may be left open except what a person signed off."""
        if was_running(context, "applications") or was_running(context, "services"):
            return failed(problems.LEDGER, f"{context.node_name}: something is still out of service")
        close_what_was_stopped(context)
        close(context, "node")
        return succeeded("back in service")
