"""The lines of one known_hosts file, or of whatever else gives such lines.

A file may have 100,000: a line is taken apart only when it can be about the name that is asked for.
"""

from __future__ import annotations

import base64
import contextlib
import re
from binascii import a2b_base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from tui.remote.ssh.hostkey.names import digest, matches, name_bytes

Marker = Literal["", "@cert-authority", "@revoked"]


@dataclass(frozen=True)
class Entry:
    """One line: who (``names``) has which key (``blob``, as on the wire), and what the line says of it."""

    marker: Marker
    names: str
    key_type: str
    blob: bytes
    where: str = field(default="", compare=False)
    """The file and the line's number in it."""


class Lines:
    """``source`` is what sentences call the place where the lines come from."""

    def __init__(self, source: str, data: bytes) -> None:
        self._source = source
        self._data = data
        self._lower = data.lower()
        self._found: dict[str, list[Entry]] = {}

    def select(self, name: str) -> list[Entry]:
        """Every line for this name, in order; like ssh(1), lines that are not valid are passed over."""
        if name not in self._found:
            starts = {*_starts(self._lower, name_bytes(name)), *self._patterns}
            for salt, hashed, at in self._hashed:
                if digest(salt, name) == hashed:
                    starts.add(self._data.rfind(b"\n", 0, at) + 1)
            entries = [self._entry(start) for start in sorted(starts)]
            self._found[name] = [entry for entry in entries if entry and matches(entry.names, name)]
        return self._found[name]

    def owners(self, blob: bytes) -> list[Entry]:
        """Every line that gives this key to somebody."""
        entries = map(self._entry, _starts(self._data, base64.b64encode(blob)))
        return [entry for entry in entries if entry is not None and entry.blob == blob and not entry.marker]

    @cached_property
    def _patterns(self) -> set[int]:
        """Where lines begin that may have a pattern: in a key there is neither sign."""
        return {start for sign in (b"*", b"?") for start in _starts(self._data, sign)}

    @cached_property
    def _hashed(self) -> list[tuple[bytes, bytes, int]]:
        """Salt and digest of each name that may be a hashed one, and where it stands."""
        found = []
        for names in _HASHED.finditer(self._data):
            with contextlib.suppress(ValueError):
                found.append((a2b_base64(names[1]), a2b_base64(names[2]), names.start()))
        return found

    def _entry(self, start: int) -> Entry | None:
        """The line that begins there, if it is valid."""
        end = self._data.find(b"\n", start)
        # As ssh(1), for which a NUL ends a line.
        line = self._data[start : end if end >= 0 else len(self._data)].partition(b"\0")[0]
        words = re.split(rb"[ \t]+", line.strip(b" \t\r"), maxsplit=4)
        marker = words.pop(0).decode("ascii", "replace") if words[0].startswith(b"@") else ""
        if len(words) < 3 or words[0].startswith(b"#") or marker not in ("", "@cert-authority", "@revoked"):
            return None
        try:
            blob = base64.b64decode(words[2], validate=True)
        except ValueError:
            return None
        key_type = words[1].decode("ascii", "replace")
        if not _is_key(blob, key_type):
            return None
        where = f"{self._source} line {self._data.count(bytes([10]), 0, start) + 1}"
        return Entry(marker, words[0].decode("utf-8", "surrogateescape"), key_type, blob, where)  # type: ignore[arg-type]  # checked above


_HASHED = re.compile(rb"\|1\|([A-Za-z0-9+/=]+)\|([A-Za-z0-9+/=]+)")


def _starts(data: bytes, words: bytes) -> Iterator[int]:
    """Where each line begins that has these words in it."""
    found = data.find(words)
    while found >= 0:
        yield data.rfind(b"\n", 0, found) + 1
        end = data.find(b"\n", found)
        found = data.find(words, end) if end >= 0 else -1


def _is_key(blob: bytes, key_type: str) -> bool:
    """Whether these are whole fields, the first of which says the type: a line may have been cut off."""
    fields = []
    at = 0
    while at + 4 <= len(blob):
        length = int.from_bytes(blob[at : at + 4], "big")
        fields.append(blob[at + 4 : at + 4 + length])
        at += 4 + length
    return at == len(blob) and len(fields) > 1 and fields[0] == key_type.encode()
