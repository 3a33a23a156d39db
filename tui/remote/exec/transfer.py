"""Files to and from a node: byte for byte, checked by SHA-256, in place whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tui.remote.errors import RemoteError
from tui.remote.exec.own_login import OwnLogin
from tui.remote.link.connection import Connection
from tui.remote.shell.answers import parse_line, whole_number
from tui.remote.shell.scripts import call

_CHUNK_SIZE = 256 * 1024
_IDLE_TIMEOUT_S = 60.0  # the node may take a while to checksum a large file

OnProgress = Callable[[int], None]
"""Bytes moved so far."""


class Transfer:
    """Files of one directory in one stream; both ways block, and return the SHA-256 of each.

    They raise RemoteError, or OSError for a local file.
    """

    def __init__(self, connection: Connection, on_progress: OnProgress | None) -> None:
        self.login = OwnLogin(connection)
        self._node = connection.endpoint.node
        self._place = connection.options.place
        self._on_progress = on_progress

    def upload(self, directory: str, files: Mapping[str, Path]) -> dict[str, str]:
        """Put the local files below ``directory`` on the node, each under its name there."""
        words: list[str | int] = []
        sums = {}
        for name, local in files.items():
            size, sums[name] = _size_and_digest(local)
            words += [name, size, sums[name]]
        answer = bytearray()
        script = call("transfer", "receive", *self._place, directory, *words)
        self.login.converse(script, self._blocks(files.values()), answer.extend, idle=_IDLE_TIMEOUT_S)
        told = [line for line in answer.decode("utf-8", "replace").splitlines() if line] or [""]
        seen = [parse_line(self._node, directory, line).get("sha256") for line in told]
        if seen != list(sums.values()):
            raise self._broken(directory, files)
        return sums

    def download(self, directory: str, files: Mapping[str, Path]) -> dict[str, str]:
        """Put the node's files below ``directory`` where the names lead to."""
        with contextlib.ExitStack() as stack:
            incoming = {name: stack.enter_context(_Incoming(local)) for name, local in files.items()}
            received = _Received(self._node, directory, list(incoming.values()), self._progress)
            script = call("transfer", "send", *self._place, directory, *files)
            self.login.converse(script, iter(()), received.take, idle=_IDLE_TIMEOUT_S)
            if not all(file.complete for file in incoming.values()):
                raise self._broken(directory, files)
            for file in incoming.values():
                file.keep()
        return {name: file.wanted for name, file in incoming.items()}

    def _blocks(self, files: Iterable[Path]) -> Iterator[bytes]:
        moved = 0
        for path in files:
            with path.open("rb") as file:
                while block := file.read(_CHUNK_SIZE):
                    yield block
                    moved += len(block)
                    self._progress(moved)

    def _progress(self, moved: int) -> None:
        if self._on_progress is not None:
            self._on_progress(moved)

    def _broken(self, directory: str, files: Iterable[str]) -> RemoteError:
        what = ", ".join(f"{directory}/{name}" for name in files)
        sentence = (
            f"{self._node}: {what} did not arrive whole (checksums differ, or the link broke); try again."
        )
        return RemoteError("transfer", self._node, sentence)


class _Incoming:
    """A file on its way here, beside its place until it is whole; what was not kept is removed."""

    def __init__(self, local: Path) -> None:
        self._local = local
        self.left: int | None = None
        """Bytes that are to come; None while the node has not said."""
        self.wanted = ""
        self.sum = hashlib.sha256()

    def __enter__(self) -> _Incoming:
        descriptor, name = tempfile.mkstemp(prefix=".rollcall.", dir=self._local.parent)
        self._file, self._name = os.fdopen(descriptor, "wb"), Path(name)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._name.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.sum.update(data)
        self.left = (self.left or 0) - len(data)

    @property
    def complete(self) -> bool:
        return self.left == 0 and self.sum.hexdigest() == self.wanted

    def keep(self) -> None:
        """On the disk, then in its place."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._name.replace(self._local)


class _Received:
    """The answer: one line for each file, then the files one after the other."""

    def __init__(self, node: str, directory: str, files: list[_Incoming], on_progress: OnProgress) -> None:
        self._node, self._directory = node, directory
        self._files = files
        self._on_progress = on_progress
        self._head = b""
        self._moved = 0

    def take(self, data: bytes) -> None:
        for file in self._files:
            if file.left is None:
                self._head, newline, data = (self._head + data).partition(b"\n")
                if not newline:
                    return
                words = parse_line(self._node, self._directory, self._head.decode("utf-8", "replace"))
                file.left, file.wanted = whole_number(words.get("size")), words.get("sha256", "")
                self._head = b""
        self._moved += len(data)
        for file in self._files:
            if data and file.left:
                its, data = data[: file.left], data[file.left :]
                file.write(its)
        self._on_progress(self._moved)


def _size_and_digest(path: Path) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while block := file.read(_CHUNK_SIZE):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()
