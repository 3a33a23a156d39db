"""Make sure that the node is active again before the next one: what was observed decides, nothing else."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from typing_extensions import override

from tui.expressware.facts import FactsError
from tui.expressware.versions import builds_of_one, package_may_be, same
from tui.expressware.view import Interconnect
from tui.model import problems
from tui.model.clusterfile import ClusterFile
from tui.model.events import NodeProgress
from tui.model.states import Confirm, ConfirmClass, Health, Progress, StepStatus
from tui.model.steps import StepName
from tui.remote import RemoteError
from tui.rollout.gate import baselines, rule
from tui.rollout.gate.monitor import BROKEN
from tui.rollout.procedure.boot import other_kernel
from tui.rollout.procedure.install import other_build
from tui.rollout.procedure.ledger import close
from tui.rollout.procedure.login import installed_version, read_facts, tell_facts
from tui.rollout.procedure.notices import needs_eyes, nobody_looks
from tui.rollout.procedure.quiet import PATIENCE as NOISE
from tui.rollout.procedure.quiet import Quiet
from tui.rollout.procedure.step import Outcome, ProcedureStep, StepContext, failed, succeeded

if TYPE_CHECKING:
    from tui.remote import JobStatus


class Verify(ProcedureStep):
    """Step 6 of the manual: installed = active = target, all services running, active, stable for N looks."""

    name = StepName.VERIFY
    progress = Progress.VERIFYING
    confirm = Confirm.NONE
    warn_after = 120.0

    @override
    def planned(self, config: ClusterFile) -> str:
        own = f"installed = active = {config.target.version}; all services run"
        if nobody_looks(config):
            return f"{own} (nobody looks at dis_admin: policy.waive)"
        seen = "the cluster view" if config.view else "dis_admin (the operator looks)"
        return f"{own}; {seen} shows the node active"

    def confirm_for(self, context: StepContext) -> Confirm:
        """Without a cluster view the operator has to say what dis_admin shows."""
        return Confirm.YES if needs_eyes(context.config) else Confirm.NONE

    def class_for(self, context: StepContext) -> ConfirmClass:
        """What dis_admin shows is nowhere to be read: it takes a person's eyes, or the file's waiver."""
        return ConfirmClass.PLAIN if context.config.view else ConfirmClass.EYES

    @override
    def why(self, context: StepContext) -> str:
        if not needs_eyes(context.config):
            return ""
        return f"there is no [view]: only a person can see whether the cluster reaches {context.node_name}"

    def limits(self, config: ClusterFile) -> tuple[float, float]:
        """After a reboot services are waited for as long as the cluster file allows for a restart."""
        timeout = config.policy.restart_timeout
        return min(self.warn_after, timeout / 3), max(self.stop_after, timeout)

    @override
    def description(self, context: StepContext) -> str:
        if context.config.view:
            return "read versions, services and the cluster view until they are stable"
        if nobody_looks(context.config):
            return "read versions and services until stable; nobody looks at dis_admin (policy.waive)"
        return f"look at dis_admin: confirm only when it shows {context.node_name} active (green)"

    async def after(self, context: StepContext, job: JobStatus | None) -> Outcome:
        """Look until all is true N times in a row, or until waiting on makes no sense."""
        rebooted = self._rebooted(context)
        policy = context.config.policy
        at_least = max(4 * policy.stable_samples * context.monitor.every, 2 * context.monitor.stable_for, 8.0)
        patience = policy.restart_timeout if rebooted else at_least
        deadline = time.monotonic() + patience
        looks, quiet = 0, Quiet(context)
        while True:
            begun = time.monotonic()
            await context.monitor.look_at(context.node_name)
            looks += 1
            waiting = await self._waiting(context, quiet)
            if waiting is None:
                return await self._versions(context, quiet)
            if (hopeless := await self._hopeless(context)) is not None:
                return hopeless
            client = context.client.state
            if client.phase in BROKEN:  # says nothing about the node: looked at anew when it answers again
                raise RemoteError(client.error_kind or "lost", context.node_name, client.reason)
            calm = policy.restart_timeout if self._unstable(context) else 0.0
            calm = max(calm, NOISE * quiet.stable if quiet.noise else 0.0)
            # A console that was asleep has not looked: time alone is no verdict, and sleep does not count.
            if time.monotonic() > deadline + calm and looks >= 2 * policy.stable_samples:
                return self._gave_up(context, waiting, quiet)
            context.say(NodeProgress(progress=self.progress, reason=waiting))
            before = time.monotonic()
            pause = self._pause(context, begun + context.monitor.every - before, quiet)
            await asyncio.sleep(max(0.05, pause))
            deadline += max(0.0, time.monotonic() - before - 2 * context.monitor.every)

    def _pause(self, context: StepContext, pause: float, quiet: Quiet) -> float:
        """Until the next look: when the links can tell, if only they are waited for. Before the node is well
        never sooner than it is due, as each look counts; a moment later, where that saves another one.
        """
        left = quiet.left
        if not left or quiet.noise:
            return pause
        if self._waiting_for(context) is None:
            return min(pause, left)
        return left if pause < left < pause + 0.1 else pause

    async def _waiting(self, context: StepContext, quiet: Quiet) -> str | None:
        """The same with the links, whose errors count from the first look that is good."""
        look = context.monitor.last(context.node_name)
        if look is not None and look.health is Health.ACTIVE:
            await quiet.returned()
        return self._waiting_for(context) or await quiet.waiting_for()

    def _waiting_for(self, context: StepContext) -> str | None:
        """What is not true yet, in words; None when all is."""
        good, why = context.monitor.well(context.node_name)
        if not good:
            return why
        if context.config.view is not None:
            count = context.monitor.unreachable
            if count is None:
                return "the cluster view gives no answer"
            others = rule.others_down(context.run, context.config, context.monitor, context.node_name)
            if context.node_name in context.monitor.named:
                return "the cluster view cannot reach it"
            missed = {other for other in others if not context.monitor.may_serve(other)}
            if count > len(context.monitor.named | missed):  # those are known, and others'
                return f"the cluster view still counts {count} unreachable nodes"
            return rule.unsettled(context.monitor, bool(others)) or None
        return None

    def _unstable(self, context: StepContext) -> bool:
        """The cluster itself asks for a calm period."""
        return context.monitor.interconnect is Interconnect.UNSTABLE

    def _rebooted(self, context: StepContext) -> bool:
        """The node is in another boot than when its installation began, or was told to reboot."""
        install, facts = context.other(StepName.INSTALL).attempt, context.node.facts
        changed = install is not None and facts is not None and facts.boot_id != install.begun.boot_id
        return (
            changed
            or bool(context.other(StepName.REBOOT).attempts)
            or context.config.policy.reboot == "always"
        )

    async def _hopeless(self, context: StepContext) -> Outcome | None:
        """What no waiting cures: another kernel since the last facts, or an old driver that serves."""
        probe, facts = context.monitor.probe(context.node_name), context.node.facts
        if probe is None or context.node.management:
            return None
        if facts is not None and probe.boot_id not in (None, facts.boot_id):
            try:
                tell_facts(context, await read_facts(context.client, context.config))
            except FactsError:
                return None
            facts = context.node.facts
        trouble = other_kernel(context, facts) if facts is not None else None
        stale = [module.name for module in probe.modules if module.stale]
        if trouble is None and stale and probe.services_running:
            return self._old_driver(context, f"old driver still loaded: {', '.join(stale)}")
        return trouble

    def _old_driver(self, context: StepContext, words: str) -> Outcome:
        """A reboot activates the new driver; a node that came back with the old one needs a person's look."""
        if not self._rebooted(context):
            return failed(problems.OLD_DRIVER_ACTIVE, f"{context.node_name}: {words}")
        return failed(
            problems.OLD_DRIVER_RETURNED, f"{context.node_name} came back with the old driver: {words}"
        )

    async def _versions(self, context: StepContext, quiet: Quiet) -> Outcome:
        name, target = context.node_name, context.config.target.version
        try:
            facts = await read_facts(context.client, context.config)
        except FactsError as error:
            return failed(problems.FACTS, f"{name}: {error}")
        event = tell_facts(context, facts)
        if not same(facts.installed, target):
            if facts.disputed:
                return other_build(context, facts.disputed)
            if builds_of_one(facts.installed, target):
                return other_build(context, f"{facts.installed} is installed")
            return failed(problems.WRONG_VERSION, f"{name}: {facts.installed} is installed, not {target}")
        if (trouble := other_kernel(context, event)) is not None:
            return trouble
        if facts.disagreeing:
            words = ", ".join(facts.disagreeing)
            return failed(problems.HALF_INSTALLED, f"{name}: not of version {target}: {words}")
        if not facts.stale and builds_of_one(facts.active, target):
            return other_build(context, f"{facts.active} is loaded")
        if facts.stale or not same(facts.active, target):
            words = f"{facts.installed} is installed, but {facts.active or 'no driver'} is loaded"
            return self._old_driver(context, words)
        if (fewer := self._baseline(context)) is not None:
            return fewer
        close(context, "services")
        return succeeded("; ".join((f"{facts.active} active, all services running, stable", quiet.said())))

    def _baseline(self, context: StepContext) -> Outcome | None:
        """Write down how the node is now; a person has to agree first when a service is missing."""
        name = context.node_name
        seen = baselines.seen(context.run, context.monitor, name)
        if seen is None:
            return failed(
                problems.NOT_ACTIVE, f"{name}: it looks well no longer", "look at the node, then rerun"
            )
        if seen.missing and not baselines.agreed(context.step):
            words = f"{name}: not there after the update: {', '.join(seen.missing)}"
            return failed(problems.FEWER_SERVICES, words)
        if context.node.baseline != seen.baseline:
            context.say(seen.baseline)
        return None

    def _gave_up(self, context: StepContext, waiting: str, quiet: Quiet) -> Outcome:
        look = context.monitor.last(context.node_name)
        if quiet.noise and look is not None and look.health is Health.ACTIVE:
            return failed(problems.LINK_ERRORS, f"{context.node_name}: {quiet.noise}")
        if self._unstable(context):
            return failed(problems.INTERCONNECT_UNSTABLE, f"{context.node_name}: {waiting}")
        if look is not None and look.health is not Health.ACTIVE and look.probe is not None:
            if any(module.stale for module in look.probe.modules):
                return self._old_driver(context, look.detail)
            return failed(problems.SERVICES_NOT_RUNNING, f"{context.node_name}: {look.detail}")
        return failed(problems.NOT_ACTIVE, f"{context.node_name}: {waiting}")


