"""known_hosts as ssh(1) means it: hashed, ``[host]:port``, patterns, negation, markers."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from tui.remote.ssh.algorithms import CERTIFICATES, PLAIN_HOST_KEYS
from tui.remote.ssh.endpoint import WirePolicy
from tui.remote.ssh.hostkey.lines import Entry, Lines
from tui.remote.ssh.hostkey.names import entry_name

__all__ = ["Entry", "KnownHosts", "entry_name", "fingerprint", "offered_algorithms"]


def fingerprint(blob: bytes) -> str:
    """``SHA256:...`` as ssh(1) and ssh-keygen -l print it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


class KnownHosts:
    """The lines of one or more known_hosts files, in order."""

    def __init__(self, *files: Lines) -> None:
        self.files = files

    def select(self, host: str, port: int) -> list[Entry]:
        """Every line for this host and port."""
        name = entry_name(host, port)
        return [entry for file in self.files for entry in file.select(name)]

    def owners(self, blob: bytes) -> list[Entry]:
        """Every line that gives this key to somebody."""
        return [entry for file in self.files for entry in file.owners(blob)]


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
