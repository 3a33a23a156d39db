"""State as a fold: any sequence of what can happen, and what must hold whatever happens."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model import events as ev
from tui.model.events import Event, Payload
from tui.model.fold import apply, fold
from tui.model.fold.copy import replace as changed
from tui.model.run import Run
from tui.model.states import AbortClass, Confirm, Health, PauseMode, Progress, RunStatus, Service, StepStatus
from tui.model.steps import StepName

START = datetime(2026, 1, 1, tzinfo=UTC)
NODES = ("n1", "n2", "n3")
STEPS = (StepName.STOP_SERVICES, StepName.INSTALL)


class Story:
    """Grows a sequence of events that a run could have; hypothesis says which."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.run = Run()
        self.jobs = 0
        created = ev.RunCreated(
            run_id="r",
            cluster="c",
            cluster_file="f",
            target="2",
            nodes=NODES,
            pause_mode=PauseMode.EVERY_STEP,
            host="h",
            version="0",
        )
        self.add(created)
        plan = tuple(
            ev.StepPlan(
                step=s,
                command="x",
                abort_class=AbortClass.FREE,
                confirm=Confirm.YES,
                warn_after=1,
                stop_after=2,
            )
            for s in STEPS
        )
        self.add(ev.PlanFrozen(sia="/s", sia_sha256="0", order=NODES, steps=plan))

    def add(
        self,
        payload: Payload,
        node: str | None = None,
        step: StepName | None = None,
        attempt: int | None = None,
    ) -> None:
        number = len(self.events)
        event = Event(
            seq=number,
            time=START + timedelta(seconds=number),
            type=payload.type,
            node=node,
            step=step,
            attempt=attempt,
            actor="a",
            data=payload.model_dump(mode="json"),
            prev="",
        )
        self.events.append(event)
        self.run = apply(self.run, event)

    def happen(self, what: int, node: str, step: StepName) -> None:
        """One thing out of many; what cannot happen now does not."""
        now = self.run.nodes[node].steps[step]
        match what:
            case 0:
                self.add(ev.NodeSelected(), node)
            case 1:
                offer = ev.StepOffered(
                    token=f"t{len(self.events)}",
                    target="u@h",
                    command="x",
                    confirm=Confirm.YES,
                    abort_class=AbortClass.FREE,
                )
                self.add(offer, node, step, len(now.attempts) + 1)
            case 2 if self.run.offer:
                offered = self.run.offer
                self.add(
                    ev.StepConfirmed(token=offered.offered.token), offered.node, offered.step, offered.attempt
                )
            case 3 if self.run.offer:
                offered = self.run.offer
                self.add(
                    ev.StepDeclined(token=offered.offered.token), offered.node, offered.step, offered.attempt
                )
            case 4 if now.open_attempt is None:
                self.jobs += 1
                begun = ev.AttemptStarted(
                    job_id=f"j{self.jobs}", boot_id="b", command="x", output="o", confirmed_by="a"
                )
                self.add(begun, node, step, len(now.attempts) + 1)
            case 5 if now.open_attempt is not None:
                status = StepStatus.FAILED if len(self.events) % 2 else StepStatus.SUCCEEDED
                self.add(ev.AttemptEnded(status=status, exit_code=0), node, step, now.open_attempt.number)
            case 6:
                self.add(
                    ev.LedgerAdded(line=f"{node}/{len(self.events)}", what="services", before="x", undo="y"),
                    node,
                )
            case 7 if self.run.open_ledger:
                line = self.run.open_ledger[0]
                self.add(ev.LedgerUndone(line=line.line), line.node)
            case 8:
                self.add(ev.NodeSkipped(reason="r"), node)
            case 9:
                self.add(ev.NodeHealth(health=Health.DISABLED, detail="d"), node)
            case 10:
                self.add(ev.StepState(status=StepStatus.PENDING, reason="again"), node, step)
            case 11:
                self.add(ev.RunState(status=RunStatus.PAUSED_ON_ERROR, code="c", summary="s"))


happenings = st.lists(
    st.tuples(st.integers(0, 11), st.sampled_from(NODES), st.sampled_from(STEPS)), max_size=40
)


def told(things: list[tuple[int, str, StepName]]) -> Story:
    story = Story()
    for what, node, step in things:
        story.happen(what, node, step)
    return story


@given(happenings)
def test_folding_all_at_once_or_one_by_one_is_the_same(things: list[tuple[int, str, StepName]]) -> None:
    story = told(things)
    assert fold(story.events) == story.run
    assert story.run.seq == len(story.events) - 1


@given(happenings)
def test_what_was_taken_out_is_never_forgotten(things: list[tuple[int, str, StepName]]) -> None:
    run = told(things).run
    for node in run.nodes.values():
        is_open = any(line.node == node.name for line in run.open_ledger)
        assert (node.service is Service.OUT_BY_RUN) == is_open


@given(happenings)
def test_a_token_that_was_answered_is_spent_for_ever(things: list[tuple[int, str, StepName]]) -> None:
    story = told(things)
    answered = {e.data["token"] for e in story.events if e.type in ("step.confirmed", "step.declined")}
    assert answered <= story.run.spent_tokens
    assert story.run.offer is None or story.run.offer.offered.token not in story.run.spent_tokens


@given(happenings)
def test_attempts_are_only_added_and_skipped_is_never_updated(
    things: list[tuple[int, str, StepName]],
) -> None:
    story = told(things)
    begun = [event for event in story.events if event.type == "attempt.started"]
    kept = [a for node in story.run.nodes.values() for step in node.steps.values() for a in step.attempts]
    assert len(kept) == len(begun)
    assert all(node.progress is not Progress.UPDATED for node in story.run.nodes.values())


def test_an_event_of_an_unknown_type_is_an_error_not_a_guess() -> None:
    story = Story()
    odd = story.events[-1].model_copy(update={"type": "from.the.future"})
    try:
        apply(story.run, odd)
    except KeyError as error:
        assert "from.the.future" in str(error)
    else:
        raise AssertionError("an unknown event was folded")


@given(happenings)
def test_what_was_before_an_event_stays_as_it_was(things: list[tuple[int, str, StepName]]) -> None:
    events = told(things).events
    runs = [Run()]
    for event in events:
        runs.append(apply(runs[-1], event))
    assert [run.seq for run in runs] == list(range(-1, len(events)))
    assert runs[-1] == fold(events)


def test_a_value_with_a_field_changed() -> None:
    run = Run(run_id="r")
    assert changed(run, seq=3) == dataclasses.replace(run, seq=3)
    assert run.seq == -1
    with pytest.raises(TypeError, match="Run has no sequence"):
        changed(run, sequence=3)


def test_an_event_says_the_same_however_often_it_is_asked() -> None:
    event = Story().events[0]
    fresh = Event.model_validate(event.model_dump())
    assert event.payload is event.payload
    assert event == fresh
    assert event.model_dump() == fresh.model_dump()
    other = event.model_copy(update={"data": {**event.data, "target": "3"}})
    assert isinstance(other.payload, ev.RunCreated)
    assert (other.payload.target, event.data["target"]) == ("3", "2")
