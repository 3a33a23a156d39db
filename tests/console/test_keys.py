"""A person's own keys: bound, shown wherever a key is named, and refused with one sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.console.screen import seated
from tests.console.story import mid_update
from tests.console.story_engine import StoryEngine
from tui.console.app import ConsoleConfig
from tui.console.commands.keymap import KeysFileError, read_keys
from tui.console.commands.table import COMMANDS
from tui.rollout.interface import Engine

SHIPPED = Path(__file__).parents[2] / "config" / "keys.toml"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('note = "n"', "the key n is that of next-node and of note; give note another one."),
        ('next-node = "f5"\nnote = ["f6", "f5"]', "the key f5 is that of next-node and of note; give note"),
        ('nxt-node = "x"', "there is no command nxt-node; did you mean next-node?."),
        ('moon = "x"', "there is no command moon; there are next-node, confirm, "),
        ('note = "pagedn"', "note: there is no key pagedn; one is n, ?, f5 or ctrl+n."),
        ('note = "super+n"', "note: there is no key super+n"),
        ('note = "esc"', "note: there is no key esc"),
        ('note = "escape"', "note: escape has a fixed meaning; choose another key."),
        ('note = " "', "note: there is no key"),
        ("note = 7", 'note is neither a key nor a list of keys; write note = "f5".'),
        ("note = []", "note is neither a key nor a list of keys"),
        ('[keys]\nnote = "f5"', "there is no command keys"),
        ('note = "f5', "is not TOML: "),
        ('note = "f5"\nnote = "f6"', "is not TOML: "),
    ],
)
def test_a_file_that_cannot_hold_says_why_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(text)
    with pytest.raises(KeysFileError) as caught:
        read_keys(path, COMMANDS)
    assert str(caught.value).startswith(f"{path}")
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_bytes(b'note = "\xff"')
    with pytest.raises(KeysFileError, match="is not TOML"):
        read_keys(tmp_path / "keys.toml", COMMANDS)
    with pytest.raises(KeysFileError, match="cannot be read: Is a directory"):
        read_keys(tmp_path, COMMANDS)
    assert read_keys(tmp_path / "none.toml", COMMANDS) == {}


def test_the_example_has_every_command_with_its_usual_keys(tmp_path: Path) -> None:
    assert read_keys(SHIPPED, COMMANDS) == {}
    path = tmp_path / "keys.toml"
    path.write_text(re.sub(r"(?m)^# (?=[a-z-]+ = )", "", SHIPPED.read_text()))
    assert read_keys(path, COMMANDS) == {command.id: command.keys for command in COMMANDS}


async def test_own_keys_work_and_are_shown_wherever_a_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(
        'quit = "f10"\nnext-node = "N"\nsearch = "n"\nhelp = "f2"\npause-mode = "ctrl+e"\ntab = "#"\n'
    )
    engine = mid_update(StoryEngine())

    async def open_engine() -> Engine:
        return engine

    async with seated(engine, 160, 48, config=ConsoleConfig(open_engine, keys_file=path)) as seat:
        await seat.shows("f10 quit", "n search", "f2 help", "ctrl+e mode", "(N enter r s h: later)", "# tab")
        await seat.shows("waits at every step (ctrl+e)")
        await seat.press("n", *"px08")
        await seat.shows('1 of 9 with "px08"')
        await seat.press("escape", "j")
        await seat.shows("n search ∙ y copy ∙ esc back")
        await seat.press("n", *"px03")
        await seat.shows("enter next ∙ up back ∙ esc ends")
        await seat.press("escape", "f10", "f2", *"propose")
        await seat.shows("► N           next")
        await seat.press("escape", "q", "slash", "question_mark")
        assert seat.on_board
        await seat.press("ctrl+p", *"nex")
        await seat.shows("next (N)")
        await seat.press("escape", "ctrl+c")
        await seat.shows("leave it running and quit")


async def test_a_bad_file_is_told_before_the_run_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('note = "n"')

    async def open_engine() -> Engine:
        raise AssertionError

    async with seated(StoryEngine(), 80, 24, config=ConsoleConfig(open_engine, keys_file=path)) as seat:
        await seat.shows("Rollcall cannot start", "q leaves with exit code 1")
        assert "the key n is that of next-node and of note; give note another one." in " ".join(
            seat.text.replace("│", "").split()
        )
