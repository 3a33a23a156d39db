"""Checks before anything is touched: of every node, and of the cluster; each with impact and remedy."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tui.expressware.facts import Facts, FactsError
from tui.expressware.versions import rolling_allowed
from tui.model.clusterfile import ClusterFile
from tui.model.events import PreflightResult
from tui.remote import Fleet, RemoteError
from tui.rollout.monitor import Monitor
from tui.rollout.plan import complete_update
from tui.rollout.steps.install import same_version
from tui.rollout.steps.login import read_facts, wrong_identity

LOW_SPACE, NO_SPACE = 1_000_000_000, 100_000_000
"""Free bytes in the nodes' state directory: a warning below the first, an error below the second."""

CONNECTION_CHECKS = frozenset({"reachable", "identity"})
"""Checks whose failure means that the cluster cannot be talked to at all."""

Verdict = Literal["passed", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One result, the node it is about (None: the cluster), and the facts that came with it."""

    node: str | None
    result: PreflightResult
    facts: Facts | None = None


def _result(
    check: str, verdict: Verdict, summary: str, impact: str = "", remedy: str = ""
) -> PreflightResult:
    return PreflightResult(check=check, verdict=verdict, summary=summary, impact=impact, remedy=remedy)


async def preflight(config: ClusterFile, fleet: Fleet, monitor: Monitor) -> AsyncIterator[Finding]:
    """Every finding as it is made: node by node as they answer, then the cluster as a whole."""
    facts: dict[str, Facts] = {}
    pending = [asyncio.ensure_future(_reach(config, fleet, name)) for name in config.machines]
    try:
        for next_done in asyncio.as_completed(pending):
            finding = await next_done
            yield finding
            if finding.facts is not None and finding.node is not None:
                facts[finding.node] = finding.facts
    finally:
        for task in pending:
            task.cancel()
    digest = planned_sia(config, facts)
    for name in config.machines:
        if name in facts:
            for result in _node_checks(config, name, facts[name], digest):
                yield Finding(name, result)
    await settle(config, monitor, facts)
    for finding in _health(config, monitor, facts):
        yield finding
    for result in _cluster_checks(config, facts, monitor, digest):
        yield Finding(None, result)


async def _reach(config: ClusterFile, fleet: Fleet, name: str) -> Finding:
    """Log in, and see that it is the machine that is meant."""
    held = name in config.node and config.node[name].hold
    bad: Verdict = "warning" if held else "error"
    link = fleet.link(name)
    try:
        await link.connected(30.0)
        facts = await read_facts(link, config)
    except RemoteError as error:
        return Finding(
            name,
            _result("reachable", bad, error.sentence, "the node cannot be updated", "mend it, check again"),
        )
    except TimeoutError:
        why = f"{name} did not answer within 30 s"
        return Finding(
            name, _result("reachable", bad, why, "the node cannot be updated", "look at it, check again")
        )
    except FactsError as error:
        return Finding(
            name, _result("identity", bad, f"{name}: {error}", "the node cannot be judged", "log in and look")
        )
    wrong = wrong_identity(name, facts, None)
    if wrong:
        return Finding(
            name, _result("identity", bad, wrong, "the wrong machine would be updated", "nothing was touched")
        )
    return Finding(name, _result("reachable", "passed", f"{name} answers as {facts.hostname}, root"), facts)


def planned_sia(config: ClusterFile, facts: dict[str, Facts]) -> str:
    """The digest that every copy of the archive must have: as given, else as found; empty without any."""
    if config.target.sha256:
        return config.target.sha256.lower()
    for fact in facts.values():
        if fact.sia_sha256:
            return fact.sia_sha256
    try:
        return hashlib.sha256(Path(config.target.sia).read_bytes()).hexdigest()
    except OSError:
        return ""


def _node_checks(config: ClusterFile, name: str, facts: Facts, digest: str) -> Iterable[PreflightResult]:
    management = name == config.cluster.management_node
    if management and config.cluster.update_management == "no":
        return
    yield _archive(config, name, facts, digest)
    if facts.missing_tools:
        words = ", ".join(facts.missing_tools)
        yield _result(
            "tools",
            "error",
            f"{name} lacks {words}",
            "jobs cannot be run detached",
            "install util-linux, coreutils",
        )
    if not management:
        yield _version_pair(config, name, facts)
        if not facts.services_present:
            path = f"{config.paths.dis}/sbin/dis_services"
            yield _result(
                "dis_services",
                "error",
                f"{name} has no {path}",
                "services cannot be stopped",
                "set paths.dis",
            )
    if facts.free_bytes is not None and facts.free_bytes < LOW_SPACE:
        verdict: Verdict = "error" if facts.free_bytes < NO_SPACE else "warning"
        free = f"{name} has {facts.free_bytes // 1_000_000} MB free below {config.paths.state}"
        yield _result(
            "disk-space", verdict, free, "a full disk breaks the build or the installation", "make room"
        )


def _archive(config: ClusterFile, name: str, facts: Facts, digest: str) -> PreflightResult:
    sia = config.target.sia
    if facts.sia_present:
        if facts.sia_sha256 == digest:
            return _result("sia", "passed", f"{name} has {sia}")
        why = f"{name}: {sia} has checksum {facts.sia_sha256}, not {digest}"
        return _result(
            "sia", "error", why, "another archive would be installed", "copy the right archive there"
        )
    try:
        local = hashlib.sha256(Path(sia).read_bytes()).hexdigest()
    except OSError:
        return _result(
            "sia",
            "error",
            f"{sia} is neither on {name} nor here",
            "nothing can be installed",
            "copy it there",
        )
    if local != digest:
        why = f"{sia} here has checksum {local}, not {digest}"
        return _result("sia", "error", why, "another archive would be installed", "get the right archive")
    return _result("sia", "passed", f"{sia} will be copied to {name}")


def _version_pair(config: ClusterFile, name: str, facts: Facts) -> PreflightResult:
    target = config.target.version
    if same_version(facts.installed, target):
        return _result("version", "passed", f"{name} has {target} already")
    if facts.installed is None:
        why = f"{name}: no eXpressWare version found"
        return _result("version", "error", why, "there is nothing to update", "install it as the manual says")
    if rolling_allowed(facts.installed, config.target.rolling_from):
        return _result("version", "passed", f"{name}: {facts.installed} to {target} may be rolled")
    allowed = ", ".join(config.target.rolling_from) or "none given"
    return _result(
        "version",
        "error",
        f"{name}: no rolling update from {facts.installed} to {target} (target.rolling_from: {allowed})",
        "two versions that do not understand each other would run side by side",
        "\n".join(complete_update(config, facts.installed)),
    )


async def settle(config: ClusterFile, monitor: Monitor, names: Iterable[str]) -> None:
    """Take looks until every node was seen as often as the gate wants, or does not look well."""
    for _ in range(config.policy.stable_samples):
        await monitor.look_now()
        if all(monitor.stable(name)[0] for name in names):
            return
        await asyncio.sleep(min(monitor.every, 1.0))


def _health(config: ClusterFile, monitor: Monitor, facts: dict[str, Facts]) -> Iterable[Finding]:
    for name in config.nodes:
        if name not in facts:
            continue
        good, why = monitor.stable(name)
        if good:
            yield Finding(name, _result("services", "passed", f"{name}: all services running"))
        else:
            impact = "the gate stays closed for every other node"
            remedy = f"mend {name}, or update it first"
            yield Finding(name, _result("services", "warning", f"{name}: {why}", impact, remedy))


def _cluster_checks(
    config: ClusterFile, facts: dict[str, Facts], monitor: Monitor, digest: str
) -> Iterable[PreflightResult]:
    if not digest and facts:
        yield _result(
            "sia", "error", f"{config.target.sia} was found nowhere", "nothing can be installed", "copy it"
        )
    nodes = {name: fact for name, fact in facts.items() if name != config.cluster.management_node}
    platforms = {(fact.arch, fact.distribution, fact.kernel) for fact in nodes.values()}
    if len(platforms) > 1:
        why = f"{len(platforms)} kinds of nodes (architecture, distribution, kernel)"
        yield _result("platforms", "warning", why, "packages are built once for each kind", "nothing to do")
    elif platforms:
        yield _result("platforms", "passed", "all nodes alike: packages are built once")
    if config.view is not None:
        count = monitor.unreachable
        if count is None:
            why = "the cluster view gives no answer"
            yield _result(
                "view", "warning", why, "the gate stays closed", "check view.command on the management node"
            )
        else:
            verdict: Verdict = "passed" if count == 0 else "warning"
            yield _result("view", verdict, f"the cluster view counts {count} unreachable nodes")


def summary(findings: Iterable[Finding]) -> tuple[str, str]:
    """(code, sentence) for a blocked run: a connection or identity problem has its own code."""
    errors = [finding for finding in findings if finding.result.verdict == "error"]
    first = errors[0].result
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    connection = next((error.result for error in errors if error.result.check in CONNECTION_CHECKS), None)
    if connection is not None:
        return "connection", f"{connection.summary}{more}"
    code = "rolling-not-allowed" if first.check == "version" else "preflight"
    return code, f"{first.summary}{more}"
