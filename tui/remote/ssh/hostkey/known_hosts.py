"""known_hosts as ssh(1) means it: hashed, ``[host]:port``, patterns, negation, markers. Never written."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tui.remote.errors import RemoteError
from tui.remote.ssh.algorithms import CERTIFICATES, PLAIN_HOST_KEYS
from tui.remote.ssh.endpoint import WirePolicy

Marker = Literal["", "@cert-authority", "@revoked"]


@dataclass(frozen=True)
class Entry:
    """One line: who (``names``) has which key (``blob``, as on the wire), and what the line says of it."""

    marker: Marker
    names: str
    key_type: str
    blob: bytes


def entry_name(host: str, port: int) -> str:
    """The name a host's lines bear: bare for port 22, ``[host]:port`` otherwise."""
    return host.lower() if port == 22 else f"[{host.lower()}]:{port}"


def fingerprint(blob: bytes) -> str:
    """``SHA256:...`` as ssh(1) and ssh-keygen -l print it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


class KnownHosts:
    """The lines of one or more known_hosts files, in order."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._by_name: dict[str, list[Entry]] = {}
        self._patterns: list[Entry] = []
        for entry in entries:
            # Hashed names and patterns are tried one by one; plain names, the bulk, are looked up.
            if entry.names.startswith("|") or any(sign in entry.names for sign in "*?!"):
                self._patterns.append(entry)
            else:
                for name in entry.names.lower().split(","):
                    self._by_name.setdefault(name, []).append(entry)

    def select(self, host: str, port: int) -> list[Entry]:
        """Every line for this host and port."""
        name = entry_name(host, port)
        return self._by_name.get(name, []) + [
            entry for entry in self._patterns if _matches(entry.names, name)
        ]


def parse(text: str) -> list[Entry]:
    """The valid lines of a known_hosts file; like ssh(1), others are passed over."""
    entries = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        marker = words.pop(0) if words[0].startswith("@") else ""
        if len(words) < 3 or marker not in ("", "@cert-authority", "@revoked"):
            continue
        try:
            blob = base64.b64decode(words[2], validate=True)
        except (ValueError, binascii.Error):
            continue
        if _type_of(blob) == words[1]:
            entries.append(Entry(marker, words[0], words[1], blob))  # type: ignore[arg-type]  # checked above
    return entries


def _type_of(blob: bytes) -> str:
    """The key type that a public key names itself with."""
    length = int.from_bytes(blob[:4], "big")
    return blob[4 : 4 + length].decode("ascii", "replace")


def _matches(names: str, name: str) -> bool:
    if names.startswith("|1|"):
        try:
            salt, digest = (base64.b64decode(part) for part in names.split("|")[2:4])
        except (ValueError, binascii.Error):
            return False
        return hmac.compare_digest(hmac.new(salt, name.encode(), hashlib.sha1).digest(), digest)
    found = False
    for raw in names.lower().split(","):
        pattern = raw.removeprefix("!")
        if _fits(pattern, name):
            if raw != pattern:
                return False
            found = True
    return found


def _fits(pattern: str, text: str) -> bool:
    # Not fnmatch: ssh's patterns know only * and ?, so that "[host]:22" stays literal. Each piece is put at
    # the first place where it fits, which is right for these patterns; trying all would take for ever.
    first, *pieces = (_piece(piece) for piece in pattern.split("*"))
    if not pieces:
        return first.fullmatch(text) is not None
    found = first.match(text)
    for piece in pieces[:-1]:
        found = found and piece.search(text, found.end())
    last = len(text) - len(pattern.rpartition("*")[2])
    return found is not None and last >= found.end() and pieces[-1].fullmatch(text, last) is not None


def _piece(text: str) -> re.Pattern[str]:
    """What stands between two stars."""
    return re.compile("".join("." if sign == "?" else re.escape(sign) for sign in text), re.DOTALL)


def offered_algorithms(entries: Sequence[Entry], wire: WirePolicy) -> list[str]:
    """The host-key algorithms to offer: first what these lines can verify, as ssh(1) orders them."""
    allowed = wire.host_keys
    if allowed is not None and wire.host_keys_in_order:
        return list(allowed)
    first: list[str] = []
    if any(entry.marker == "@cert-authority" for entry in entries):
        first += CERTIFICATES
    for entry in entries:
        if entry.marker == "":
            names = ("rsa-sha2-512", "rsa-sha2-256") if entry.key_type == "ssh-rsa" else (entry.key_type,)
            first += [name for name in names if name in PLAIN_HOST_KEYS and name not in first]
    first += [name for name in PLAIN_HOST_KEYS if name not in first]
    return first if allowed is None else [name for name in first if name in allowed] or list(allowed)


class KnownHostsFiles:
    """Reads known_hosts files and reads them again when they change: a key that a person has just
    accepted counts for the next try. Used by all connecting threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cache: dict[tuple[str, ...], tuple[object, KnownHosts]] = {}

    def load(self, node: str, paths: tuple[str, ...]) -> KnownHosts:
        """The lines of ``paths``; a file that does not exist is empty, one that cannot be read an error."""
        with self._lock:
            stamp = tuple(_stamp(path) for path in paths)
            cached = self._cache.get(paths)
            if cached is None or cached[0] != stamp:
                cached = (stamp, KnownHosts(entry for path in paths for entry in _read(node, path)))
                self._cache[paths] = cached
            return cached[1]


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        stat = Path(path).stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _read(node: str, path: str) -> list[Entry]:
    try:
        return parse(Path(path).read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return []
    except OSError as error:
        sentence = (
            f"{node}: cannot read {path} ({error.strerror}), so no host key can be checked; make it readable."
        )
        raise RemoteError("config", node, sentence) from error
