"""A whole update whose steps take no time, beside the same commands with nothing around them.

Ours looks at all nodes before each critical step, claims them, journals and detaches; the peers do not.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.figure import Figure
from tests.rigs.openssh import no_sshd
from tui.rehearsal import Plan, Rehearsal

PACE = 1000.0
SIA = f"sh $R{Plan(nodes=('n',)).sia_path}"
PATHS = "R=$ROLLCALL_SYSROOT; PATH=$R/opt/DIS/sbin:$R/usr/bin:$PATH; export PATH; "
BUILD = f"mkdir -p $R/tmp/p && cd $R/tmp/p && {SIA} --build-rpm"
STEPS = (
    "systemctl stop mysqld",
    "dis_services stop",
    f"{SIA} --install-node --use-rpms /tmp/p --batch",
    "dis_services status; sleep 0.2; dis_services status",
    "systemctl start mysqld",
    "systemctl is-active mysqld",
)
TAR = "$ROLLCALL_SYSROOT/tmp/p"


def cluster(place: Path, nodes: int) -> Rehearsal:
    """Fresh nodes, on real sshd where there is one."""
    plan = Plan(
        nodes=tuple(f"px{number:02}" for number in range(1, nodes + 1)),
        management="pxmgmt",
        update_management="no",
        pace=PACE,
        face="paramiko" if no_sshd() else "openssh",
        stable_every=0.2 * PACE,
    )
    rehearsal = Rehearsal.create(place / "cluster", plan)
    text = rehearsal.cluster_file.read_text().replace("stable_samples = 3", "stable_samples = 2")
    rehearsal.cluster_file.write_text(text)
    return rehearsal


def ours(rehearsal: Rehearsal, place: Path) -> list[str]:
    """The run that confirms what was planned."""
    words = ("run", str(rehearsal.cluster_file), "--state-dir", str(place / "state"), "--plain", "--yes")
    return [sys.executable, "-m", "tui", *words, "--pause", "none"]


def loop(rehearsal: Rehearsal, place: Path) -> list[str]:
    """One connection a node that stays, and one command after the other."""
    ssh = f"ssh -F {rehearsal.ssh_config} -o ControlMaster=auto -o ControlPersist=9 -o ControlPath={place}/%n"
    first, *others = rehearsal.nodes
    fetch = f"{ssh} {first} 'cd {TAR} && tar cf - .' > {place}/packages"
    bring = f"'mkdir -p {TAR} && tar xf - -C {TAR}' < {place}/packages"
    lines = [f"{ssh} {first} {shlex.quote(PATHS + BUILD)} < /dev/null", fetch]
    for node in rehearsal.nodes:
        lines += [f"{ssh} {node} {bring}"] if node in others else []
        lines += [f"{ssh} {node} {shlex.quote(PATHS + step)} < /dev/null" for step in STEPS]
    return ["sh", "-ec", "\n".join(lines)]


def playbook(rehearsal: Rehearsal, place: Path) -> list[str]:
    """Ansible without its modules; each node builds, as copying takes a module."""
    path = place / "play.yml"
    tasks = "".join(f'    - raw: "{PATHS}{step}"\n' for step in (BUILD, *STEPS))
    path.write_text(f"- hosts: all\n  serial: 1\n  gather_facts: false\n  tasks:\n{tasks}")
    options = f"-F {rehearsal.ssh_config} -o ControlMaster=auto -o ControlPersist=9"
    nodes = ",".join((*rehearsal.nodes, ""))
    return ["ansible-playbook", "-i", nodes, "--ssh-common-args", options, str(path)]


def taken(nodes: int, command: Callable[[Rehearsal, Path], list[str]]) -> float:
    """Milliseconds that it takes."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        rehearsal = cluster(place, nodes)
        rehearsal.start()
        try:
            begun = time.monotonic()
            subprocess.run(
                command(rehearsal, place),
                check=True,
                capture_output=True,
                env={**os.environ, "ANSIBLE_HOME": name},
            )
            return 1000 * (time.monotonic() - begun)
        finally:
            rehearsal.stop()


def figures(nodes: int) -> tuple[Figure, ...]:
    """Of so many nodes; the loop needs a real sshd, whose connections it shares."""
    what = f"whole update of {nodes} nodes, steps that take no time"
    peers = (
        ("bare loop over `ssh`, ControlMaster", loop, not no_sshd()),
        ("`ansible-playbook`, raw, serial 1", playbook, not no_sshd() and shutil.which("ansible-playbook")),
    )

    def mine() -> float:
        return taken(nodes, ours)

    return tuple(
        Figure(
            what,
            "ms",
            mine,
            against,
            (lambda command=command: taken(nodes, command)) if there else None,  # type: ignore[misc]
            rounds=3,
        )
        for against, command, there in peers
    )
