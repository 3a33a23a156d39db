"""Agents: the real ssh-agent, and a socket that answers as no agent should, or for keys nobody has here."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path


class AgentRig:
    """An ssh-agent of the test's own."""

    def __init__(self, directory: Path) -> None:
        self.socket = directory / "agent.sock"
        self._process = subprocess.Popen(
            ["ssh-agent", "-D", "-a", str(self.socket)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()  # it has bound its socket

    def add(self, *keys: Path) -> None:
        """Load private keys, and the certificates beside them."""
        self.ssh_add("-q", *map(str, keys))

    def ssh_add(self, *words: str, **environment: str) -> None:
        """Run ssh-add with these words."""
        variables = {**os.environ, "SSH_AUTH_SOCK": str(self.socket), **environment}
        subprocess.run(["ssh-add", *words], check=True, env=variables, capture_output=True)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.communicate()


Answer = Callable[[bytes], "bytes | None"]
"""What is sent back, length and all, for a request without its length; None: nothing, and no end either."""


class OddAgent:
    """Listens where an agent would; ``answer`` says what it sends for each request."""

    def __init__(self, path: Path, answer: Answer) -> None:
        self.path = path
        self.asked: list[int] = []
        self._answer = answer
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def stop(self) -> None:
        """Hang up on everybody."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._open.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as requests:
            while length := requests.read(4):
                request = requests.read(int.from_bytes(length, "big"))
                self.asked.append(request[0])
                answer = self._answer(request)
                if answer is not None:
                    connection.sendall(answer)
