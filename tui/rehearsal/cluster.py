"""A rehearsal as the commands and the tests see it: create, start, look, interfere, stop."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import tui
from tui.rehearsal import clusterfile, control, keys, openssh_face, processes, sandbox
from tui.rehearsal.errors import RehearsalError
from tui.rehearsal.layout import Layout
from tui.rehearsal.node import SimulatedNode
from tui.rehearsal.plan import Plan

START_LIMIT = 30.0


class Rehearsal:
    """A simulated cluster in a directory of its own; it lives in a process that outlasts this one."""

    def __init__(self, layout: Layout, plan: Plan) -> None:
        self._layout = layout
        self.plan = plan
        self.nodes = plan.nodes
        """The names of the Cluster Nodes."""
        self.directory = layout.directory
        """Where everything of it lies."""
        self.cluster_file = layout.cluster_file
        """The cluster file to give to Rollcall."""
        self.ssh_config = layout.ssh_config
        """An ssh_config with which `ssh -F` reaches every machine by name."""

    @classmethod
    def create(cls, directory: Path, plan: Plan) -> Rehearsal:
        """Write a new rehearsal into `directory`, which must be new or empty. Raises RehearsalError."""
        directory = directory.resolve()
        if directory.exists() and any(directory.iterdir()):
            raise RehearsalError(f"{directory} is not empty: a rehearsal needs a directory of its own.")
        # ssh(1) reads % as the start of a token, paramiko does not: no spelling of it serves both
        if set(str(directory)) & set('%"\n\\'):
            raise RehearsalError(
                f'{directory}: a rehearsal cannot lie where a name has %, ", \\ or a newline.'
            )
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        layout = Layout(directory)
        _end_all(layout, plan)  # of a rehearsal whose directory was removed while it ran
        sha256 = sandbox.build(layout, plan)
        keys.new_key(layout.client_key)
        for name in plan.machines:
            keys.new_key(layout.machine(name).host_key)
        os.mkfifo(layout.requests, 0o600)
        for reserved in keys.reserve(layout, plan).values():
            reserved.close()
        layout.cluster_file.write_text(clusterfile.cluster_file(layout, plan, keys.login_name(plan), sha256))
        plan.save(layout.plan)  # last: a directory with a plan is a whole rehearsal
        return cls(layout, plan)

    @classmethod
    def attach(cls, directory: Path) -> Rehearsal | None:
        """The rehearsal in `directory`, running or not; None if there is none."""
        layout = Layout(directory.resolve())
        return cls(layout, Plan.load(layout.plan)) if layout.plan.is_file() else None

    def node(self, name: str) -> SimulatedNode:
        """A handle on one machine, the management node included. Raises RehearsalError."""
        if name not in self.plan.machines:
            raise RehearsalError(f"'{name}' is not a machine of this rehearsal.")
        return SimulatedNode(self._layout, self.plan, name)

    def start(self) -> None:
        """Start the server process unless one runs, and wait until every machine answers.

        Raises RehearsalError.
        """
        if self.alive():
            return
        reader, writer = os.pipe()
        package_root = str(Path(tui.__file__).parent.parent)
        environ = {key: value for key, value in os.environ.items() if key != processes.VARIABLE}
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, (package_root, environ.get("PYTHONPATH"))))
        try:
            with self._layout.server_log.open("ab") as log:
                subprocess.run(
                    [sys.executable, "-P", "-m", "tui.rehearsal.server", self.directory, str(writer)],
                    cwd="/",
                    env=environ,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(writer,),
                    start_new_session=True,
                    check=False,
                )
            os.close(writer)
            writer = -1
            ready, _, _ = select.select([reader], [], [], START_LIMIT)
            words = os.read(reader, 4096).decode() if ready else ""
        finally:
            os.close(reader)
            if writer >= 0:
                os.close(writer)
        if words != "ready":
            raise RehearsalError(
                words or f"The simulated cluster did not start; see {self._layout.server_log}."
            )

    def alive(self) -> bool:
        """Whether a server process serves this rehearsal: it holds the lock for as long as it lives."""
        with contextlib.suppress(FileNotFoundError), self._layout.lock.open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    @property
    def server_pid(self) -> int | None:
        """The process id of the server, while it lives."""
        return int(self._layout.lock.read_text()) if self.alive() else None

    def stop(self) -> None:
        """Switch all machines off: ends the server and every process of its nodes, and nothing else."""
        if (pid := self.server_pid) is not None:
            try:
                control.ask(self._layout.control_socket, "stop")
                self._wait_for_end(5)
            except RehearsalError:
                processes.send([pid], signal.SIGKILL)
                self._wait_for_end(5)
        # what a killed server has left behind
        for name in self.plan.machines:
            openssh_face.end_leftover(self._layout.machine(name))
        _end_all(self._layout, self.plan)

    def destroy(self) -> None:
        """Stop everything and remove the directory."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _wait_for_end(self, limit: float) -> None:
        deadline = time.monotonic() + limit
        while self.alive():
            if time.monotonic() > deadline:
                raise RehearsalError("The server of the rehearsal does not end.")
            time.sleep(0.005)


def _end_all(layout: Layout, plan: Plan) -> None:
    """End the processes of every machine."""
    roots = [layout.machine(name).sysroot for name in plan.machines]
    processes.end_all(functools.partial(processes.of_sysroots, *roots), 0)
