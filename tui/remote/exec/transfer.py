"""Files to and from a node: byte for byte, checked by SHA-256, in place whole or not at all.

Each transfer has a connection of its own: bulk data on the shared one would hold up the heartbeat.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from tui.remote.errors import RemoteError
from tui.remote.link.connection import Connection
from tui.remote.link.login import Login
from tui.remote.shell.answers import parse_line
from tui.remote.shell.scripts import call

_BLOCK = 256 * 1024
# Seconds without a byte moving; the node may take a while to checksum a large file.
_IDLE = 60.0

OnProgress = Callable[[int], None]
"""Bytes moved so far."""


class Transfer:
    """One file; ``upload`` and ``download`` block and raise RemoteError, or OSError for the local file."""

    def __init__(self, client: Connection, on_progress: OnProgress | None) -> None:
        self._client = client
        self._on_progress = on_progress
        self._session: Login | None = None
        self._abandoned = threading.Event()
        self.sent = False
        """Whether the node may have heard of it."""

    def abandon(self) -> None:
        """The caller has gone: end soon, leaving nothing behind."""
        self._abandoned.set()
        session = self._session
        if session is not None:
            threading.Thread(target=session.close, name="rollcall-close", daemon=True).start()

    def upload(self, path: str, local: Path) -> str:
        """Put ``local`` at ``path`` on the node; returns its SHA-256."""
        size, digest = _size_and_digest(local)
        answer = bytearray()
        with local.open("rb") as file:
            self._converse(
                self._call("receive", path, size, digest),
                self._blocks(file),
                answer.extend,
            )
        words = parse_line(self._node, path, answer.decode("utf-8", "replace").strip())
        if words.get("sha256") != digest:
            raise self._broken(path)
        return digest

    def download(self, path: str, local: Path) -> str:
        """Put the node's ``path`` at ``local``; returns its SHA-256."""
        descriptor, name = tempfile.mkstemp(prefix=".rollcall.", dir=local.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                received = _Received(file.write, self._progress)
                self._converse(self._call("send", path), iter(()), received.take)
                words = parse_line(self._node, path, received.header)
                digest = received.digest()
                if words.get("sha256") != digest:
                    raise self._broken(path)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(local)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return digest

    @property
    def _node(self) -> str:
        return self._client.endpoint.node

    def _call(self, verb: str, *words: str | int) -> str:
        return call("transfer", verb, *self._client.options.place, *words)

    def _converse(self, script: str, source: Iterator[bytes], on_stdout: Callable[[bytes], None]) -> None:
        self._session = session = self._client.login()
        try:
            if self._abandoned.is_set():
                raise RemoteError("closed", self._node, f"{self._node}: the transfer was stopped here.")
            shell = session.shell()
            self.sent = True
            shell.converse(script, source, on_stdout, idle=_IDLE)
        finally:
            session.close()

    def _blocks(self, file: object) -> Iterator[bytes]:
        moved = 0
        while block := file.read(_BLOCK):  # type: ignore[attr-defined]
            yield block
            moved += len(block)
            self._progress(moved)

    def _progress(self, moved: int) -> None:
        if self._on_progress is not None:
            self._on_progress(moved)

    def _broken(self, path: str) -> RemoteError:
        sentence = (
            f"{self._node}: {path} did not arrive whole (checksums differ, or the link broke); try again."
        )
        return RemoteError("transfer", self._node, sentence)


class _Received:
    """The answer's first line, then the file."""

    def __init__(self, write: Callable[[bytes], object], on_progress: OnProgress) -> None:
        self._write = write
        self._on_progress = on_progress
        self._head = b""
        self._begun = False
        self._sum = hashlib.sha256()
        self._moved = 0

    @property
    def header(self) -> str:
        return self._head.decode("utf-8", "replace")

    def digest(self) -> str:
        return self._sum.hexdigest()

    def take(self, data: bytes) -> None:
        if not self._begun:
            self._head, newline, data = (self._head + data).partition(b"\n")
            self._begun = bool(newline)
        self._write(data)
        self._sum.update(data)
        self._moved += len(data)
        self._on_progress(self._moved)


def _size_and_digest(path: Path) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()
