"""A ProxyCommand: a local program whose stdin and stdout are the connection."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile


class ProxyCommand:
    """Started on one end of a socket pair, so that its end is seen as the end of the connection.

    paramiko's own class reads from a pipe and takes an ended command for a silent one.
    """

    def __init__(self, command: str) -> None:
        self.socket, theirs = socket.socketpair()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        with contextlib.closing(theirs):
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=self._stderr,
                start_new_session=True,  # Ctrl-C in the terminal is not meant for it
            )

    def take_over(self, timeout: float) -> None:
        """Wait for the connection that the command hands over through the pair (ProxyUseFdpass); it is
        ``socket`` from then on. Raises OSError where none comes.
        """
        self.socket.settimeout(timeout)
        _, handed, _, _ = socket.recv_fds(self.socket, 1, 1)
        if not handed:
            raise ConnectionError("the command ended without a connection")
        self.socket.close()
        self.socket = socket.socket(fileno=handed[0])

    def last_words(self) -> str:
        """What the command said last on stderr."""
        self._stderr.seek(0)
        lines = self._stderr.read(65536).decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")

    def close(self) -> None:
        """End the command and the connection."""
        self.socket.close()
        self._process.kill()
        self._process.wait()
        self._stderr.close()
