"""What a run left on its simulated machines: kept as the difference from new ones, laid over them later."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path
from typing import Any

from tests.rollout.engine_operator import PACE
from tui.rehearsal import Plan, Rehearsal, sandbox
from tui.rehearsal.layout import Layout

KEPT = "machines.tar.xz"
SIA = "sia.sh"
_REMOVED = "removed"
_PACKAGES = "packages"
_OTHERWISE_WRITTEN = ("control/settings", "control/log", "root/run/rollcall")
"""They hold paths of this machine, or (the last one) vanish with a restart."""


def plan(nodes: int, pace: float = PACE, **more: Any) -> Plan:
    """Recorded and taken up with the same one: names and machine ids follow from it."""
    return Plan(nodes=tuple(f"px{number:02}" for number in range(1, nodes + 1)), pace=pace, **more)


def create(directory: Path, plan: Plan) -> Rehearsal:
    """A new rehearsal, not started, that has an archive without a payload and is reached through ``~``."""
    payload, sandbox.PAYLOAD_BYTES = sandbox.PAYLOAD_BYTES, 0
    try:
        made = Rehearsal.create(directory, plan)
    finally:
        sandbox.PAYLOAD_BYTES = payload
    text = made.cluster_file.read_text()
    for kept in ("ssh_config", "known_hosts"):
        text = text.replace(str(directory.resolve() / kept), f"~/{kept}")
    made.cluster_file.write_text(text)
    return made


def keep(rehearsal: Rehearsal, new: Rehearsal, run: Path, place: Path) -> None:
    """Write down how the machines differ from those of a new rehearsal by the same plan, and the packages."""
    then, now = _files(new), _files(rehearsal)
    with tarfile.open(place / KEPT, "w:xz") as archive:
        for name in sorted(now):
            if name not in then or now[name] != then[name]:
                archive.add(rehearsal.directory / "nodes" / name, name, recursive=False)
        archive.add(run / _PACKAGES, _PACKAGES)
        removed = "\n".join(sorted(then.keys() - now.keys(), reverse=True)).encode()
        entry = tarfile.TarInfo(_REMOVED)
        entry.size = len(removed)
        archive.addfile(entry, io.BytesIO(removed))


def lay_over(rehearsal: Rehearsal, run: Path, place: Path) -> None:
    """Bring the machines of a new rehearsal to where the recorded ones were; the packages go to the run."""
    nodes = rehearsal.directory / "nodes"
    sia = (place.parent / SIA).read_bytes()
    with tarfile.open(place / KEPT) as archive:
        archive.extractall(nodes, filter="tar")
    for name in (nodes / _REMOVED).read_text().splitlines():
        gone = nodes / name
        shutil.rmtree(gone) if gone.is_dir() and not gone.is_symlink() else gone.unlink(missing_ok=True)
    (nodes / _REMOVED).unlink()
    shutil.move(nodes / _PACKAGES, run)
    for name in rehearsal.nodes:
        (nodes / name / "control/power").write_text("up\n")  # else the start would be another boot
        (nodes / name / "root" / rehearsal.plan.sia_path.lstrip("/")).write_bytes(sia)
    shutil.copy(place / "cluster.toml", rehearsal.cluster_file)
    Layout(rehearsal.directory).ports.unlink()  # known_hosts is then written anew


def _files(rehearsal: Rehearsal) -> dict[str, tuple[int, bytes]]:
    """Type and content of everything below the machines' directories."""
    nodes = rehearsal.directory / "nodes"
    found = {}
    for path in nodes.rglob("*"):
        name = path.relative_to(nodes)
        if "/".join(name.parts[1:]).startswith(_OTHERWISE_WRITTEN):
            continue
        status = path.lstat()
        content = str(path.readlink()).encode() if path.is_symlink() else b""
        found[str(name)] = (status.st_mode, path.read_bytes() if path.is_file() else content)
    return found
