"""Ways to break simulated clusters, and what `rollcall check` says of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.rigs.waiting import patience
from tests.rollout.engine_operator import cluster
from tui.rehearsal import Rehearsal
from tui.rehearsal.layout import Layout
from tui.rehearsal.sandbox import environment
from tui.rollout.leadership.owner import boot_id

KERNEL = "5.14.0-427.13.1.el9_4.x86_64"
NEWER = "5.14.0-503.11.1.el9_5.x86_64"


@dataclass(frozen=True)
class Said:
    """One line of `rollcall check --json`."""

    check: str
    node: str | None
    verdict: str
    summary: str
    impact: str
    remedy: str


@dataclass(frozen=True)
class Answer:
    """Everything that a check said, and how it ended."""

    said: tuple[Said, ...]
    code: str
    exit_code: int

    def of(self, check: str, node: str | None = None) -> list[Said]:
        return [each for each in self.said if each.check == check and node in (None, each.node)]

    @property
    def trouble(self) -> list[Said]:
        return [each for each in self.said if each.verdict != "passed"]


def check(cluster_file: Path) -> Answer:
    """Run the real command."""
    command = [sys.executable, "-m", "tui", "check", str(cluster_file), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120 * patience(), check=False)
    assert done.stderr == ""
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1].pop("type") == "result"
    assert lines[-1]["exit"] == done.returncode
    said = tuple(Said(**{key: value for key, value in line.items() if key != "type"}) for line in lines[:-1])
    return Answer(said, lines[-1]["code"], done.returncode)


class Hands:
    """What a person could do to the machines of a rehearsal."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.rehearsal = rehearsal

    def path(self, node: str, path: str) -> Path:
        target = self.rehearsal.node(node).sysroot / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def write(self, node: str, path: str, text: str = "") -> None:
        self.path(node, path).write_text(text)

    def program(self, node: str, path: str, body: str) -> None:
        self.write(node, path, f"#!/bin/sh\n{body}\n")
        self.path(node, path).chmod(0o755)

    def remove(self, node: str, path: str) -> None:
        self.path(node, path).unlink()

    def replace(self, node: str, path: str, old: str, new: str) -> None:
        text = self.path(node, path).read_text()
        assert old in text, f"{old!r} is not in {path}"
        self.write(node, path, text.replace(old, new))

    def install(self, node: str, version: str) -> None:
        """Another version of all packages on the disk, the old driver in the kernel."""
        for package in self.path(node, "/var/lib/packages/x").parent.iterdir():
            package.write_text(re.sub(r"Version: .*", f"Version: {version}", package.read_text()))

    def setting(self, node: str, name: str, value: str) -> None:
        """Change what the simulated machine is."""
        settings = self.rehearsal.node(node).sysroot.parent / "control/settings"
        settings.write_text(re.sub(rf"(?m)^{name}=.*$", f"{name}={value}", settings.read_text()))

    def by_hand(self, node: str, script: str) -> None:
        """Run a script on the node as root, as somebody who is logged in there."""
        files = Layout(self.rehearsal.directory).machine(node)
        prelude = 'R=$ROLLCALL_SYSROOT; export R PATH="$R/usr/sbin:$R/usr/bin:$PATH"; cd "$R/tmp"\n'
        subprocess.run(
            ["/bin/sh", "-c", prelude + script], env=environment(files), check=True, capture_output=True
        )

    def config(self, old: str, new: str) -> None:
        """Change the cluster file; ``old`` is a regular expression."""
        text, count = re.subn(old, new, self.rehearsal.cluster_file.read_text())
        assert count == 1, f"{old!r} stands {count} times in the cluster file"
        self.rehearsal.cluster_file.write_text(text)


Scenario = Callable[[Hands], None]


@contextmanager
def broken(directory: Path, scenario: Scenario, **plan: Any) -> Iterator[Rehearsal]:
    """A running cluster, broken as the scenario does it."""
    with cluster(directory, **plan) as rehearsal:
        scenario(Hands(rehearsal))
        yield rehearsal


def by_program(words: str) -> str:
    """A df that says so for every file system."""
    return f"echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'; echo '{words}'"


def window(start: int, end: int) -> str:
    """A maintenance window between so many hours from now."""
    now = datetime.now(UTC)
    first, last = (f"{now + timedelta(hours=hours):%H:%M}" for hours in (start, end))
    return f'window = {{ start = "{first}", end = "{last}", zone = "UTC" }}'


def over_pcie(hands: Hands, node: str, *, address: str = "10.9.0.7", mount: str = "") -> None:
    """IP over PCIe on a node; what reaches an address, and a mount, over it."""
    hands.path(node, "/sys/class/net/dis0/x")
    control = hands.rehearsal.node(node).sysroot.parent / "control"
    for file, words in (("addresses", f"dis0 {address}/24"), ("routes", f"{address} dis0\n10.9.0.1 dis0")):
        with (control / file).open("a") as grown:
            grown.write(f"{words}\n")
    if mount:
        with hands.path(node, "/proc/mounts").open("a") as grown:
            grown.write(mount)


