"""A run is bound to what it began with: a cluster file that was changed in between is compared."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.rigs.waiting import patience
from tests.rollout.engine_operator import Operator, cluster, console
from tui.journal import find_runs, read_events
from tui.model import intents as it
from tui.model.states import Health, PauseMode, Progress, RunStatus
from tui.rehearsal import Rehearsal
from tui.rollout.open_run import OpeningError, OpenRun, RunOptions


class Clerk:
    """Agrees, or not, to what has changed; remembers what was shown."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def __call__(self, _cluster: str, changes: tuple[str, ...]) -> bool:
        self.asked += changes
        return self.answer


@asynccontextmanager
async def taken_up(
    rehearsal: Rehearsal, state_dir: Path, clerk: Clerk | None = None
) -> AsyncIterator[Operator]:
    options = RunOptions(state_dir=state_dir, front_end="test", agree=clerk)
    async with await OpenRun.open(rehearsal.cluster_file, options) as session:
        yield Operator(session, rehearsal)


def edit(rehearsal: Rehearsal, *changes: tuple[str, str]) -> None:
    """Replace in the cluster file, by regular expression."""
    text = rehearsal.cluster_file.read_text()
    for pattern, new in changes:
        text, count = re.subn(pattern, new.replace("\\", "\\\\"), text, flags=re.MULTILINE)
        assert count, f"{pattern} is not in the file"
    rehearsal.cluster_file.write_text(text)


def said(operator: Operator) -> str:
    """What the journal has about the file."""
    found = [e for e in read_events(operator.session.run_dir / "events.jsonl") if e.type == "run.bound"]
    return str(found[-1].data)


async def with_px01_out(rehearsal: Rehearsal, state_dir: Path) -> None:
    """px01's installation fails, and it is skipped: its ledger lines are open when the console leaves."""
    async with console(rehearsal, state_dir, pause=PauseMode.NONE) as operator:
        await operator.finish()
        assert (operator.run.current, operator.run.status) == ("px01", RunStatus.PAUSED_ON_ERROR)
        assert operator.engine.submit(it.Pause()).accepted is False
        assert operator.choose("skip px01").accepted
        assert operator.engine.submit(it.Pause()).accepted
        assert operator.run.still_out("px01")


def stopped(rehearsal: Rehearsal, node: str) -> bool:
    return any("stop" in line for line in rehearsal.node(node).log)


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Rehearsal]:
    """Two nodes without a cluster view, and px01 will not be installed."""
    with cluster(tmp_path / "c", management=None, faults={"px01": "install-fails"}) as rehearsal:
        yield rehearsal


async def test_a_node_that_leaves_the_file_while_it_is_out_still_counts(
    out: Rehearsal, tmp_path: Path
) -> None:
    await with_px01_out(out, tmp_path / "s")
    edit(out, (r"^nodes = .*$", 'nodes = "px02"'))
    async with taken_up(out, tmp_path / "s") as operator:
        await operator.needed()
        assert "px01" in operator.run.nodes
        operator.choose("resume")
        await operator.engine._monitor.look_now()
        assert not operator.engine.submit(it.SelectNode(node="px02")).accepted
        assert not operator.engine.candidates()[0].eligible
        assert "px01 is out by this run" in operator.engine.candidates()[0].why
        assert not stopped(out, "px02")
        assert "px01" in said(operator)
        assert operator.run.still_out("px01")


async def test_it_counts_until_a_person_types_that_it_has_left(out: Rehearsal, tmp_path: Path) -> None:
    await with_px01_out(out, tmp_path / "s")
    edit(out, (r"^nodes = .*$", 'nodes = "px02"'))
    async with taken_up(out, tmp_path / "s") as operator:
        await operator.needed()
        words = next(c for c in operator.engine.choices() if c.word == "px01 has left the cluster")
        assert words.dangerous
        assert "services" in words.sentence
        gone = it.LeftCluster(node="px01", reason="scrapped", typed="px02")
        assert operator.engine.submit(gone).sentence == "type px01 to say that it has left the cluster"
        inside = it.LeftCluster(node="px02", reason="scrapped", typed="px02")
        assert "stands in the cluster file" in operator.engine.submit(inside).sentence
        assert operator.engine.submit(gone.model_copy(update={"typed": "px01"})).accepted
        assert not operator.run.open_ledger
        operator.choose("resume")
        assert await operator.finish() is RunStatus.COMPLETED_WITH_EXCEPTIONS
        assert operator.run.nodes["px02"].progress is Progress.UPDATED
        assert "not updated: px01" in operator.run.summary


