"""Run the SIA with --install-node --use-rpms <path>: the new version comes onto the disk and is started."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from typing_extensions import override

from tui.expressware.commands import Command, install_frontend, install_node
from tui.expressware.facts import Facts, FactsError
from tui.expressware.versions import builds_of_one, needs_enforce, package_may_be, same
from tui.model import problems
from tui.model.clusterfile import ClusterFile
from tui.model.states import AbortClass, ConfirmClass, Progress, StepStatus
from tui.model.steps import StepName
from tui.rollout.procedure.ledger import take_out, take_out_services
from tui.rollout.procedure.login import installed_version, read_facts, tell_facts
from tui.rollout.procedure.packages import planned_directory, sia_path, workdir
from tui.rollout.procedure.sia_words import explained
from tui.rollout.procedure.step import Outcome, ProcedureStep, Runnable, StepContext, failed, succeeded
from tui.rollout.procedure.watched_files import after_install

if TYPE_CHECKING:
    from tui.remote import JobStatus


def other_build(context: StepContext, seen: str) -> Outcome:
    """A node has a build of the target's number that is not the target: which of the two is meant?"""
    target = context.config.target.version
    return failed(
        problems.OTHER_BUILD,
        f"{context.node_name}: {seen}, which is another build than the target {target}",
        f"put the archive of {target} in place and rerun the node from log in; if the other build is meant, "
        "write it as target.version for a new run",
    )


