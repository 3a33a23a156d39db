"""How the cluster sees its nodes: the answer of the view command that the cluster file names.

Its output is only partly known, so the operator's pattern says where the count stands; a command that answers
nothing has told nothing.
"""

import re
from enum import Enum

from tui.expressware.text import plain

UNREACHABLE = r"(?:Number of unreachable nodes|nbr-dead-nodes)\D*(\d+)"
"""Finds the count of nodes that cannot be reached; the second wording is the one before version 4.4.1."""


class Interconnect(Enum):
    """The state of the whole interconnect, from best to worst.

    REDUCED: some node managers do not answer. DEGRADED: links are disabled. UNSTABLE: the state changed too
    often, for example as nodes were rebooted fast one after the other. FAILED: nodes are down or isolated.
    """

    UP = "UP"
    REDUCED = "REDUCED"
    DEGRADED = "DEGRADED"
    UNSTABLE = "UNSTABLE"
    FAILED = "FAILED"


_LONGEST = 1000
"""Characters of a line that are searched: in one without end a pattern could search for ever."""
MEANINGS = {
    Interconnect.REDUCED: "some node managers do not answer (no Ethernet, or no software there)",
    Interconnect.DEGRADED: "all nodes are up, but one or more links are disabled",
    Interconnect.UNSTABLE: "its state changes too often, as when nodes reboot one after the other",
    Interconnect.FAILED: "one or more nodes are down or isolated",
}
"""What each state that is not UP means, for people."""

_STATE = re.compile(r"(?i:status|state)\W{1,80}(UP|REDUCED|DEGRADED|UNSTABLE|FAILED)\b")


def parse_view(output: bytes | str, pattern: str = UNREACHABLE) -> int | None:
    """Return the number of nodes that the cluster cannot reach; 0 means that all are active.

    `pattern` is a regular expression, searched in every line. Its first group is the count; without a group
    the last field of the line is. With several fabrics the highest count is returned. None (not known) when
    nothing matches or a match holds no number. Raises re.error for a pattern that is none.
    """
    wanted = re.compile(pattern)
    counts: list[int | None] = []
    for line in plain(output).split("\n"):
        if found := wanted.search(line[:_LONGEST]):
            counts.append(_number(found[1] if wanted.groups else (line.split() or [""])[-1]))
    known = [count for count in counts if count is not None]
    return max(known) if known and len(known) == len(counts) else None


def parse_interconnect(output: bytes | str) -> Interconnect | None:
    """Return the worst interconnect state that a `status` or `state` line of the answer names, if any."""
    found = _STATE.findall(plain(output))
    return max(map(Interconnect, found), key=list(Interconnect).index, default=None)


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch("[0-9]{1,9}", text) else None
