"""What `rollcall check` costs a cluster, CPU of its nodes and time; beside a login that looks the same."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence

from tests.benchmarks.commands import ROLLCALL
from tests.benchmarks.figure import Figure
from tui.expressware.facts import facts_script
from tui.expressware.readiness import readiness_script
from tui.rehearsal import Plan, Rehearsal
from tui.rehearsal.processes import descendants
from tui.remote.shell.scripts import with_prelude

STATE = "/var/lib/rollcall"


def used(rehearsal: Rehearsal) -> float:
    """Milliseconds of CPU that all of its nodes have used, with what has ended."""
    server = rehearsal.server_pid
    assert server is not None
    ticks = 0
    for pid in (server, *descendants(server)):
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rpartition(") ")[2].split()
        except OSError:
            continue  # its parent has it now
        ticks += sum(map(int, fields[11:15]))
    return 1000 * ticks / os.sysconf("SC_CLK_TCK")


def node_cpu(rehearsal: Rehearsal, command: Sequence[str]) -> float:
    """Milliseconds of CPU a node while ``command`` runs."""
    before = used(rehearsal)
    subprocess.run(command, capture_output=True, check=True)
    return (used(rehearsal) - before) / len(rehearsal.nodes)


def taken(command: Sequence[str]) -> float:
    """Milliseconds that it takes."""
    begun = time.monotonic()
    subprocess.run(command, capture_output=True, check=True)
    return 1000 * (time.monotonic() - begun)


def figures(rehearsal: Rehearsal) -> tuple[Figure, ...]:
    """Of a running rehearsal. The peer makes no second login, runs no job and looks once."""
    plan = Plan(nodes=rehearsal.nodes)
    script = rehearsal.directory / "looks.sh"
    looks = facts_script("/opt/DIS", plan.sia_path, STATE) + readiness_script("/opt/DIS", STATE)
    script.write_text(with_prelude(looks))
    names = " ".join(rehearsal.nodes)
    ask = f"ssh -F {rehearsal.ssh_config} @ sh -s < {script} > /dev/null"
    peer = ("sh", "-c", f"printf '%s\\n' {names} | xargs -P 64 -I@ sh -c '{ask}'")
    ours = (*ROLLCALL, "check", str(rehearsal.cluster_file))
    what = f"`check` of {len(rehearsal.nodes)} nodes"
    against = "`ssh` with the looks' scripts"
    return (
        Figure(
            f"{what}, CPU a node",
            "ms",
            lambda: node_cpu(rehearsal, ours),
            against,
            lambda: node_cpu(rehearsal, peer),
        ),
        Figure(what, "ms", lambda: taken(ours), against, lambda: taken(peer)),
    )