class Install(ProcedureStep):
    """Step 5 of the manual: install the packages; the installation starts the updated services."""

    name = StepName.INSTALL
    progress = Progress.INSTALLING
    gated = True
    unavailable = "PCI Express on this node"
    undo = "none by itself: install the old version with its own SIA and --enforce"
    abort_class = AbortClass.OLD_VERSION
    outlives_reboot = True
    warn_after = 600.0
    stop_after = 3600.0

    @override
    def planned(self, config: ClusterFile) -> str:
        reboot = config.policy.reboot == "always"
        return self._line(config, config.target.sia, planned_directory(config), reboot, False).display

    def command(self, context: StepContext) -> Runnable | None:
        """``sh <SIA> --install-node --use-rpms <path>`` with the options as decided."""
        if context.node.facts is None:
            return None
        sia = sia_path(context.config, context.run, context.node)
        packages = workdir(context.config, context.run, context.node)
        return self._line(
            context.config, sia, packages, self._reboots(context.config), self._enforce(context)
        )

    def class_for(self, context: StepContext) -> ConfirmClass:
        """--enforce is nobody's plan; a reboot at the end was planned in the cluster file."""
        if self._enforce(context):
            return ConfirmClass.SIGNATURE
        return ConfirmClass.READING if self._reboots(context.config) else self.confirm_class

    def why(self, context: StepContext) -> str:
        """Why these options, and what the manual says of them here."""
        return "; ".join(self._reasons(context))

    def _reasons(self, context: StepContext) -> Iterator[str]:
        yield from self._about_versions(context)
        if context.node.management:
            return
        pending = context.node.reboot_reason
        if pending and context.config.policy.batch:
            yield f"--batch is safe only with all services and applications stopped (manual), but {pending}"
        if self._reboots(context.config):
            yield "planned: policy.reboot = always"
        elif pending:
            yield "a reboot is needed afterwards: without it the new drivers are on disk only (manual)"
        else:
            yield (
                "no reboot is planned; the manual recommends one, to allow the low-level driver the "
                "allocation of sufficient memory"
            )

    def _about_versions(self, context: StepContext) -> Iterator[str]:
        """Why --enforce is there; or that only a person can tell whether it is needed."""
        installed = context.node.facts.installed if context.node.facts is not None else None
        target = context.config.target.version
        needed = needs_enforce(installed, target)
        if needed:
            yield f"{installed} is on disk, not older than the target: needs --enforce"
        elif self._enforce(context):
            yield f"--enforce was asked for by name; {installed} is on disk"
        elif needed is None:
            words = f"whether {target} is newer than {installed} cannot be told"
            yield f"{words}; if the SIA refuses it, rerun install with --enforce"

    async def before(self, context: StepContext) -> Outcome | None:
        """The installation stops the services by itself where they run (again): that is written down, too."""
        take_out(context)
        take_out_services(context)
        return None

    async def after(self, context: StepContext, job: JobStatus | None) -> Outcome:
        """The exit code first, then what is on the disk: both have to agree."""
        assert job is not None
        before = context.step.open_attempt
        try:
            facts = await read_facts(context.client, context.config)
        except FactsError as error:
            why = f"{context.node_name}: {error}"
            return failed(problems.FACTS, why, "log in by hand and look, then rerun install")
        tell_facts(context, facts)
        await after_install(context)
        context.monitor.forget(context.node_name)
        rebooted = before is not None and facts.boot_id != before.begun.boot_id
        ordered = rebooted and self._reboots(context.config)
        if rebooted and not ordered:
            return failed(
                problems.LOST_BY_REBOOT,
                f"{context.node_name} rebooted in the middle of the installation; nobody ordered that",
                "look at the package database on the node, then rerun install",
            )
        installed = installed_version(facts, context.node.management)
        on_disk = self._on_disk(context, installed, job.exit_code)
        if job.exit_code == 0 or ordered:
            return self._installed(context, facts, installed, on_disk)
        name, code = context.node_name, job.exit_code
        if job.cancelled:
            why = f"{name}: the installation was canceled"
            return Outcome(StepStatus.CANCELED, why, problems.CANCELED.code, "rerun install")
        if on_disk:
            why = f"{name}: {installed} is on disk, but the SIA ended with exit code {code}"
            return explained(context, problems.INSTALLED_WITH_ERRORS, why)
        why = f"{name}: the SIA ended with exit code {code}; {installed or 'no version'} is on disk"
        return explained(context, problems.INSTALL_FAILED, why)

    def _on_disk(self, context: StepContext, installed: str | None, exit_code: int | None) -> bool:
        """Whether the target is what lies on the disk now."""
        return same(installed, context.config.target.version)

    def _installed(self, context: StepContext, facts: Facts, installed: str | None, on_disk: bool) -> Outcome:
        target = context.config.target.version
        if not on_disk and builds_of_one(installed, target):
            return other_build(context, f"{installed} is on disk")
        if not on_disk:
            why = f"{context.node_name}: the SIA reports success, but {installed or 'nothing'} is on disk"
            return failed(problems.NOT_INSTALLED, why)
        if facts.stale and not context.node.management:
            return succeeded(
                f"{installed} on disk, {facts.active} still loaded",
                reboot_reason="the old driver is still loaded; only a reboot activates the new one",
            )
        return succeeded(f"{installed} on disk")

    def _line(self, config: ClusterFile, sia: str, packages: str, reboot: bool, enforce: bool) -> Command:
        return install_node(sia, packages, batch=config.policy.batch, reboot=reboot, enforce=enforce)

    def _reboots(self, config: ClusterFile) -> bool:
        return config.policy.reboot == "always"

    def _enforce(self, context: StepContext) -> bool:
        facts = context.node.facts
        if facts is None:
            return False
        return context.step.enforce or bool(needs_enforce(facts.installed, context.config.target.version))


class InstallFrontend(Install):
    """The management node's own installation: ``--install-frontend``; it is never rebooted by it."""

    gated = False
    unavailable = "the Network Manager, and with it the cluster view; PCI Express goes on"

    async def before(self, context: StepContext) -> Outcome | None:
        """The management node carries no traffic: nothing is taken out of service."""
        return None

    def _on_disk(self, context: StepContext, installed: str | None, exit_code: int | None) -> bool:
        target = context.config.target.version
        return same(installed, target) or (exit_code == 0 and package_may_be(installed, target))

    def _line(self, config: ClusterFile, sia: str, packages: str, reboot: bool, enforce: bool) -> Command:
        return install_frontend(sia, packages, batch=config.policy.batch, reboot=reboot, enforce=enforce)

    def _reboots(self, config: ClusterFile) -> bool:
        return False
