"""What commands cost this machine: ``plan`` beside ``--help``, ``status`` beside others that ask nodes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.benchmarks.figure import Figure, cpu_of
from tui.rehearsal import Rehearsal

ROOT = Path(__file__).parents[2]
ROLLCALL = (sys.executable, "-m", "tui")


def plan() -> Figure:
    """The plan of the shipped cluster file."""
    return Figure(
        "`rollcall plan`, CPU",
        "ms",
        lambda: cpu_of((*ROLLCALL, "plan", str(ROOT / "config" / "cluster.toml"))),
        "`rollcall --help`",
        lambda: cpu_of((*ROLLCALL, "--help")),
    )


def status(rehearsal: Rehearsal) -> tuple[Figure, ...]:
    """One sweep over a running rehearsal: a login, a full look, the versions; peers log in and run `true`."""
    config, nodes = str(rehearsal.ssh_config), ",".join(rehearsal.nodes)
    every = f"printf '%s\\n' {' '.join(rehearsal.nodes)} | xargs -P 64 -I@ ssh -n -F {config} @ true"
    peers = {
        "ssh": ("sh", "-c", every),
        "clush": ("clush", "-f", "64", "-O", f"ssh_options=-F {config}", "-w", nodes, "true"),
        "pdsh": ("pdsh", "-R", "ssh", "-f", "64", "-w", nodes, "true"),
    }

    def ours() -> float:
        return cpu_of((*ROLLCALL, "status", str(rehearsal.cluster_file)))

    def measured(name: str) -> Figure:
        command = peers[name]
        there = shutil.which(name) is not None
        what = f"`status` of {len(rehearsal.nodes)} nodes, cold, client CPU"
        peer = (lambda: cpu_of(command, PDSH_SSH_ARGS_APPEND=f"-F {config}")) if there else None
        return Figure(what, "ms", ours, f"`{name}` with `true`", peer)

    return tuple(map(measured, peers))
