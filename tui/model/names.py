"""Whether a machine is the one that is meant, by the names: the cluster file's, and what it calls itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

_NAMELESS = frozenset({"", "-", "(none)", "localhost", "localhost.localdomain"})
"""What a machine calls itself before anybody has given it a name, or before its boot has come so far."""


def plain(name: str) -> str:
    """The name for comparing: case and the dot at its end say nothing."""
    return name.strip().rstrip(".").lower()


@lru_cache(maxsize=4096)  # each login compares a name with those of all nodes
def label(name: str) -> str:
    """The part before the first dot."""
    return plain(name).partition(".")[0]


def nameless(found: str) -> bool:
    """Whether a machine has no name of its own (yet)."""
    return plain(found) in _NAMELESS


def is_address(name: str) -> bool:
    """Whether a name is an IP address: nothing that a machine calls itself."""
    bare = name.strip().removeprefix("[").removesuffix("]").partition("%")[0]
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return False
    return True


def alike(one: str, other: str) -> bool:
    """Whether two names can belong to one machine: equal in full, or one is the other's first label."""
    one, other = plain(one), plain(other)
    if one == other:
        return bool(one)
    return bool(label(one)) and label(one) == label(other) and not ("." in one and "." in other)


def mistaken(meant: str, found: str, nodes: Iterable[str]) -> str:
    """Why a machine that calls itself ``found`` is not shown to be ``meant``, as a sentence without its end.

    Empty when it is. ``nodes`` are all names of the cluster file: a first label that two of them share tells
    nothing.
    """
    calls = f"{meant}: the machine that answered calls itself {found}"
    if is_address(meant):
        return address_words(meant)
    if nameless(found) and plain(found) != plain(meant):
        return f"{meant}: the machine that answered has no host name of its own; set it (hostnamectl)"
    if not alike(meant, found):
        if label(meant) == label(found):
            return (
                f"{calls}, another full name; check host and port, or name the node as it calls itself and "
                f'give its address: host = "{meant}"'
            )
        return f"{calls}; check host and port"
    own = label(meant)
    sharing = [name for name in nodes if label(name) == own and plain(name) != plain(meant)]
    whole = plain(meant) == plain(found) and "." in plain(found)
    if sharing and not whole:
        return f"{calls}, and so could {sharing[0]}; set its full host name there, as the cluster file has it"
    return ""


def address_words(name: str) -> str:
    """What to do about a node that is named by its address."""
    return (
        f"{name} is an address, which cannot be compared with what the machine calls itself; write its host "
        f'name in place of it, and host = "{name}" below [node.NAME]'
    )
