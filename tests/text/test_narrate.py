"""Every event has a telling, which says nothing empty; the front ends only dress it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.journal.helpers import build
from tui.console.view.journal import sentence
from tui.model import events as ev
from tui.model.run import Run
from tui.model.states import StepStatus
from tui.model.steps import StepName
from tui.model.strict import StrictModel
from tui.plain.lines import event_line
from tui.text.narrate import told, where

build(StrictModel)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))  # as the journal has them


def event(payload: ev.Payload, attempt: int | None = 1) -> ev.Event:
    return ev.Event(
        seq=1,
        prev="0",
        time=datetime(2026, 11, 22, tzinfo=UTC),
        type=payload.type,
        node="px04",
        step=StepName.INSTALL,
        attempt=attempt,
        actor="eva@console",
        data=payload.model_dump(mode="json"),
    )


@pytest.mark.parametrize("kind", ev.PAYLOADS.values(), ids=ev.PAYLOADS.keys())
def test_every_event_has_a_telling(kind: type[ev.Payload]) -> None:
    @settings(max_examples=20)
    @given(st.builds(kind, file=st.just({})) if kind is ev.RunBound else st.from_type(kind))
    def tells(payload: ev.Payload) -> None:
        story = told(event(payload))
        assert story.what != payload.type
        assert all(story.details)
        assert sentence(event(payload))[0]

    tells()


def test_what_somebody_did_reads_in_both_front_ends() -> None:
    went = event(ev.OverrideUsed(check="apps-still-running", reason="test node"), attempt=2)
    assert sentence(went) == ("went past apps-still-running; test node", "warn")
    assert event_line(went, Run()) == ("px04 install 2: eva@console went past apps-still-running; test node")


def test_an_end_says_first_what_became_of_it() -> None:
    ended = event(ev.AttemptEnded(status=StepStatus.TIMED_OUT, exit_code=1, size=1024, summary="too slow"))
    assert told(ended).details == ("too slow", "exit code 1, 1,024 bytes of output")
    assert event_line(ended, Run()) == (
        "px04 install: timed out; too slow; exit code 1, 1,024 bytes of output"
    )
    assert where(ended) == "px04 install"
