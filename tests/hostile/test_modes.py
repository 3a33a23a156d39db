"""Files 0600 and directories 0700, here and on the nodes, whatever the umask of who starts it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.plain.terminals import ROOT, rollcall
from tests.remote.conftest import Connect, connect, make_node, make_sysroot
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.state import state
from tests.rigs.waiting import patience
from tui.remote.claim import NodeClaim

__all__ = ["connect", "make_node", "state"]
LAX = ["/bin/sh", "-c", 'umask 0; exec "$@"', "sh"]


def open_to_others(place: Path, *apart: str) -> list[str]:
    """What from ``place`` on is not the owner's only; what lies below ``apart`` is passed over."""
    found = []
    for path in (place, *place.rglob("*")):
        if path.is_symlink() or any(part in path.relative_to(place).as_posix() for part in apart):
            continue
        mode = path.stat().st_mode & 0o777
        if mode & 0o077:
            found.append(f"{path.relative_to(place)} {mode:o}")
    return found


def test_a_run_that_stops_half_way_under_a_lax_umask(state: Path) -> None:
    """Journal, outputs, locks, reports, package cache, the demo's keys; and Rollcall's files on the node."""
    command = rollcall("demo", "--plain", "--yes", "--nodes", "1", "--pace", "60")
    command += ["--fault", "px01=start-fails"]
    done = subprocess.run(
        [*LAX, *command, "--state-dir", str(state)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120 * patience(),
        check=False,
    )
    assert done.returncode == 3, done.stdout + done.stderr
    # the simulated machines' own file systems have the modes that real ones have
    assert open_to_others(state, "demo/nodes/") == []
    written = {path.name for path in state.rglob("*")}
    assert written >= {"events.jsonl", "events.head", "lock", "report.html", "report.json"}
    assert written >= {"manifest.json", "known_hosts", "ssh_config"}
    ours = state / "demo/nodes/px01/root/var/lib/rollcall"
    # what the SIA writes into its directory is its own, and behind a directory that is not
    assert open_to_others(ours, "_RPMS") == []
    assert {path.name for path in ours.iterdir()} >= {"jobs", "packages"}


@needs_sshd
async def test_what_is_left_on_a_node_whose_sshd_has_a_lax_umask(tmp_path: Path, connect: Connect) -> None:
    node = OpenSshNode(tmp_path / "rig", "px01", make_sysroot(tmp_path / "root"), wrapper=LAX)
    node.start()
    archive = tmp_path / "sia.sh"
    archive.write_bytes(b"x" * 1000)
    archive.chmod(0o666)
    try:
        async with connect(node) as cluster:
            client = cluster.client
            await client.connected(30)
            lock = NodeClaim(client)
            await lock.take("ab12", {"who": "anna"}, patience=30)
            # in each order: whichever comes first makes the directories
            await client.upload("/var/lib/rollcall/sia/1/sia.sh", archive)
            await client.start_job("j", "umask; id -u")
            await client.download("/var/lib/rollcall/sia/1/sia.sh", tmp_path / "copy")
    finally:
        node.stop()
    ours = tmp_path / "root/var/lib/rollcall"
    assert {"sia", "jobs"} <= {path.name for path in ours.iterdir()}
    assert open_to_others(ours) == []
    claimed = tmp_path / "root/run/rollcall"
    assert {"claim", "claim.lock", "beat"} <= {path.name for path in claimed.iterdir()}
    assert open_to_others(claimed) == []
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600


@needs_sshd
async def test_an_upload_makes_its_directories_private(tmp_path: Path, connect: Connect) -> None:
    node = OpenSshNode(tmp_path / "rig", "px01", make_sysroot(tmp_path / "root"), wrapper=LAX)
    node.start()
    try:
        async with connect(node) as cluster:
            await cluster.client.upload("/var/lib/rollcall/sia/1/sia.sh", Path(__file__))
    finally:
        node.stop()
    assert open_to_others(tmp_path / "root/var/lib/rollcall") == []
