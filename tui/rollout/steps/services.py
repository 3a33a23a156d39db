"""The Dolphin PCI Express services: stopped before the installation, and the node's return to service."""

from __future__ import annotations

from tui.expressware.commands import services
from tui.expressware.services import parse_report
from tui.model.clusterfile import ClusterFile
from tui.model.states import AbortClass, Confirm, ConfirmClass, Progress, StepName
from tui.remote import JobStatus, RemoteError
from tui.rollout.steps.base import Outcome, Runnable, StepKind, Work, failed, succeeded
from tui.rollout.steps.taken_out import (
    close,
    close_what_was_stopped,
    take_out,
    take_out_services,
    was_running,
)

TAIL = 65_536
"""Bytes of output that are read for verdicts."""


class StopServices(StepKind):
    """Step 4 of the manual: stop all Dolphin PCI Express services."""

    name = StepName.STOP_SERVICES
    progress = Progress.STOPPED
    confirm_class = ConfirmClass.READING
    gated = True
    unavailable = "PCI Express on this node; SuperSockets fall back to Ethernet"
    undo = "dis_services start"
    abort_class = AbortClass.OLD_VERSION
    warn_after = 120.0

    def planned(self, config: ClusterFile) -> str:
        """In the plan."""
        return services(config.paths.dis, "stop").display

    def command(self, work: Work) -> Runnable | None:
        """``dis_services stop``."""
        return services(work.config.paths.dis, "stop")

    async def before(self, work: Work) -> Outcome | None:
        """Write down that the services are taken out."""
        take_out(work)
        take_out_services(work)
        return None

    async def after(self, work: Work, job: JobStatus | None) -> Outcome:
        """Stopped is when every line says so and the modules are gone."""
        assert job is not None
        work.monitor.forget(work.node_name)
        await work.monitor.look_now([work.node_name])
        look = work.monitor.last(work.node_name)
        if look is None or look.probe is None:  # nobody has seen yet what is loaded
            unseen = look.detail if look is not None else f"{work.node_name} has not answered"
            raise RemoteError(work.link.state.error_kind or "lost", work.node_name, unseen)
        loaded = [module.name for module in look.probe.modules]
        report = parse_report(work.output(TAIL))
        if job.exit_code == 0 and not report.failed and not loaded:
            return succeeded("all services stopped, modules gone")
        said = [str(line.service or line.words) for line in report.failed]
        why = [f"{', '.join(said)} could not be stopped"] if said else []
        why += [f"still loaded: {', '.join(loaded)}"] if loaded else []
        why = why or [f"dis_services stop ended with exit code {job.exit_code}"]
        return failed(
            "services-not-stopped",
            f"{work.node_name}: {'; '.join(why)}",
            "find what still uses them and rerun, or go on: the node can be updated, but needs a reboot",
        )


class ReturnToService(StepKind):
    """The node serves again: the ledger's last line of this node is closed."""

    name = StepName.RETURN
    progress = Progress.STABILIZING
    confirm = Confirm.NONE

    def doing(self, work: Work) -> str:
        """In words."""
        return "close the node's lines in the ledger"

    def planned(self, config: ClusterFile) -> str:
        """In the plan."""
        return "close the node's lines in the ledger; the next node may go"

    async def after(self, work: Work, job: JobStatus | None) -> Outcome:
        """Nothing may be left open except what a person signed off."""
        if was_running(work, "applications") or was_running(work, "services"):
            return failed(
                "ledger",
                f"{work.node_name}: something is still out of service",
                "rerun the step that is open",
            )
        close_what_was_stopped(work)
        close(work, "node")
        return succeeded("back in service")
