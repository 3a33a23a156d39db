"""What is to be rehearsed: nodes, versions, faults, pace."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from tui.rehearsal import faults
from tui.rehearsal.errors import RehearsalError

CHOICES = {
    "family": ("MX", "PX", "IX", "DX"),
    "platform": ("redhat", "debian"),
    "face": ("paramiko", "openssh"),
    "marks": ("", "column", "escapes", "debian", "none"),
    "update_management": ("first", "last", "no"),
}
# Node names become directory names, words of shell scripts and of ssh_config.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
PATH = re.compile(r"/[A-Za-z0-9._+/-]+")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,79}")
APPLICATIONS = {
    "stop": ("systemctl stop mysqld",),
    "start": ("systemctl start mysqld",),
    "check": ("systemctl is-active mysqld",),
}
UNREACHABLE = r"Number of unreachable nodes\D*(\d+)"


@dataclass(frozen=True)
class Plan:
    """A cluster to simulate.

    `pace` divides every simulated duration: 1 is the speed of a demo, with 10 to 12 s of output per node,
    20 suits tests. `faults` maps node names to the names of faults (see `tui.rehearsal.faults`). `marks` is
    how results are printed: "" takes the platform's own way, "escapes" are Red Hat's with ESC[60G, colour and
    CR. `sia`, `dis` and `state` are paths on the nodes. `face` "openssh" runs a real sshd per node.

    `applications` are the operator's commands by role. `view` is the command that shows the cluster, "" the
    usual one, None none; `view_line` is what a line of its answer says, with `@` for the count of nodes that
    cannot be reached ("": a whole answer). `stable_every` and `idle_for` are seconds of demo time. `file`
    holds the operator's own tables, which go into the cluster file as they are; without any the file is that
    of a demo.
    `stays_up`: seconds for which the machines go on when nobody is connected any more.
    """

    nodes: tuple[str, ...]
    management: str | None = None
    family: str = "PX"
    installed: str = "5.19.0"
    target: str = "5.21.2"
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seed: int = 1
    pace: float = 1.0
    platform: str = "redhat"
    face: str = "paramiko"
    marks: str = ""
    name: str = "demo"
    update_management: str = "last"
    sia: str = ""
    dis: str = "/opt/DIS"
    state: str = "/var/lib/rollcall"
    applications: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(APPLICATIONS))
    view: str | None = ""
    view_pattern: str = UNREACHABLE
    view_line: str = ""
    stable_every: float = 1.0
    idle_for: float = 5.0
    file: Mapping[str, Any] = field(default_factory=dict)
    stays_up: float = 1800.0

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated; raises RehearsalError."""
        for key, allowed in CHOICES.items():
            value = getattr(self, key)
            if value not in allowed:
                raise RehearsalError(
                    f"{key} is '{value}'; a rehearsal knows {', '.join(filter(None, allowed))}."
                )
        for version in (self.installed, self.target):
            if not VERSION.fullmatch(version):
                raise RehearsalError(f"'{version}' cannot be a version in a rehearsal.")
        for path in (self.sia_path, self.dis, self.state):
            if not PATH.fullmatch(path) or ".." in PurePosixPath(path).parts:
                raise RehearsalError(f"'{path}' cannot be a path on a simulated node.")
        if not 0.01 <= self.pace <= 1000:
            raise RehearsalError(f"The pace {self.pace} is not between 0.01 and 1000.")
        self._check_machines()

    def _check_machines(self) -> None:
        if not self.nodes:
            raise RehearsalError("A rehearsal needs at least one node.")
        for name in self.machines:
            if not NAME.fullmatch(name):
                raise RehearsalError(f"'{name}' cannot be the name of a simulated node.")
        if len(set(self.machines)) != len(self.machines):
            raise RehearsalError("Two machines of the rehearsal have the same name.")
        for node, names in self.faults.items():
            if node not in self.machines:
                raise RehearsalError(
                    f"A fault is ordered for '{node}', which is not a node of the rehearsal."
                )
            for name in names:
                faults.known(name)

    @property
    def machines(self) -> tuple[str, ...]:
        """All simulated machines: the Cluster Nodes, and last the management node if there is one."""
        return self.nodes + ((self.management,) if self.management else ())

    @property
    def sia_path(self) -> str:
        """Where the SIA of the target version lies on every machine."""
        return self.sia or f"/srv/dolphin/Dolphin_eXpressWare-{self.target}.sh"

    @property
    def view_command(self) -> str:
        """The command that shows how the cluster sees its nodes."""
        return self.view or (
            f"{self.dis}/sbin/dxadmin_commandline -fabric 0 -cluster localhost "
            "-portserver 3444 -portfrontend 3445 get-cluster-info"
        )

    @property
    def restart_timeout(self) -> float:
        """Seconds that the cluster file allows for a restart; never so short that a login cannot be tried."""
        return max(4.0, 40.0 / self.pace)

    def save(self, path: Path) -> None:
        """Write the plan as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def load(cls, path: Path) -> Plan:
        """Read a plan that `save` wrote."""
        raw = json.loads(path.read_text())
        plan = cls(**{**raw, "nodes": tuple(raw["nodes"])})
        return replace(
            plan,
            faults={node: tuple(names) for node, names in plan.faults.items()},
            applications={role: tuple(texts) for role, texts in plan.applications.items()},
        )
