"""Events that are whole and chained, and still cannot have happened: refused, whatever Python is told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.journal.helpers import CREATED, run_script
from tui.journal import Journal, JournalError, Tail, read_events
from tui.journal.chain import Chain, encode
from tui.journal.fit import read_fitting
from tui.model import events as ev
from tui.model.fold import apply, fold
from tui.model.run import Run
from tui.model.states import Progress, StepStatus
from tui.model.steps import StepName

STARTED = ev.AttemptStarted(job_id="j", boot_id="b", command="true", output="o", confirmed_by="anna")
ENDED = ev.AttemptEnded(status=StepStatus.SUCCEEDED)


def event(payload: ev.Payload, **where: object) -> ev.Event:
    fields = {
        "seq": 0,
        "time": datetime(2026, 1, 1, tzinfo=UTC),
        "type": payload.type,
        "actor": "anna",
        "data": payload.model_dump(mode="json"),
        "prev": Chain("").last,
    }
    return ev.Event.model_validate(fields | where)


SCOPES = {"node": "px01", "step": "install", "attempt": 1}
LACKING = [
    (payload, {key: SCOPES[key] for key in SCOPES if key != lacking}, lacking)
    for payload, scope in (
        (ev.NodeProgress(progress=Progress.UPDATED), ("node",)),
        (ev.StepState(status=StepStatus.SKIPPED), ("node", "step")),
        (ENDED, ("node", "step", "attempt")),
    )
    for lacking in scope
]


@pytest.mark.parametrize(("payload", "where", "lacking"), LACKING)
def test_an_event_that_does_not_say_what_it_is_about_is_refused_as_it_is_read(
    payload: ev.Payload, where: dict[str, object], lacking: str
) -> None:
    with pytest.raises(JournalError, match=f"line 1 holds a '{payload.type}' event without its {lacking}, "):
        Chain("events.jsonl").accept(encode(event(payload, **where)))
    with pytest.raises(ValueError, match=lacking):
        apply(fold([event(CREATED)]), event(payload, **where))


@pytest.mark.parametrize(("payload", "where", "lacking"), LACKING)
def test_it_is_not_written_either(
    tmp_path: Path, payload: ev.Payload, where: dict[str, object], lacking: str
) -> None:
    journal = Journal.create(tmp_path / "run")
    step = StepName.INSTALL if "step" in where else None
    with pytest.raises(JournalError, match=f"without its {lacking}"):
        journal.append(
            payload,
            actor="anna",
            node="px01" if "node" in where else None,
            step=step,
            attempt=1 if "attempt" in where else None,
        )
    journal.close()
    assert read_events(tmp_path / "run") == []


@pytest.mark.parametrize(
    ("payload", "where"),
    [
        (ENDED, SCOPES | {"attempt": 7}),
        (ev.AttemptOutput(offset=3), SCOPES | {"attempt": 7}),
        (ENDED, SCOPES | {"step": "verify"}),
        (ev.NodeProgress(progress=Progress.UPDATED), {"node": "px09"}),
    ],
)
def test_an_event_of_another_attempt_or_node_does_not_fit(
    payload: ev.Payload, where: dict[str, object]
) -> None:
    run = fold([event(CREATED), event(STARTED, **SCOPES)])
    with pytest.raises(ValueError, match="is not"):
        apply(run, event(payload, **where))


ATTEMPT_7 = """
import sys
from pathlib import Path
from tests.journal.test_misfits import CREATED, ENDED, STARTED, StepName, read_fitting
from tui.journal import Journal, Tail
directory = Path(sys.argv[1])
journal = Journal.create(directory)
journal.append(CREATED, actor="anna")
for payload, attempt in ((STARTED, 1), (ENDED, 7)):
    journal.append(payload, actor="anna", node="px01", step=StepName.INSTALL, attempt=attempt)
journal.close()
run, count, why = read_fitting(Tail(directory))
print(run.nodes["px01"].steps[StepName.INSTALL].status.value, count, why)
"""


@pytest.mark.parametrize("options", [(), ("-O",)])
def test_the_end_of_an_attempt_that_never_began_is_refused_without_asserts_too(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    said = run_script(ATTEMPT_7, str(tmp_path / "run"), options=options)
    assert said.startswith("running 2 ")
    assert "line 3 holds an event that does not fit those before it" in said


def test_what_fits_is_kept_up_to_what_does_not(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "run")
    journal.append(CREATED, actor="anna")
    for payload, attempt in ((STARTED, 1), (ENDED, 7)):
        journal.append(payload, actor="anna", node="px01", step=StepName.INSTALL, attempt=attempt)
    journal.close()
    run, count, why = read_fitting(Tail(tmp_path / "run"))
    assert isinstance(run, Run)
    assert count == 2
    assert why is not None
