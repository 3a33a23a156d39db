"""Binary packages: built once, reused where archive, architecture, distribution and kernel are the same."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from tui.expressware.commands import Command, NodePath, build_packages
from tui.journal.files import make_private, replace_file
from tui.model import problems
from tui.model.clusterfile import ClusterFile
from tui.model.run import Node, Run
from tui.model.states import Progress
from tui.model.steps import StepName
from tui.remote import RemoteError, value_of
from tui.rollout.procedure.sia_words import explained
from tui.rollout.procedure.step import Outcome, ProcedureStep, Runnable, StepContext, failed, succeeded

if TYPE_CHECKING:
    from tui.remote import JobStatus

PARTS = ("node_RPMS", "frontend_RPMS")
_LISTING = re.compile(r"^([0-9a-f]{64}) [ *]\./([A-Za-z]+_RPMS/(?!\.\.?$)[^/\0]+)$")


def package_key(sia_sha256: str, node: Node) -> str:
    """What must be the same for packages to be reused, as a name for a directory."""
    assert node.facts is not None
    same = (sia_sha256, node.facts.arch, node.facts.distribution, node.facts.kernel)
    return hashlib.sha256("\0".join(same).encode()).hexdigest()[:16]


def sia_sha256(run: Run) -> str:
    """The digest that the plan was frozen with."""
    return run.plan.sia_sha256 if run.plan else ""


def workdir(config: ClusterFile, run: Run, node: Node) -> str:
    """Where the packages lie on the node: the path for ``--use-rpms``."""
    return f"{config.paths.state}/packages/{package_key(sia_sha256(run), node)}"


def planned_directory(config: ClusterFile) -> str:
    """The same before the node has told what it is."""
    return f"{config.paths.state}/packages/<key>"


def sia_path(config: ClusterFile, run: Run, node: Node) -> str:
    """Where the archive lies on the node: its own copy, or the one that Rollcall brought."""
    if node.facts is not None and node.facts.sia_present:
        return config.target.sia
    return f"{config.paths.state}/sia/{sia_sha256(run)[:16]}/{Path(config.target.sia).name}"


class Packages(ProcedureStep):
    """Step 2 of the manual: build the packages, or take those that another node has built."""

    name = StepName.PACKAGES
    progress = Progress.PREPARING
    warn_after = 1200.0
    stop_after = 3600.0
    undo = "delete the packages; the installed version is not touched"

    @override
    def planned(self, config: ClusterFile) -> str:
        build = build_packages(config.target.sia, planned_directory(config))
        return f"{build.display}   (once; then reused where all is the same)"

    def command(self, context: StepContext) -> Runnable | None:
        """Build here, unless these packages were built before."""
        if context.node.facts is None or self._cached(context):
            return None
        target = NodePath(workdir(context.config, context.run, context.node))
        return _Build(
            build_packages(sia_path(context.config, context.run, context.node), target.path),
            target,
        )

    @override
    def description(self, context: StepContext) -> str:
        source = self._cached(context)
        return f"copy the packages built on {source} to {workdir(context.config, context.run, context.node)}"

    def why(self, context: StepContext) -> str:
        """Why they are built, or may be reused."""
        if source := self._cached(context):
            return f"same archive, architecture, distribution and kernel as {source}"
        return "first node with this architecture, distribution and kernel"

    async def before(self, context: StepContext) -> Outcome | None:
        """Bring the archive when the node has none, and compare its checksum."""
        facts = context.node.facts
        assert facts is not None
        wanted = sia_sha256(context.run)
        if facts.sia_present:
            if facts.sia_sha256 != wanted:
                sia = context.config.target.sia
                why = f"{context.node_name}: {sia} is not the planned archive (checksum)"
                return failed(problems.SIA_CHECKSUM, why)
            return None
        local = Path(context.config.target.sia)
        try:
            digest = hashlib.sha256(_read(local)).hexdigest()
        except OSError:
            return failed(problems.SIA_MISSING, f"{local} is neither on {context.node_name} nor here")
        if digest != wanted:
            why = f"{local} changed since the plan was frozen"
            return failed(problems.SIA_CHECKSUM, why, "put the planned archive back")
        # one that may still arrive brings the same bytes
        value_of(await context.client.upload(sia_path(context.config, context.run, context.node), local))
        return None

    async def after(self, context: StepContext, job: JobStatus | None) -> Outcome:
        """Judge a build by what lies there, and keep it for the others; or copy what another node built."""
        directory = workdir(context.config, context.run, context.node)
        source = self._cached(context)
        if job is None and source:
            await self._copy(context, directory)
            return succeeded(f"reused from {source}")
        files = await self._listing(context, directory)
        if job is not None and job.exit_code != 0:
            why = f"{context.node_name}: the SIA's build ended with exit code {job.exit_code}"
            return explained(context, problems.BUILD_FAILED, why)
        if not any(name.startswith("node_RPMS/") for name in files):
            why = f"{context.node_name}: the build left no node_RPMS in {directory}"
            return failed(problems.NO_PACKAGES, why)
        await self._keep(context, directory, files)
        return succeeded(f"{len(files)} packages built")

    def _store(self, context: StepContext) -> Path:
        return context.run_context.cache / package_key(sia_sha256(context.run), context.node)

    def _cached(self, context: StepContext) -> str | None:
        """The node that built matching packages, when they are all here."""
        if context.node.facts is None:
            return None
        try:
            manifest = json.loads((self._store(context) / "manifest.json").read_text())
            return str(manifest["built_on"])
        except (OSError, ValueError, KeyError, TypeError):  # not there, or not what was kept
            return None

    async def _listing(self, context: StepContext, directory: str) -> dict[str, str]:
        """Relative name -> SHA-256 of every package on the node."""
        parts = " ".join(f"./{part}/*" for part in PARTS)
        script = (
            f'cd "$R"{shlex.quote(directory)} 2>/dev/null || exit 0\nsha256sum {parts} 2>/dev/null\nexit 0\n'
        )
        answer = await context.client.run(script, timeout=300)
        matches = (_LISTING.match(line) for line in answer.stdout.decode(errors="replace").splitlines())
        return {match[2]: match[1] for match in matches if match}

    async def _keep(self, context: StepContext, directory: str, files: dict[str, str]) -> None:
        store = self._store(context)
        wanted = {}
        for name, digest in files.items():
            target = store / name
            make_private(target.parent)
            if not target.exists() or hashlib.sha256(_read(target)).hexdigest() != digest:
                wanted[name] = target
        if wanted:
            await context.client.download_all(directory, wanted)
        manifest = {"built_on": context.node_name, "files": files}
        # last and at once: a cut copy is never taken for a whole one
        replace_file(store / "manifest.json", json.dumps(manifest).encode())

    async def _copy(self, context: StepContext, directory: str) -> None:
        store = self._store(context)
        wanted: dict[str, str] = json.loads((store / "manifest.json").read_text())["files"]
        there = await self._listing(context, directory)
        missing = {name: store / name for name, digest in wanted.items() if there.get(name) != digest}
        if missing:
            value_of(await context.client.upload_all(directory, missing))
        if await self._listing(context, directory) != wanted:
            raise RemoteError(
                "transfer", context.node_name, f"{context.node_name}: copied packages differ; rerun packages."
            )


def _read(path: Path) -> bytes:
    return path.read_bytes()


class _Build:
    """The build, with the directory made first: ``--build-rpm`` writes into where it stands."""

    def __init__(self, build: Command, target: NodePath) -> None:
        self.display = build.display
        self.script = f"(umask 077 && mkdir -p {target.script}) || exit 1\n{build.script}"
