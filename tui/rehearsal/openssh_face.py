"""The SSH server of a machine as a real sshd on loopback, run as root or as the user who rehearses."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path

from tui.rehearsal import faults, processes
from tui.rehearsal.errors import RehearsalError
from tui.rehearsal.layout import Layout, MachineFiles

SSHD = Path("/usr/sbin/sshd")  # must be called by its absolute path: it executes itself again
START_LIMIT = 10.0
CONFIG = "sshd_config"
PID_FILE = "sshd.pid"


def end_leftover(files: MachineFiles) -> None:
    """End the sshd that a killed server process has left behind; it holds the machine's port."""
    pid_file = files.directory / PID_FILE
    try:
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return
    # the number may belong to somebody else by now
    if os.fsencode(files.directory / CONFIG) in processes.command_line(pid):
        commands = processes.of_sysroots(files.sysroot)
        sessions = [each for each in processes.descendants(pid) if each not in commands]
        processes.send([pid, *sessions], signal.SIGKILL)
        processes.wait_for_end(pid, START_LIMIT)


class OpensshFace:
    """One sshd; `reserved` keeps the port for it while the machine is off."""

    def __init__(self, layout: Layout, files: MachineFiles, reserved: socket.socket) -> None:
        if not os.access(SSHD, os.X_OK):
            raise RehearsalError(f"{SSHD} is not there: install the OpenSSH server, or use the built-in one.")
        self._files = files
        self._layout = layout
        self._reserved = reserved
        self._master: subprocess.Popen[bytes] | None = None
        self._left: list[int] = []
        self._config = files.directory / CONFIG
        self._pid_file = files.directory / PID_FILE
        self._log = files.directory / "sshd.log"

    def listen(self) -> None:
        """Start sshd; its pid file appears when it listens."""
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self._pid_file.unlink(missing_ok=True)
        self._config.write_text(self._configuration())
        self._master = subprocess.Popen(
            [SSHD, "-D", "-f", self._config, "-E", self._log],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_LIMIT
        while not self._pid_file.exists():
            if self._master.poll() is not None or time.monotonic() > deadline:
                words = self._log.read_text(errors="replace").strip().splitlines()[-1:]
                raise RehearsalError(f"sshd did not start: {' '.join(words)}")
            time.sleep(0.005)

    def refuse(self) -> None:
        """End the listening sshd; its sessions stay."""
        if self._master is None:
            return
        # stopped first, so that no session is born between looking and killing
        processes.send([self._master.pid], signal.SIGSTOP)
        self._left = self._sessions()
        self._master.kill()
        self._master.wait()
        self._master = None

    def cut(self) -> None:
        """End every session of this sshd, without a goodbye."""
        processes.send([*self._left, *self._sessions()], signal.SIGKILL)
        self._left = []

    def connections(self) -> int:
        """How many sessions there are."""
        return len(self._sessions())

    def _sessions(self) -> list[int]:
        """sshd's own processes below the listening one; commands are known by their environment."""
        if self._master is None:
            return []
        below = processes.descendants(self._master.pid)  # first: not what a command begins later
        # looked for twice: for a moment, one that is just becoming another program shows no environment
        commands = {pid for _ in range(2) for pid in processes.of_sysroots(self._files.sysroot)}
        return [pid for pid in below if pid not in commands]

    def _configuration(self) -> str:
        key = self._layout.client_key
        home = self._files.sysroot / "root"
        lines = [
            f"Port {self._reserved.getsockname()[1]}",
            f"ListenAddress {self._reserved.getsockname()[0]}",
            f'HostKey "{self._files.host_key}"',
            f'PidFile "{self._pid_file}"',
            f'AuthorizedKeysFile "{key.with_name(key.name + ".pub")}"',
            # several variables stand on one line: only the first SetEnv counts
            f'SetEnv "ROLLCALL_SYSROOT={self._files.sysroot}" "HOME={home}"',
            f"ForceCommand exec /bin/sh {shlex.quote(str(self._files.control / 'login'))}",
            "AuthenticationMethods publickey",
            "PermitRootLogin yes",
            "StrictModes no",
            "UsePAM no",
            "UseDNS no",
            "MaxStartups 100:30:200",
            f"MaxSessions {faults.sessions(self._files.control)}",
            "LogLevel ERROR",
            "PrintMotd no",
        ]
        return "\n".join(lines) + "\n"
