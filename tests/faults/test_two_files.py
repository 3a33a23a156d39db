"""Two consoles with two cluster files for one cluster: never two that lead it, never two nodes out.

Where a claim lies does not depend on any file, so two files that share a machine meet there. A pair that
shares none is found through what the nodes themselves say of their cluster.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.tally import ALL, ROWS, Row
from tests.faults.two_files import FILES, disjoint, written
from tests.rigs.waiting import wait_until_async
from tests.rollout.engine_operator import cluster
from tui.cli.errors import told
from tui.journal import LockHeldError
from tui.model.run import Run
from tui.model.states import PauseMode, RunStatus
from tui.rehearsal import Rehearsal
from tui.rollout.open_run import OpenRun, RunOptions

PAIRS = list(itertools.product(FILES, repeat=2))
MEETING = [pair for pair in PAIRS if not disjoint(*pair)]
CHOSEN = PAIRS if ALL else PAIRS[3::9]


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Two nodes and a management node."""
    with cluster(tmp_path_factory.mktemp("cluster"), nodes=2) as made:
        yield made


@pytest.fixture(scope="module")
def files(rehearsal: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return written(rehearsal, tmp_path_factory.mktemp("files") / "f")


def opening(file: Path, state_dir: Path, node: str) -> RunOptions:
    """Each console has its own state directory, as on machines of their own, and another node to do."""
    return RunOptions(state_dir=state_dir, front_end="test", pause=PauseMode.EVERY_STEP, nodes=node)


def wanted(name: str, default: str) -> str:
    """The node that a console with this file would take out."""
    found = re.search(r"only (px\d\d)", name)
    node = found[1] if found else default
    return f"{node}.site.example" if name == "host aliases" else node


def claims(rehearsal: Rehearsal) -> dict[str, str]:
    """Machine to the id of the console that has claimed it."""
    found = {}
    for name in rehearsal.nodes:
        path = rehearsal.node(name).sysroot / "run/rollcall/claim"
        if path.exists():
            found[name] = path.read_text().split("\n")[0]
    return found


def row(where: str) -> Row:
    made = next((row for row in ROWS if (row.fault, row.where) == ("two consoles, two files", where)), None)
    if made is None:
        ROWS.append(made := Row("two consoles, two files", where))
    return made


async def blocked(session: OpenRun) -> Run:
    """The run, once the preflight has stopped it."""
    engine = session.engine
    await wait_until_async(lambda: engine.state.status is RunStatus.BLOCKED, 60)
    return engine.state


def expect(row: Row, holds: object, words: str) -> None:
    if not holds:
        row.wrong_states += 1
        row.notes.append(words)


@pytest.mark.parametrize("pair", CHOSEN, ids=" + ".join)
async def test_the_second_console_is_refused(
    pair: tuple[str, str], rehearsal: Rehearsal, files: dict[str, Path], tmp_path: Path
) -> None:
    one, other = pair
    count = row("one after the other")
    count.cases += 1
    async with await OpenRun.open(
        files[one], opening(files[one], tmp_path / "a", wanted(one, "px01"))
    ) as first:
        before = claims(rehearsal)
        expect(count, len(set(before.values())) == 1, f"{pair}: {before}")
        options = opening(files[other], tmp_path / "b", wanted(other, "px02"))
        if disjoint(one, other):
            async with await OpenRun.open(files[other], options) as second:
                for session in (first, second):
                    run = await blocked(session)
                    expect(count, "dishosts.conf" in run.summary, f"{pair}: {run.summary}")
        else:
            try:
                async with await OpenRun.open(files[other], options):
                    expect(count, False, f"{pair}: two lead: {claims(rehearsal)}")
            except LockHeldError as refused:
                sentence, code = told(refused)
                expect(count, code == 5, f"{pair}: exit code {code}")
                expect(count, f"run {first.engine.state.run_id}" in sentence, f"{pair}: {sentence}")
            expect(count, claims(rehearsal) == before, f"{pair}: {claims(rehearsal)} after {before}")
            expect(count, not first.engine.read_only, f"{pair}: the first one lost it")
    expect(count, claims(rehearsal) == {}, f"{pair}: {claims(rehearsal)} is left")
    expect(
        count, all(not rehearsal.node(name).log for name in rehearsal.nodes), f"{pair}: something was done"
    )
    assert count.clean, count.notes


@pytest.mark.parametrize("pair", MEETING if ALL else MEETING[3::19], ids=" + ".join)
async def test_of_two_that_begin_at_once_one_leads(
    pair: tuple[str, str], rehearsal: Rehearsal, files: dict[str, Path], tmp_path: Path
) -> None:
    count = row("both at once")
    count.cases += 1
    sides = zip(pair, ("px01", "px02"), ("a", "b"), strict=True)
    openings = [
        (files[name], opening(files[name], tmp_path / side, wanted(name, node))) for name, node, side in sides
    ]
    opened = await asyncio.gather(*(OpenRun.open(*options) for options in openings), return_exceptions=True)
    leading = [session for session in opened if isinstance(session, OpenRun)]
    refused = [error for error in opened if isinstance(error, LockHeldError)]
    expect(count, (len(leading), len(refused)) == (1, 1), f"{pair}: {opened}")
    ids = set(claims(rehearsal).values())
    expect(count, ids == {f"id={leader.engine._lease.console}" for leader in leading}, f"{pair}: {ids}")
    for session in leading:
        await session.close()
    expect(count, claims(rehearsal) == {}, f"{pair}: {claims(rehearsal)} is left")
    assert count.clean, count.notes
