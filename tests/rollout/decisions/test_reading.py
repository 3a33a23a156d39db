"""What a critical confirm asks for differs from node to node, and only what was just read is taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.faults.scripted_engine import ScriptedRun
from tests.faults.test_gate_faults import to_offer
from tests.rigs.reading import yes
from tui.journal.clock import utc_now
from tui.model.events import PeersRead, StepConfirmed
from tui.model.intents import ConfirmStep
from tui.model.states import PauseMode
from tui.model.steps import StepName
from tui.rollout.decisions import reading
from tui.rollout.interface import Reading
from tui.text.narrate import told

NAMES = ("px01", "px02", "mgmt", "rack1-07", "rack2-07", "a1", "a11", "n3.left.example", "n5.right.example")
WORDS = {
    "px01": "01",
    "mgmt": "mgmt",
    "rack1-07": "rack1-07",
    "rack2-07": "rack2-07",
    "a1": "1",
    "a11": "11",
    "n3.left.example": "3",
}


def shown(node: str, active: int) -> Reading:
    word, blank = reading._word(node, NAMES)
    return Reading("s", node, word, active, 8, (), 0.1, blank=blank)


@pytest.mark.parametrize("node", WORDS)
def test_a_node_is_named_by_its_own_digits_where_no_other_has_them(node: str) -> None:
    assert shown(node, 7).word == WORDS[node]


def test_no_value_of_one_node_is_that_of_another() -> None:
    every = {node: [shown(node, active) for active in range(200)] for node in NAMES}
    for node in NAMES:
        others = [each for other in NAMES if other != node for each in every[other]]
        for said in every[node][:20]:
            assert said.says(f"  {said.value.replace(' ', '   ')} ")
            for text in [said.value, *([] if said.blank else [said.value.replace(" ", "")])]:
                assert said.says(text)
                assert not any(other.says(text) for other in others), (node, text)


@pytest.mark.parametrize("text", ["", "y", "px01", "01", "7", "7 01", "01 6", "01 07", "0 17", "01 7 y"])
def test_nothing_else_is_it(text: str) -> None:
    assert not shown("px01", 7).says(text)


@pytest.fixture
def scripted() -> Iterator[ScriptedRun]:
    run = ScriptedRun(
        ("n1", "n2", "n3"), allowed=2, view=False, reboot="if-needed", pause=PauseMode.EVERY_STEP
    )
    yield run
    run.close()


def now(scripted: ScriptedRun) -> ConfirmStep:
    async def read() -> ConfirmStep:
        return yes(scripted.engine)

    return scripted.loop.complete(read())


def test_a_yes_or_a_name_confirms_no_critical_step(scripted: ScriptedRun) -> None:
    to_offer(scripted, StepName.STOP_SERVICES)
    said = now(scripted)
    for wrong in ("", "y", "yes", "n1", "1", "2 2", "1 1", "2"):
        reply = scripted.submit(said.model_copy(update={"typed": wrong}))
        assert reply.sentence == "type 1 2 (digits of n1, active peers) to confirm this step"
    assert scripted.submit(said.model_copy(update={"typed": "12"})).accepted
    scripted.idle()
    scripted.check()


def test_what_was_read_from_an_older_sample_is_refused(scripted: ScriptedRun) -> None:
    to_offer(scripted, StepName.STOP_SERVICES)
    assert (
        "nothing was read yet"
        in scripted.submit(ConfirmStep(token=scripted.tokens[-1], typed="1 2")).sentence
    )
    first, second = now(scripted), now(scripted)
    assert "an older look" in scripted.submit(first).sentence
    assert scripted.submit(second).accepted


def test_a_sample_that_changed_since_is_refused_though_the_count_is_the_same(scripted: ScriptedRun) -> None:
    to_offer(scripted, StepName.STOP_SERVICES)
    scripted.cluster.change("n2", services=False)
    scripted.loop.advance(5.0)
    said = now(scripted)
    assert said.typed == "1 1"
    scripted.fix("n2")
    scripted.cluster.change("n3", services=False)
    scripted.loop.advance(20.0)
    assert "the peers have changed since that was read: 1 of 2 are active" in scripted.submit(said).sentence
    assert scripted.confirm(said.token).accepted


def test_a_person_who_was_away_reads_again(scripted: ScriptedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    to_offer(scripted, StepName.STOP_SERVICES)
    said = now(scripted)
    later = utc_now() + timedelta(seconds=reading.READ_FOR_S + 1)
    monkeypatch.setattr(reading, "utc_now", lambda: later)
    assert "an older look" in scripted.submit(said).sentence
    assert scripted.submit(now(scripted)).accepted


def test_what_was_read_is_kept(scripted: ScriptedRun) -> None:
    to_offer(scripted, StepName.STOP_SERVICES)
    assert scripted.submit(now(scripted)).accepted
    event = next(e for e in reversed(scripted.engine.events()) if e.type == StepConfirmed.type)
    said = event.payload
    assert isinstance(said, StepConfirmed)
    assert said.typed == "1 2"
    assert said.read == PeersRead(active=2, peers=2, age=said.read.age)  # type: ignore[union-attr]
    assert told(event).sentence.startswith("confirmed by typing 1 2; 2 of 2 peers active, looked ")


def test_what_stands_in_a_persons_place_has_read_nothing(scripted: ScriptedRun) -> None:
    token = to_offer(scripted, StepName.STOP_SERVICES)

    async def waived() -> None:
        assert scripted.engine.submit(ConfirmStep(token=token), waiver="--yes").accepted

    scripted.loop.complete(waived())
    event = next(e for e in reversed(scripted.engine.events()) if e.type == StepConfirmed.type)
    assert (event.actor, event.data["typed"], event.data["read"]) == ("--yes of anna@desk", "", None)
