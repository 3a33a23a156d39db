"""Reboot, only if needed, recommended or asked for. The boot id decides, never the connection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from typing_extensions import override

from tui.expressware.commands import reboot
from tui.expressware.facts import FactsError
from tui.model import problems
from tui.model.clusterfile import ClusterFile
from tui.model.events import NodeProgress
from tui.model.run import Attempt
from tui.model.states import AbortClass, Confirm, ConfirmClass, Progress, StepStatus
from tui.model.steps import StepName
from tui.remote import RemoteError
from tui.rollout.procedure.applications import applications_run, check_unknown, take_out_applications
from tui.rollout.procedure.boot import other_kernel
from tui.rollout.procedure.ledger import take_out, take_out_services
from tui.rollout.procedure.login import read_facts, tell_facts
from tui.rollout.procedure.reboot_refused import refusal
from tui.rollout.procedure.step import Outcome, ProcedureStep, Runnable, StepContext, failed, succeeded

if TYPE_CHECKING:
    from tui.remote import JobStatus


class Reboot(ProcedureStep):
    """Reboot the node and wait for a changed boot id; waiting again never orders a second reboot."""

    name = StepName.REBOOT
    progress = Progress.REBOOTING
    gated = True
    unavailable = "the whole node"
    undo = "none"
    abort_class = AbortClass.CANNOT
    waits_for_job = False
    warn_after = 300.0

    @override
    def planned(self, config: ClusterFile) -> str:
        when = {"if-needed": "only if needed", "always": "by the SIA (--reboot)", "never": "never by itself"}
        return f"{reboot().display}   ({when[config.policy.reboot]})"

    def limits(self, config: ClusterFile) -> tuple[float, float]:
        """A third of what the cluster file allows for a restart is slow; all of it is too long."""
        return config.policy.restart_timeout / 3, config.policy.restart_timeout

    def not_needed(self, context: StepContext) -> str | None:
        """Clean stops need no reboot, and one that happened since the installation began is enough."""
        if self._requested(context):
            return None
        if self._rebooted_since(context):
            return "the node has rebooted since its installation began"
        if context.node.reboot_reason or context.config.policy.reboot == "always":
            return None
        return "services were stopped cleanly; the manual only recommends a reboot"

    def command(self, context: StepContext) -> Runnable | None:
        """``reboot``; nothing when an earlier one is still being waited for."""
        return None if self._waits_only(context) else reboot()

    @override
    def description(self, context: StepContext) -> str:
        return f"wait for {context.node_name} to come back from the reboot that was ordered"

    def confirm_for(self, context: StepContext) -> Confirm:
        """A reboot that was confirmed with the installation needs nothing."""
        return Confirm.NONE if self._ordered_by_sia(context) else self.confirm

    def class_for(self, context: StepContext) -> ConfirmClass:
        """Only what the cluster file orders was planned, and only while no person asked for more."""
        if self._waits_only(context):
            return ConfirmClass.PLAIN
        return ConfirmClass.READING if self._planned(context) else ConfirmClass.SIGNATURE

    def _planned(self, context: StepContext) -> bool:
        return context.config.policy.reboot == "always" and not self._requested(context)

    @override
    def why(self, context: StepContext) -> str:
        if self._planned(context):
            return "planned: policy.reboot = always"
        return context.node.reboot_reason

    def baseline(self, context: StepContext) -> str:
        """The boot id that has to change."""
        step = context.step
        if step.open_attempt is not None:
            return step.open_attempt.begun.boot_id
        if self._ordered_by_sia(context):
            install = context.other(StepName.INSTALL).attempt
            return install.begun.boot_id if install is not None else ""
        if self._waits_only(context) and step.attempt is not None:
            return step.attempt.begun.boot_id
        return context.boot_in_look

    async def before(self, context: StepContext) -> Outcome | None:
        """Without a boot id from before, no later one would prove anything."""
        if not self._ordered_by_sia(context):
            await context.monitor.look_now([context.node_name])
        if not self._requested(context) and self._rebooted_since(context):
            return Outcome(StepStatus.NOT_NEEDED, "the node has rebooted since its installation began")
        running = True if self._waits_only(context) else await applications_run(context)
        if running is None:
            return check_unknown(context)
        take_out(context)
        if not self._waits_only(context):  # both may have been put back since the node was stopped
            take_out_services(context)
            take_out_applications(context, running)
        if not self.baseline(context):
            why = f"{context.node_name}: its boot id cannot be read, so a reboot could not be proven"
            return failed(problems.NO_BOOT_ID, why)
        return None

    async def after(self, context: StepContext, job: JobStatus | None) -> Outcome:
        """Wait for a changed boot id; then read the facts of the new boot."""
        baseline = self.baseline(context)
        said = ""

        def on_try(words: str) -> None:
            nonlocal said
            if words != said:
                said = words
                context.say(NodeProgress(progress=Progress.WAITING_FOR_RETURN, reason=words))

        timeout = context.config.policy.restart_timeout
        waiting = asyncio.ensure_future(
            context.client.wait_for_reboot(baseline, stop_after=timeout, on_try=on_try)
        )
        refused = asyncio.ensure_future(refusal(context, baseline))
        try:
            await asyncio.wait((waiting, refused), return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                return refused.result()
            await waiting
        except RemoteError as error:
            if error.kind != problems.NO_RETURN.code:
                raise
            why = f"{context.node_name} has not come back within {timeout:.0f} s: {said or error.sentence}"
            return Outcome(StepStatus.TIMED_OUT, why, problems.NO_RETURN.code, problems.NO_RETURN.remedy)
        finally:
            for task in (waiting, refused):
                task.cancel()
            await asyncio.gather(waiting, refused, return_exceptions=True)
        context.monitor.forget(context.node_name)
        try:
            facts = tell_facts(context, await read_facts(context.client, context.config))
        except FactsError:
            return succeeded("boot id changed")  # verify reads them again
        return other_kernel(context, facts) or succeeded("boot id changed")

    def _waits_only(self, context: StepContext) -> bool:
        """Nothing is ordered: a reboot is under way, or the last one that was ordered is still waited for."""
        if context.step.open_attempt is not None:
            return context.step.open_attempt.begun.job_id is None
        if self._ordered_by_sia(context):
            return True
        last = self._since_install(context)
        return last is not None and last.status is StepStatus.TIMED_OUT and not self._requested(context)

    def _requested(self, context: StepContext) -> bool:
        """A person has asked for this very reboot: nothing that happened before stands for it."""
        step = context.step
        waiting = step.status is StepStatus.PENDING or step.status.asked
        return waiting and bool(step.reason) and step.reason == context.node.reboot_reason

    def _ordered_by_sia(self, context: StepContext) -> bool:
        """The installation was told to reboot at its end, and this is the first wait for it."""
        installed = context.other(StepName.INSTALL).status.passed
        always = context.config.policy.reboot == "always"
        return always and installed and self._since_install(context) is None and not self._requested(context)

    def _since_install(self, context: StepContext) -> Attempt | None:
        """The last reboot, when it was ordered after the latest installation."""
        last, install = context.step.attempt, context.other(StepName.INSTALL).attempt
        return None if last is None or install is None or last.started < install.started else last

    def _rebooted_since(self, context: StepContext) -> bool:
        """The node is in another boot than when its installation began, and no reboot was ordered but one
        that it refused: somebody has done it by hand.
        """
        install, last = context.other(StepName.INSTALL).attempt, self._since_install(context)
        return (
            install is not None
            and (last is None or last.code == problems.REBOOT_REFUSED.code)
            and self.boot_seen(context) not in ("", install.begun.boot_id)
        )
