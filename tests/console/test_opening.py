"""The confirm of a step opens by itself, and only when the person has eyes and hands for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.console.screen import Seat, seated
from tests.console.story import begin, end, mid_update, offer, pick
from tests.console.story_engine import StoryEngine
from tui.console.dialogs.confirm import ConfirmDialog
from tui.model import intents as it
from tui.model.states import PauseMode
from tui.model.steps import StepName
from tui.rollout.interface import Advice, Candidate, Choice, Reply


def picked() -> StoryEngine:
    engine = begin(StoryEngine())
    pick(engine, "px04")
    return engine


def asked(seat: Seat) -> bool:
    return isinstance(seat.app.screen, ConfirmDialog)


async def stays_closed(seat: Seat) -> None:
    """Time passes, and no confirm comes up."""
    for _ in range(5):
        await seat.rest()
        assert not asked(seat)


async def test_one_key_a_step() -> None:
    engine = picked()

    def next_step(intent: it.Intent) -> None:
        assert isinstance(intent, it.ConfirmStep)
        engine.tell("step.confirmed", "px04", steps[0], token=intent.token)
        steps.pop(0)
        if steps:
            offer(engine, "px04", steps[0], token=f"t-{steps[0]}")

    steps = [StepName.PACKAGES, StepName.STOP_APPLICATIONS, StepName.INSTALL]
    engine.on_submit = next_step
    async with seated(engine) as seat:
        offer(engine, "px04", steps[0], token=f"t-{steps[0]}")
        for step in tuple(steps):
            await seat.shows(f"Confirm {step.words} on px04")
            await seat.press("y")
    assert len(engine.submitted) == 3


@pytest.mark.parametrize(
    ("keys", "closing"),
    [
        ("m", "escape"),
        ("j", "escape"),
        ("question_mark", "escape"),
        ("ctrl+p", "escape"),
        ("slash", "escape"),
    ],
)
async def test_never_over_what_the_person_has_opened(keys: str, closing: str) -> None:
    engine = picked()
    async with seated(engine) as seat:
        await seat.press(keys)
        offer(engine, "px04", StepName.INSTALL)
        await stays_closed(seat)
        await seat.press(closing)
        await seat.shows("Confirm install on px04")


async def test_never_under_hands_that_are_typing() -> None:
    engine = picked()
    async with seated(engine) as seat:
        await seat.press_at_once("right")
        offer(engine, "px04", StepName.INSTALL)
        for _ in range(5):
            await seat.press_at_once("right", "y")
            assert not asked(seat)
        await seat.rest()
        await seat.shows("Confirm install on px04")
        assert engine.submitted == []


async def test_esc_puts_it_away_until_it_is_asked_for_or_another_is_offered() -> None:
    engine = picked()
    offer(engine, "px04", StepName.INSTALL)
    async with seated(engine) as seat:
        await seat.until(lambda: asked(seat), "it opens")
        await seat.press("escape")
        await stays_closed(seat)
        await seat.shows("➜ enter shows it again; p pauses the run")
        await seat.press("enter")
        assert asked(seat)
        await seat.press("escape")
        offer(engine, "px04", StepName.INSTALL, token="t2")
        await seat.until(lambda: asked(seat), "the new one opens")


@pytest.mark.parametrize("mode", [PauseMode.NONE, PauseMode.EVERY_NODE])
async def test_what_no_person_is_waited_for_does_not_open(mode: PauseMode) -> None:
    engine = picked()
    engine.tell("run.state", status="running", pause_mode=mode)
    offer(engine, "px04", StepName.INSTALL, confirm_class="plain")
    async with seated(engine) as seat:
        await stays_closed(seat)


async def test_who_only_looks_is_asked_nothing() -> None:
    engine = picked()
    engine.read_only = True
    offer(engine, "px04", StepName.INSTALL)
    async with seated(engine) as seat:
        await stays_closed(seat)


async def test_a_terminal_that_is_too_small_for_the_board_asks_when_it_is_larger() -> None:
    engine = picked()
    async with seated(engine, 79, 24) as seat:
        offer(engine, "px04", StepName.INSTALL)
        await stays_closed(seat)
        await seat.resize(80, 24)
        await seat.shows("Confirm install on px04")


def offers_again(engine: StoryEngine) -> Callable[[it.Intent], None]:
    """The engine's answer to a choice: the step is offered anew."""

    def on_submit(intent: it.Intent) -> None:
        if not isinstance(intent, it.ConfirmStep):
            engine.tell("run.state", status="running")
            offer(engine, "px04", StepName.INSTALL, attempt=2, token="again")

    return on_submit


