"""The command table: one place for keys, footer, palette and help."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.console.screen import Seat, seated
from tests.console.story import end, mid_update
from tests.console.story_engine import StoryEngine
from tui.console.commands.base import KeyCommand
from tui.console.commands.table import COMMANDS, hints
from tui.model.steps import StepName
from tui.text.commands import COMMANDS as WORDS


def test_keys_and_ids_are_taken_once() -> None:
    keys = [key for command in COMMANDS for key in command.keys.split(",")]
    assert len(keys) == len(set(keys))
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)


def _kinds(kind: Any) -> set[Any]:
    found = {kind} if hasattr(kind, "id") else set()
    return found.union(*(_kinds(below) for below in kind.__subclasses__()))


def test_no_command_is_left_out_of_the_table() -> None:
    assert _kinds(KeyCommand) == {type(command) for command in COMMANDS}


def test_every_command_says_what_it_does() -> None:
    for command in COMMANDS:
        assert command.sentence.endswith(".")
        assert re.fullmatch(r"[a-z-]+", command.id)
        assert command.word == command.word.lower()
        assert command.__doc__


def test_the_keys_of_the_design() -> None:
    keys = {command.key: command.id for command in COMMANDS}
    wanted = {
        "n": "next-node",
        "enter": "confirm",
        "r": "rerun",
        "s": "skip-node",
        "h": "hold-node",
        "p": "pause",
        "c": "cancel",
        "m": "pause-mode",
        "/": "search",
        "f": "full",
        "j": "journal",
        "l": "plan",
        "o": "checks",
        "?": "help",
        "q": "quit",
        "tab": "panes",
    }
    assert wanted.items() <= keys.items()


def test_what_changes_the_run_is_named_so() -> None:
    changing = {command.id for command in COMMANDS if command.changes}
    assert changing == {
        "next-node",
        "confirm",
        "rerun",
        "skip-node",
        "hold-node",
        "cancel",
        "pause",
        "pause-mode",
        "sign-off",
        "note",
    }


def footing(seat: Seat) -> str:
    return seat.text.split("\n")[-1]


async def test_the_footer_has_what_works_now_and_then_what_waits() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine, 160, 48) as seat:
        live = [hint for hint in hints(seat.board) if hint.enabled]
        assert len(live) > 8
        assert all(f"{hint.key} {hint.word}" in footing(seat) for hint in live)
        assert footing(seat).endswith("(n enter r s h: later)")
        await seat.resize(80, 24)
        assert footing(seat).startswith(" c cancel  p pause  q quit  ")
        assert "? help" in footing(seat)
        assert footing(seat).endswith("(n enter r s h: later)")
        assert "journal" not in footing(seat)
        end(engine, "px04", StepName.INSTALL, status="failed", code=1, summary="bad")
        await seat.settle()
        assert footing(seat).startswith(" r rerun  s skip  h hold  c cancel  p pause  q quit")
        assert footing(seat).endswith("(n enter: later)")
        engine.read_only = True
        await seat.settle()
        assert footing(seat).startswith(" q quit  / search")
        assert "later" not in footing(seat)


async def test_a_click_on_a_key_that_waits_says_why_and_does_nothing() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.pilot.click(offset=(footing(seat).index("(n ") + 1, 35))
        await seat.shows("next: px04 is being worked on")
        assert seat.on_board
        assert engine.submitted == []


async def test_keys_of_a_pane_stand_at_its_tabs_and_those_take_clicks() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine, 80, 24) as seat:
        assert "[SIA]  build  log in  t tab  w write" in seat.line("[SIA]")
        assert "y copy ∙ follow" in seat.text
        at = seat.text.split("\n").index(seat.line("[SIA]"))
        await seat.pilot.click(offset=(seat.line("[SIA]").index("build"), at))
        await seat.shows("SIA  [build]  log in  t tab")


async def test_a_click_in_the_footer_is_as_good_as_the_key() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        column = footing(seat).index("q quit")
        await seat.pilot.click(offset=(column, 35))
        await seat.shows("leave it running and quit")


async def test_the_palette_finds_every_command_and_has_what_is_possible_first() -> None:
    async with seated(mid_update(StoryEngine()), 120, 90) as seat:
        await seat.press("ctrl+p")
        await seat.shows("not now: px04 is being worked on")
        places = [seat.text.index(f"{command.label(seat.board)} ({command.key})") for command in COMMANDS]
        possible = [not command.refusal(seat.board) for command in COMMANDS]
        last = max(place for place, now in zip(places, possible, strict=True) if now)
        assert last < min(place for place, now in zip(places, possible, strict=True) if not now)
        await seat.press(*"journal")
        await seat.shows("journal (j)")
        await seat.press("down", "enter")
        await seat.shows("Journal", "esc back")


async def test_keys_can_be_given_to_other_commands_by_id() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        seat.app.set_keymap({"journal": "f5"})
        await seat.press("f5")
        await seat.shows("Journal", "esc back")


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_no_key_leaves_without_asking(key: str) -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        await seat.press(key)
        await seat.shows("leave it running and quit")
        assert seat.app.is_running


def test_plain_mode_has_the_same_words_in_the_same_order() -> None:
    assert [command.id for command in COMMANDS if command.id in WORDS] == list(WORDS)
    assert {c.id: (c.word, c.sentence) for c in COMMANDS if c.id in WORDS} == WORDS
