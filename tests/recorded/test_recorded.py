"""Runs that earlier versions recorded: read, listed, replayed, reported and taken up by this one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.recorded import machines
from tests.recorded.record import SCENES, TAKEN_UP
from tests.rollout.engine_operator import console
from tui.cli.main import main
from tui.journal import read_events, run_directory
from tui.journal.files import EVENTS
from tui.model.fold import fold
from tui.model.states import RunStatus
from tui.report import read_report, render_html, render_json, render_markdown

HERE = Path(__file__).parent
KINDS = tuple(sorted(path.parent.name for path in HERE.glob(f"*/{EVENTS}")))
ENDS = {
    "completed": RunStatus.COMPLETED,
    "completed-with-exceptions": RunStatus.COMPLETED_WITH_EXCEPTIONS,
    "canceled": RunStatus.CANCELED,
    "blocked": RunStatus.BLOCKED,
    "paused-on-error": RunStatus.PAUSED_ON_ERROR,
    "interrupted": RunStatus.RUNNING,
    "paused-by-user": RunStatus.PAUSED_BY_USER,
    "changed-file": RunStatus.PAUSED_ON_ERROR,
    "put-back": RunStatus.PAUSED_BY_USER,
    "left-node": RunStatus.COMPLETED_WITH_EXCEPTIONS,
}
MEANT = {"changed-file": "run.bound", "put-back": "ledger.undone", "left-node": "node.left"}
"""What a kind is kept for, where its end does not say it."""
REMEDIES = {"install-failed": "rerun install"}
SENTENCES = ("verdict", "evidence")
"""Keys of a report whose values are for people, and may come to be worded better."""


def state_with(kind: str, directory: Path) -> tuple[Path, Path]:
    """A state directory with that run, and the run's own one."""
    run_id = fold(read_events(HERE / kind / EVENTS)).run_id
    run = run_directory(directory, "demo", run_id)
    shutil.copytree(HERE / kind, run, ignore=shutil.ignore_patterns(machines.KEPT, "*.toml"))
    return directory, run


def missing(kept: Any, now: Any, where: str = "") -> list[str]:
    """What the kept report has otherwise; more than it has may be there."""
    if isinstance(kept, dict) and isinstance(now, dict):
        facts = kept.keys() - set(SENTENCES)
        return [found for key in facts for found in missing(kept[key], now.get(key), f"{where}.{key}")]
    if isinstance(kept, list) and isinstance(now, list) and len(kept) == len(now):
        pairs = enumerate(zip(kept, now, strict=True))
        return [found for i, (then, here) in pairs for found in missing(then, here, f"{where}[{i}]")]
    return [] if kept == now else [f"{where}: {kept!r} is {now!r} now"]


def test_a_run_of_each_kind_is_kept() -> None:
    assert set(KINDS) == set(SCENES) == set(ENDS)
    assert {kind for kind in KINDS if (HERE / kind / machines.KEPT).is_file()} == set(TAKEN_UP)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_read_and_folded(kind: str, tmp_path: Path) -> None:
    _, directory = state_with(kind, tmp_path)
    events = read_events(directory / EVENTS)
    assert fold(events).status is ENDS[kind]
    assert MEANT.get(kind, "run.created") in {event.type for event in events}


@pytest.mark.parametrize("kind", KINDS)
def test_its_report_says_the_same(kind: str, tmp_path: Path) -> None:
    _, directory = state_with(kind, tmp_path)
    kept = json.loads((HERE / kind / "report.json").read_text())
    report = read_report(directory)
    assert missing(kept, json.loads(render_json(report))) == []
    assert report.verdict in render_markdown(report)
    assert report.run_id in render_html(report)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_listed_and_played_back(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state, directory = state_with(kind, tmp_path)
    assert main(["runs", "--state-dir", str(state), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    kept = json.loads((HERE / kind / "report.json").read_text())
    assert (listed["status"], listed["exit"]) == (kept["status"], kept["exit_code"])
    assert (listed["error"], listed["sentence"]) == (None, read_report(directory).verdict)

    assert main(["replay", listed["run"], "--state-dir", str(state), "--speed", "1000"]) == 0
    played = capsys.readouterr().out
    for output in directory.glob("output/*/*.log"):
        for line in output.read_bytes().decode().split("\n"):
            assert line.rpartition("\r")[2].strip() in played
    assert listed["sentence"] in played


@pytest.mark.parametrize("kind", TAKEN_UP)
async def test_it_is_taken_up_and_finished(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "c"))  # there the cluster file looks for the way to the nodes
    state, directory = state_with(kind, tmp_path / "s")
    before = (directory / EVENTS).read_bytes()
    _, planned = SCENES[kind]
    rehearsal = machines.create(tmp_path / "c", planned(faults={}))
    try:
        machines.lay_over(rehearsal, directory, HERE / kind)
        rehearsal.start()
        async with console(rehearsal, state) as operator:
            assert operator.session.run_dir == directory
            await operator.needed()
            if operator.run.status is RunStatus.PAUSED_BY_USER:
                assert operator.choose("resume").accepted
            assert await operator.finish(REMEDIES) is RunStatus.COMPLETED, operator.run.summary
            operator.check_the_record()
        assert rehearsal.node("px01").installed == rehearsal.plan.target
        installed_again = [line for line in rehearsal.node("px01").log if "--install-node" in line]
        assert len(installed_again) == (kind != "interrupted")
    finally:
        rehearsal.destroy()
    assert (directory / EVENTS).read_bytes().startswith(before)
    assert [promise for promise in read_report(directory).invariants if not promise.holds] == []
