"""Output panes: following, standing still, searching, writing, copying, and a hundred thousand lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.geometry import Size

from tests.console.screen import seated
from tests.console.story import mid_update
from tests.console.story_engine import StoryEngine
from tui.console.look.glyphs import UNICODE
from tui.console.panes.feed import TAIL, Feed
from tui.console.panes.scrollback import LINES
from tui.model.steps import StepName

KEY = ("px04", StepName.INSTALL, 1)


def numbered(count: int, first: int = 0) -> bytes:
    return b"".join(b"line %06d\n" % number for number in range(first, first + count))


async def test_it_follows_the_end() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        engine.outputs[KEY] += numbered(500)
        await seat.shows("line 000499", "follow")


async def test_a_reader_in_the_middle_is_not_dragged_along() -> None:
    engine = mid_update(StoryEngine())
    engine.outputs[KEY] = numbered(300)
    async with seated(engine) as seat:
        await seat.shows("line 000299")
        await seat.press("tab", "pageup", "pageup")
        top = seat.line("line 0002")
        engine.outputs[KEY] += numbered(300, 300)
        await seat.until(lambda: len(seat.board.left.pane.scrollback.rows) > 600, "all is read")
        assert seat.line("line 0002") == top
        assert "end follows" in seat.text
        await seat.press("end")
        await seat.shows("line 000599", "follow")


async def test_the_middle_stays_under_his_eyes_while_old_lines_are_dropped() -> None:
    engine = mid_update(StoryEngine())
    engine.outputs[KEY] = numbered(LINES)
    async with seated(engine) as seat:
        await seat.shows(f"line {LINES - 1:06}")
        await seat.press("tab", "pageup")
        top = seat.board.left.pane.text_in_sight()
        scrollback = seat.board.left.pane.scrollback
        engine.outputs[KEY] += numbered(5000, LINES)
        await seat.until(lambda: scrollback.dropped + len(scrollback.entries) > LINES + 5000, "all is read")
        assert scrollback.dropped > 0
        assert seat.board.left.pane.text_in_sight() == top


async def test_of_a_long_output_the_tail_is_read_and_the_gap_is_told() -> None:
    engine = mid_update(StoryEngine())
    engine.outputs[KEY] = numbered(200_000)
    engine.tell("attempt.output", "px04", StepName.INSTALL, 1, offset=len(engine.outputs[KEY]))
    async with seated(engine) as seat:
        await seat.shows("line 199999")
        held = seat.board.left.pane.scrollback
        assert held.dropped + len(held.entries) < TAIL / len(numbered(1)) + 10
        await seat.press("tab", "home")
        assert len(held.entries) <= LINES * 1.1
        await seat.shows("w writes earlier lines too")


async def test_a_part_skipped_is_said_and_begins_at_a_whole_line() -> None:
    engine = mid_update(StoryEngine())
    engine.outputs[KEY] = b"".join(b"%06d %s\n" % (number, b"x" * 200) for number in range(6000))
    engine.tell("attempt.output", "px04", StepName.INSTALL, 1, offset=len(engine.outputs[KEY]))
    async with seated(engine) as seat:
        await seat.shows("005999")
        node = engine.state.nodes["px04"]
        feed = Feed(engine, "px04", (StepName.INSTALL,), UNICODE)
        assert feed.pull(node)
        first = [entry.line.text for entry in feed.scrollback.entries[:3]]
        assert first[1] == "── 194 KiB before this are in the output file; w writes all of it"
        assert re.fullmatch(r"\d{6} x{200}", first[2])


async def test_search_counts_and_walks() -> None:
    engine = mid_update(StoryEngine())
    engine.outputs[KEY] = numbered(200)
    async with seated(engine) as seat:
        await seat.shows("line 000199")
        await seat.press("tab", "slash", *"line", "space", *"0001")
        await seat.shows("100 of 100")
        await seat.press("up")
        await seat.shows("99 of 100")
        await seat.press("enter", "down")
        await seat.shows("1 of 100", "line 000100")
        await seat.press(*"99")
        await seat.shows("1 of 1", "line 000199")
        await seat.press("x")
        await seat.shows("not found")
        await seat.press("escape")
        assert seat.app.focused is seat.board.left.pane


async def test_full_gives_one_pane_the_screen() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("tab", "f")
        assert "px07" not in seat.text
        assert "Installing node packages" in seat.text
        await seat.press("tab")
        await seat.shows("Stopping Dolphin IRM driver")
        await seat.press("f")
        await seat.shows("px07", "px04 ∙ install", "Installing node packages")


async def test_write_keeps_every_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    engine = mid_update(StoryEngine())
    engine.outputs[KEY] = bytes(range(256)) * 2000
    async with seated(engine) as seat:
        await seat.press("tab", "w")
        await seat.shows("wrote px04-SIA.log: 512,000 bytes as the node printed them")
        await seat.press("w")
        await seat.shows("wrote px04-SIA-2.log")
    assert (tmp_path / "px04-SIA.log").read_bytes() == engine.outputs[KEY]


async def test_write_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("tab", "w")
        await seat.shows("write: px04-SIA.log cannot be written")


async def test_copy_takes_what_is_in_sight() -> None:
    engine = mid_update(StoryEngine())
    engine.outputs[KEY] = b"one\x1b]0;own\x07\ntwo\n"
    async with seated(engine) as seat:
        await seat.press("tab", "y")
        await seat.shows("copied 3 lines")
        assert seat.app.clipboard.split("\n")[1:] == ["one", "two"]


async def test_a_pane_that_changes_its_width_keeps_all_lines() -> None:
    engine = mid_update(StoryEngine())
    engine.outputs[KEY] = b"word " * 40 + b"\n" + numbered(3)
    async with seated(engine, 160, 48) as seat:
        wide = seat.text.count("word")
        await seat.resize(120, 36)
        assert seat.text.count("word") == wide == 40
        assert seat.board.left.pane.virtual_size.height == len(seat.board.left.pane.scrollback.rows)
        assert seat.board.left.pane.size > Size(10, 10)
