"""Our own directories on a node: used where they are safe and ours, refused elsewhere, never followed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.remote.conftest import Cluster, Connect
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tui.remote import RemoteError

pytestmark = [needs_sshd, pytest.mark.root("files of another owner")]

STRANGER = 65534


@dataclass
class Ground:
    """A node's state directory as somebody has prepared it, and what lies in wait behind a symlink."""

    root: Path
    victim: Path
    state: str = "/var/lib/rollcall"
    words: list[str] = field(default_factory=list)

    def make(self, path: str, mode: int = 0o755, owner: int = 0, group: int = 0) -> Path:
        made = self.root / path.lstrip("/")
        made.mkdir(parents=True, exist_ok=True)
        os.chown(made, owner, group)
        made.chmod(mode)
        return made

    def client(self, path: str, target: Path, owner: int = 0) -> None:
        made = self.root / path.lstrip("/")
        made.parent.mkdir(parents=True, exist_ok=True)
        made.symlink_to(target)
        os.chown(made, owner, owner, follow_symlinks=False)


def by_a_user_below_var_tmp(ground: Ground) -> None:
    """What an ordinary user can do beforehand: the directory is theirs, with a symlink for root to follow."""
    ground.state = "/var/tmp/x"  # that is the point
    ground.make("/var/tmp", 0o1777)
    ground.make("/var/tmp/x", 0o755, STRANGER)
    ground.client("/var/tmp/x/jobs", ground.victim, STRANGER)


def below_a_sticky_directory(ground: Ground) -> None:
    ground.state = "/var/tmp/x"
    ground.make("/var/tmp", 0o1777)


def owned_by_a_user(ground: Ground) -> None:
    ground.make(ground.state, 0o700, STRANGER)


def writable_by_everybody(ground: Ground) -> None:
    ground.make(ground.state, 0o777)


def writable_by_a_group(ground: Ground) -> None:
    ground.make(ground.state, 0o770, 0, STRANGER)


def parent_of_a_user(ground: Ground) -> None:
    ground.make("/var/lib", 0o755, STRANGER)


def symlink_of_a_user(ground: Ground) -> None:
    ground.make("/var/lib")
    ground.client(ground.state, ground.victim, STRANGER)


def symlink_into_a_sticky_directory(ground: Ground) -> None:
    ground.make("/var/lib")
    ground.make("/var/tmp", 0o1777)
    ground.client(ground.state, ground.root / "var/tmp/x")


def jobs_lead_elsewhere(ground: Ground) -> None:
    ground.make(ground.state)
    ground.client(f"{ground.state}/jobs", ground.victim)


def packages_lead_elsewhere(ground: Ground) -> None:
    ground.make(ground.state)
    ground.client(f"{ground.state}/packages", ground.victim)


def sia_leads_elsewhere(ground: Ground) -> None:
    ground.make(ground.state)
    ground.client(f"{ground.state}/sia", ground.victim)


def mark_leads_elsewhere(ground: Ground) -> None:
    ground.make(ground.state)
    ground.client(f"{ground.state}/.rollcall", ground.victim / "precious")


def mark_of_another_cluster(ground: Ground) -> None:
    (ground.make(ground.state) / ".rollcall").write_text("cluster=east\n")


def somebody_elses_directory(ground: Ground) -> None:
    ground.state = "/opt"
    (ground.make("/opt/packages") / "precious").write_text("keep")


def a_file_in_its_place(ground: Ground) -> None:
    ground.make("/var/lib")
    (ground.root / "var/lib/rollcall").write_text("keep")


UNSAFE: tuple[Callable[[Ground], None], ...] = (
    by_a_user_below_var_tmp,
    below_a_sticky_directory,
    owned_by_a_user,
    writable_by_everybody,
    writable_by_a_group,
    parent_of_a_user,
    symlink_of_a_user,
    symlink_into_a_sticky_directory,
    jobs_lead_elsewhere,
    packages_lead_elsewhere,
    sia_leads_elsewhere,
    mark_leads_elsewhere,
    mark_of_another_cluster,
    somebody_elses_directory,
    a_file_in_its_place,
)


def everything(root: Path) -> list[tuple[str, int, int, int, bytes]]:
    """Every file below, with its owner, mode, time and content."""
    found = []
    for path in sorted(root.rglob("*")):
        facts = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found.append((str(path), facts.st_uid, facts.st_mode, facts.st_mtime_ns, content))
    return found


async def refusal(call: Callable[[], object]) -> str:
    """The kind of the refusal that the call meets; empty when it is not refused."""
    try:
        await call()  # type: ignore[misc]
    except RemoteError as error:
        return error.kind
    return ""


def verbs(cluster: Cluster, state: str, local: Path) -> dict[str, Callable[[], object]]:
    client = cluster.client
    return {
        "start": lambda: client.start_job("j", 'echo ran > "$R"/ran'),
        "upload": lambda: client.upload(f"{state}/sia/1/sia.sh", local),
        "clear": client.clear_place,
    }


@pytest.mark.parametrize("prepare", UNSAFE)
async def test_a_place_that_is_not_ours_is_refused_and_left_as_it_is(
    prepare: Callable[[Ground], None], node: OpenSshNode, connect: Connect, tmp_path: Path
) -> None:
    assert node.sysroot is not None
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "precious").write_text("keep")
    ground = Ground(node.sysroot, victim)
    prepare(ground)
    before = everything(node.sysroot), everything(victim)
    async with connect(node, state_dir=ground.state, cluster="west") as cluster:
        calls = verbs(cluster, ground.state, victim / "precious")
        told = {verb: await refusal(call) for verb, call in calls.items()}
    assert told == dict.fromkeys(calls, "unsafe-place")
    assert (everything(node.sysroot), everything(victim)) == before


async def test_a_place_of_roots_own_symlink_is_used_and_left_tidy(
    node: OpenSshNode, connect: Connect, tmp_path: Path
) -> None:
    assert node.sysroot is not None
    ground = Ground(node.sysroot, tmp_path)
    ground.make("/data/lib")
    ground.make("/var")
    ground.client("/var/lib", Path("../data/lib"))
    real = node.sysroot / "data/lib/rollcall"
    async with connect(node, cluster="west") as cluster:
        for call in verbs(cluster, ground.state, Path(__file__)).values():
            assert await refusal(call) == ""
        assert (real / ".rollcall").read_text() == "cluster=west\n"
        assert real.stat().st_mode & 0o777 == 0o700
        assert not (real / "sia").exists(), "cleared"
        while not (await cluster.client.job("j")).ended:
            pass
        await cluster.client.remove_all("j")
    assert not real.exists()


async def test_what_an_earlier_version_made_is_taken_over(
    node: OpenSshNode, connect: Connect, tmp_path: Path
) -> None:
    assert node.sysroot is not None
    ground = Ground(node.sysroot, tmp_path)
    for name in ("jobs", "packages"):
        ground.make(f"{ground.state}/{name}", 0o700)
    async with connect(node, cluster="west") as cluster:
        await cluster.client.start_job("j", "true")
    assert (node.sysroot / "var/lib/rollcall/.rollcall").read_text() == "cluster=west\n"
