"""kill -9 of the console at every event boundary of a run, one after the other, until the run is done.

An undisturbed run names the boundaries; then each console dies at the next one that no console has died at.
The end has to be that of an undisturbed run.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.crash_child import name_of
from tests.faults.tally import ROWS, Row, latest
from tests.rigs.openssh import needs_sshd
from tests.rollout.desk_operator import cluster
from tui.journal import read_events
from tui.rehearsal import Rehearsal

LIMIT = 400
EVERY = 1 if os.environ.get("ROLLCALL_FAULTS") == "all" else 8
"""Which boundaries: all of them with ``python -m tests.faults``, each eighth within the whole suite."""
FAST = 200.0
OPTIONAL = {"node.health", "attempt.output", "operator.left", "gate.sample"}
"""Events that depend on when somebody looked; a run need not have them."""


def die_at(rehearsal: Rehearsal, state_dir: Path, where: str) -> int:
    """Run one console; its exit code (negative: killed)."""
    command = [
        sys.executable,
        "-m",
        "tests.faults.crash_child",
        str(rehearsal.cluster_file),
        str(state_dir),
        where,
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=180)
    assert done.returncode in (0, -9), done.stderr.decode(errors="replace")
    return done.returncode


def chain(rehearsal: Rehearsal, state_dir: Path, where: str) -> int:
    """Consoles that die, until one does not; how many died."""
    for deaths in range(LIMIT):
        if die_at(rehearsal, state_dir, where) == 0:
            return deaths
    raise AssertionError(f"no end after {LIMIT} consoles: {latest(state_dir)[0].summary}")


def boundaries(directory: Path, **plan: Any) -> list[str]:
    """The names of all events of an undisturbed run, from the first pick on; each once."""
    with cluster(directory / "c", pace=FAST, management=None, **plan) as rehearsal:
        assert die_at(rehearsal, directory / "s", "never") == 0
        events = read_events(latest(directory / "s")[1] / "events.jsonl")
    first = next(event.seq for event in events if event.type == "node.selected")
    names = (name_of(e.payload, e.node, e.step) for e in events[first:] if e.type not in OPTIONAL)
    return list(dict.fromkeys(names))[
        :-1
    ]  # the last one ends the run: the next console would begin a new one


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_console_that_dies_at_every_event_of_the_opening(moment: str, tmp_path: Path) -> None:
    row = Row("console kill -9", f"every event of the opening, {moment} it is written")
    ROWS.append(row)
    with cluster(tmp_path / "c", nodes=1, pace=FAST, management=None) as rehearsal:
        while die_at(rehearsal, tmp_path / f"s{row.cases}", f"opening-{moment}:{row.cases * EVERY + 1}") != 0:
            assert die_at(rehearsal, tmp_path / f"s{row.cases}", "ready") == 0
            row.cases += 1
            assert row.cases < LIMIT
        assert not rehearsal.node("px01").log, "the opening changed a node"
    assert row.cases > 10 // EVERY


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_console_that_dies_at_every_event(moment: str, tmp_path: Path) -> None:
    row = Row("console kill -9", f"every event, {moment} it is written")
    ROWS.append(row)
    names = boundaries(tmp_path / "undisturbed", nodes=1)[::EVERY]
    left = tmp_path / "names"
    left.write_text("\n".join(names))
    with cluster(tmp_path / "c", nodes=1, pace=FAST, management=None) as rehearsal:
        row.cases = chain(rehearsal, tmp_path / "s", f"{moment}:{left}")
        row.take(rehearsal, tmp_path / "s")
    assert row.cases == len(names) > 40 // EVERY, f"never met: {left.read_text()}"
    assert row.bytes_compared > 1000
    assert row.clean, row.notes


def test_a_console_that_dies_after_every_effect(tmp_path: Path) -> None:
    row = Row("console kill -9", "after every call that changes a node")
    ROWS.append(row)
    with cluster(tmp_path / "c", nodes=2, pace=FAST, management=None) as rehearsal:
        row.cases = chain(rehearsal, tmp_path / "s", "effect:2")
        row.take(rehearsal, tmp_path / "s")
    assert row.cases > 5
    assert row.clean, row.notes


@needs_sshd
def test_a_covering_sample_on_real_sshd(tmp_path: Path) -> None:
    row = Row("console kill -9", "a covering sample of events, real sshd")
    ROWS.append(row)
    left = tmp_path / "names"
    names = boundaries(tmp_path / "undisturbed", nodes=1, face="openssh")[:: max(4, EVERY * 2)]
    left.write_text("\n".join(names))
    with cluster(tmp_path / "c", nodes=1, pace=FAST, management=None, face="openssh") as rehearsal:
        row.cases = chain(rehearsal, tmp_path / "s", f"after:{left}")
        row.take(rehearsal, tmp_path / "s")
    assert row.cases == len(names) > 2
    assert row.clean, row.notes
