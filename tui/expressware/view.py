"""How the cluster sees its nodes: the answer of the view command that the cluster file names.

Its output is only partly known, so the operator's pattern says where the count stands; a command that answers
nothing has told nothing.
"""

import re
from dataclasses import dataclass
from enum import Enum

from tui.expressware.commands import ShellText
from tui.expressware.tagged import Answer, ended_badly, looking_script
from tui.text.terminal import plain

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


@dataclass(frozen=True, slots=True)
class View:
    """What the cluster says of itself: how many nodes it cannot reach, which of them it names, its state.

    `count` is None when it has told nothing, and `why` then says in words why that is so.
    """

    count: int | None = None
    names: frozenset[str] = frozenset()
    state: Interconnect | None = None
    why: str = ""


def view_script(command: ShellText) -> str:
    """Return the POSIX-sh script that asks the cluster; it needs the prelude that sets `R`."""
    return looking_script(f"""
seen=$({command.script})
say view.exit "$?"
printf '%s\\n' "$seen" | while IFS= read -r line; do say view ">$line"; done
""")


def parse_view(answer: Answer, pattern: str = UNREACHABLE) -> View:
    """Read the answer of `view_script`. A command that failed has told nothing, whatever it printed.

    Raises re.error for a pattern that is none.
    """
    code = answer.number("view.exit")
    if not answer.complete:
        return View(why="its answer broke off before the end")
    if code != 0:
        return View(why=ended_badly("its command", code) or f"its command ended with exit code {code}")
    output = "\n".join(value.removeprefix(">") for value in answer.all("view"))
    count, names = unreachable(output, pattern)
    why = "" if count is not None else "no count is found where view.unreachable looks for it"
    return View(count, names, parse_interconnect(output), why)


def unreachable(output: bytes | str, pattern: str = UNREACHABLE) -> tuple[int | None, frozenset[str]]:
    """Return the number of nodes that the cluster cannot reach (0: all are active), and those it names.

    `pattern` is a regular expression, searched in every line. Its group `count` is the number, or its first
    group, or without groups the last field of the line; its group `node`, where it has one, is the name of a
    node that cannot be reached. With several fabrics the highest count is returned. None (not known) when
    nothing matches or a match holds neither. Raises re.error for a pattern that is none.
    """
    wanted = re.compile(pattern)
    group = "count" if "count" in wanted.groupindex else 1 if wanted.groups else None
    counts: list[int | None] = []
    names: set[str] = set()
    for line in plain(output).split("\n"):
        if found := wanted.search(line[:_LONGEST]):
            if name := found["node"] if "node" in wanted.groupindex else None:
                names.add(name)
                if found[group or 0] is None:
                    continue
            counts.append(_number((line.split() or [""])[-1] if group is None else found[group]))
    known = [count for count in counts if count is not None]
    if not known or len(known) != len(counts):
        return None, frozenset()
    return max(*known, len(names)), frozenset(names)


def parse_interconnect(output: bytes | str) -> Interconnect | None:
    """Return the worst interconnect state that a `status` or `state` line of the answer names, if any."""
    found = _STATE.findall(plain(output))
    return max(map(Interconnect, found), key=list(Interconnect).index, default=None)


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch("[0-9]{1,9}", text) else None
