"""The command table: one place for keys, footer, palette and help."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.console.screen import seated
from tests.console.story import mid_update
from tests.console.story_engine import StoryEngine
from tui.console.commands.base import KeyCommand
from tui.console.commands.table import BY_ID, COMMANDS, footer


def test_keys_and_ids_are_taken_once() -> None:
    keys = [key for command in COMMANDS for key in command.keys.split(",")]
    assert len(keys) == len(set(keys))
    assert len(BY_ID) == len(COMMANDS)


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


async def test_the_footer_is_the_table_and_keeps_what_matters_most() -> None:
    async with seated(mid_update(StoryEngine()), 160, 48) as seat:
        last = seat.text.split("\n")[-1]
        assert all(f"{command.key} {command.label(seat.board)}" in last for command in footer())
        await seat.resize(80, 24)
        last = seat.text.split("\n")[-1]
        assert "enter confirm" in last
        assert "? help" in last
        assert "journal" not in last


async def test_a_click_in_the_footer_is_as_good_as_the_key() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        column = seat.text.split("\n")[-1].index("q quit")
        await seat.pilot.click(offset=(column, 35))
        await seat.shows("leave it running and quit")


async def test_the_palette_finds_every_command() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        found = {entry.title for entry in seat.app.get_system_commands(seat.board)}
        assert found == {f"{command.word} ({command.key})" for command in COMMANDS}
        await seat.press("ctrl+p", *"journal")
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
