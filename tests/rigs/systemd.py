"""A node whose process 1 is a real systemd, in namespaces of its own: needs root, systemd and cgroups.

It sees nothing of this machine's /run, /tmp, /dev, /etc and /var but copies that are thrown away, and knows
no unit but the few that are written here. Its network is ours: a real sshd in it is reached on loopback.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.rigs.waiting import patience, wait_until

SYSTEMD = Path("/lib/systemd/systemd")
_CGROUPS = Path("/sys/fs/cgroup/systemd")

needs_systemd = pytest.mark.root("systemd")
"""Marks a test that is skipped where no systemd can be run; in CI it runs and fails instead."""


def no_systemd() -> str:
    """Why none can be run here; empty when it can."""
    programs = os.getuid() == 0 and SYSTEMD.exists() and shutil.which("systemd-run")
    return "" if programs and _CGROUPS.is_dir() else "needs root, systemd and a cgroup hierarchy for it"


_BOOT = """
set -e
D=$1
mount --make-rprivate /
mkdir -p "$D/save"
for place in etc var root; do
  mkdir -p "$D/up/$place" "$D/work/$place"
  mount -t overlay overlay -o "lowerdir=/$place,upperdir=$D/up/$place,workdir=$D/work/$place" "/$place"
done
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/sshd /run/lock /run/rig /run/systemd
mount --bind "$D" /run/rig
mount -t tmpfs tmpfs /tmp
mount -t tmpfs -o mode=755 tmpfs /dev
for node in null:3 zero:5 full:7 random:8 urandom:9 tty:0; do
  kind=1; case $node in tty:*) kind=5 ;; esac
  mknod -m 666 "/dev/${node%:*}" c "$kind" "${node#*:}"
done
mkdir /dev/pts /dev/shm
mount -t tmpfs tmpfs /dev/shm  # or systemd would, over what lies there
mkdir -p "$D"
mount --bind /run/rig "$D"
mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts
ln -s pts/ptmx /dev/ptmx
ln -s /proc/self/fd /dev/fd
umount -R /sys/fs/cgroup
mount -t tmpfs tmpfs /sys/fs/cgroup
mkdir /sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
export container=rig SYSTEMD_UNIT_PATH="$D/units"
exec /lib/systemd/systemd --unit=rig.target --log-target=null --show-status=0
"""


class SystemdNode:
    """``with SystemdNode(directory) as node``: booted; ``wrapper`` runs a program in it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._group = _CGROUPS / f"rollcall-rig-{os.getpid()}"
        self._pid = 0

    @property
    def wrapper(self) -> list[str]:
        """Goes before a command that is to run on the node."""
        return ["nsenter", "-t", str(self._pid), "-m", "-p", "-u", "-i", "-C", "--"]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program there to its end."""
        return subprocess.run([*self.wrapper, *command], capture_output=True, text=True, check=False)

    def __enter__(self) -> SystemdNode:
        units = self._directory / "units"
        units.mkdir(parents=True)
        for name in ("rig", "sysinit", "basic", "shutdown", "umount", "final"):
            (units / f"{name}.target").write_text("[Unit]\nDefaultDependencies=no\nAllowIsolate=yes\n")
        self._group.mkdir()
        enter = f'echo $$ > {self._group}/cgroup.procs; exec unshare --cgroup sh -c "$1" boot "$2"'
        namespaces = [
            "unshare",
            "--fork",
            "--pid",
            "--mount",
            "--uts",
            "--ipc",
            "--kill-child",
            "--mount-proc",
        ]
        with (self._directory / "console").open("wb") as console:
            self._process = subprocess.Popen(
                [*namespaces, "sh", "-c", enter, "enter", _BOOT, str(self._directory)],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        try:
            wait_until(self._booted, 30, f"systemd is up: {(self._directory / 'console').read_text()}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10 * patience())
        wait_until(self._gone, 10, "the node's processes are gone")

    def _booted(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._directory / "console").read_text()
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        if not children:
            return False
        self._pid = int(children[0])
        return self.run("systemctl", "is-active", "rig.target").stdout.strip() == "active"

    def _gone(self) -> bool:
        """Remove the cgroups, from below; possible when nothing runs in them."""
        for group in sorted(self._group.rglob("*/"), reverse=True):
            if group.is_dir():
                try:
                    group.rmdir()
                except OSError:
                    return False
        try:
            self._group.rmdir()
        except OSError:
            return False
        return True
