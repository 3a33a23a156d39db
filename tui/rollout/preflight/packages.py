"""The archive, the version pair, and whether each machine's package database is fit to be changed."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from tui.expressware.facts import Facts
from tui.expressware.packaging import IDLING
from tui.expressware.versions import has_suffix, needs_enforce, rolling_allowed, same
from tui.model.clusterfile import ClusterFile
from tui.model.events import PreflightResult
from tui.model.nodeset import folded
from tui.rollout.plan import complete_update
from tui.rollout.preflight.finding import Finding, error, passed, warning
from tui.rollout.preflight.inspected import ClusterFacts, InspectedNode
from tui.text.sanitize import brief


def planned_sia(config: ClusterFile, facts: Mapping[str, Facts]) -> str:
    """The digest that every copy of the archive must have: as given, else as found; empty without any."""
    if config.target.sha256:
        return config.target.sha256.lower()
    for fact in facts.values():
        if fact.sia_sha256:
            return fact.sia_sha256
    return local_digest(config) or ""


def local_digest(config: ClusterFile) -> str | None:
    """SHA-256 of the archive on this machine; None when there is none. Reads it all the first time."""
    path = Path(config.target.sia)
    try:
        known = path.stat()
        return _digest(path, known.st_size, known.st_mtime_ns)
    except OSError:
        return None


def local_size(config: ClusterFile) -> int | None:
    """Bytes of the archive on this machine; None when there is none."""
    try:
        return Path(config.target.sia).stat().st_size
    except OSError:
        return None


@functools.lru_cache(maxsize=4)
def _digest(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def archive(cluster: ClusterFacts, node: InspectedNode) -> Iterable[PreflightResult]:
    """Its own copy must be the planned one; a machine without a copy gets ours."""
    sia, facts = cluster.config.target.sia, node.facts
    impact, get = "another archive would be installed", "put the planned archive there, then check again"
    if facts.sia_present and facts.sia_sha256 == cluster.digest:
        yield passed("sia", f"{sia} is there")
    elif facts.sia_present:
        words = f"{sia} has checksum {facts.sia_sha256 or 'unknown'}, not {cluster.digest}"
        yield error("sia", words, impact, get)
    elif cluster.local is None:
        words = f"{sia} is neither there nor on this machine"
        yield error("sia", words, "nothing can be installed", "copy it here or there, then check again")
    elif cluster.local != cluster.digest:
        words = f"{sia} on this machine has checksum {cluster.local}, not {cluster.digest}"
        yield error("sia", words, impact, "get the planned archive, then check again")
    else:
        yield passed("sia", f"{sia} will be copied from this machine")


def version(cluster: ClusterFacts, node: InspectedNode) -> Iterable[PreflightResult]:
    """The pair of versions, as the release notes have it; same or older ones want --enforce."""
    config, installed = cluster.config, node.installed
    target = config.target.version
    named = "--enforce is shown in the step, and a person signs for it"
    if node.at_target(target):
        yield passed("version", f"{target} is installed and active already: nothing to do")
    elif installed is None:
        impact = "there is nothing to update"
        yield error("version", "no eXpressWare version found", impact, "install it as the manual says")
    elif node.facts.disputed and not node.management:
        words = f"{node.facts.disputed}: which build is installed cannot be told"
        yield error(
            "version", words, "the node may be of either", "install one of them whole, then check again"
        )
    elif same(installed, target):
        words = f"{target} is on disk, but {node.facts.active or 'no driver'} is loaded: needs --enforce"
        yield warning("version", words, "the same version is installed once more", named)
    elif _not_rolling(cluster, node):
        return  # told once for the whole cluster
    elif needs_enforce(installed, target):
        words = f"{target} is older than the installed {installed}: needs --enforce"
        yield warning("version", words, "this is a downgrade", named)
    elif needs_enforce(installed, target) is None:
        words = f"whether {target} is newer than the installed {installed} cannot be told"
        remedy = (
            f"compare the release notes; if the SIA refuses it, rerun install with --enforce ({node.name})"
        )
        yield warning("version", words, "the SIA may refuse to install it", remedy)
    else:
        yield passed("version", f"{installed} to {target} may be rolled")


def rolling(cluster: ClusterFacts) -> Iterable[Finding]:
    """Nodes whose version may not be mixed with the new one: one complete update, not a finding for each."""
    found: dict[str, list[str]] = {}
    for node in cluster.ordered:
        if node.installed is not None and _not_rolling(cluster, node):
            found.setdefault(node.installed, []).append(node.name)
    if not found:
        return
    config = cluster.config
    allowed = ", ".join(config.target.rolling_from) or "none given"
    unnamed = ", which names no development or dated build" if any(map(has_suffix, found)) else ""
    origins = ", ".join(f"{installed} ({folded(names)})" for installed, names in found.items())
    why = f"target.rolling_from: {allowed}{unnamed}"
    words = f"no rolling update from {origins} to {config.target.version} ({why}): it takes a complete update"
    impact = "two versions that do not understand each other would run side by side"
    yield Finding(
        None, error("version", words, impact, "\n".join(complete_update(config, next(iter(found)))))
    )


def _not_rolling(cluster: ClusterFacts, node: InspectedNode) -> bool:
    """The release notes do not name the version as one to be rolled from; told only where nothing else is."""
    installed, target = node.installed, cluster.config.target
    if node.management or installed is None or node.facts.disputed:
        return False
    if node.at_target(target.version) or same(installed, target.version):
        return False
    return not rolling_allowed(installed, target.rolling_from)


def database(cluster: ClusterFacts, node: InspectedNode) -> Iterable[PreflightResult]:
    """What an interrupted installation leaves: unfinished transactions, packages of two versions."""
    packaging = node.readiness.packaging
    impact = "an installation on top of it may fail or make it worse"
    for words in packaging.unfinished:
        remedy = "let the package manager complete or undo it, then check again"
        yield error("packages", brief(words), impact, remedy)
    if packaging.duplicates:
        words = f"installed twice: {brief(', '.join(packaging.duplicates))}"
        yield error("packages", words, impact, "remove the older version of each, then check again")
    for words in packaging.unasked:
        remedy = "run it there by hand and see what is wrong, then check again"
        yield warning("packages", f"whether all is well is not known: {words}", impact, remedy)
    mixed = node.facts.disagreeing
    if mixed and not node.management:
        words = (
            f"not of version {node.installed}: {brief(', '.join(mixed))}; an earlier installation broke off"
        )
        remedy = "nothing, if the update is meant to fix it"
        yield warning("packages", words, "the node may not start as it is after a reboot", remedy)
    if not (packaging.unfinished or packaging.duplicates or packaging.unasked or mixed):
        yield passed("packages", "no package transaction is unfinished")


def manager(cluster: ClusterFacts, node: InspectedNode) -> Iterable[PreflightResult]:
    """Somebody else who installs packages: the two would wait for, or break, each other."""
    found = node.readiness.packaging.managers
    who = ", ".join(f"{name} (process {pid})" for name, pid in found[:5])
    if not found:
        yield passed("package-manager", "nobody else installs packages")
    elif all(name in IDLING for name, _ in found):
        impact = "it may begin to install packages during the update"
        remedy = "stop it on the node, for example: systemctl stop packagekit"
        yield warning("package-manager", f"{who} is there", impact, remedy)
    else:
        impact = "the installation would wait for it or fail, and it may bring another kernel"
        remedy = "wait until it has ended, switch automatic updates off, then check again"
        yield error("package-manager", f"another package manager runs: {who}", impact, remedy)


def nowhere(cluster: ClusterFacts) -> Iterable[Finding]:
    """Without any copy there is nothing to compare with."""
    if not cluster.digest and cluster.nodes:
        words = f"{cluster.config.target.sia} was found nowhere"
        impact, remedy = "nothing can be installed", "copy it here or to the nodes, then check again"
        yield Finding(None, error("sia", words, impact, remedy))
