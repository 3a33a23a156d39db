"""A cluster file out of ``dishosts.conf``, the list that the management node keeps."""

from __future__ import annotations

import json
from pathlib import Path

from ClusterShell.NodeSet import NodeSet

from tui.expressware.dishosts import DisHosts, DisHostsError, parse_dishosts
from tui.journal.files import replace_file
from tui.model.clusterfile import parse_cluster_file
from tui.plain.errors import UsageError


def import_dishosts(source: Path, target: Path | None) -> str:
    """The cluster file's text; written to ``target`` when that is given and does not exist yet.

    Raises UsageError, OSError.
    """
    try:
        text = cluster_file(parse_dishosts(source.read_bytes()), source)
    except DisHostsError as error:
        where = str(error).removeprefix("dishosts.conf")
        raise UsageError(f"{source}{where}." if where != str(error) else f"{source}: {error}.") from None
    parse_cluster_file(text, str(target or source))  # what is handed out can be read back
    if target is not None:
        if target.exists():
            raise UsageError(f"{target} exists already; write to another file.")
        replace_file(target, text.encode())
    return text


def cluster_file(hosts: DisHosts, source: Path) -> str:
    """What the list knows, with the operator's part marked."""
    names = str(NodeSet.fromlist([host.name for host in hosts.hosts]))
    family = hosts.family or "PX"
    origin = ascii(str(source))[1:-1]
    guess = "" if hosts.family else "   # not in the list: check it"
    return f"""# From {origin}. Fill in [target]; every key is explained in config/cluster.toml.
[cluster]
name = "cluster"
family = {json.dumps(family)}{guess}
nodes = {json.dumps(names)}
# management_node = "..."
# update_management = "last"

[target]
version = "0.0.0"
sia = "/srv/dolphin/Dolphin_eXpressWare-0.0.0.sh"
rolling_from = []   # what the release notes of the target allow, such as "5.20.*"
"""
