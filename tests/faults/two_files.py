"""Cluster files of one and the same cluster that differ in whatever could part two consoles."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tui.rehearsal import Rehearsal

Edit = Callable[[str, Rehearsal], str]


def _nodes(text: str, names: str) -> str:
    return re.sub(r"(?m)^nodes = .*$", f"nodes = {names!r}", text)


def _without_management(text: str, _: Rehearsal) -> str:
    text = re.sub(r"(?m)^(management_node|update_management) = .*\n", "", text)
    return re.sub(r"(?ms)^\[view\]\n(?:[a-z]+ = [^\n]*\n)+", "", text)


def _aliases(text: str, rehearsal: Rehearsal) -> str:
    """The nodes by their full names, which ssh_config knows, too."""
    ours = rehearsal.cluster_file.with_name("ssh_config")
    aliases = re.sub(r"(?m)^Host (px\d+)$", r"Host \1 \1.site.example", ours.read_text())
    beside = ours.with_name("ssh_config.aliases")
    beside.write_text(aliases)
    text = text.replace(str(ours), str(beside))
    return _nodes(text, ",".join(f"{name}.site.example" for name in rehearsal.plan.nodes))


def _named(text: str, _: Rehearsal) -> str:
    return re.sub(r"(?m)^name = .*$", 'name = "another"', text, count=1)


FILES: dict[str, Edit] = {
    "the same": lambda text, _: text,
    "no management_node": _without_management,
    "another order": lambda text, _: _nodes(text, "px02,px01"),
    "another name": _named,
    "another paths.state": lambda text, _: f'{text}\n[paths]\nstate = "/var/opt/rollcall"\n',
    "host aliases": _aliases,
    "only px01": lambda text, _: _nodes(text, "px01"),
    "only px02": lambda text, _: _nodes(text, "px02"),
    "only px01, no management_node": lambda text, r: _nodes(_without_management(text, r), "px01"),
    "only px02, no management_node": lambda text, r: _nodes(_without_management(text, r), "px02"),
}
"""By what differs. The last two share no machine: only the nodes' own ``dishosts.conf`` tells of it."""


def disjoint(one: str, other: str) -> bool:
    """Whether two files have no machine in common."""
    halves = {name[:9] for name in (one, other) if name.startswith("only")}
    return halves == {"only px01", "only px02"} and any("no management" in name for name in (one, other))


def written(rehearsal: Rehearsal, directory: Path) -> dict[str, Path]:
    """Every file, on disk."""
    directory.mkdir()
    text = rehearsal.cluster_file.read_text()
    paths = {}
    for number, (name, edit) in enumerate(FILES.items()):
        paths[name] = directory / f"{number}.toml"
        paths[name].write_text(edit(text, rehearsal))
    return paths
