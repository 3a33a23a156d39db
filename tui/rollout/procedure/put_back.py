"""The undo: what the run took out of service on a node is put back, in the order in which it can serve.

One kind of ledger line after the other: applications that start before the services run would stay on
Ethernet, so they are offered only when the services were seen to run.
"""

from __future__ import annotations

import asyncio
import time

from tui.expressware.commands import services
from tui.model.states import Health, Progress, StepName
from tui.remote import JobStatus
from tui.rollout.procedure.applications import OperatorCommands, check_settles
from tui.rollout.procedure.ledger import close, close_what_was_stopped, is_open, was_running
from tui.rollout.procedure.step import Outcome, ProcedureStep, Runnable, StepContext, failed, succeeded

CODE = "put-back-failed"


class PutBack(ProcedureStep):
    """Start the services again, then the applications; a line of the ledger is closed when that was seen."""

    name = StepName.PUT_BACK
    progress = Progress.STARTING
    unavailable = "nothing more than now"
    undo = "this is the undo; to update the node it has to be stopped again"
    warn_after = 120.0

    def command(self, work: StepContext) -> Runnable | None:
        """``dis_services start``, or the start commands; nothing for a node that only needs a look."""
        if was_running(work, "services"):
            return services(work.config.paths.dis, "start")
        if was_running(work, "applications") and work.config.applications.start:
            return OperatorCommands(work.config.applications.start)
        return None

    def doing(self, work: StepContext) -> str:
        """In words, without a command."""
        if was_running(work, "applications"):
            return "nothing is configured: start the applications on this node by hand, then confirm"
        return "look whether all services run, then close the node's lines in the ledger"

    def why(self, work: StepContext) -> str:
        """What is out, and what it was before."""
        lines = work.run().still_out(work.node_name)
        return "; ".join(f"{line.added.what}: {line.added.before} before" for line in lines)

    async def after(self, work: StepContext, job: JobStatus | None) -> Outcome:
        """A line is closed by what is observed, not by an exit code."""
        if was_running(work, "applications") and not was_running(work, "services") and not self._half(work):
            return await self._applications(work, job)
        if is_open(work, "services") and not was_running(work, "services"):
            self._close_node(work)
            return succeeded("its services stay stopped, as a person had left them")
        running, why = await self._services_run(work)
        if not running:
            return failed(
                CODE,
                f"{work.node_name}: its services do not run: {why}",
                "read its words, mend it, then rerun put back; or sign off what you see to yourself",
            )
        close(work, "services")
        self._close_node(work)
        return succeeded(f"all services run{why}")

    def _half(self, work: StepContext) -> bool:
        """This attempt started the services, and was taken up again when their line was closed already."""
        attempt = work.step.open_attempt
        start = services(work.config.paths.dis, "start").display
        return attempt is not None and attempt.begun.command == start

    async def _applications(self, work: StepContext, job: JobStatus | None) -> Outcome:
        failure = ""
        if job is not None and job.exit_code != 0:
            failure = f"the start command ended with exit code {job.exit_code}"
        elif work.config.applications.check and not await check_settles(work):
            failure = "the applications' check does not pass"
        if failure:
            remedy = "look at the application, then rerun put back; or sign off what you see to yourself"
            return failed(CODE, f"{work.node_name}: {failure}", remedy)
        close(work, "applications")
        self._close_node(work)
        return succeeded("applications are back")

    async def _services_run(self, work: StepContext) -> tuple[bool, str]:
        """Whether they all run, and else what does not; an old driver serves, but is named."""
        work.monitor.forget(work.node_name)
        deadline = time.monotonic() + max(4 * work.config.policy.stable_samples * work.monitor.every, 8.0)
        while True:
            await work.monitor.look_now([work.node_name])
            look = work.monitor.last(work.node_name)
            probe = look.probe if look is not None else None
            stale = probe is not None and any(module.stale for module in probe.modules)
            active = look is not None and look.health is Health.ACTIVE
            if active or (stale and probe is not None and probe.services_running):
                return True, "; the old driver is still loaded until the next reboot" if stale else ""
            if time.monotonic() > deadline:
                return False, look.detail if look is not None else "no answer"
            await asyncio.sleep(work.monitor.every)

    def _close_node(self, work: StepContext) -> None:
        """The node itself is back when nothing else of it is out."""
        if not was_running(work, "applications") and not was_running(work, "services"):
            close_what_was_stopped(work)
            close(work, "node")
