"""kill -9 of the console at every boundary of a run, one after the other, until the run is done.

A run that was killed once, in the middle of the installation, names the boundaries: those of an undisturbed
run and those of taking it up. Then each console of another run dies at the next one that no console has died
at. The end has to be that of an undisturbed run.
"""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.crash_child import forked, name_of
from tests.faults.tally import ALL, ROWS, Row, latest
from tests.rigs.openssh import needs_sshd
from tests.rigs.waiting import patience
from tests.rollout.engine_operator import cluster
from tui.journal import read_events
from tui.rehearsal import Rehearsal

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.faults.crash_child", "paramiko"])
LIMIT = 400
EVERY = 1 if ALL else 18
"""Which boundaries: all of them with ``python -m tests.faults``, each eighteenth within the whole suite."""
FAST = 200.0
OPTIONAL = {"node.health", "attempt.output", "operator.left"}
"""Events that depend on when somebody looked; a run need not have them."""
PASSING = ("|confirmed|", "|running|", "|waiting-for-return|")
"""States that a run meets only if the console before it died at one certain place, or if it looks in time."""

RUNS: dict[str, dict[str, Any]] = {
    "one node": {"nodes": 1},
    "packages reused, a reboot": {"nodes": 2, "faults": {"px01": "keeps-old"}},
}
ALLOWED = {"packages reused, a reboot": {"reboot": 1}}
CHOSEN = tuple(RUNS) if ALL else ("one node",)


def console(rehearsal: Rehearsal, state_dir: Path, mode: str, where: object = "") -> int:
    """Run one console; its exit code (negative: killed)."""
    errors = state_dir.with_suffix(".stderr")
    words = (str(errors), str(rehearsal.cluster_file), str(state_dir), mode, str(where))
    child = FORKS.Process(target=forked, args=words)
    child.start()
    child.join(180 * patience())
    if child.exitcode is None:
        child.kill()
        raise AssertionError(f"the console does not end: {mode} {where}")
    assert child.exitcode in (0, -9), errors.read_text(errors="replace")
    return child.exitcode


def chain(rehearsal: Rehearsal, state_dir: Path, mode: str, names: Path) -> int:
    """Consoles that die, until one does not; how many died."""
    for deaths in range(LIMIT):
        if console(rehearsal, state_dir, mode, names) == 0:
            return deaths
    raise AssertionError(f"no end after {LIMIT} consoles: {latest(state_dir)[0].summary}")


@contextmanager
def small(directory: Path, **plan: Any) -> Iterator[Rehearsal]:
    """A fast rehearsal cluster without a management node."""
    with cluster(directory, pace=FAST, management=None, **plan) as rehearsal:
        yield rehearsal


def events_of_a_run(directory: Path, **plan: Any) -> list[str]:
    """The names of all events from the first pick on, each once, the last one left out.

    It ends the run: the console after it would begin a new one.
    """
    killed = directory / "killed"
    directory.mkdir()
    killed.write_text("attempt.started|px01|install|||||")
    with small(directory / "c", **plan) as rehearsal:
        assert console(rehearsal, directory / "s", "after-event", killed) == -9
        assert console(rehearsal, directory / "s", "never") == 0
        events = read_events(latest(directory / "s")[1] / "events.jsonl")
    first = next(event.seq for event in events if event.type == "node.selected")
    names = (name_of(e.payload, e.node, e.step) for e in events[first:] if e.type not in OPTIONAL)
    return list(dict.fromkeys(names))[:-1]


def effects_of_a_run(directory: Path, **plan: Any) -> list[str]:
    """The names of all calls that change something, each once."""
    noted = directory / "effects"
    directory.mkdir()
    with small(directory / "c", **plan) as rehearsal:
        assert console(rehearsal, directory / "s", "note-effects", noted) == 0
    return list(dict.fromkeys(noted.read_text().splitlines()))


def disturb(row: Row, names: list[str], mode: str, directory: Path, what: str, **plan: Any) -> None:
    """A whole run in which a console dies at each of the names; counted into the row."""
    ROWS.append(row)
    left = directory / "names"
    left.write_text("\n".join(names))
    with small(directory / "c", **plan) as rehearsal:
        row.cases = chain(rehearsal, directory / "s", mode, left)
        row.take(rehearsal, directory / "s", ALLOWED.get(what))
    never_met = left.read_text().splitlines()
    assert row.cases == len(names) - len(never_met)
    assert not [name for name in never_met if not any(state in name for state in PASSING)]
    assert row.bytes_compared > 1000
    assert row.clean, row.notes


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_console_that_dies_at_every_event_of_the_opening(moment: str, tmp_path: Path) -> None:
    row = Row("console kill -9", f"every event of the opening, {moment} it is written")
    ROWS.append(row)
    with small(tmp_path / "c", nodes=1) as rehearsal:
        while True:
            state_dir = tmp_path / f"s{row.cases}"
            if console(rehearsal, state_dir, f"opening-{moment}", row.cases * EVERY + 1) == 0:
                break
            assert console(rehearsal, state_dir, "ready") == 0
            row.cases += 1
            assert row.cases < LIMIT
        assert not rehearsal.node("px01").log, "the opening changed a node"
    assert row.cases >= 20 // EVERY


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("what", CHOSEN)
def test_a_console_that_dies_at_every_event(what: str, moment: str, tmp_path: Path) -> None:
    names = events_of_a_run(tmp_path / "named", **RUNS[what])
    assert len(names) > 50
    row = Row("console kill -9", f"every event, {moment} it is written ({what})")
    disturb(row, names[::EVERY], f"{moment}-event", tmp_path, what, **RUNS[what])


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("what", CHOSEN)
def test_a_console_that_dies_at_every_effect(what: str, moment: str, tmp_path: Path) -> None:
    names = effects_of_a_run(tmp_path / "named", **RUNS[what])
    assert len(names) > 5
    row = Row("console kill -9", f"every call that changes something, {moment} it ({what})")
    disturb(row, names if ALL else names[:: EVERY // 3], f"{moment}-effect", tmp_path, what, **RUNS[what])


@needs_sshd
def test_a_covering_sample_on_real_sshd(tmp_path: Path) -> None:
    row = Row("console kill -9", "a covering sample of events, real sshd")
    names = events_of_a_run(tmp_path / "named", nodes=1, face="openssh")[:: 4 if ALL else 2 * EVERY]
    disturb(row, names, "after-event", tmp_path, "one node", nodes=1, face="openssh")
