"""Make sure that the node is active again before the next one: what was observed decides, nothing else."""

from __future__ import annotations

import asyncio
import time

from tui.expressware.facts import FactsError
from tui.expressware.versions import builds_of_one, package_may_be, same
from tui.expressware.view import Interconnect
from tui.model.clusterfile import ClusterFile
from tui.model.events import NodeProgress
from tui.model.states import Confirm, ConfirmClass, Health, Progress, StepName, StepStatus
from tui.remote import JobStatus, RemoteError
from tui.rollout.decisions.notices import needs_eyes, nobody_looks
from tui.rollout.gate import baselines, rule
from tui.rollout.gate.baselines import FEWER_SERVICES
from tui.rollout.gate.monitor import BROKEN
from tui.rollout.procedure.install import other_build
from tui.rollout.procedure.kernel import other_kernel
from tui.rollout.procedure.ledger import close
from tui.rollout.procedure.login import installed_version, read_facts, tell_facts
from tui.rollout.procedure.step import Outcome, ProcedureStep, StepContext, failed, succeeded


class Verify(ProcedureStep):
    """Step 6 of the manual: installed = active = target, all services running, active, stable for N looks."""

    name = StepName.VERIFY
    progress = Progress.VERIFYING
    confirm = Confirm.NONE
    warn_after = 120.0

    def planned(self, config: ClusterFile) -> str:
        """In the plan."""
        own = f"installed = active = {config.target.version}; all services run"
        if nobody_looks(config):
            return f"{own} (nobody looks at dis_admin: policy.waive)"
        seen = "the cluster view" if config.view else "dis_admin (the operator looks)"
        return f"{own}; {seen} shows the node active"

    def confirm_for(self, work: StepContext) -> Confirm:
        """Without a cluster view the operator has to say what dis_admin shows."""
        return Confirm.YES if needs_eyes(work.config) else Confirm.NONE

    def class_for(self, work: StepContext) -> ConfirmClass:
        """What dis_admin shows is nowhere to be read: it takes a person's eyes, or the file's waiver."""
        return ConfirmClass.PLAIN if work.config.view else ConfirmClass.EYES

    def why(self, work: StepContext) -> str:
        """Why a person has to look."""
        if not needs_eyes(work.config):
            return ""
        return f"there is no [view]: only a person can see whether the cluster reaches {work.node_name}"

    def limits(self, config: ClusterFile) -> tuple[float, float]:
        """After a reboot services are waited for as long as the cluster file allows for a restart."""
        timeout = config.policy.restart_timeout
        return min(self.warn_after, timeout / 3), max(self.stop_after, timeout)

    def doing(self, work: StepContext) -> str:
        """In words."""
        if work.config.view:
            return "read versions, services and the cluster view until they are stable"
        if nobody_looks(work.config):
            return "read versions and services until stable; nobody looks at dis_admin (policy.waive)"
        return f"look at dis_admin: confirm only when it shows {work.node_name} active (green)"

    async def after(self, work: StepContext, job: JobStatus | None) -> Outcome:
        """Look until all is true N times in a row, or until waiting on makes no sense."""
        rebooted = self._rebooted(work)
        policy = work.config.policy
        at_least = max(4 * policy.stable_samples * work.monitor.every, 2 * work.monitor.stable_for, 8.0)
        patience = policy.restart_timeout if rebooted else at_least
        deadline = time.monotonic() + patience
        looks = 0
        while True:
            await work.monitor.look_now()
            looks += 1
            waiting = self._waiting_for(work)
            if waiting is None:
                return await self._versions(work)
            hopeless = await self._hopeless(work)
            if hopeless is not None:
                return hopeless
            link = work.link.state
            if link.phase in BROKEN:  # says nothing about the node: looked at anew when it answers again
                raise RemoteError(link.error_kind or "lost", work.node_name, link.reason)
            calm = policy.restart_timeout if self._unstable(work) else 0.0
            # A console that was asleep has not looked: time alone is no verdict, and sleep does not count.
            if time.monotonic() > deadline + calm and looks >= 2 * policy.stable_samples:
                return self._gave_up(work, waiting)
            work.say(NodeProgress(progress=self.progress, reason=waiting))
            before = time.monotonic()
            await asyncio.sleep(work.monitor.every)
            deadline += max(0.0, time.monotonic() - before - 2 * work.monitor.every)

    def _waiting_for(self, work: StepContext) -> str | None:
        """What is not true yet, in words; None when all is."""
        good, why = work.monitor.well(work.node_name)
        if not good:
            return why
        if work.config.view is not None:
            count = work.monitor.unreachable
            if count is None:
                return "the cluster view gives no answer"
            others = rule.others_down(work.run(), work.config, work.monitor, work.node_name)
            if work.node_name in work.monitor.named:
                return "the cluster view cannot reach it"
            missed = {other for other in others if not work.monitor.may_serve(other)}
            if count > len(work.monitor.named | missed):  # those are known, and others'
                return f"the cluster view still counts {count} unreachable nodes"
            return rule.unsettled(work.monitor, bool(others)) or None
        return None

    def _unstable(self, work: StepContext) -> bool:
        """The cluster itself asks for a calm period."""
        return work.monitor.interconnect is Interconnect.UNSTABLE

    def _rebooted(self, work: StepContext) -> bool:
        """The node is in another boot than when its installation began, or was told to reboot."""
        install, facts = work.other(StepName.INSTALL).attempt, work.node.facts
        changed = install is not None and facts is not None and facts.boot_id != install.begun.boot_id
        return changed or bool(work.other(StepName.REBOOT).attempts) or work.config.policy.reboot == "always"

    async def _hopeless(self, work: StepContext) -> Outcome | None:
        """What no waiting cures: another kernel since the last facts, or an old driver that serves."""
        look, facts = work.monitor.last(work.node_name), work.node.facts
        probe = look.probe if look is not None else None
        if probe is None or work.node.management:
            return None
        if facts is not None and probe.boot_id not in (None, facts.boot_id):
            try:
                tell_facts(work, await read_facts(work.link, work.config))
            except FactsError:
                return None
            facts = work.node.facts
        trouble = other_kernel(work, facts) if facts is not None else None
        stale = [module.name for module in probe.modules if module.stale]
        if trouble is None and stale and probe.services_running:
            return self._old_driver(work, f"old driver still loaded: {', '.join(stale)}")
        return trouble

    def _old_driver(self, work: StepContext, words: str) -> Outcome:
        """A reboot activates the new driver; a node that came back with the old one needs a person's look."""
        if not self._rebooted(work):
            return failed(
                "old-driver-active", f"{work.node_name}: {words}", "a reboot activates the new driver"
            )
        return failed(
            "old-driver-returned",
            f"{work.node_name} came back with the old driver: {words}",
            "look for old copies of the drivers (in its initramfs?), mend that, reboot it, then rerun verify",
        )

    async def _versions(self, work: StepContext) -> Outcome:
        name, target = work.node_name, work.config.target.version
        try:
            facts = await read_facts(work.link, work.config)
        except FactsError as error:
            return failed("facts", f"{name}: {error}", "log in by hand and look, then rerun")
        event = tell_facts(work, facts)
        if not same(facts.installed, target):
            if facts.disputed:
                return other_build(work, facts.disputed)
            if builds_of_one(facts.installed, target):
                return other_build(work, f"{facts.installed} is installed")
            return failed(
                "wrong-version",
                f"{name}: {facts.installed} is installed, not {target}",
                "rerun the node from log in",
            )
        trouble = other_kernel(work, event)
        if trouble is not None:
            return trouble
        if facts.disagreeing:
            words = ", ".join(facts.disagreeing)
            return failed("half-installed", f"{name}: not of version {target}: {words}", "rerun install")
        if not facts.stale and builds_of_one(facts.active, target):
            return other_build(work, f"{facts.active} is loaded")
        if facts.stale or not same(facts.active, target):
            words = f"{facts.installed} is installed, but {facts.active or 'no driver'} is loaded"
            return self._old_driver(work, words)
        fewer = self._baseline(work)
        if fewer is not None:
            return fewer
        close(work, "services")
        return succeeded(f"{facts.active} active, all services running, stable")

    def _baseline(self, work: StepContext) -> Outcome | None:
        """Write down how the node is now; a person has to agree first when a service is missing."""
        name = work.node_name
        seen = baselines.seen(work.run(), work.monitor, name)
        if seen is None:
            return failed("not-active", f"{name}: it looks well no longer", "look at the node, then rerun")
        if seen.missing and not baselines.agreed(work.step):
            words = f"{name}: not there after the update: {', '.join(seen.missing)}"
            return failed(
                FEWER_SERVICES, words, "find out why and rerun; or agree, if that is meant to be so"
            )
        if work.node.baseline != seen.baseline:
            work.say(seen.baseline)
        return None

    def _gave_up(self, work: StepContext, waiting: str) -> Outcome:
        look = work.monitor.last(work.node_name)
        if self._unstable(work):
            remedy = "leave the cluster alone until it has calmed down, then rerun verify"
            return failed("interconnect-unstable", f"{work.node_name}: {waiting}", remedy)
        if look is not None and look.health is not Health.ACTIVE and look.probe is not None:
            if any(module.stale for module in look.probe.modules):
                return self._old_driver(work, look.detail)
            why = f"{work.node_name}: {look.detail}"
            return failed("services-not-running", why, "a reboot of the node fixes that (manual)")
        return failed(
            "not-active", f"{work.node_name}: {waiting}", "look at dis_admin, cables and the node; then rerun"
        )


