"""Names of machines: what can be one, and node sets such as ``px[01-08]``."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet, NodeSetException

NODE_LIMIT = 1024

_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_.:%\[\]-]{1,253}")
_OPERATORS = r"[,\s!&^]+"
_MOST = 100_000
"""Names that are written out at all: ClusterShell holds every one of them, whoever meant `[1-9999999]`."""


def host_name(value: str) -> str:
    """``value`` if it can be a host name or an address; ValueError otherwise."""
    if not _HOST_NAME.fullmatch(value) or value.startswith(".") or ".." in value:
        raise ValueError(f"{value!r} is not a host name")
    return value


@functools.lru_cache(maxsize=64)
def node_names(text: str) -> tuple[str, ...]:
    """The names of a node set; ValueError says what is wrong with it."""
    if "@" in text:
        raise ValueError(f"node set {text!r}: groups (@) are not supported; write the names")
    text = re.sub(r"\s*+([,!&^])\s*+", r"\1", text.strip())
    if gap := _missing_comma(text):
        raise ValueError(f"node set {text!r}: a comma is missing between {gap[0]} and {gap[1]}")
    if sum(_size(part) for part in _parts(text, _OPERATORS)) > _MOST:
        raise ValueError(f"node set {text!r} is too large; at most {NODE_LIMIT} nodes are possible")
    try:
        names = tuple(NodeSet(text, resolver=RESOLVER_NOGROUP))
    except NodeSetException as error:
        raise ValueError(f"node set {text!r}: {_plainly(str(error))}") from None
    if not names:
        raise ValueError("the node set is empty; write at least one name, such as px[01-08]")
    if len(names) > NODE_LIMIT:
        raise ValueError(f"{len(names)} nodes; at most {NODE_LIMIT} are possible")
    listed = sum(len(NodeSet(part, resolver=RESOLVER_NOGROUP)) for part in _parts(text))
    if listed != len(names):
        raise ValueError(f"node set {text!r} names a node twice")
    for name in names:
        host_name(name)
    return names


def folded(names: Iterable[str]) -> str:
    """Names as a person writes them: ``px[01-08]``."""
    return str(NodeSet.fromlist(list(names), resolver=RESOLVER_NOGROUP))


def _parts(text: str, at: str = r"[,\s]+") -> list[str]:
    """Split outside brackets: NodeSet folds duplicates, which here are the operator's mistake."""
    return [part for part in re.split(rf"{at}(?![^\[]*\])", text) if part]


def _missing_comma(text: str) -> tuple[str, str] | None:
    """Two names with nothing but blanks between them; NodeSet would take them for one."""
    word = r"((?:[^\s,!&^\[]|\[[^\[\]]*\])++)"  # possessive: the text may be a megabyte
    found = re.search(rf"(?<![^\s,!&^]){word}\s++{word}", text)
    return (found[1], found[2]) if found else None


def _plainly(words: str) -> str:
    """What NodeSet says, with quotes around the operator's words only."""
    return re.sub(r'^bad range: "(.*)"$', r"bad range: \1", words).replace(" : ", " ")


def _size(part: str) -> int:
    """How many names a part stands for, at most; known without writing them out."""
    size = 1
    for bracket in re.findall(r"\[([^\]]*)", part):
        ranges = re.findall(r"([0-9]+)-([0-9]+)", bracket)
        if any(len(end) > 9 for pair in ranges for end in pair):
            return _MOST + 1
        size *= bracket.count(",") + 1 + sum(max(0, int(last) - int(first)) for first, last in ranges)
    return size
