"""Files to and from a node: byte for byte, checked by SHA-256, in place whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from tui.remote.errors import RemoteError
from tui.remote.exec.own_login import OwnLogin
from tui.remote.link.connection import Connection
from tui.remote.shell.answers import parse_line
from tui.remote.shell.scripts import call

_CHUNK_SIZE = 256 * 1024
_IDLE_TIMEOUT_S = 60.0  # the node may take a while to checksum a large file

OnProgress = Callable[[int], None]
"""Bytes moved so far."""


class Transfer:
    """One file; ``upload`` and ``download`` block and raise RemoteError, or OSError for the local file."""

    def __init__(self, connection: Connection, on_progress: OnProgress | None) -> None:
        self.login = OwnLogin(connection)
        self._node = connection.endpoint.node
        self._place = connection.options.place
        self._on_progress = on_progress

    def upload(self, path: str, local: Path) -> str:
        """Put ``local`` at ``path`` on the node; returns its SHA-256."""
        size, digest = _size_and_digest(local)
        answer = bytearray()
        with local.open("rb") as file:
            script = call("transfer", "receive", *self._place, path, size, digest)
            self.login.converse(script, self._blocks(file), answer.extend, idle=_IDLE_TIMEOUT_S)
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
                script = call("transfer", "send", *self._place, path)
                self.login.converse(script, iter(()), received.take, idle=_IDLE_TIMEOUT_S)
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

    def _blocks(self, file: BinaryIO) -> Iterator[bytes]:
        moved = 0
        while block := file.read(_CHUNK_SIZE):
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
        while block := file.read(_CHUNK_SIZE):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()
