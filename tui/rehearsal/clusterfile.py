"""The cluster file that goes with a rehearsal."""

from __future__ import annotations

import json
from pathlib import Path

from ClusterShell.NodeSet import NodeSet

from tui.rehearsal.layout import Layout
from tui.rehearsal.plan import Plan


def cluster_file(layout: Layout, plan: Plan, user: str, sha256: str) -> str:
    """Return the TOML text; times are those of a demo, divided by the plan's pace.

    `sha256` is the hexadecimal digest of the SIA, `user` whom one logs in as.
    """
    lines = ["[cluster]", f"name = {_text(plan.name)}", f"family = {_text(plan.family)}"]
    lines.append(f"nodes = {_text(str(NodeSet.fromlist(plan.nodes)))}")
    if plan.management:
        lines.append(f"management_node = {_text(plan.management)}")
        lines.append(f"update_management = {_text(plan.update_management)}")
    lines += ["", "[target]", f"version = {_text(plan.target)}", f"sia = {_text(plan.sia_path)}"]
    lines += [f"sha256 = {_text(sha256)}", f"rolling_from = {json.dumps(_rolling_from(plan))}"]
    lines += ["", "[ssh]", f"user = {_text(user)}", f"ssh_config = {_text(layout.ssh_config)}"]
    lines += [f"known_hosts = {_text(layout.known_hosts)}"]
    lines += ["", "[policy]", "stable_samples = 3", f"stable_every = {_duration(1.0 / plan.pace)}"]
    lines += [f"restart_timeout = {_duration(plan.restart_timeout)}"]
    lines += ["", "[applications]", 'stop = ["systemctl stop mysqld"]', 'start = ["systemctl start mysqld"]']
    lines += ['check = ["systemctl is-active mysqld"]']
    if plan.management:
        command = (
            f"{plan.dis}/sbin/dxadmin_commandline -fabric 0 -cluster localhost "
            "-portserver 3444 -portfrontend 3445 get-cluster-info"
        )
        lines += ["", "[view]", f"command = {_text(command)}"]
        lines += [r"unreachable = 'Number of unreachable nodes\D*(\d+)'", 'timeout = "5s"']
    if plan.dis != "/opt/DIS":
        lines += ["", "[paths]", f"dis = {_text(plan.dis)}"]
    return "\n".join(lines) + "\n"


def _text(value: str | Path) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(str(value))


def _duration(seconds: float) -> str:
    return _text(f"{max(1, round(seconds * 1000))}ms" if seconds < 1 or seconds % 1 else f"{seconds:.0f}s")


def _rolling_from(plan: Plan) -> list[str]:
    """What the release notes of the target would say: the installed series and the one before the target."""
    series = {".".join(plan.installed.split(".")[:2]) + ".*"}
    major, _, rest = plan.target.partition(".")
    minor = rest.split(".")[0]
    if minor.isdigit() and int(minor) > 0:
        series.add(f"{major}.{int(minor) - 1}.*")
    return sorted(series)
