"""Reboot, only if needed, recommended or asked for. The boot id decides, never the connection."""

from __future__ import annotations

import asyncio

from tui.expressware.commands import reboot
from tui.expressware.facts import FactsError
from tui.model.clusterfile import ClusterFile
from tui.model.events import NodeProgress
from tui.model.run import Attempt
from tui.model.states import AbortClass, Confirm, ConfirmClass, Progress, StepName, StepStatus
from tui.remote import JobStatus, RemoteError
from tui.rollout.procedure.applications import applications_run, check_unknown, take_out_applications
from tui.rollout.procedure.kernel import other_kernel
from tui.rollout.procedure.ledger import take_out, take_out_services
from tui.rollout.procedure.login import read_facts, tell_facts
from tui.rollout.procedure.reboot_refused import REBOOT_REFUSED, refusal
from tui.rollout.procedure.step import Outcome, ProcedureStep, Runnable, StepContext, succeeded


class Reboot(ProcedureStep):
    """Reboot the node and wait for a changed boot id; waiting again never orders a second reboot."""

    name = StepName.REBOOT
    progress = Progress.REBOOTING
    confirm = Confirm.TYPE_NAME
    gated = True
    unavailable = "the whole node"
    undo = "none"
    abort_class = AbortClass.CANNOT
    follows = False
    warn_after = 300.0

    def planned(self, config: ClusterFile) -> str:
        """In the plan."""
        when = {"if-needed": "only if needed", "always": "by the SIA (--reboot)", "never": "never by itself"}
        return f"{reboot().display}   ({when[config.policy.reboot]})"

    def limits(self, config: ClusterFile) -> tuple[float, float]:
        """A third of what the cluster file allows for a restart is slow; all of it is too long."""
        return config.policy.restart_timeout / 3, config.policy.restart_timeout

    def not_needed(self, work: StepContext) -> str | None:
        """Clean stops need no reboot, and one that happened since the installation began is enough."""
        if self._requested(work):
            return None
        if self._rebooted_since(work):
            return "the node has rebooted since its installation began"
        if work.node.reboot_reason or work.config.policy.reboot == "always":
            return None
        return "services were stopped cleanly; the manual only recommends a reboot"

    def command(self, work: StepContext) -> Runnable | None:
        """``reboot``; nothing when an earlier one is still being waited for."""
        return None if self._waits_only(work) else reboot()

    def doing(self, work: StepContext) -> str:
        """In words."""
        return f"wait for {work.node_name} to come back from the reboot that was ordered"

    def confirm_for(self, work: StepContext) -> Confirm:
        """Waiting needs no typed name; a reboot that was confirmed with the installation needs nothing."""
        if self._ordered_by_sia(work):
            return Confirm.NONE
        return Confirm.YES if self._waits_only(work) else self.confirm

    def class_for(self, work: StepContext) -> ConfirmClass:
        """Only what the cluster file orders was planned, and only while no person asked for more."""
        if self._waits_only(work):
            return ConfirmClass.PLAIN
        return ConfirmClass.READING if self._planned(work) else ConfirmClass.SIGNATURE

    def _planned(self, work: StepContext) -> bool:
        return work.config.policy.reboot == "always" and not self._requested(work)

    def why(self, work: StepContext) -> str:
        """Why a reboot."""
        if self._planned(work):
            return "planned: policy.reboot = always"
        return work.node.reboot_reason

    def baseline(self, work: StepContext) -> str:
        """The boot id that has to change."""
        step = work.step
        if step.open_attempt is not None:
            return step.open_attempt.begun.boot_id
        if self._ordered_by_sia(work):
            install = work.other(StepName.INSTALL).attempt
            return install.begun.boot_id if install is not None else ""
        if self._waits_only(work) and step.attempt is not None:
            return step.attempt.begun.boot_id
        return self._seen(work)

    async def before(self, work: StepContext) -> Outcome | None:
        """Without a boot id from before, no later one would prove anything."""
        if not self._ordered_by_sia(work):
            await work.monitor.look_now([work.node_name])
        if not self._requested(work) and self._rebooted_since(work):
            return Outcome(StepStatus.NOT_NEEDED, "the node has rebooted since its installation began")
        running = True if self._waits_only(work) else await applications_run(work)
        if running is None:
            return check_unknown(work)
        take_out(work)
        if not self._waits_only(work):  # both may have been put back since the node was stopped
            take_out_services(work)
            take_out_applications(work, running)
        if not self.baseline(work):
            return Outcome(
                StepStatus.FAILED,
                f"{work.node_name}: its boot id cannot be read, so a reboot could not be proven",
                "no-boot-id",
                "reach the node by hand, then rerun reboot",
            )
        return None

    async def after(self, work: StepContext, job: JobStatus | None) -> Outcome:
        """Wait for a changed boot id; then read the facts of the new boot."""
        baseline = self.baseline(work)
        said = ""

        def on_try(words: str) -> None:
            nonlocal said
            if words != said:
                said = words
                work.say(NodeProgress(progress=Progress.WAITING_FOR_RETURN, reason=words))

        timeout = work.config.policy.restart_timeout
        waiting = asyncio.ensure_future(
            work.link.wait_for_reboot(baseline, stop_after=timeout, on_try=on_try)
        )
        refused = asyncio.ensure_future(refusal(work, baseline))
        try:
            await asyncio.wait((waiting, refused), return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                return refused.result()
            await waiting
        except RemoteError as error:
            if error.kind != "no-return":
                raise
            return Outcome(
                StepStatus.TIMED_OUT,
                f"{work.node_name} has not come back within {timeout:.0f} s: {said or error.sentence}",
                "no-return",
                "look at its console or power; rerun reboot to wait on (no second reboot is ordered)",
            )
        finally:
            for task in (waiting, refused):
                task.cancel()
            await asyncio.gather(waiting, refused, return_exceptions=True)
        work.monitor.forget(work.node_name)
        try:
            facts = tell_facts(work, await read_facts(work.link, work.config))
        except FactsError:
            return succeeded("boot id changed")  # verify reads them again
        return other_kernel(work, facts) or succeeded("boot id changed")

    def _waits_only(self, work: StepContext) -> bool:
        """Nothing is ordered: a reboot is under way, or the last one that was ordered is still waited for."""
        if work.step.open_attempt is not None:
            return work.step.open_attempt.begun.job_id is None
        if self._ordered_by_sia(work):
            return True
        last = self._since_install(work)
        return last is not None and last.status is StepStatus.TIMED_OUT and not self._requested(work)

    def _requested(self, work: StepContext) -> bool:
        """A person has asked for this very reboot: nothing that happened before stands for it."""
        step = work.step
        waiting = step.status in (StepStatus.PENDING, StepStatus.AWAITING_CONFIRM, StepStatus.CONFIRMED)
        return waiting and bool(step.reason) and step.reason == work.node.reboot_reason

    def _ordered_by_sia(self, work: StepContext) -> bool:
        """The installation was told to reboot at its end, and this is the first wait for it."""
        installed = work.other(StepName.INSTALL).status.passed
        always = work.config.policy.reboot == "always"
        return always and installed and self._since_install(work) is None and not self._requested(work)

    def _since_install(self, work: StepContext) -> Attempt | None:
        """The last reboot, when it was ordered after the latest installation."""
        last, install = work.step.attempt, work.other(StepName.INSTALL).attempt
        return None if last is None or install is None or last.started < install.started else last

    def _rebooted_since(self, work: StepContext) -> bool:
        """The node is in another boot than when its installation began, and no reboot was ordered but one
        that it refused: somebody has done it by hand.
        """
        install, last = work.other(StepName.INSTALL).attempt, self._since_install(work)
        facts = work.node.facts
        seen = self._seen(work) or (facts.boot_id if facts is not None else "")
        return (
            install is not None
            and (last is None or last.code == REBOOT_REFUSED)
            and seen not in ("", install.begun.boot_id)
        )

    def _seen(self, work: StepContext) -> str:
        look = work.monitor.last(work.node_name)
        return look.probe.boot_id or "" if look is not None and look.probe is not None else ""
