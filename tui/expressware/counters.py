"""What a node counts of its interconnect: bytes that move while somebody uses it, and errors of its links.

The interface of IP over PCIe counts as every interface of Linux does. What `dis_diag` prints of its counters
is not documented: a line that speaks of errors and holds one number is taken in its own words, and compared
with nothing but the same line of another time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tui.expressware.commands import NodePath
from tui.expressware.modules import read_modules
from tui.expressware.tagged import Answer, ended_badly, looking_script, whole_number
from tui.expressware.users import Users, parse_users, users_shell

IP_INTERFACE = "dis0"

Counts = Mapping[str, int]
"""Counter, in words, to how far it has come."""


@dataclass(frozen=True, slots=True)
class Use:
    """One look at who uses PCI Express, with the counts that stand still while nobody does."""

    users: Users
    counts: Counts
    asked_at: float


@dataclass(frozen=True, slots=True)
class Errors:
    """One look at the error counters; `unknown` says why there are none, or not all."""

    counts: Counts
    unknown: str
    asked_at: float


def use_script(dis: str) -> str:
    """Return the POSIX-sh script that tells who uses PCI Express and what moves; it needs the prelude."""
    return looking_script(users_shell(dis) + _statistics("moved", "rx_bytes", "tx_bytes"))


def parse_use(answer: Answer) -> Use:
    """Read the answer of `use_script`. Never raises."""
    bytes_moved = {
        f"{IP_INTERFACE} has {'received' if name == 'rx_bytes' else 'sent'}, in bytes": count
        for name, count in _counted(answer, "moved").items()
    }
    references = {
        f"the use count of {m.name}": m.refcnt for m in read_modules(answer) if m.refcnt is not None
    }
    return Use(parse_users(answer), bytes_moved | references, answer.asked_at)


def moved(before: Counts, after: Counts) -> tuple[str, ...]:
    """What has changed between two looks, one sentence without its end each."""
    both = before.keys() & after.keys()
    return tuple(
        f"{name}: {before[name]}, then {after[name]}" for name in sorted(both) if before[name] != after[name]
    )


def errors_script(dis: str) -> str:
    """Return the POSIX-sh script that tells of error counters; it needs the prelude."""
    program = (NodePath(dis) / "sbin/dis_diag").script
    diag = f"""
if [ -x {program} ]; then
  told=$(timeout 20 {program} -V 9 2>&1)
  say diag.exit "$?"
  say_each diag "$told"
fi
"""
    return looking_script(_statistics("errors", "rx_errors", "tx_errors") + diag)


def parse_errors(answer: Answer) -> Errors:
    """Read the answer of `errors_script`. Never raises."""
    counts = {f"{IP_INTERFACE} {name.replace('_', ' ')}": n for name, n in _counted(answer, "errors").items()}
    code = answer.one("diag.exit")
    bad = ended_badly("dis_diag", whole_number(code)) if code is not None else ""
    if not bad:
        counts |= read_diag(tuple(answer.all("diag")))
    unknown = "its answer broke off" if not answer.complete else bad
    if not counts and not unknown:
        unknown = "dis_diag names no error counter" if code is not None else "there is no dis_diag"
    return Errors(counts if answer.complete else {}, unknown, answer.asked_at)


_LINK = re.compile(r"\blink\s*#?([0-9]{1,3})\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])[0-9]{1,18}(?![\w.]*\w)")


def read_diag(lines: tuple[str, ...]) -> dict[str, int]:
    """Counters of errors in the output of `dis_diag`: those of a link by the link that was named last."""
    found: dict[str, int] = {}
    link = ""
    for line in lines:
        if named := _LINK.search(line):
            link = f"link {named[1]}"
        parts = _LINK.sub("", line).split(",")
        of = link if len(parts) == 1 or named else "in all:"  # a line with several counts is a summary
        for part in parts:
            numbers = _NUMBER.findall(part)
            if len(numbers) == 1 and re.search(r"\berrors?\b", part, re.IGNORECASE):
                words = " ".join(re.sub(r"[^A-Za-z_ ]+", " ", _NUMBER.sub("", part)).split()[:8])
                found[f"{of} {words}".strip()] = int(numbers[0])
    return found


def grown(before: Counts, after: Counts) -> Counts:
    """The counters that count more now, and by how much; one that was cleared meanwhile begins at nothing."""
    more = {name: after[name] - before.get(name, 0) for name in after if name in before}
    more = {name: after[name] if by < 0 else by for name, by in more.items()}
    return {name: by for name, by in more.items() if by > 0}


def _statistics(tag: str, *names: str) -> str:
    where = f'"$R"/sys/class/net/{IP_INTERFACE}/statistics'
    return "\n".join(f"say_file {tag} {where}/{name} '{name} '" for name in names) + "\n"


def _counted(answer: Answer, tag: str) -> dict[str, int]:
    pairs = (value.partition(" ") for value in answer.all(tag))
    return {name: count for name, _, text in pairs if (count := whole_number(text.strip())) is not None}
