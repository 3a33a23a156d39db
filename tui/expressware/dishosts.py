"""Read `dishosts.conf`, the list of Cluster Nodes and their adapters (versions 3 and 4, later ones as far as
they are alike).
"""

import re
from dataclasses import dataclass, field

from tui.model.names import is_address
from tui.text.sanitize import brief
from tui.text.terminal import decode, plain


class DisHostsError(Exception):
    """The file is not a `dishosts.conf` that can be read. The message is one sentence that names the line."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """One adapter of a host: its name, NodeId, number in the host, link width (lanes), serial if given."""

    name: str
    node_id: int
    number: int
    width: int
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class DisHost:
    """One Cluster Node with its adapters, in the order of the file."""

    name: str
    adapters: tuple[Adapter, ...]


@dataclass(frozen=True, slots=True)
class DisHosts:
    """The whole file. `family` is what its first line says (MX, PX, ...), None when it says nothing.

    A host's name may be its address, or one of `STAND_INS`. `warnings` are sentences without a full stop.
    `sockets` are the records of SuperSockets; `lines` is every line as it was written, without its end.
    """

    version: int
    family: str | None
    hosts: tuple[DisHost, ...]
    warnings: tuple[str, ...] = ()
    sockets: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


VERSIONS = (3, 4)
STAND_INS = ("LOCALHOST", "DIS_LOCAL")
"""Names that stand for whichever machine the file lies on: in each node's own file, and before any set-up."""
_SOCKETS = ("SOCKETADAPTER", "SOCKET", "STRIPE")
_MOST_FIELDS = 5
_NAME = re.compile(r"(?![-.])(?!.*\.\.)[A-Za-z0-9_.-]{1,253}")
_FAMILY = re.compile(r"#\s*([A-Z]{2,5})-HARDWARE\b")


@dataclass(slots=True)
class _Draft:
    """What has been read so far, and the line that is being read."""

    number: int = 0
    version: int | None = None
    family: str | None = None
    hosts: dict[str, list[Adapter]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)

    def error(self, what: str) -> DisHostsError:
        return DisHostsError(f"dishosts.conf, line {self.number}: {what}")

    def whole(self, text: str, what: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text):
            raise self.error(f"the {what} {brief(repr(text))} is not a number")
        return int(text)


def parse_dishosts(content: bytes | str) -> DisHosts:
    """Read the file's content. Raises DisHostsError, which names the line, for a record that makes no sense.

    Keywords that are not known are passed over, with a warning: a later version of the file must not stop an
    import. The first line looks like a comment, but tells the hardware family.
    """
    draft = _Draft()
    text = decode(content).lstrip("\ufeff")
    for number, line in enumerate(plain(text).split("\n"), start=1):
        draft.number = number
        if line.lstrip().startswith("#"):
            found = _FAMILY.match(line.lstrip())
            draft.family = draft.family or (found[1] if found else None)
        elif words := line.split():
            _record(draft, words)
    lines = tuple(line.rstrip("\r") for line in text.removesuffix("\n").split("\n"))
    return _finish(draft, lines)


def _record(draft: _Draft, words: list[str]) -> None:
    # "HOSTNAME:name" without a blank is the same record as "HOSTNAME: name".
    keyword, colon, glued = words[0].partition(":")
    later = draft.version is not None and draft.version > max(VERSIONS)
    values = [glued, *words[1:]] if colon and glued else words[1:]
    if keyword == "DISHOSTVERSION":
        draft.version = draft.whole(values[0] if values else "", "file version")
        if draft.version < min(VERSIONS):
            raise draft.error(f"file version {draft.version} is not known; versions 3 and 4 are")
        if draft.version > max(VERSIONS):
            later_words = f"file version {draft.version} is later than those that are known (3 and 4)"
            draft.warnings.append(f"{later_words}: compare hosts and names with the file")
    elif keyword == "HOSTNAME":
        if not values:
            raise draft.error("HOSTNAME: names no host")
        if not _NAME.fullmatch(values[0]) and not is_address(values[0]):
            raise draft.error(f"{brief(repr(values[0]))} is not a host name")
        if values[0] in draft.hosts:
            raise draft.error(f"host {values[0]} appears twice")
        draft.hosts[values[0]] = []
    elif keyword == "ADAPTER":
        try:
            _adapter(draft, values)
        except DisHostsError as odd:
            if not later:
                raise
            draft.warnings.append(f"{odd}; passed over")
    elif keyword in _SOCKETS:
        draft.sockets.append(" ".join([f"{keyword}:", *values]))
    else:
        draft.warnings.append(
            f"line {draft.number}: {brief(keyword)} is not a keyword that is known; kept as it is"
        )


def _adapter(draft: _Draft, values: list[str]) -> None:
    if not draft.hosts:
        raise draft.error("ADAPTER: stands before the first HOSTNAME:")
    if len(values) < 4:
        raise draft.error(
            f"ADAPTER: has {len(values)} of its 4 fields (name, node id, adapter number, link width)"
        )
    if len(values) > _MOST_FIELDS:
        draft.warnings.append(
            f"line {draft.number}: ADAPTER: has {len(values)} fields; what stands after the serial number is "
            "not known, and kept as it is"
        )
    adapter = Adapter(
        name=values[0],
        node_id=draft.whole(values[1], "node id"),
        number=draft.whole(values[2], "adapter number"),
        width=draft.whole(values[3], "link width"),
        serial=values[4] if len(values) >= _MOST_FIELDS else None,
    )
    list(draft.hosts.values())[-1].append(adapter)


def _finish(draft: _Draft, lines: tuple[str, ...]) -> DisHosts:
    if draft.version is None:
        raise draft.error("the file ends without a DISHOSTVERSION: it is not a dishosts.conf")
    if not draft.hosts:
        raise draft.error("the file ends without a single HOSTNAME: record")
    bare = [name for name, adapters in draft.hosts.items() if not adapters]
    if bare and draft.version <= max(VERSIONS):
        raise draft.error(f"the file ends and host {bare[0]} has no ADAPTER: record")
    hosts = tuple(DisHost(name, tuple(adapters)) for name, adapters in draft.hosts.items())
    warnings = (*draft.warnings, *_shared_ids(hosts))
    return DisHosts(draft.version, draft.family, hosts, warnings, tuple(draft.sockets), lines)


def _shared_ids(hosts: tuple[DisHost, ...]) -> list[str]:
    """One NodeId in one fabric (adapter number) belongs to one host."""
    owners: dict[tuple[int, int], list[str]] = {}
    for host in hosts:
        for adapter in host.adapters:
            owners.setdefault((adapter.node_id, adapter.number), []).append(host.name)
    return [
        f"NodeId {node_id} (adapter {number}) is given to {' and '.join(dict.fromkeys(names))}: one of them "
        "cannot join the cluster"
        for (node_id, number), names in owners.items()
        if len(set(names)) > 1
    ]
