"""Every file of ours on a node, missing, foreign, a symlink, or as it was yesterday: a real sshd, a real job.

A job that changes the node has begun, and something happens to a file. Then the console asks as after a lost
answer: look, start under the same terms, look again, clear up.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.tally import ALL, ROWS, Row
from tests.remote.conftest import Cluster, Connect, connect, make_node, node
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tui.remote import ChangeResult, Done, JobStatus, RemoteError, StartTerms

__all__ = ["connect", "make_node", "node"]

pytestmark = [needs_sshd, pytest.mark.root("files of another owner")]

ROW = Row("a file of ours on a node", "each file x missing, foreign, symlink, yesterday's; running and ended")

STRANGER = 65534
STATE, RUN = "var/lib/rollcall", "run/rollcall"
FILES = (
    *(f"{STATE}/jobs/j/{name}" for name in ("script", "supervise", "started", "pgid", "rc", "out", "lock")),
    f"{STATE}/jobs/j",
    f"{STATE}/jobs",
    f"{STATE}/packages",
    f"{STATE}/sia",
    f"{STATE}/.rollcall",
    STATE,
    f"{RUN}/last",
    f"{RUN}/node.lock",
    f"{RUN}/claim",
    RUN,
)


@dataclass
class Scene:
    """One node, and how its files were yesterday: before the job was begun."""

    root: Path
    yesterday: Path
    victim: Path

    def path(self, file: str) -> Path:
        return self.root / file

    def take_away(self, file: str) -> None:
        path = self.path(file)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def missing(scene: Scene, file: str) -> None:
    scene.take_away(file)


def foreign(scene: Scene, file: str) -> None:
    """It belongs to an ordinary user, with words that would suit them."""
    path = scene.path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    if file in (STATE, RUN) or file.endswith(("/j", "/jobs", "/packages", "/sia")):
        path.mkdir(exist_ok=True)
    else:
        path.write_text("0\n")
    os.chown(path, STRANGER, STRANGER)


def symlink(scene: Scene, file: str) -> None:
    """It leads to something that must not be written to."""
    scene.take_away(file)
    scene.path(file).parent.mkdir(parents=True, exist_ok=True)
    directory = file in (STATE, RUN) or file.endswith(("/j", "/jobs", "/packages", "/sia"))
    target = scene.victim / ("directory" if directory else "file")
    scene.path(file).symlink_to(target)
    os.chown(scene.path(file), STRANGER, STRANGER, follow_symlinks=False)


def yesterdays(scene: Scene, file: str) -> None:
    """Somebody restores a backup from before the job."""
    scene.take_away(file)
    old = scene.yesterday / file
    if old.is_dir():
        shutil.copytree(old, scene.path(file))
    elif old.exists():
        shutil.copy2(old, scene.path(file))


CHANGES: tuple[Callable[[Scene, str], None], ...] = (missing, foreign, symlink, yesterdays)
MOMENTS = ("running", "ended")
EVERY = tuple(itertools.product(MOMENTS, CHANGES, FILES))
FEW_FILES = (f"{STATE}/jobs/j", f"{STATE}/jobs/j/rc", f"{STATE}/jobs/j/started", f"{RUN}/last", STATE)
FEW = tuple(case for case in EVERY if case[2] in FEW_FILES and case[0] == "ended")


def content(directory: Path) -> list[tuple[str, int, bytes]]:
    return [
        (str(path), path.stat().st_uid, path.read_bytes() if path.is_file() else b"")
        for path in sorted(directory.rglob("*"))
    ]


async def asked(question: Awaitable[JobStatus]) -> JobStatus | None:
    """None: a refusal, which tells a person and ends nothing."""
    try:
        return await question
    except RemoteError:
        return None


class Trial:
    """A job on a node, one change, and every question that a console would ask then."""

    def __init__(self, node: OpenSshNode, tmp_path: Path) -> None:
        assert node.sysroot is not None
        self._root = node.sysroot
        self._victim = tmp_path / "victim"
        (self._victim / "directory").mkdir(parents=True)
        (self._victim / "directory/precious").write_text("keep")
        (self._victim / "file").write_text("keep")
        self._yesterday = tmp_path / "yesterday"
        self._ran = self._root / "ran"

    async def begin(self, cluster: Cluster, moment: str) -> None:
        """Until the job runs, or has ended, with exit code 7."""
        ground = await cluster.client.prepare()
        for name in ("packages", "sia"):
            (self._root / STATE / name).mkdir(mode=0o700)
        shutil.copytree(self._root, self._yesterday, dirs_exist_ok=True)
        self.terms = StartTerms(ground.last, ground.boot_id, ground.uptime + 60)
        wait = "" if moment == "ended" else 'until [ -e "$R/go" ]; do sleep 0.05; done; '
        self._script = f'echo ran >> "$R"/ran; {wait}exit 7'
        started = await cluster.client.ended.start_job("j", self._script, terms=self.terms)
        assert isinstance(started, Done)
        while (await cluster.client.job("j")).state != ("exited" if moment == "ended" else "running"):
            pass
        while not self._ran.exists():
            await cluster.client.job("j")

    def change(self, how: Callable[[Scene, str], None], file: str) -> None:
        how(Scene(self._root, self._yesterday, self._victim), file)

    async def ask_everything(self, cluster: Cluster, moment: str, row: Row) -> None:
        before = content(self._victim)
        looks = [await asked(cluster.client.job("j"))]
        again: ChangeResult[JobStatus] = await cluster.client.ended.start_job(
            "j", self._script, terms=self.terms, patience=20.0
        )
        looks += [again.value if isinstance(again, Done) else None, await asked(cluster.client.job("j"))]
        await cluster.client.ended.clear_place(patience=20.0)
        (self._root / "go").touch()
        row.double_starts += self.times() - 1
        assert self.times() == 1, f"run {self.times()} times"
        for look in looks:
            if look is not None and look.state == "exited":
                row.wrong_states += look.exit_code != 7
                assert look.exit_code == 7, f"a false end: {look}"
                assert moment == "ended" or look.state != "exited", look
        row.wrong_states += content(self._victim) != before
        assert content(self._victim) == before, "somebody else's files were written to"

    def times(self) -> int:
        return len(self._ran.read_text().split())


@pytest.mark.parametrize(("moment", "how", "file"), EVERY if ALL else FEW)
async def test_no_file_of_ours_starts_a_job_twice_or_ends_it_wrongly(
    moment: str,
    how: Callable[[Scene, str], None],
    file: str,
    node: OpenSshNode,
    connect: Connect,
    tmp_path: Path,
) -> None:
    if ROW not in ROWS:
        ROWS.append(ROW)
    ROW.cases += 1
    trial = Trial(node, tmp_path)
    async with connect(node, cluster="west") as cluster:
        await trial.begin(cluster, moment)
        trial.change(how, file)
        await trial.ask_everything(cluster, moment, ROW)
