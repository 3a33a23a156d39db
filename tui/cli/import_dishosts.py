"""A cluster file out of ``dishosts.conf``, the list that the management node keeps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ClusterShell.NodeSet import NodeSet

from tui.cli.errors import UsageError
from tui.expressware.dishosts import STAND_INS, DisHosts, DisHostsError, parse_dishosts
from tui.journal.files import replace_file
from tui.model.clusterfile import FAMILIES, NOT_KNOWN_YET, parse_cluster_file
from tui.model.names import is_address
from tui.text.sanitize import sanitize


@dataclass(frozen=True, slots=True)
class Imported:
    """A cluster file's text, and what its reader has to look at, as sentences without a full stop."""

    text: str
    warnings: tuple[str, ...]


def import_dishosts(source: Path, target: Path | None) -> Imported:
    """The cluster file; written to ``target`` when that is given and does not exist yet.

    Raises UsageError, OSError.
    """
    try:
        imported = cluster_file(parse_dishosts(source.read_bytes()), source)
    except DisHostsError as error:
        where = str(error).removeprefix("dishosts.conf")
        raise UsageError(f"{source}{where}." if where != str(error) else f"{source}: {error}.") from None
    parse_cluster_file(imported.text, str(target or source))  # what is handed out can be read back
    if target is not None:
        if target.exists():
            raise UsageError(f"{target} exists already; write to another file.")
        replace_file(target, imported.text.encode())
    return imported


def cluster_file(hosts: DisHosts, source: Path) -> Imported:
    """What the list knows, with the operator's part marked. Raises UsageError when it names no machine."""
    listed = [host.name for host in hosts.hosts]
    addresses = [name for name in listed if is_address(name)]
    stand_ins = [name for name in listed if name.upper() in STAND_INS]
    names = [name for name in listed if name not in addresses and name not in stand_ins]
    kept, changed = _kept(hosts)
    warnings = [*hosts.warnings, *changed, *_left_out(addresses, stand_ins)]
    if not names:
        raise UsageError(f"{source}: {'; '.join(_left_out(addresses, stand_ins))}.")
    family, note = hosts.family or "PX", "" if hosts.family else "   # not in the list: check it"
    if family not in FAMILIES:
        warnings.append(f"it says {family}-HARDWARE, which is not known: check family, which now says PX")
        family, note = "PX", f"   # the list says {family}: check it"
    origin = ascii(str(source))[1:-1]
    remarks = "".join(f"# Look at this: {warning}.\n" for warning in warnings)
    by_address = "".join(
        f'# [node.NAME]   # and NAME into cluster.nodes\n# host = "{a}"\n' for a in addresses
    )
    text = f"""# From {origin}. Fill in [target]; every key is explained in config/cluster.toml.
{remarks}[cluster]
name = "cluster"
family = {json.dumps(family)}{note}
nodes = {json.dumps(str(NodeSet.fromlist(names)))}
# management_node = "..."
# update_management = "last"

[target]
version = "{NOT_KNOWN_YET}"   # not known yet: the version to update to
sia = "/srv/dolphin/Dolphin_eXpressWare-{NOT_KNOWN_YET}.sh"
rolling_from = []   # what the release notes of the target allow, such as "5.20.*"
"""
    parts = (text, by_address, kept)
    return Imported("\n".join(part for part in parts if part), tuple(warnings))


def _kept(hosts: DisHosts) -> tuple[str, list[str]]:
    """The list itself as a table of the cluster file, and what of it could not be kept as it is."""
    lines = [sanitize(line) for line in hosts.lines]
    pairs = enumerate(zip(lines, hosts.lines, strict=True), start=1)
    changed = [
        f"line {number} has control characters or invisible ones, which were not kept"
        for number, (kept, written) in pairs
        if kept != written
    ]
    if any("\ufffd" in line for line in lines):
        changed.append("it has bytes that are not UTF-8, which were not kept: keep the file itself, too")
    adapters = [adapter for host in hosts.hosts for adapter in host.adapters]
    ids = ", ".join(str(number) for number in sorted({adapter.node_id for adapter in adapters}))
    counts = (
        f"hosts: {len(hosts.hosts)}; adapters: {len(adapters)}; records of SuperSockets: {len(hosts.sockets)}"
    )
    body = "".join(f"  {json.dumps(line, ensure_ascii=False)},\n" for line in lines)
    head = f"[interconnect]\n# {counts}; NodeIds: {ids or 'none'}\n"
    return f"{head}dishosts = [   # every line, word for word\n{body}]\n", changed


def _left_out(addresses: list[str], stand_ins: list[str]) -> list[str]:
    """Hosts that are no names of machines, and what to do about them."""
    words = []
    if addresses:
        words.append(
            f"it has hosts by address only ({', '.join(addresses)}), which cannot be compared with what they "
            f'call themselves: write their host names into cluster.nodes, and host = "{addresses[0]}" below '
            "[node.NAME]"
        )
    if stand_ins:
        words.append(
            f"{' and '.join(stand_ins)} stands for the machine that the file lies on, and is no node's name: "
            "write the host names into cluster.nodes"
        )
    return words
