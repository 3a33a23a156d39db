"""Make sure that the node is active again before the next one: what was observed decides, nothing else."""

from __future__ import annotations

import asyncio
import time

from tui.expressware.facts import FactsError
from tui.model.clusterfile import ClusterFile
from tui.model.events import NodeProgress
from tui.model.states import Confirm, Health, Progress, StepName
from tui.remote import JobStatus, RemoteError
from tui.rollout.monitor import BROKEN
from tui.rollout.steps.applications import close
from tui.rollout.steps.base import Outcome, StepKind, Work, failed, succeeded
from tui.rollout.steps.install import same_version
from tui.rollout.steps.login import facts_event, installed_version, read_facts


class Verify(StepKind):
    """Step 6 of the manual: installed = active = target, all services running, active, stable for N looks."""

    name = StepName.VERIFY
    progress = Progress.VERIFYING
    confirm = Confirm.NONE
    warn_after = 120.0

    def planned(self, config: ClusterFile) -> str:
        """In the plan."""
        seen = "the cluster view" if config.view else "dis_admin (the operator looks)"
        return f"installed = active = {config.target.version}; all services run; {seen} shows the node active"

    def confirm_for(self, work: Work) -> Confirm:
        """Without a cluster view the operator has to say what dis_admin shows."""
        return Confirm.NONE if work.config.view else Confirm.YES

    def doing(self, work: Work) -> str:
        """In words."""
        if work.config.view:
            return "read versions, services and the cluster view until they are stable"
        return f"look at dis_admin: confirm only when it shows {work.node_name} active (green)"

    async def after(self, work: Work, job: JobStatus | None) -> Outcome:
        """Look until all is true N times in a row, or until waiting on makes no sense."""
        rebooted = bool(work.other(StepName.REBOOT).attempts) or work.config.policy.reboot == "always"
        policy = work.config.policy
        patience = (
            policy.restart_timeout if rebooted else max(4 * policy.stable_samples * work.monitor.every, 8.0)
        )
        deadline = time.monotonic() + patience
        while True:
            await work.monitor.look_now()
            waiting = self._waiting_for(work)
            if waiting is None:
                return await self._versions(work)
            link = work.link.state
            if link.phase in BROKEN:  # says nothing about the node: looked at anew when it answers again
                raise RemoteError(link.error_kind or "lost", work.node_name, link.reason)
            if time.monotonic() > deadline:
                return self._gave_up(work, waiting)
            work.say(NodeProgress(progress=self.progress, reason=waiting))
            before = time.monotonic()
            await asyncio.sleep(work.monitor.every)
            # A console that was asleep has not looked: that time does not count.
            deadline += max(0.0, time.monotonic() - before - 2 * work.monitor.every)

    def _waiting_for(self, work: Work) -> str | None:
        """What is not true yet, in words; None when all is."""
        good, why = work.monitor.stable(work.node_name)
        if not good:
            return why
        if work.config.view is not None:
            count = work.monitor.unreachable
            if count is None:
                return "the cluster view gives no answer"
            if count > work.config.policy.allowed_down - 1:
                return f"the cluster view still counts {count} unreachable nodes"
        return None

    async def _versions(self, work: Work) -> Outcome:
        name, target = work.node_name, work.config.target.version
        try:
            facts = await read_facts(work.link, work.config)
        except FactsError as error:
            return failed("facts", f"{name}: {error}", "log in by hand and look, then rerun")
        work.say(facts_event(facts, work.node.management))
        if not same_version(facts.installed, target):
            return failed(
                "wrong-version", f"{name}: {facts.installed} is installed, not {target}", "rerun install"
            )
        if facts.disagreeing:
            words = ", ".join(facts.disagreeing)
            return failed("half-installed", f"{name}: not of version {target}: {words}", "rerun install")
        if facts.stale or not same_version(facts.active, target):
            return failed(
                "old-driver-active",
                f"{name}: {facts.installed} is installed, but {facts.active or 'no driver'} is loaded",
                "a reboot activates the new driver",
            )
        close(work, "services")
        return succeeded(f"{facts.active} active, all services running, stable")

    def _gave_up(self, work: Work, waiting: str) -> Outcome:
        look = work.monitor.last(work.node_name)
        if look is not None and look.health is not Health.ACTIVE and look.probe is not None:
            stale = any(module.stale for module in look.probe.modules)
            code = "old-driver-active" if stale else "services-not-running"
            return failed(
                code, f"{work.node_name}: {look.detail}", "a reboot of the node fixes that (manual)"
            )
        return failed(
            "not-active", f"{work.node_name}: {waiting}", "look at dis_admin, cables and the node; then rerun"
        )


class VerifyFrontend(Verify):
    """The management node is updated when its version is on disk and its services run."""

    def confirm_for(self, work: Work) -> Confirm:
        """Nothing of it shows in dis_admin."""
        return Confirm.NONE

    def planned(self, config: ClusterFile) -> str:
        """In the plan."""
        return f"installed = {config.target.version}; the Network Manager runs"

    async def _versions(self, work: Work) -> Outcome:
        facts = await read_facts(work.link, work.config)
        work.say(facts_event(facts, work.node.management))
        installed = installed_version(facts, management=True)
        if not same_version(installed, work.config.target.version):
            return failed("wrong-version", f"{work.node_name}: {installed} is installed", "rerun install")
        return succeeded(f"{installed} installed, Network Manager running")
