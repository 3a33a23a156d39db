"""The cluster file that goes with a rehearsal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ClusterShell.NodeSet import NodeSet

from tui.rehearsal.layout import Layout
from tui.rehearsal.plan import Plan
from tui.rehearsal.played import script_of

ORDER = ("cluster", "target", "ssh", "policy", "applications", "view", "paths")
"""In which the tables of the file stand."""


def cluster_file(layout: Layout, plan: Plan, user: str, sha256: str) -> str:
    """Return the TOML text; times are those of a demo, divided by the plan's pace.

    What the operator's own file says stands in it as it is, but for how nodes are reached and for what has to
    fit the simulated nodes. `sha256` is the hexadecimal digest of the SIA, `user` whom one logs in as.
    """
    tables = {key: dict(value) for key, value in plan.file.items()} or _of_a_demo(plan)
    tables["cluster"]["name"] = plan.name
    tables["target"] |= {"version": plan.target, "sia": plan.sia_path, "sha256": sha256}
    tables["ssh"] = {
        "user": user,
        "ssh_config": str(layout.ssh_config),
        "known_hosts": str(layout.known_hosts),
    }
    policy = tables.setdefault("policy", {})
    policy |= {"stable_every": _duration(plan.stable_every / plan.pace)}
    policy |= {"idle_for": _duration(plan.idle_for / plan.pace)}
    policy |= {"restart_timeout": _duration(plan.restart_timeout)}
    played = script_of(plan.applications, plan.dis, plan.state).commands
    tables["applications"] = {role: list(texts) for role, texts in played.items() if texts}
    tables.pop("view", None)
    if plan.management and plan.view is not None:
        told = dict(plan.file.get("view", {"timeout": "5s"}))
        tables["view"] = told | {"command": plan.view_command, "unreachable": plan.view_pattern}
    nodes = tables.pop("node", {})
    tables = {key: tables[key] for key in sorted(tables, key=ORDER.index)}
    return (
        "\n".join((*_written(tables), *_written({f"node.{_key(name)}": nodes[name] for name in nodes})))
        + "\n"
    )


def _of_a_demo(plan: Plan) -> dict[str, dict[str, Any]]:
    cluster = {"family": plan.family, "nodes": str(NodeSet.fromlist(plan.nodes))}
    if plan.management:
        cluster |= {"management_node": plan.management, "update_management": plan.update_management}
    tables: dict[str, dict[str, Any]] = {"cluster": cluster, "target": {"rolling_from": _rolling_from(plan)}}
    tables["policy"] = {"stable_samples": 3}
    if plan.dis != "/opt/DIS":
        tables["paths"] = {"dis": plan.dis}
    return tables


def _written(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, table in tables.items():
        if table:
            yield from (f"[{name}]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items()), "")


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    """A value of a TOML file that was read, written again."""
    match value:
        case Mapping():
            return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case str() | bool() | int() | float() | Path():
            # JSON's escapes are a subset of TOML's; only DEL is allowed in a JSON text and not in a TOML one
            text = json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
            return text.replace("\x7f", "\\u007F")
    return _value(str(value))


def _duration(seconds: float) -> str:
    return f"{max(1, round(seconds * 1000))}ms" if seconds < 1 or seconds % 1 else f"{seconds:.0f}s"


def _rolling_from(plan: Plan) -> list[str]:
    """What the release notes of the target would say: the installed series and the one before the target."""
    series = {".".join(plan.installed.split(".")[:2]) + ".*"}
    major, _, rest = plan.target.partition(".")
    minor = rest.split(".")[0]
    if minor.isdigit() and int(minor) > 0:
        series.add(f"{major}.{int(minor) - 1}.*")
    return sorted(series)
