"""known_hosts files: read, kept, and read again when they change. Used by all connecting threads."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

from tui.remote.errors import RemoteError
from tui.remote.ssh.hostkey.known_hosts import KnownHosts
from tui.remote.ssh.hostkey.lines import Lines


class KnownHostsFiles:
    """A key that a person has just accepted counts for the next try."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: dict[str, tuple[object, Lines]] = {}

    def load(self, node: str, paths: tuple[str, ...]) -> KnownHosts:
        """The lines of ``paths``; a file that does not exist is empty, one that cannot be read an error."""
        with self._lock:
            return KnownHosts(*(self._lines(node, path) for path in paths))

    def _lines(self, node: str, path: str) -> Lines:
        stamp = _stamp(path)
        kept = self._read.get(path)
        if kept is None or kept[0] != stamp:
            kept = self._read[path] = (stamp, Lines(path, _read(node, path)))
        return kept[1]


def _stamp(path: str) -> tuple[int, ...] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _read(node: str, path: str) -> bytes:
    why = "it is not a file"
    try:
        # not to wait for whoever writes into a pipe
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read()
            if os.path.samestat(os.fstat(file.fileno()), os.stat(os.devnull)):
                return b""
    except FileNotFoundError:
        return b""
    except OSError as error:
        why = error.strerror or str(error)
    sentence = f"{node}: cannot read {path} ({why}), so no host key can be checked; make it readable."
    raise RemoteError("config", node, sentence)
