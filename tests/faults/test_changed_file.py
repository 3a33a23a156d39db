"""Every key of the cluster file changed between run and resume, at every kind of moment.

No second node goes out, no step runs twice, no ledger line is lost, and the run goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.faults.changed_file import NEW_NODE, NODES, Case, ChangedRun, begun_file, cases, value_at
from tests.faults.tally import ALL, ROWS, Row
from tui.model import intents as it
from tui.model.change import Change
from tui.model.states import Progress
from tui.model.steps import StepName
from tui.rollout.opening.file import OpeningError

TURNS = 45


def something_out(run: ChangedRun) -> None:
    """n1's installation has failed, and a person has skipped it: its lines in the ledger are open."""
    run.machines["n1"].faults.add("install:refuses")
    _until(run, lambda: run.run.nodes["n1"].progress is Progress.FAILED)
    assert run.submit(it.SkipNode(node="n1", reason="later")).accepted
    assert run.run.still_out("n1")


def a_step_under_way(run: ChangedRun) -> None:
    """n1's installation runs, and goes on while no console is there."""
    _until(run, lambda: _runs(run, StepName.INSTALL))
    assert run.run.still_out("n1")


def neither(run: ChangedRun) -> None:
    """n1 is done, the others wait."""
    _until(run, lambda: run.run.nodes["n1"].progress is Progress.UPDATED)
    assert not run.run.anything_out


SCENES: dict[str, Callable[[ChangedRun], None]] = {
    "something out": something_out,
    "a step under way": a_step_under_way,
    "neither": neither,
}
SAMPLE = ("target.version", "policy.allowed_down", "ssh.keepalive", "n1 gone")
BEGUN = begun_file()
CASES = tuple(cases(BEGUN))


def chosen() -> Iterator[tuple[str, Case, bool | None]]:
    """Scene, case, and whether a person agrees (None: nobody is there)."""
    for scene in SCENES:
        for case in CASES:
            if case.file is None and scene == "neither":
                continue  # nothing is out: then the file is needed, and its error is told
            answers = (True, False, None) if case.change is Change.AGREED else (None,)
            for agrees in answers:
                if ALL or case.name in SAMPLE or (scene == "something out" and case.name == "no file"):
                    yield scene, case, agrees


@pytest.fixture(scope="module")
def row() -> Row:
    kept = Row("cluster file changed in every key", "between run and resume, scripted nodes")
    ROWS.append(kept)
    return kept


@pytest.mark.parametrize(
    ("scene", "case", "agrees"),
    [pytest.param(*found, id=f"{found[0]}-{found[1].name}-{found[2]}") for found in chosen()],
)
def test_a_changed_file(scene: str, case: Case, agrees: bool | None, row: Row) -> None:
    run = ChangedRun()
    try:
        SCENES[scene](run)
        out = {line.line for line in run.run.open_ledger}
        went_on = take_up(run, case, agrees)
        if went_on:
            compare(run, case, agrees)
        assert {line.line for line in run.run.open_ledger} >= out or scene == "a step under way"
        run.drive(TURNS)
        run.check()
        assert set(NODES) <= set(run.run.nodes)
        assert run.run.status.value != "canceled"
        assert not (run.run.status.final and run.run.open_ledger)
    finally:
        row.cases += 1
        row.double_starts += sum("fires again" in said or "belongs to" in said for said in run.referee.broken)
        row.wrong_states += bool(run.referee.broken)
        run.close()


def take_up(run: ChangedRun, case: Case, agrees: bool | None) -> bool:
    """Whether the changed file was gone by; where a person has to agree and none is there, it is not."""
    if case.change is not Change.AGREED or agrees is not None:
        run.taken_up_with(case.file, agrees)
        return True
    with pytest.raises(OpeningError, match="a person has to agree") as refused:
        run.taken_up_with(case.file, agrees)
    assert refused.value.exit_code == 4
    run.taken_up_with(run.begun, agrees)  # set back
    return False


def compare(run: ChangedRun, case: Case, agrees: bool | None) -> None:
    """The engine goes by what the key's class says, and the journal tells it."""
    bound = run.run.bound
    assert bound is not None
    old, now = value_at(run.begun, case.path), value_at(run.engine.config, case.path)
    if case.file is None:
        assert run.engine.config == run.begun
        assert "no such file" in bound.why
        return
    if case.path == ("cluster", "nodes"):
        assert set(run.engine.config.nodes) >= set(NODES)
        assert (NEW_NODE in run.engine.config.nodes) == bool(case.change is Change.AGREED and agrees)
        assert bound.gone == tuple(name for name in NODES if name not in case.file.nodes)
    else:
        taken = case.change in (Change.FREE, Change.SAME_MACHINE) or bool(agrees)
        assert now == (value_at(case.file, case.path) if taken else old)
        assert [(c.key, c.taken) for c in bound.changed] == [(".".join(case.path), taken)]
    assert bound.changed


def _until(run: ChangedRun, condition: Callable[[], bool]) -> None:
    """Go on until it is so; not one turn further."""
    for _ in range(300):
        if condition():
            return
        run.go_on(patience=1.0)
    raise AssertionError(f"it never came to that: {run.run.status} {run.run.summary}")


def _runs(run: ChangedRun, step: StepName) -> bool:
    found = run.run.nodes["n1"].steps.get(step)
    return found is not None and found.status.active