async def test_a_run_with_something_out_outlives_its_file(out: Rehearsal, tmp_path: Path) -> None:
    await with_px01_out(out, tmp_path / "s")
    text = out.cluster_file.read_text()
    for damage in (None, b"\xff\xfe", b"[cluster]\nname = 'demo'\n"):
        out.cluster_file.unlink(missing_ok=True)
        if damage is not None:
            out.cluster_file.write_bytes(damage)
        async with taken_up(out, tmp_path / "s") as operator:
            await operator.needed()
            assert operator.engine.config.nodes == ("px01", "px02")
            assert operator.run.still_out("px01")
            assert "something is out, so the run goes on with what it began with" in said(operator)
    with pytest.raises(OpeningError, match="still has out of service"):
        await OpenRun.open(out.cluster_file, RunOptions(state_dir=tmp_path / "s", front_end="test", new=True))
    assert len(find_runs(tmp_path / "s")) == 1
    out.cluster_file.write_text(text)


async def test_another_name_and_place_leave_the_run_where_it_is(out: Rehearsal, tmp_path: Path) -> None:
    await with_px01_out(out, tmp_path / "s")
    first = find_runs(tmp_path / "s")[0]
    edit(out, (r'^name = "demo"', 'name = "other"'), (r"\Z", '\n[paths]\nstate = "/var/lib/elsewhere"\n'))
    async with taken_up(out, tmp_path / "s") as operator:
        await operator.needed()
        assert operator.run.run_id == first.run_id
        assert operator.engine.config.paths.state == "/var/lib/rollcall"
        assert operator.run.bound is not None
        kept = {changed.key: changed.taken for changed in operator.run.bound.changed}
        assert kept == {"cluster.name": False, "paths.state": False}
    assert [record.run_id for record in find_runs(tmp_path / "s")] == [first.run_id]


async def test_what_needs_agreement_is_asked_once_and_by_no_option(out: Rehearsal, tmp_path: Path) -> None:
    await with_px01_out(out, tmp_path / "s")
    edit(out, (r"^stable_samples = 3", "stable_samples = 2"))
    with pytest.raises(OpeningError, match=r"policy\.stable_samples: 3 -> 2") as refused:
        await OpenRun.open(out.cluster_file, RunOptions(state_dir=tmp_path / "s", front_end="test"))
    assert refused.value.exit_code == 4
    for clerk, samples in ((Clerk(False), 3), (Clerk(True), 2)):
        async with taken_up(out, tmp_path / "s", clerk) as operator:
            assert clerk.asked == ["policy.stable_samples: 3 -> 2"]
            assert operator.engine.config.policy.stable_samples == samples
    async with taken_up(out, tmp_path / "s") as operator:
        assert operator.engine.config.policy.stable_samples == 2


async def test_another_way_to_a_node_has_to_lead_to_the_same_machine(out: Rehearsal, tmp_path: Path) -> None:
    await with_px01_out(out, tmp_path / "s")
    async with taken_up(out, tmp_path / "s") as operator:
        ports = {name: operator.engine._fleet.client(name).endpoint.port for name in ("px01", "px02")}
    edit(out, (r"\Z", f"\n[node.px02]\nport = {ports['px01']}\n"))
    async with taken_up(out, tmp_path / "s") as operator:
        client = operator.engine._fleet.client("px02")
        async with asyncio.timeout(60 * patience()):
            while client.state.phase != "refused":
                await client.next_change()
        await operator.until(lambda run: run.nodes["px02"].health is Health.UNREACHABLE)
        assert not any(candidate.eligible for candidate in operator.engine.candidates())
    edit(out, (r"^port = .*$", f"port = {ports['px02']}"))
    async with taken_up(out, tmp_path / "s") as operator:
        await operator.engine._fleet.client("px02").connected(60)
