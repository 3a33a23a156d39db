"""Real OpenSSH nodes on loopback: one sshd per node on a free port, run by whoever runs the tests.

A node with a sysroot sets ROLLCALL_SYSROOT for its sessions, so every file of the node lies below it.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.rigs.waiting import patience, wait_until

SSHD = shutil.which("sshd", path=f"/usr/sbin:/usr/local/sbin:{os.environ.get('PATH', '')}")

_missing = "needs an OpenSSH server and client (sshd, ssh, ssh-keygen)"
_present = SSHD is not None and all(shutil.which(tool) for tool in ("ssh", "ssh-keygen"))

needs_sshd = pytest.mark.sshd
"""Marks a test that is skipped where there is no sshd; in CI it runs and fails instead."""


def no_sshd() -> str:
    """Why it cannot be run here; empty when it can."""
    return "" if _present else _missing


def generate_key(path: Path, kind: str = "ed25519", passphrase: str = "", *more: str) -> list[str]:
    """Make a key pair; returns the first two words of its public line (type, base64)."""
    command = ["ssh-keygen", "-q", "-t", kind, *more, "-N", passphrase, "-C", path.name, "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.with_name(f"{path.name}.pub").read_text().split()[:2]


class OpenSshNode:
    """One node: ``start`` it, ``stop`` it, cut its sessions, freeze them, give it another boot id.

    ``extra`` are lines for sshd_config that go before the usual ones, ``user`` who logs in, ``wrapper`` a
    command that sshd is run under, ``host`` the address where it listens.
    """

    def __init__(
        self,
        directory: Path,
        name: str,
        sysroot: Path | None = None,
        extra: Sequence[str] = (),
        *,
        user: str | None = None,
        wrapper: Sequence[str] = (),
        host: str = "127.0.0.1",
    ) -> None:
        self.name = name
        self.directory = directory / name
        self.sysroot = sysroot
        self.host = host
        self.port = _free_port()
        self.user = user or getpass.getuser()
        self.wrapper = list(wrapper)
        self.extra = list(extra)
        self.client_key = directory / "client_ed25519"
        self.known_hosts = directory / "known_hosts"
        self.ssh_config = directory / "ssh_config"
        self._process: subprocess.Popen[bytes] | None = None
        self.directory.mkdir(parents=True)
        if not self.client_key.exists():
            generate_key(self.client_key)
        self.host_key = generate_key(self.directory / "host_ed25519")
        self.authorized_keys = self.directory / "authorized_keys"
        self.authorized_keys.write_text(self.client_key.with_name("client_ed25519.pub").read_text())
        _append(self.known_hosts, f"{self.known_as} {' '.join(self.host_key)}")
        _append(self.ssh_config, "\n".join(self._client_config()))
        if sysroot is not None:
            self.new_boot_id()

    @property
    def known_as(self) -> str:
        """The node's name in known_hosts."""
        return f"[{self.host}]:{self.port}"

    @property
    def log(self) -> str:
        """What sshd has logged so far."""
        path = self.directory / "sshd.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def boot_id(self) -> str:
        """The boot id in the node's sysroot."""
        return self._boot_id_file.read_text().strip()

    def new_boot_id(self) -> str:
        """Write another boot id, as a restart does."""
        self._boot_id_file.parent.mkdir(parents=True, exist_ok=True)
        boot_id = Path("/proc/sys/kernel/random/uuid").read_text().strip()
        self._boot_id_file.write_text(f"{boot_id}\n")
        return boot_id

    def start(self) -> None:
        """Run sshd and wait until it listens."""
        assert SSHD, _missing
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        config = self.directory / "sshd_config"
        config.write_text("\n".join(self._server_config()) + "\n")
        (self.directory / "sshd.log").unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [*self.wrapper, SSHD, "-D", "-f", str(config), "-E", str(self.directory / "sshd.log")],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        # Looking at the log instead of connecting: newer servers punish connections that do not log in.
        wait_until(lambda: "Server listening" in self.log, what=f"sshd of {self.name} listens: {self.log}")

    def stop(self) -> None:
        """End sshd and every session, as a node that goes down does."""
        if self._process is None:
            return
        victims = self.sessions()
        self._process.kill()
        self._process.wait(10 * patience())
        self._process = None
        kill(victims)

    def sessions(self) -> list[int]:
        """The server's processes for connections; what the sessions run is not among them."""
        return _sshd_descendants(self._process.pid) if self._process is not None else []

    def kill_sessions(self) -> int:
        """Cut every connection without a goodbye; returns how many processes that were."""
        victims = self.sessions()
        kill(victims)
        return len(victims)

    def freeze_sessions(self) -> None:
        """The connections stand, but nobody answers on them."""
        self._signal(signal.SIGSTOP)

    def resume_sessions(self) -> None:
        """Let frozen sessions go on."""
        self._signal(signal.SIGCONT)

    def freeze_server(self) -> None:
        """sshd takes connections no further than the kernel does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume_server(self) -> None:
        """Let a frozen sshd go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        kill(self.sessions(), number)

    @property
    def _boot_id_file(self) -> Path:
        assert self.sysroot is not None
        return self.sysroot / "proc/sys/kernel/random/boot_id"

    def _server_config(self) -> list[str]:
        # A home of its own as well: no start-up file of whoever runs the tests is read.
        root = self.sysroot
        sysroot = [f"SetEnv ROLLCALL_SYSROOT={root} HOME={root}/root"] if root is not None else []
        set_by_test = {line.split()[0] for line in self.extra}
        defaults = [
            f"Port {self.port}",
            f"ListenAddress {self.host}",
            f"HostKey {self.directory / 'host_ed25519'}",
            f"PidFile {self.directory / 'sshd.pid'}",
            f"AuthorizedKeysFile {self.authorized_keys}",
            "StrictModes no",
            "UsePAM no",
            "UseDNS no",
            "PermitRootLogin yes",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "MaxStartups 100:30:200",
            "LogLevel VERBOSE",
            *sysroot,
        ]
        return [*self.extra, *(line for line in defaults if line.split()[0] not in set_by_test)]

    def _client_config(self) -> list[str]:
        return [
            f"Host {self.name}",
            f"  HostName {self.host}",
            f"  Port {self.port}",
            f"  User {self.user}",
            f"  IdentityFile {self.client_key}",
            "  IdentitiesOnly yes",
            f"  UserKnownHostsFile {self.known_hosts}",
            "  GlobalKnownHostsFile /dev/null",
            "  StrictHostKeyChecking yes",
        ]


@contextlib.contextmanager
def kept() -> Iterator[list[OpenSshNode]]:
    """A list for nodes; whatever is in it in the end is stopped."""
    nodes: list[OpenSshNode] = []
    try:
        yield nodes
    finally:
        for node in nodes:
            node.stop()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def kill(pids: Sequence[int], number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to all of them; who has ended already is no matter."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(f"{text}\n")


def _sshd_descendants(root: int) -> list[int]:
    """Processes below ``root`` that are sshd's own (sshd, sshd-session, ...)."""
    parents: dict[int, list[tuple[int, str]]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
                parents.setdefault(int(rest.split()[1]), []).append((int(entry.name), name))
    found: list[int] = []
    queue = [root]
    while queue:
        for pid, name in parents.get(queue.pop(), []):
            if name.startswith("sshd"):
                found.append(pid)
                queue.append(pid)
    return found
