"""Which machine answers: what a login showed of it, and whether it is the one that answered before."""

from __future__ import annotations

from dataclasses import dataclass

from tui.model.names import alike, mistaken, nameless
from tui.remote.errors import RemoteError


@dataclass(frozen=True)
class Identity:
    """What tells a machine from others. Empty: it did not say, which proves nothing either way.

    ``host_key`` is type and fingerprint of the key that it proved to hold. ``machine_id_changes``: it was
    seen to have another machine id after a boot (a stateless node), so that this one says nothing.
    """

    hostname: str = ""
    machine_id: str = ""
    boot_id: str = ""
    host_key: str = ""
    machine_id_changes: bool = False


def another_machine(bound: Identity, seen: Identity) -> str:
    """Why ``seen`` is not the machine that is ``bound``, as words after its name; empty when it may be."""
    comparable = _both(bound.host_key, seen.host_key) and _type(bound.host_key) == _type(seen.host_key)
    if comparable and bound.host_key != seen.host_key and not renewed_key(bound, seen):
        return f"shows the host key {seen.host_key}, and at log in it was {bound.host_key}"
    if _both(bound.hostname, seen.hostname) and not alike(bound.hostname, seen.hostname):
        return f"calls itself {seen.hostname}, and at log in it was {bound.hostname}"
    if other_machine_id(bound, seen) and not stateless(bound, seen):
        return f"has the machine id {seen.machine_id}, and at log in it was {bound.machine_id}"
    return ""


def renewed_key(bound: Identity, seen: Identity) -> bool:
    """Whether the machine is the one of before though its host key is another, which known_hosts vouches for:
    a person has written that down meanwhile. Its name is the same, and so is its boot or its machine id.
    """
    named = _both(bound.hostname, seen.hostname) and alike(bound.hostname, seen.hostname)
    booted = _both(bound.boot_id, seen.boot_id) and bound.boot_id == seen.boot_id
    told = _both(bound.machine_id, seen.machine_id) and not bound.machine_id_changes
    return named and (booted or (told and bound.machine_id == seen.machine_id))


def refuse_others(node: str, machines: tuple[str, ...], seen: Identity, bound: Identity | None) -> None:
    """Raise RemoteError unless ``seen`` is ``node``: by its name, where ``machines`` (all names of the file)
    has it, and by what is ``bound``, if anything is yet. A host name that is not set yet may pass by.
    """
    named = node in machines and bool(seen.hostname)
    if named and nameless(seen.hostname) and not alike(node, seen.hostname):
        sentence = f"{node}: it calls itself {seen.hostname}; it is still starting, or nobody has named it."
        raise RemoteError("unnamed", node, sentence)
    wrong = mistaken(node, seen.hostname, machines) if named else ""
    if not wrong and bound is not None and (words := another_machine(bound, seen)):
        wrong = f"{node}: the machine that answers now {words}; check host and port"
    if wrong:
        raise RemoteError("another-machine", node, f"{wrong}.")


def other_machine_id(bound: Identity, seen: Identity) -> bool:
    """Whether the machine id is surely another, where it means anything."""
    changed = _both(bound.machine_id, seen.machine_id) and bound.machine_id != seen.machine_id
    return changed and not bound.machine_id_changes


def stateless(bound: Identity, seen: Identity) -> bool:
    """Whether the machine id can have changed with the boot: host key and name are those of before."""
    booted = _both(bound.boot_id, seen.boot_id) and bound.boot_id != seen.boot_id
    same_key = bool(bound.host_key) and bound.host_key == seen.host_key
    named = _both(bound.hostname, seen.hostname) and alike(bound.hostname, seen.hostname)
    return booted and same_key and named


def _both(one: str, other: str) -> bool:
    return bool(one) and bool(other)


def _type(host_key: str) -> str:
    return host_key.partition(" ")[0]
