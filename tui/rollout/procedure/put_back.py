"""The undo: what the run took out of service on a node is put back, in the order in which it can serve.

One kind of ledger line after the other: applications that start before the services run would stay on
Ethernet, so they are offered only when the services were seen to run.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from typing_extensions import override

from tui.expressware.commands import services
from tui.model import problems
from tui.model.states import Health, Progress
from tui.model.steps import StepName
from tui.rollout.procedure.applications import OperatorCommands, check_settles, seen_back
from tui.rollout.procedure.ledger import close, close_what_was_stopped, is_open, was_running
from tui.rollout.procedure.step import Outcome, ProcedureStep, Runnable, StepContext, failed, succeeded

if TYPE_CHECKING:
    from tui.remote import JobStatus


class PutBack(ProcedureStep):
    """Start the services again, then the applications; a line of the ledger is closed when that was seen."""

    name = StepName.PUT_BACK
    progress = Progress.STARTING
    unavailable = "nothing more than now"
    undo = "this is the undo; to update the node it has to be stopped again"
    warn_after = 120.0

    def command(self, context: StepContext) -> Runnable | None:
        """``dis_services start``, or the start commands; nothing for a node that only needs a look."""
        if was_running(context, "services"):
            return services(context.config.paths.dis, "start")
        if was_running(context, "applications") and context.config.applications.start:
            return OperatorCommands(context.config.applications.start)
        return None

    @override
    def description(self, context: StepContext) -> str:
        if was_running(context, "applications"):
            return "nothing is configured: start the applications on this node by hand, then confirm"
        return "look whether all services run, then close the node's lines in the ledger"

    def why(self, context: StepContext) -> str:
        """What is out, and what it was before."""
        lines = context.run.still_out(context.node_name)
        return "; ".join(f"{line.added.what}: {line.added.before} before" for line in lines)

    async def after(self, context: StepContext, job: JobStatus | None) -> Outcome:
        """A line is closed by what is observed, not by an exit code."""
        if (
            was_running(context, "applications")
            and not was_running(context, "services")
            and not self._half(context)
        ):
            return await self._applications(context, job)
        if is_open(context, "services") and not was_running(context, "services"):
            self._close_node(context)
            return succeeded("its services stay stopped, as a person had left them")
        running, why = await self._services_run(context)
        if not running:
            return failed(problems.NOT_PUT_BACK, f"{context.node_name}: its services do not run: {why}")
        close(context, "services")
        self._close_node(context)
        return succeeded(f"all services run{why}")

    def _half(self, context: StepContext) -> bool:
        """This attempt started the services, and was taken up again when their line was closed already."""
        attempt = context.step.open_attempt
        start = services(context.config.paths.dis, "start").display
        return attempt is not None and attempt.begun.command == start

    async def _applications(self, context: StepContext, job: JobStatus | None) -> Outcome:
        failure = ""
        if job is not None and job.exit_code != 0:
            failure = f"the start command ended with exit code {job.exit_code}"
        elif context.config.applications.check and not await check_settles(context):
            failure = "the applications' check does not pass"
        if failure:
            remedy = "look at the application, then rerun put back; or sign off what you see to yourself"
            return failed(problems.NOT_PUT_BACK, f"{context.node_name}: {failure}", remedy)
        close(context, "applications")
        self._close_node(context)
        return succeeded(seen_back(context, job))

    async def _services_run(self, context: StepContext) -> tuple[bool, str]:
        """Whether they all run, and else what does not; an old driver serves, but is named."""
        context.monitor.forget(context.node_name)
        deadline = time.monotonic() + max(
            4 * context.config.policy.stable_samples * context.monitor.every, 8.0
        )
        while True:
            await context.monitor.look_now([context.node_name])
            look = context.monitor.last(context.node_name)
            probe = look.probe if look is not None else None
            stale = probe is not None and any(module.stale for module in probe.modules)
            active = look is not None and look.health is Health.ACTIVE
            if active or (stale and probe is not None and probe.services_running):
                return True, "; the old driver is still loaded until the next reboot" if stale else ""
            if time.monotonic() > deadline:
                return False, look.detail if look is not None else "no answer"
            await asyncio.sleep(context.monitor.every)

    def _close_node(self, context: StepContext) -> None:
        """The node itself is back when nothing else of it is out."""
        if not was_running(context, "applications") and not was_running(context, "services"):
            close_what_was_stopped(context)
            close(context, "node")
