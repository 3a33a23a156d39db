"""The confirm of a critical step: what it shows, that only what was just read confirms."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from tests.console.screen import Seat, same_as_snapshot, seated
from tests.console.story import begin, offer, pick
from tests.console.story_engine import StoryEngine
from tui.console.dialogs.reading import ReadingDialog
from tui.model import intents as it
from tui.model.steps import StepName
from tui.rollout.interface import Reply


def offered(step: StepName = StepName.STOP_SERVICES) -> StoryEngine:
    engine = begin(StoryEngine())
    pick(engine, "px04")
    offer(engine, "px04", step)
    return engine


async def opened(seat: Seat) -> ReadingDialog:
    await seat.until(lambda: isinstance(seat.app.screen, ReadingDialog), "the reading confirm is on top")
    dialog = seat.app.screen
    assert isinstance(dialog, ReadingDialog)
    return dialog


def typed(seat: Seat) -> str:
    return seat.app.screen.query_one(Input).value


@pytest.mark.parametrize(("width", "height"), [(120, 36), (80, 24)])
async def test_it_shows_all_that_matters_in_a_frame_and_at_a_place_of_its_own(
    width: int, height: int
) -> None:
    async with seated(offered(), width, height) as seat:
        dialog = await opened(seat)
        await seat.still()
        same_as_snapshot(f"reading-{width}x{height}", seat.text)
        frame = dialog.query_one("#dialog")
        assert frame.region.bottom == height
        assert frame.max_scroll_y == 0, "all of it is in sight"
        await seat.resize(width - 20 if width > 100 else 80, 24)
        assert frame.region.bottom == 24
        assert frame.max_scroll_y == 0


async def test_only_what_the_sample_says_confirms() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await opened(seat)
        for wrong in (["enter"], [*"yes", "enter"], [*"px04", "enter"], [*"057", "enter"], [*"046", "enter"]):
            await seat.press(*wrong)
            await opened(seat)
            assert engine.submitted == []
            assert typed(seat) == ""
        await seat.shows("that is not what stands here: nothing was confirmed")
        await seat.press(*"04", "space", "7", "enter")
        sample = f"s{engine.read}"
        assert engine.submitted == [it.ConfirmStep(token="t1", typed="04 7", sample=sample)]


async def test_without_the_blank_it_is_the_same() -> None:
    engine = offered(StepName.REBOOT)
    async with seated(engine) as seat:
        await opened(seat)
        await seat.press(*"047", "enter")
        assert [type(intent) for intent in engine.submitted] == [it.ConfirmStep]


async def test_esc_does_nothing_and_no_pauses() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await opened(seat)
        await seat.press(*"047", "escape")
        await seat.shows("➜ enter shows it again; p pauses the run")
        assert engine.submitted == []
        await seat.press("enter")
        await opened(seat)
        assert typed(seat) == ""
        await seat.pilot.click("#no")
        await seat.settle()
        assert engine.submitted == [it.DeclineStep(token="t1")]


async def test_a_sample_that_changes_while_one_types_is_shown_and_asked_for_anew() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await opened(seat)
        await seat.press(*"047")
        engine.out = {"px02"}
        await seat.press("enter")
        await seat.shows("6 of 7 active (not px02)", "it was 7 of 7 before: read it again")
        await seat.press("enter")
        await seat.shows("it was 7 of 7 before: read it again")
        assert (engine.submitted, typed(seat)) == ([], "")
        await seat.press(*"04")
        engine.out = set()
        await seat.until(lambda: typed(seat) == "", "it is renewed by itself")
        await seat.shows("7 of 7 active", "it was 6 of 7 before")
        await seat.press(*"047", "enter")
        assert len(engine.submitted) == 1


async def test_what_the_engine_refuses_is_said_and_asked_again() -> None:
    engine = offered()
    engine.reply = Reply(False, "the peers have changed since that was read")
    async with seated(engine) as seat:
        await opened(seat)
        await seat.press(*"047", "enter")
        assert len(engine.submitted) == 1
        await seat.until(lambda: isinstance(seat.app.screen, ReadingDialog), "it asks anew")
        assert typed(seat) == ""


async def test_the_mouse_alone_never_confirms() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await opened(seat)
        for place in ("#yes", "#typed", "#yes", "#facts", "#yes"):
            await seat.pilot.click(place)
            await seat.settle()
        assert engine.submitted == []
        await seat.press("tab")
        await seat.pilot.click("#typed")
        await seat.press(*"047")
        await seat.pilot.click("#yes")
        await seat.settle()
        assert [type(intent) for intent in engine.submitted] == [it.ConfirmStep]
