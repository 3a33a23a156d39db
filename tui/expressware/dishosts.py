"""Read `dishosts.conf`, the management node's list of Cluster Nodes and their adapters (versions 3 and 4)."""

import re
from dataclasses import dataclass, field

from tui.expressware.text import brief, plain


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
    """The whole file. `family` is MX, PX, IX or DX as its first line says it, None when it does not."""

    version: int
    family: str | None
    hosts: tuple[DisHost, ...]


VERSIONS = (3, 4)
_NAME = re.compile(r"(?![-.])[A-Za-z0-9_.-]{1,253}")
_FAMILY = re.compile(r"#\s*([A-Z]{2,5})-HARDWARE\b")


@dataclass(slots=True)
class _Draft:
    """What has been read so far, and the line that is being read."""

    number: int = 0
    version: int | None = None
    family: str | None = None
    hosts: dict[str, list[Adapter]] = field(default_factory=dict)

    def error(self, what: str) -> DisHostsError:
        return DisHostsError(f"dishosts.conf, line {self.number}: {what}")

    def whole(self, text: str, what: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text):
            raise self.error(f"the {what} {brief(repr(text))} is not a number")
        return int(text)


def parse_dishosts(content: bytes | str) -> DisHosts:
    """Read the file's content. Raises DisHostsError, which names the line, for a record that makes no sense.

    Comments, socket records and keywords that are not known are passed over: a later version of the file must
    not stop an import. The first line looks like a comment, but tells the hardware family.
    """
    draft = _Draft()
    for number, line in enumerate(plain(content).lstrip("\ufeff").split("\n"), start=1):
        draft.number = number
        if line.lstrip().startswith("#"):
            found = _FAMILY.match(line.lstrip())
            draft.family = draft.family or (found[1] if found else None)
        elif words := line.split():
            _record(draft, words)
    return _finish(draft)


def _record(draft: _Draft, words: list[str]) -> None:
    # "HOSTNAME:name" without a blank is the same record as "HOSTNAME: name".
    keyword, colon, glued = words[0].partition(":")
    values = [glued, *words[1:]] if colon and glued else words[1:]
    if keyword == "DISHOSTVERSION":
        draft.version = draft.whole(values[0] if values else "", "file version")
        if draft.version not in VERSIONS:
            raise draft.error(f"file version {draft.version} is not known; versions 3 and 4 are")
    elif keyword == "HOSTNAME":
        if not values:
            raise draft.error("HOSTNAME: names no host")
        if not _NAME.fullmatch(values[0]):
            raise draft.error(f"{brief(repr(values[0]))} is not a host name")
        if values[0] in draft.hosts:
            raise draft.error(f"host {values[0]} appears twice")
        draft.hosts[values[0]] = []
    elif keyword == "ADAPTER":
        _adapter(draft, values)


def _adapter(draft: _Draft, values: list[str]) -> None:
    if not draft.hosts:
        raise draft.error("ADAPTER: stands before the first HOSTNAME:")
    if len(values) < 4:
        raise draft.error(
            f"ADAPTER: has {len(values)} of its 4 fields (name, node id, adapter number, link width)"
        )
    adapter = Adapter(
        name=values[0],
        node_id=draft.whole(values[1], "node id"),
        number=draft.whole(values[2], "adapter number"),
        width=draft.whole(values[3], "link width"),
        serial=values[4] if len(values) > 4 else None,
    )
    list(draft.hosts.values())[-1].append(adapter)


def _finish(draft: _Draft) -> DisHosts:
    if draft.version is None:
        raise draft.error("the file ends without a DISHOSTVERSION: it is not a dishosts.conf")
    if not draft.hosts:
        raise draft.error("the file ends without a single HOSTNAME: record")
    bare = [name for name, adapters in draft.hosts.items() if not adapters]
    if bare:
        raise draft.error(f"the file ends and host {bare[0]} has no ADAPTER: record")
    hosts = tuple(DisHost(name, tuple(adapters)) for name, adapters in draft.hosts.items())
    return DisHosts(draft.version, draft.family, hosts)