def machines(hands: Hands) -> None:
    """Something wrong with each of eight nodes and the management node."""
    for tool in ("gcc", "rpmbuild"):
        hands.remove("px01", f"/usr/bin/{tool}")
    hands.remove("px01", f"/lib/modules/{KERNEL}/build/Makefile")
    hands.program("px01", "/usr/bin/setsid", "exit 1")
    hands.rehearsal.node("px02").set_fault("clock-skew")
    hands.rehearsal.node("px03").set_fault("wrong-host")
    hands.install("px04", "5.22.0")
    hands.config(r'rolling_from = \["5.19.\*", ', 'rolling_from = ["5.22.*", "5.19.*", ')
    hands.program("px05", "/usr/bin/grubby", f"echo /boot/vmlinuz-{NEWER}")
    hands.install("px05", "5.10.0")
    for path in (f"/boot/vmlinuz-{NEWER}", f"/lib/modules/{NEWER}/modules.dep"):
        hands.write("px06", path)
    hands.write("px06", "/proc/4242/comm", "dnf\n")
    hands.program("px06", "/usr/bin/df", by_program("/dev/vda 999 999 512000 97% /"))
    hands.write("px07", "/var/lib/yum/transaction-all.2026-01-01.12:00.00", "x")
    hands.write("px07", "/var/lib/packages/Dolphin-SISCI-old", "Name: Dolphin-SISCI\nVersion: 5.18.0\n\n")
    hands.write("px07", "/proc/4343/comm", "packagekitd\n")
    hands.program("px07", "/usr/bin/df", by_program("/dev/vda 999 999 20 100% /"))
    hands.remove("px07", "/srv/dolphin/Dolphin_eXpressWare-5.21.2.sh")
    hands.write(
        "px08", "/etc/monit/conf.d/dis", 'check process nodemgr\n  start = "/etc/init.d/dis_nodemgr"\n'
    )
    hands.write("px08", "/usr/lib/systemd/system/dis_irm.service", "[Service]\nRestart=no\n")
    hands.write("px08", "/etc/systemd/system/dis_irm.service.d/x.conf", "[Service]\nRestart=always\n")
    hands.write("px08", "/etc/cron.d/dis", "# keep it up\n* * * * * root dis_services start\n")
    hands.write("px08", "/srv/dolphin/Dolphin_eXpressWare-5.21.2.sh", "another\n")
    hands.write("px08", "/sys/module/dis_irm/holders/rts_client")
    hands.remove("px08", "/opt/DIS/bin/dis_ssocks_stat")
    hands.write("pxmgmt", "/var/lib/rollcall", "in the way\n")
    over_pcie(hands, "px02", address="127.0.0.1")
    over_pcie(hands, "px08", mount="10.9.0.1:/work /work nfs4 rw,addr=10.9.0.1 0 0\n")
    hands.remove("px07", "/proc/mounts")
    over_pcie(hands, "px07")


def wiring(hands: Hands) -> None:
    """What is wrong with the cluster as a whole, and with getting to its nodes."""
    node = hands.rehearsal.node
    node("px01").power_off()
    node("px03").set_fault("one-session")
    node("px05").set_fault("few-sessions")
    hands.program("px02", "/usr/bin/id", "echo 1000")
    for path in ("/proc/sys/kernel/random/boot_id", "/etc/machine-id"):
        hands.write("px04", path, hands.path("px03", path).read_text())
    hands.write("px06", "/etc/machine-id", hands.path("px05", "/etc/machine-id").read_text())
    hands.setting("px05", "ARCH", "aarch64")
    hands.write("px07", "/proc/sys/kernel/random/boot_id", boot_id())
    hands.remove("px06", "/var/run/dis_nodemgr.pid")
    hands.remove("px06", "/opt/DIS/sbin/dis_services")
    hands.config(r'stop = \["systemctl stop mysqld"\]', "stop = []")
    hands.config(r"\[applications\]", f"{window(2, 3)}\n[applications]")
    hands.config(r"\[ssh\]", '[node.px07]\nhold = "fan failure"\n\n[ssh]')


def alike(hands: Hands) -> None:
    """No node can build, and this machine's clock is the one that is wrong; two nodes are down."""
    for name in hands.rehearsal.plan.machines:
        hands.remove(name, "/usr/bin/make")
        hands.rehearsal.node(name).set_fault("clock-skew")
    hands.config(r"\[applications\]", f"{window(-1, 1)}\n[applications]")
    hands.replace("px03", "/etc/dis/dishosts.conf", "HOSTNAME: px03", "HOSTNAME: px09")
    for name in ("px01", "px02"):
        hands.remove(name, "/var/run/dis_nodemgr.pid")
    hands.program(
        "pxmgmt",
        "/opt/DIS/sbin/dxadmin_commandline",
        "echo 'Interconnect status : UNSTABLE'; echo 'Number of unreachable nodes : 2'",
    )


def silent_view(hands: Hands) -> None:
    """The Network Manager is down, a node knows nothing of its cluster, and another was left out."""
    hands.write("px02", "/var/lib/rollcall/out", "run=r1\ncluster=other\nline=node | in service | look\n")
    hands.remove("px01", "/etc/dis/dishosts.conf")
    hands.remove("pxmgmt", "/var/run/dis_networkmgr.pid")
