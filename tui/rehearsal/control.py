"""How the server process is spoken to: one line there, one line back, over a socket in its directory.

`cut NODE`, `off NODE`, `on NODE`, `reboot NODE`, `stop`; the answer is `ok` or `error: <sentence>` and comes
when the order has been carried out.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from tui.rehearsal.errors import RehearsalError

LIMIT = 30.0


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name of `path` short enough for a socket's address, which holds 107 bytes."""
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


def ask(path: Path, words: str) -> None:
    """Give one order and wait until it has been carried out; raises RehearsalError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(LIMIT)
        try:
            with _short(path) as name:
                connection.connect(name)
            connection.sendall(words.encode() + b"\n")
            answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode().strip()
        except OSError as error:
            raise RehearsalError(f"The simulated cluster does not answer: {error}.") from error
    if answer != "ok":
        raise RehearsalError(answer.removeprefix("error: ") or "The simulated cluster gave no answer.")


def listen(path: Path) -> socket.socket:
    """Open the server's end."""
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _short(path) as name:
        server.bind(name)
    server.listen(16)
    return server


def answer_one(connection: socket.socket, carry_out: Callable[[str], None]) -> None:
    """Read one order from a client, carry it out, answer."""
    with connection, contextlib.suppress(OSError):
        connection.settimeout(LIMIT)
        words = connection.makefile("r").readline().strip()
        try:
            carry_out(words)
            answer = "ok"
        except RehearsalError as error:
            answer = f"error: {error}"
        connection.sendall(answer.encode() + b"\n")
