"""A run is bound to what it began with: a cluster file that was changed in between is compared."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.rollout.desk_operator import Operator, cluster, console
from tui.journal import read_events
from tui.model import intents as it
from tui.model.states import PauseMode, RunStatus
from tui.rehearsal import Rehearsal
from tui.rollout.session import Session, Wish


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
    wish = Wish(state_dir=state_dir, front_end="test", agree=clerk)
    async with await Session.open(rehearsal.cluster_file, wish) as session:
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
        assert "px01 is out-by-run" in operator.engine.candidates()[0].why
        assert not stopped(out, "px02")
        assert "px01" in said(operator)
        assert operator.run.still_out("px01")