async def test_a_choice_leads_on_to_the_confirm() -> None:
    engine = mid_update(StoryEngine())
    end(engine, "px04", StepName.INSTALL, status="failed", code=1)
    again = it.RerunStep(node="px04", step=StepName.INSTALL)
    engine.options = (Choice("rerun install", "again", again, recommended=True),)
    engine.on_submit = offers_again(engine)
    async with seated(engine) as seat:
        await seat.press("enter", "enter")
        await seat.shows("Confirm install on px04")
        await seat.press("y")
        assert engine.submitted == [again, it.ConfirmStep(token="again")]


async def test_the_key_that_resumes_leads_on_to_the_confirm_and_its_hint_names_it() -> None:
    engine = mid_update(StoryEngine())
    end(engine, "px04", StepName.INSTALL, status="failed", code=1)
    engine.tell("run.state", status="paused-by-user", code="declined", summary="install was declined")
    engine.saying = Advice("install on px04 was declined", "resume to be asked again")
    engine.options = (Choice("resume", "go on", it.Resume(), recommended=True),)
    engine.on_submit = offers_again(engine)
    async with seated(engine) as seat:
        await seat.shows("➜ enter to decide; resume (p) to be asked again")
        await seat.press("p")
        await seat.shows("Confirm install on px04")
        assert engine.submitted == [it.Resume()]


async def test_an_offer_of_a_paused_run_is_decided_about_not_confirmed() -> None:
    engine = picked()
    offer(engine, "px04", StepName.INSTALL)
    engine.tell("run.state", status="paused-by-user", code="paused", summary="paused by eva")
    engine.saying = Advice("paused by eva", "resume to go on")
    engine.options = (Choice("resume", "go on", it.Resume(), recommended=True),)
    async with seated(engine) as seat:
        await stays_closed(seat)
        assert "paused" in seat.line("│ » install")
        await seat.press("enter")
        await seat.shows("What to do about px04")
        await seat.press("enter")
        assert engine.submitted == [it.Resume()]


async def test_a_refusal_leaves_when_something_else_is_true() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("n")
        await seat.shows("! next: px04 is being worked on")
        end(engine, "px04", StepName.INSTALL)
        engine.picks = (Candidate("px05", True, "active"),)
        engine.tell("node.progress", "px04", progress="updated", reason="done")
        await seat.until(lambda: "is being worked on" not in seat.text, "the refusal has left")
        engine.reply = Reply(False, "the run is not paused")
        await seat.press("p")
        await seat.shows("! the run is not paused")
        engine.tell("node.health", "px01", health="active", detail="well")
        await seat.settle()
        assert "! the run is not paused" in seat.text
        engine.tell("run.state", status="paused-by-user", code="paused", summary="paused by ada")
        await seat.until(lambda: "the run is not paused" not in seat.text, "the refusal has left")


async def test_a_node_on_which_nothing_runs_does_not_look_as_if() -> None:
    engine = picked()
    engine.tell("node.progress", "px04", progress="draining")
    async with seated(engine) as seat:
        await seat.shows("px04 ◦ at log in", "◦ px04 at log in")
        assert "▶" not in seat.text
