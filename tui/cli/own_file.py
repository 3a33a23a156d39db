"""The operator's own cluster file as a rehearsal: what is played as it stands, and what cannot be."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tui.cli.rehearse import fault_orders
from tui.expressware.versions import rolling_allowed
from tui.expressware.view import unreachable
from tui.model.clusterfile import ClusterFile
from tui.rehearsal import Plan, place_of, script_of

TABLES = ("cluster", "target", "policy", "paths", "view", "node")
"""What of the file goes into the rehearsal as it stands; commands, and how nodes are reached, do not."""


def plan_of(config: ClusterFile, source: Path, faults: Iterable[str], seed: int, pace: float) -> Plan:
    """The cluster of the file, simulated. Raises UsageError or RehearsalError."""
    file = _played(tomllib.loads(source.read_text(encoding="utf-8-sig")))
    view, paths = config.view, config.paths
    own_view = view is not None and place_of(view.command, paths.state) is not None
    line = _line_for(view.unreachable) if view is not None else None
    pattern = view.unreachable if view is not None and line is not None else Plan.view_pattern
    return Plan(
        nodes=config.nodes,
        management=config.cluster.management_node,
        family=config.cluster.family,
        installed=_installed(config),
        target=config.target.version,
        faults=fault_orders(faults, config.machines),
        seed=seed,
        pace=pace,
        name=f"{config.cluster.name[:54]}-rehearsal",
        update_management=config.cluster.update_management,
        sia=config.target.sia,
        dis=paths.dis,
        state=paths.state,
        applications=config.applications.model_dump(),
        view=None if view is None else view.command if own_view else "",
        view_pattern=pattern,
        view_line=line or "",
        stable_every=config.policy.stable_every,
        file=file,
    )


def not_simulated(config: ClusterFile, plan: Plan) -> tuple[str, ...]:
    """What the rehearsal cannot show, one sentence each, without a full stop."""
    return tuple(_lacking(config, plan))


def _lacking(config: ClusterFile, plan: Plan) -> Iterator[str]:
    came = "from target.rolling_from" if config.target.rolling_from else "target.rolling_from names none"
    yield f"your machines: each simulated node is as new, with {plan.installed} installed ({came})"
    yield "target.sia: a simulated archive stands in its place, and takes less time than the real one"
    if config.target.sha256:
        yield "target.sha256: it is that of your archive, which the simulated one cannot match"
    hosts = [name for name, entry in config.node.items() if entry.host or entry.port]
    given = [f"ssh.{key}" for key in sorted(config.ssh.model_fields_set)]
    given += [f"node.{name}.host" for name in hosts]
    how = ", ".join(given) or "your ssh_config"
    yield f"how nodes are reached ({how}): the simulated ones stand on this machine, and one logs in as root"
    if config.policy.window is not None:
        yield "policy.window: left out, so that it can be rehearsed at any time"
    if config.policy.restart_timeout != plan.restart_timeout:
        real = config.policy.restart_timeout
        yield f"policy.restart_timeout: {plan.restart_timeout:g} s here, {real:g} s in your file"
    yield from _commands(config, plan)
    known = {*TABLES, "ssh", "applications"}
    for key in sorted(config.model_fields_set - known):
        yield f"[{key}]: left out"


def _commands(config: ClusterFile, plan: Plan) -> Iterator[str]:
    applications = config.applications
    script = script_of(plan.applications, plan.dis, plan.state)
    if not applications.stop:
        yield "applications: the file has no command to stop any, so none runs on the simulated nodes"
    elif script.generic:
        yield "what your own programs do: stubs stand in their place, and keep whether the application runs"
    for text in script.wrapped:
        yield f"`{text}`: a shell would have to read it, so it is shown as `rehearsed ...` and not run"
    if config.view is not None and plan.view == "":
        yield f"view.command `{config.view.command}`: the usual command stands in its place"
    if config.view is not None and plan.view_pattern != config.view.unreachable:
        yield "view.unreachable: no answer is known that it reads, so the usual pattern stands in its place"


def _played(file: dict[str, Any]) -> dict[str, Any]:
    """The file's tables as they can be played."""
    kept: dict[str, Any] = {key: dict(file[key]) for key in TABLES if key in file}
    kept["target"].pop("sha256", None)
    policy = kept.setdefault("policy", {})
    policy.pop("window", None)
    policy.pop("stable_every", None)
    nodes = {
        name: {key: value for key, value in entry.items() if key not in ("host", "port")}
        for name, entry in kept.pop("node", {}).items()
    }
    if any(nodes.values()):
        kept["node"] = {name: entry for name, entry in nodes.items() if entry}
    return kept


def _installed(config: ClusterFile) -> str:
    """A version that the file allows to be rolled from; what the nodes have is not known here."""
    for pattern in config.target.rolling_from:
        version = re.sub(r"\[!?([^\]])[^\]]*\]", r"\1", pattern).replace("*", "0").replace("?", "0")
        if version != config.target.version and rolling_allowed(version, (pattern,)):
            return version
    return "5.19.0"


def _line_for(pattern: str) -> str | None:
    """A line with `@` for the count that the operator's pattern reads; "" for the usual answer."""
    if _reads(pattern, _usual):
        return ""
    bare = re.sub(r"\((?:\?:)?(?:\\d|\[0-9\])[+*]?\)", "@", pattern)
    bare = re.sub(r"\\[DsW][+*?]*|\.[*+]\??", " ", bare)
    guess = re.sub(r"\\(.)", r"\1", bare).strip("^$ ")
    for line in ("nbr-dead-nodes: @", guess):
        if line.count("@") == 1 and line.isprintable() and _reads(pattern, _filled(line)):
            return line
    return None


def _reads(pattern: str, answer: Callable[[int], str]) -> bool:
    return all(unreachable(answer(count), pattern)[0] == count for count in (0, 1, 3))


def _filled(line: str) -> Callable[[int], str]:
    return lambda count: line.replace("@", str(count))


def _usual(count: int) -> str:
    """The simulated command's whole answer."""
    return (
        f"Fabric 0 (PX)\nInterconnect status             : FAILED\nNumber of nodes                 : 8\n"
        f"Number of active nodes          : {8 - count}\nNumber of unreachable nodes     : {count}\n"
    )