class VerifyFrontend(Verify):
    """The management node is updated when its version is on disk and its services run."""

    def confirm_for(self, work: StepContext) -> Confirm:
        """Nothing of it shows in dis_admin."""
        return Confirm.NONE

    def class_for(self, work: StepContext) -> ConfirmClass:
        """As above."""
        return ConfirmClass.PLAIN

    def why(self, work: StepContext) -> str:
        """As above."""
        return ""

    def doing(self, work: StepContext) -> str:
        """In words."""
        return "read the version on disk, and whether the Network Manager runs"

    def planned(self, config: ClusterFile) -> str:
        """In the plan."""
        return f"installed = {config.target.version}; the Network Manager runs"

    async def _versions(self, work: StepContext) -> Outcome:
        try:
            facts = await read_facts(work.link, work.config)
        except FactsError as error:
            return failed("facts", f"{work.node_name}: {error}", "log in by hand and look, then rerun")
        tell_facts(work, facts)
        installed = installed_version(facts, management=True)
        target = work.config.target.version
        by_run = work.other(StepName.INSTALL).status is StepStatus.SUCCEEDED
        if not same(installed, target) and not (by_run and package_may_be(installed, target)):
            return failed("wrong-version", f"{work.node_name}: {installed} is installed", "rerun install")
        return succeeded(f"{installed} installed, Network Manager running")
