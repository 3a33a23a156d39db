"""The confirm: what it shows, that it never fires by accident, and that a stale yes does nothing."""

from __future__ import annotations

import time

import pytest
from textual.events import Key
from textual.widgets import Button

from tests.console.screen import Seat, same_as_snapshot, seated
from tests.console.story import begin, offer, pick
from tests.console.story_engine import StoryEngine
from tui.console.dialogs.base import Dialog
from tui.console.dialogs.confirm import ConfirmDialog
from tui.console.hands import TOO_FAST
from tui.console.listening import TOO_SOON
from tui.model.intents import ConfirmStep, DeclineStep
from tui.model.steps import StepName
from tui.rollout.interface import Reply


def offered(step: StepName = StepName.INSTALL) -> StoryEngine:
    engine = begin(StoryEngine())
    pick(engine, "px04")
    offer(engine, "px04", step, token="t1")
    return engine


async def opened(seat: Seat) -> None:
    """It opens by itself."""
    await seat.shows("Confirm")
    await seat.until(lambda: isinstance(seat.app.screen, ConfirmDialog), "the confirm is on top")


async def put_away(seat: Seat) -> None:
    """The same offer, with the person back at the board."""
    await seat.until(lambda: isinstance(seat.app.screen, Dialog), "it opens by itself")
    await seat.press("escape")
    await seat.until(lambda: seat.on_board, "the board is back")


@pytest.mark.parametrize(("width", "height"), [(120, 36), (80, 24)])
async def test_it_shows_all_that_matters(width: int, height: int) -> None:
    async with seated(offered(), width, height) as seat:
        await opened(seat)
        await seat.still()
        same_as_snapshot(f"confirm-{width}x{height}", seat.text)


async def test_focus_is_on_no_and_enter_declines() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await opened(seat)
        assert isinstance(seat.app.focused, Button)
        assert seat.app.focused.id == "no"
        await seat.press("enter")
        assert engine.submitted == [DeclineStep(token="t1")]


async def test_y_confirms_an_ordinary_step_with_its_token() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await opened(seat)
        await seat.press("y")
        assert engine.submitted == [ConfirmStep(token="t1")]


async def test_the_arrows_reach_yes() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await opened(seat)
        await seat.press("right", "enter")
        assert engine.submitted == [ConfirmStep(token="t1")]


async def test_esc_decides_nothing_and_the_offer_stays() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await opened(seat)
        await seat.press("escape")
        assert "Confirm install" not in seat.text
        assert engine.submitted == []
        await seat.shows("➜ enter shows it again")
        await seat.press("enter")
        await opened(seat)


async def test_keys_of_the_first_moment_are_dropped() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await put_away(seat)
        await seat.press("enter")
        await seat.press_apart(0.2, "y")
        await seat.shows("Confirm install", TOO_SOON)
        assert engine.submitted == []
        await seat.press("y")
        assert engine.submitted == [ConfirmStep(token="t1")]


@pytest.mark.parametrize("change", ["other offer", "declined elsewhere"])
async def test_a_stale_yes_does_nothing(change: str) -> None:
    engine = offered()
    async with seated(engine) as seat:
        await opened(seat)
        if change == "other offer":
            offer(engine, "px04", StepName.INSTALL, attempt=1, token="t2")
        else:
            engine.tell("step.declined", "px04", StepName.INSTALL, 1, token="t1")
        await seat.press_at_once("y")
        assert engine.submitted == []
        await seat.shows("what was offered has changed meanwhile, so nothing was confirmed")


async def test_events_that_do_not_touch_the_offer_leave_it_open() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await opened(seat)
        engine.tell("node.health", "px01", health="active", detail="still well")
        await seat.settle()
        await seat.press("y")
        assert engine.submitted == [ConfirmStep(token="t1")]


async def test_the_gates_age_grows_while_one_hesitates() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await opened(seat)
        assert "every other node is active; asked 0.0 s ago" in seat.text
        engine.later(60)
        await seat.shows("asked 1 min ago")


async def test_a_refusal_of_the_engine_is_said() -> None:
    engine = offered()
    engine.reply = Reply(False, "the gate is closed: px03 is degraded")
    async with seated(engine) as seat:
        await opened(seat)
        await seat.press("y")
        await seat.shows("! the gate is closed: px03 is degraded")


async def test_a_key_pressed_before_the_question_was_seen_is_dropped_however_late_it_is_read() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await put_away(seat)
        seat.app.monotonic = time.monotonic
        await seat.press("enter")
        dialog = seat.app.screen
        assert isinstance(dialog, ConfirmDialog)
        await seat.until(lambda: dialog.deaf_until < time.monotonic(), "the dialog listens")
        early = Key("y", "y")
        early.time = dialog.deaf_until - 0.2
        seat.app.post_message(early)
        await seat.settle()
        assert engine.submitted == []
        await seat.pilot.press("y")
        await seat.settle()
        assert engine.submitted == [ConfirmStep(token="t1")]


@pytest.mark.parametrize("keys", ["y", "p", "047", "q"])
async def test_keys_in_one_burst_with_the_one_that_opens_a_dialog_do_nothing(keys: str) -> None:
    """All of them are on their way to the board before the first of them has opened anything."""
    engine = offered(StepName.REBOOT if keys == "047" else StepName.INSTALL)
    async with seated(engine) as seat:
        await put_away(seat)
        for key in ("enter", *keys, "enter"):
            seat.app.post_message(Key(key, key if len(key) == 1 else "\r"))
        await seat.shows(TOO_FAST)
        assert engine.submitted == []
        assert seat.on_board


async def test_what_is_typed_ahead_of_a_dialog_that_does_not_open_does_nothing() -> None:
    engine = begin(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("n")
        await seat.press_apart(0.2, "p", "x", "a")
        await seat.shows(f"next: no node is left to pick. {TOO_SOON}")
        assert engine.submitted == []
        assert seat.on_board


async def test_keys_in_one_burst_do_not_move_the_board_below_either() -> None:
    engine = offered()
    async with seated(engine) as seat:
        await put_away(seat)
        before = seat.board.nodes.grid.chosen
        for key in ("enter", "right", "down", "right"):
            seat.app.post_message(Key(key, None))
        await seat.shows("Confirm install")
        await seat.settle()
        assert seat.board.nodes.grid.chosen == before
        assert engine.submitted == []
