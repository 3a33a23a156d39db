"""The strings and numbers of SSH's messages, key files and agents, read with care: they may be anybody's."""

from __future__ import annotations

import struct


def string(data: bytes) -> bytes:
    """``data`` with its length before it."""
    return struct.pack(">I", len(data)) + data


class Reader:
    """Takes one field after the other; ValueError where the bytes end too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, length: int) -> bytes:
        """So many bytes."""
        end = self._at + length
        if length < 0 or end > len(self._data):
            raise ValueError("it ends too early")
        taken, self._at = self._data[self._at : end], end
        return taken

    def byte(self) -> int:
        """A number of one byte."""
        return self.take(1)[0]

    def number(self) -> int:
        """A number of four bytes."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """Bytes that have their length before them."""
        return self.take(self.number())

    def text(self) -> str:
        """The same, as text."""
        return self.string().decode("utf-8", "replace")

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._data) - self._at)


def key_type(blob: bytes) -> str:
    """The type that a public key or certificate says it is; "" if it says none."""
    try:
        return Reader(blob).text()
    except ValueError:
        return ""
