"""What the servers themselves say of a try: who was let in, how, from where, and what was offered before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PROOF = re.compile(
    r"(?P<what>Accepted|Partial|Failed|Postponed) (?P<method>\S+) for (?:invalid user )?(?P<user>\S+)"
    r" from (?P<address>\S+) port \d+ ssh2(?:: (?P<key>.*))?"
)
_ALGORITHMS = {
    "kexalgorithms": re.compile(r"kex: algorithm: (\S+)"),
    "hostkeyalgorithms": re.compile(r"kex: host key algorithm: (\S+)"),
    "ciphers": re.compile(r"kex: client->server cipher: (\S+)"),
    "macs": re.compile(r"kex: client->server cipher: \S+ MAC: (\S+)"),
    "pubkeyacceptedalgorithms": re.compile(r"attempting public key (\S+)"),
}
_NOT_NAMED = {"<implicit>", "(no", "(no match)"}


@dataclass(frozen=True)
class Told:
    """One server's account of one try.

    ``let_in``: how, one entry a factor, with user, address and key. ``offered``: keys that were shown.
    ``sent``: secrets that were sent, right or wrong, by method. ``spoken``: keyword of ssh_config to the
    algorithms that were agreed on.
    """

    let_in: tuple[str, ...]
    offered: tuple[str, ...]
    sent: tuple[str, ...]
    spoken: Mapping[str, tuple[str, ...]]


def told(log: str) -> Told:
    """Read the lines that sshd has logged of one try, at LogLevel DEBUG2."""
    let_in: list[str] = []
    offered: list[str] = []
    sent: list[str] = []
    for found in _PROOF.finditer(log):
        what, method, key = found["what"], found["method"], (found["key"] or "").removesuffix(" [preauth]")
        if method == "none" and what != "Accepted":
            continue
        if what in ("Accepted", "Partial"):
            let_in.append(f"{what} {method} for {found['user']} from {found['address']} {key}".strip())
        if method == "publickey":
            offered += [key] if key and key not in offered else []  # a question whether it would do has none
        elif what != "Postponed":
            sent.append(f"{method} for {found['user']}")
    # A shell that opens a second connection (a claim, an own login) is let in as the first was.
    once = tuple(line for number, line in enumerate(let_in) if line not in let_in[:number])
    spoken = {
        key: tuple(sorted(set(pattern.findall(log)) - _NOT_NAMED)) for key, pattern in _ALGORITHMS.items()
    }
    return Told(once, tuple(offered), tuple(sent), spoken)
