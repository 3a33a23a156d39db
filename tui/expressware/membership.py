"""Which Cluster Nodes a machine itself knows of: its own `dishosts.conf`, compared with names that are meant.

The file of an unconfigured node names `LOCALHOST`, that of a node on its own `DIS_LOCAL`, and hosts may be
named by address: what cannot be compared is told apart from what does not agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from tui.expressware.dishosts import STAND_INS, DisHostsError, parse_dishosts
from tui.expressware.tagged import Answer
from tui.model.names import is_address

_MOST = 262_144
"""Bytes of the file that are read; 1024 nodes take about a third of it."""


@dataclass(frozen=True, slots=True)
class Membership:
    """What a machine's `dishosts.conf` says. `hosts`: as it names them; None when there is no such file, or
    it cannot be read (then `error` says why). `records`: its lines without comments, blanks told alike; the
    first one, which tells the hardware, is none.
    """

    hosts: tuple[str, ...] | None = None
    error: str = ""
    records: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Difference:
    """Hosts that the names which are meant do not have, and those of which that cannot be told."""

    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    too_many: int = 0
    """How many hosts there are beyond the names that are meant: so many are missing for sure."""


def membership_shell() -> str:
    """Shell lines of a looking script that read the file."""
    return f"""
if [ -e "$R"/etc/dis/dishosts.conf ]; then
  say dishosts.there yes
  head -c {_MOST} "$R"/etc/dis/dishosts.conf | say_lines dishosts
fi
"""


def read_membership(answer: Answer) -> Membership:
    """Read the answer of `membership_shell`. Never raises."""
    if answer.one("dishosts.there") is None:
        return Membership()
    try:
        read = parse_dishosts("\n".join(answer.all("dishosts")))
    except DisHostsError as error:
        return Membership(error=str(error))
    written = (" ".join(line.split()) for line in read.lines)
    records = tuple(line for line in written if line and (line[0] != "#" or line.endswith("-HARDWARE")))
    return Membership(tuple(host.name for host in read.hosts), records=records)


def compare(hosts: Iterable[str], names: Mapping[str, Set[str]]) -> Difference:
    """`names`: each machine that is meant, with everything it is called (names and addresses)."""
    wanted = tuple(dict.fromkeys(hosts))
    called = {name.lower() for all_of_one in names.values() for name in all_of_one}
    labels = Counter(label for all_of_one in names.values() for label in _labels(all_of_one))
    missing, unknown = [], []
    for host in wanted:
        label, _, domain = host.lower().partition(".")
        if host in STAND_INS or (is_address(host) and host not in called):
            unknown.append(host)
        elif host.lower() in called:
            continue
        elif labels[label] == 1 and (not domain or label in called):
            continue  # a short name of one and only one of them
        elif labels[label]:
            unknown.append(host)
        else:
            missing.append(host)
    named = [host for host in wanted if host not in STAND_INS]
    return Difference(tuple(missing), tuple(unknown), max(0, len(named) - len(names)))


def _labels(names: Set[str]) -> set[str]:
    """The first labels of a machine's names."""
    return {name.lower().partition(".")[0] for name in names if not is_address(name)}
