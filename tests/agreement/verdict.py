"""Whether Rollcall did as ssh(1) did: never weaker, and stricter only on purpose and by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tests.agreement.outcome import Outcome
from tests.agreement.row import Row
from tests.agreement.server_log import Told

Verdict = Literal["same", "stricter", "refused", "weaker", "unnamed"]
"""``same``: both got in, by the same key, method and address, or neither did. ``stricter``: only ssh(1) got
in, as is meant, and Rollcall's sentence says by which keyword or file. ``refused``: the same, not meant.
``weaker``: Rollcall got in where ssh(1) did not, or by other means, or showed or sent what ssh(1) kept.
``unnamed``: neither got in, but Rollcall's sentence names no keyword and no file.
"""
BAD: frozenset[Verdict] = frozenset({"weaker", "unnamed"})

Allowed = Mapping[str, Mapping[str, list[str]]]

_KEYWORD = re.compile(r"\b(?:[A-Z][a-z0-9]+){2,}\b|\bCiphers\b|\bMACs\b|\bProxyJump\b|\bUser\b|\bPort\b")
_FILE = re.compile(r"known_hosts|authorized_keys|ssh_config|/[\w.~-]+/[\w.~-]+")


@dataclass(frozen=True)
class Finding:
    """What is said of one row."""

    verdict: Verdict
    why: str = ""


def judge(row: Row, ssh: Outcome, rollcall: Outcome, allowed: Allowed) -> Finding:
    """Compare two outcomes of one set-up."""
    weaker = [*_weaker(ssh, rollcall, allowed)]
    if weaker:
        return Finding("weaker", "; ".join(weaker))
    named = _named(row, rollcall.words)
    if ssh.entered and not rollcall.entered:
        meant = row.stricter and named
        return Finding("stricter" if meant else "refused", row.stricter if meant else rollcall.words)
    if not rollcall.entered and not named:
        return Finding("unnamed", f"its sentence does not name {row.names or 'a keyword or file'}")
    if missed := [line for line in ssh.written if line not in rollcall.written]:
        return Finding("refused", f"does not write as ssh does: {missed}")
    return Finding("same")


def _weaker(ssh: Outcome, rollcall: Outcome, allowed: Allowed) -> list[str]:
    found = []
    if rollcall.entered and not ssh.entered:
        found.append("gets in where ssh does not")
    for name, theirs in ssh.servers.items():
        ours = rollcall.servers[name]
        if rollcall.entered and ssh.entered and ours.let_in != theirs.let_in:
            found.append(f"{name} let it in by {_list(ours.let_in)}, ssh by {_list(theirs.let_in)}")
        found += _gave_away(name, ours, theirs)
        for keyword, spoken in ours.spoken.items() if rollcall.entered else ():
            permitted = allowed.get(name, {}).get(keyword)
            forbidden = [word for word in spoken if permitted is not None and word not in permitted]
            if forbidden:
                found.append(f"{name}: agreed on {_list(forbidden)}, which {keyword} does not allow")
    if more := [line for line in rollcall.written if line not in ssh.written]:
        found.append(f"writes what ssh does not: {_list(more)}")
    return found


def _gave_away(name: str, ours: Told, theirs: Told) -> list[str]:
    """Keys that were shown, secrets that were sent, though ssh(1) kept them to itself."""
    shown = [key for key in ours.offered if key not in theirs.offered]
    found = [f"{name} was shown {_list(shown)}, which ssh does not show"] if shown else []
    for method in sorted(set(ours.sent)):
        here, there = ours.sent.count(method), theirs.sent.count(method)
        if here > there:
            found.append(f"{name} got {here} secrets by {method}, from ssh {there}")
    return found


def _named(row: Row, words: str) -> bool:
    if row.names:
        return any(name in words for name in row.names.split("|"))
    return bool(_KEYWORD.search(words) or _FILE.search(words))


def _list(words: list[str] | tuple[str, ...]) -> str:
    return ", ".join(words) or "nothing"
