"""Looking on: a second console sees everything that the first one does, and can change nothing."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.rigs.waiting import patience, wait_until, wait_until_async
from tests.rollout.engine_operator import cluster, console
from tui.journal import find_runs, read_events
from tui.model import intents as it
from tui.model.states import Health, PauseMode, RunStatus
from tui.model.steps import StepName
from tui.rehearsal import Rehearsal
from tui.rollout.open_run import RunOptions
from tui.rollout.viewer import viewer as looking
from tui.rollout.viewer.recorded_run import RecordedRun
from tui.rollout.viewer.viewer import Viewer


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    with cluster(tmp_path / "c", nodes=1) as made:
        yield made


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(looking, "ASK_EVERY", 0.3)


@asynccontextmanager
async def viewer(rehearsal: Rehearsal, state_dir: Path) -> AsyncIterator[Viewer]:
    options = RunOptions(state_dir=state_dir, front_end="test", read_only=True)
    engine = await Viewer.open(rehearsal.cluster_file, options)
    try:
        yield engine
    finally:
        await engine.close()


def contents(directory: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below a directory, and when it was written."""
    files = (path for path in directory.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def logs(rehearsal: Rehearsal) -> list[list[str]]:
    return [list(rehearsal.node(name).log) for name in rehearsal.plan.machines]


async def test_an_onlooker_sees_the_run_move_and_can_do_nothing(rehearsal: Rehearsal, tmp_path: Path) -> None:
    state = tmp_path / "s"
    async with console(rehearsal, state, pause=PauseMode.EVERY_STEP) as leader:
        await leader.needed()
        async with viewer(rehearsal, state) as engine:
            assert engine.state == leader.run
            heard: list[str] = []
            engine.subscribe(lambda event, _run: heard.append(event.type))

            before, seen = logs(rehearsal), engine.state
            for intent in (
                it.SelectNode(node="px01"),
                it.Pause(),
                it.CancelRun(reason="x"),
                it.AddNote(text="x"),
            ):
                reply = engine.submit(intent)
                assert (reply.accepted, reply.sentence) == (False, "this console is read-only")
            assert (engine.candidates(), engine.choices()) == ((), ())
            assert (engine.read_only, engine.state, logs(rehearsal)) == (True, seen, before)

            assert leader.engine.submit(it.SelectNode(node="px01")).accepted
            await leader.until(lambda run: run.offer is not None)
            await wait_until_async(lambda: engine.state == leader.run)
            offer = engine.state.offer
            assert offer is not None
            assert not engine.submit(it.ConfirmStep(token=offer.offered.token, typed="px01")).accepted
            assert logs(rehearsal) == before, "a viewer's yes started something"
            assert leader.confirm().accepted
            await leader.until(
                lambda run: StepName.STOP_APPLICATIONS in run.nodes["px01"].steps and run.offer is not None
            )
            await wait_until_async(lambda: engine.state == leader.run)
            assert heard == [event.type for event in leader.happened][-len(heard) :]
            assert {"node.selected", "step.offered", "attempt.started", "attempt.ended"} <= set(heard)
            assert engine.events() == tuple(read_events(leader.session.run_dir))
            output = leader.engine.output("px01", StepName.PACKAGES, 1, 0)
            assert engine.output("px01", StepName.PACKAGES, 1, 0) == output != b""
            await wait_until_async(lambda: engine.live("px01").phase == "up")
            advice = engine.advice()
            assert advice.why == f"px01: {StepName.STOP_APPLICATIONS.words} waits for you"
            leads = re.compile(r"only looking at run 20\S+; led by \S+@\S+, process \d+ on ")
            await wait_until_async(lambda: leads.search(engine.advice().next_action))
        assert leader.confirm().accepted, "the leader was disturbed"


async def test_looking_on_writes_nothing(rehearsal: Rehearsal, tmp_path: Path) -> None:
    state = tmp_path / "s"
    async with console(rehearsal, state, pause=PauseMode.EVERY_STEP) as leader:
        await leader.needed()
    here, there = contents(state), logs(rehearsal)
    async with viewer(rehearsal, state) as engine:
        await engine.idle()  # nobody leads
        assert engine.state == leader.run
        assert "nobody leads it now" in engine.advice().next_action
    assert (contents(state), logs(rehearsal)) == (here, there)
    for name in rehearsal.plan.machines:
        assert not (rehearsal.node(name).sysroot / "var/lib/rollcall/lock").exists()


async def test_from_another_machine_the_nodes_are_seen(rehearsal: Rehearsal, tmp_path: Path) -> None:
    async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as leader:
        await leader.needed()
        before = logs(rehearsal)
        async with viewer(rehearsal, tmp_path / "other") as engine:
            await wait_until_async(lambda: all(node.facts for node in engine.state.nodes.values()))
            for node in engine.state.nodes.values():
                assert node.health is Health.ACTIVE
                assert node.facts is not None
                assert node.facts.installed == "5.19.0"
            why = "no run of demo is recorded on this machine; led by "
            await wait_until_async(lambda: engine.advice().why.startswith(why))
            assert f"run {leader.run.run_id}, last heartbeat" in engine.advice().why
            assert engine.events() == ()
            assert engine.plan()
            rehearsal.node("px01").power_off()
            await wait_until_async(lambda: engine.state.nodes["px01"].health is Health.UNREACHABLE, 30)
            assert not engine.submit(it.SelectNode(node="px01")).accepted
        assert logs(rehearsal) == before
    assert not (tmp_path / "other").exists()


async def test_a_run_that_begins_later_is_followed(rehearsal: Rehearsal, tmp_path: Path) -> None:
    state = tmp_path / "s"
    async with viewer(rehearsal, state) as engine:
        await engine.idle()
        assert engine.state.run_id == ""
        assert not state.exists()
        async with console(rehearsal, state, pause=PauseMode.NONE) as leader:
            assert await leader.finish() is RunStatus.COMPLETED
        await engine.idle()
        await wait_until_async(lambda: engine.state == leader.run)


async def test_a_damaged_journal_is_a_sentence(rehearsal: Rehearsal, tmp_path: Path) -> None:
    state = tmp_path / "s"
    async with console(rehearsal, state, pause=PauseMode.EVERY_STEP) as leader:
        await leader.needed()
        async with viewer(rehearsal, state) as engine:
            journal = leader.session.run_dir / "events.jsonl"
            with journal.open("ab") as file:
                file.write(b"nonsense\n")
            await engine.idle()
            assert "is not an event" in engine.broken
            assert engine.advice().why == engine.broken


def look(rehearsal: Rehearsal, state: Path, *more: str) -> subprocess.Popen[str]:
    words = ("run", str(rehearsal.cluster_file), "--plain", "--read-only", "--state-dir", str(state), *more)
    command = [sys.executable, "-m", "tui", *words]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


async def test_an_onlooker_that_breaks_says_where(
    rehearsal: Rehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(_recorded: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    async with viewer(rehearsal, tmp_path / "s") as engine:
        monkeypatch.setattr(RecordedRun, "read", trip)
        await wait_until_async(lambda: engine.broken)
        await engine.idle()
        told = engine.broken
        assert engine.advice().why == told
    (kept,) = [path for path in contents(tmp_path) if "rollcall-crash-" in path]
    fault = "a fault in Rollcall itself (RuntimeError)"
    assert told == f"Rollcall's viewer stopped: {fault}; where it happened is in {kept}"
    assert b"in trip" in contents(tmp_path)[kept][0]


def test_line_by_line_the_leader_is_followed_until_it_leaves(rehearsal: Rehearsal, tmp_path: Path) -> None:
    state = tmp_path / "s"
    lead = [
        sys.executable,
        "-m",
        "tui",
        "run",
        str(rehearsal.cluster_file),
        "--plain",
        "--state-dir",
        str(state),
    ]
    leader = subprocess.Popen(lead, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    wait_until(lambda: find_runs(state), 60)
    (run,) = find_runs(state)
    lookers = [look(rehearsal, state), look(rehearsal, state, "--json"), look(rehearsal, tmp_path / "other")]
    said = ["", "", ""]
    for index, looker in enumerate(lookers):
        assert looker.stdout is not None
        said[index] = looker.stdout.readline()
    leader.send_signal(signal.SIGTERM)
    leader.communicate(timeout=30 * patience())
    for index, looker in enumerate(lookers):
        assert looker.stdout is not None
        said[index] += looker.stdout.read()
        looker.communicate(timeout=60 * patience())
        assert looker.returncode == 4, said[index]
    assert "Stopped here: this was a look only (--read-only)." in said[0]
    told = [json.loads(line) for line in said[1].splitlines()]
    events = [line for line in told if "seq" in line]
    journal = (run.directory / "events.jsonl").read_text().splitlines()
    assert [json.dumps(event, separators=(",", ":")) for event in events] == journal
    assert told[-1]["resume"] == ""
    assert "px01: is active" in said[2]
    assert "px01: 5.19.0 on disk, 5.19.0 loaded" in said[2]
    assert "no run of demo is recorded on this machine" in said[2]
    assert not (tmp_path / "other").exists()
