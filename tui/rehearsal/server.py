"""The process in which a simulated cluster lives: `python -m tui.rehearsal.server DIRECTORY READY-FD`.

It belongs to nobody: a console that is killed leaves it running, so the "nodes" go on and the run can be
taken up again. It ends when told, when its directory is gone, or when its plan's `stays_up` has passed since
the last connection; who takes the run up after that starts it again, and finds its nodes freshly booted.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

from tui.rehearsal import control, keys, openssh_face, processes
from tui.rehearsal.errors import RehearsalError
from tui.rehearsal.face import Face
from tui.rehearsal.layout import Layout
from tui.rehearsal.machine import Machine
from tui.rehearsal.plan import Plan

LOOK = 1.0
# Looking for connections reads all of /proc once a machine: so many times in the plan's `stays_up` is enough.
LOOKS = 30
ORDERS = ("off", "on", "reboot")


class Cluster:
    """All machines of a rehearsal and the ways in which they are given orders."""

    def __init__(self, layout: Layout, lock: int) -> None:
        self._layout = layout
        self._lock = os.fstat(lock)
        self._plan = Plan.load(layout.plan)
        self._machines: dict[str, Machine] = {}
        self._ended = threading.Event()

    def start(self) -> None:
        """Bring every machine up, then take orders."""
        for name in self._plan.machines:
            openssh_face.end_leftover(self._layout.machine(name))
        for name, reserved in keys.reserve(self._layout, self._plan).items():
            files = self._layout.machine(name)
            self._machines[name] = Machine(files, name, self._plan, self._face(name, reserved))
        for machine in self._machines.values():
            machine.start()
        pipe = os.open(self._layout.requests, os.O_RDWR)
        threading.Thread(target=self._read_requests, args=(pipe,), daemon=True).start()
        server = control.listen(self._layout.control_socket)
        threading.Thread(target=self._take_orders, args=(server,), daemon=True).start()

    def serve(self) -> None:
        """Return when there is no reason left to go on; no process of any machine lives then."""
        looked = seen = time.monotonic()
        while not self._ended.wait(LOOK):
            now = time.monotonic()
            alone = now - seen > self._plan.stays_up
            if alone or now - looked > self._plan.stays_up / LOOKS:
                looked = now
                if any(machine.face.connections() for machine in self._machines.values()):
                    seen, alone = now, False
            if not self._is_ours():
                self._abandon()
            elif alone:
                self.end()

    def end(self) -> None:
        """Switch every machine off and let `serve` return."""
        waiting = [machine.order("end") for machine in self._machines.values()]
        for done in waiting:
            done.wait(control.LIMIT)
        self._ended.set()

    def _is_ours(self) -> bool:
        """Whether the directory is the one that was started on: not removed, and no other in its place."""
        try:
            return os.path.samestat(self._lock, os.stat(self._layout.lock)) and self._layout.plan.exists()
        except FileNotFoundError:
            return False

    def _abandon(self) -> None:
        """Stop serving a directory that is gone.

        Processes are known by their sysroot, and another rehearsal may come to lie in the same place at any
        moment: what was found before there was a plan again is certainly ours, anything later is not.
        """
        for machine in self._machines.values():
            machine.face.refuse()
            machine.face.cut()
        roots = [machine.files.sysroot for machine in self._machines.values()]
        while left := processes.of_sysroots(*roots):
            if self._layout.plan.exists():
                break
            processes.send(left, signal.SIGKILL)
        self._ended.set()

    def _face(self, name: str, reserved: socket.socket) -> Face:
        files = self._layout.machine(name)
        if self._plan.face == "openssh":
            return openssh_face.OpensshFace(self._layout, files, reserved)
        # imported here: a cluster of real sshd has no use for it
        from tui.rehearsal.paramiko_face import ParamikoFace  # noqa: PLC0415

        return ParamikoFace(self._layout, files, reserved)

    def _take_orders(self, server: socket.socket) -> None:
        while True:
            connection, _ = server.accept()
            threading.Thread(
                target=control.answer_one, args=(connection, self._carry_out), daemon=True
            ).start()

    def _carry_out(self, words: str) -> None:
        verb, _, name = words.partition(" ")
        if verb == "stop":
            self.end()
        elif name not in self._machines:
            raise RehearsalError(f"'{name}' is not a machine of this rehearsal.")
        elif verb == "cut":
            self._machines[name].cut()
        elif verb in ORDERS:
            self._machines[name].order(verb).wait(control.LIMIT)
        else:
            raise RehearsalError(f"'{verb}' is not an order.")

    def _read_requests(self, pipe: int) -> None:
        """What simulated programs ask for: `<node> reboot|cut|peer-down`, one line each."""
        with os.fdopen(pipe, "r", encoding="ascii", errors="replace") as lines:
            for line in lines:
                name, _, word = line.strip().partition(" ")
                machine = self._machines.get(name)
                if machine is None:
                    continue
                if word == "reboot":
                    machine.order("reboot")
                elif word == "cut":
                    machine.cut()
                elif word == "peer-down":
                    self._peer_of(name).lose_node_manager()

    def _peer_of(self, name: str) -> Machine:
        """The next Cluster Node after this one, round the cluster."""
        nodes = self._plan.nodes
        return self._machines[nodes[(nodes.index(name) + 1) % len(nodes)] if name in nodes else nodes[0]]


def main(directory: str, ready_fd: int) -> None:
    """Serve the rehearsal in `directory`; tells `ready` or one sentence through `ready_fd`."""
    # The starter waits for this half only, so the other one is nobody's child and leaves nobody a zombie.
    if os.fork():
        os._exit(0)
    layout = Layout(Path(directory))
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
    lock = os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        cluster = Cluster(layout, lock)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=cluster.end, daemon=True).start())
        cluster.start()
    except BlockingIOError:
        _tell(ready_fd, "Another process already serves this rehearsal.")
        os._exit(1)
    except RehearsalError as error:
        _tell(ready_fd, str(error))
        os._exit(1)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        traceback.print_exc()
        _tell(ready_fd, f"The simulated cluster did not start: {error}.")
        os._exit(1)
    _tell(ready_fd, "ready")
    cluster.serve()
    # threads that still wait for a client have nothing left to do
    os._exit(0)


def _tell(ready_fd: int, words: str) -> None:
    with contextlib.suppress(OSError):
        os.write(ready_fd, words.encode())
        os.close(ready_fd)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