class VerifyFrontend(Verify):
    """The management node is updated when its version is on disk and its services run."""

    def confirm_for(self, context: StepContext) -> Confirm:
        """Nothing of it shows in dis_admin."""
        return Confirm.NONE

    @override
    def class_for(self, context: StepContext) -> ConfirmClass:
        return ConfirmClass.PLAIN

    @override
    def why(self, context: StepContext) -> str:
        return ""

    @override
    def description(self, context: StepContext) -> str:
        return "read the version on disk, and whether the Network Manager runs"

    @override
    def planned(self, config: ClusterFile) -> str:
        return f"installed = {config.target.version}; the Network Manager runs"

    async def _versions(self, context: StepContext, quiet: Quiet) -> Outcome:
        try:
            facts = await read_facts(context.client, context.config)
        except FactsError as error:
            return failed(problems.FACTS, f"{context.node_name}: {error}")
        tell_facts(context, facts)
        installed = installed_version(facts, management=True)
        target = context.config.target.version
        by_run = context.other(StepName.INSTALL).status is StepStatus.SUCCEEDED
        if not same(installed, target) and not (by_run and package_may_be(installed, target)):
            why = f"{context.node_name}: {installed} is installed"
            return failed(problems.WRONG_VERSION, why, "rerun install")
        return succeeded(f"{installed} installed, Network Manager running")
