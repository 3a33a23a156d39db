"""In a real terminal: it starts, paints and quits, gives the terminal back, and lets nothing raw through."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.console.glass import Glass
from tests.rigs.waiting import patience
from tui.console.dialogs.base import DEAF_SECONDS

HIDE_CURSOR = b"\x1b[?25l"
CHILD = ("-m", "tests.console.pty_app")
LEAVE_ALTERNATE, SHOW_CURSOR, NO_MOUSE = b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"


def given_back(glass: Glass) -> None:
    """The terminal is as it was before."""
    assert glass.after == glass.before
    for sequence in (LEAVE_ALTERNATE, SHOW_CURSOR, NO_MOUSE):
        assert sequence in glass.seen


def start_paint_quit(what: str) -> tuple[float, float]:
    """Seconds of CPU, and from the start to the end, of a console that is left as soon as it has painted."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Glass(*CHILD, what) as glass:
        glass.shows(b"connecting")
        glass.press(b"q")
        glass.end()
        given_back(glass)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return used, glass.ended_after


def test_starting_painting_and_quitting_cost_little_more_than_the_smallest_app() -> None:
    ours, smallest = [], []
    for _ in range(3):
        ours.append(start_paint_quit("waiting"))
        smallest.append(start_paint_quit("minimal"))
    used, passed = (min(column) for column in zip(*ours, strict=True))
    least, least_passed = (min(column) for column in zip(*smallest, strict=True))
    assert used < 2 * least + 0.3
    assert passed < 2 * least_passed + 0.3 * patience()


def test_the_demo_paints_at_once_and_can_be_left_at_once(state: Path) -> None:
    with Glass("-m", "tui", "demo", "--nodes", "1", "--state-dir", str(state)) as glass:
        glass.shows(b"connecting")
        glass.press(b"q")
        assert glass.end() == 7
        given_back(glass)
        assert b"Traceback" not in glass.seen


def test_what_stops_the_start_is_a_sentence_on_the_screen_and_after_it() -> None:
    with Glass(*CHILD, "failing") as glass:
        glass.shows(b"q leaves with exit code 1")
        glass.press(b"q")
        assert glass.end() == 1
        given_back(glass)
        last = glass.seen[glass.seen.rindex(LEAVE_ALTERNATE) :]
        assert b"px01 does not answer; look at its cable." in last
        assert b"Traceback" not in glass.seen


def test_no_raw_byte_of_a_node_reaches_the_terminal() -> None:
    with Glass(*CHILD, "hostile", size=(160, 48)) as glass:
        glass.shows(b"[root@n01 ~]")
        glass.press(b"\t")
        glass.press(b"j")
        glass.shows(b"Journal")
        glass.press_until(b"q", glass.ended)
        glass.end()
        given_back(glass)
    text = glass.seen.decode("utf-8")
    assert "owned" not in text
    assert "\x1b]0;" not in text
    assert not re.search("[\x80-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ue000]", text)


def test_a_whole_demo_by_keyboard_alone(state: Path) -> None:
    words = ("-m", "tui", "demo", "--nodes", "2", "--pace", "40", "--state-dir", str(state))
    with Glass(*words, size=(120, 36)) as glass:
        glass.shows(b"to pick it")
        glass.press(b"m")
        glass.shows(b"When to wait for a person")
        # A dialog is deaf at first, so the key is pressed until it is heard: the run may be over by then.
        heard = ("nobody while all is well", "The run is over")
        glass.press_until(b"\x1b[F\r", lambda: any(words in glass.screen.text for words in heard))
        glass.shows(b"The run is over")
        glass.press(b"\x1b")
        glass.shows(b"quit")
        glass.press_until(b"q", glass.ended)
        assert glass.end() == 0
        given_back(glass)
    last = glass.seen[glass.seen.rindex(LEAVE_ALTERNATE) :].decode()
    assert "run 5.21.2" in last
    assert "Report:" in last


@pytest.mark.slow
def test_an_unfinished_demo_is_offered(state: Path) -> None:
    words = ("-m", "tui", "demo", "--nodes", "1", "--pace", "40", "--state-dir", str(state))
    with Glass(*words) as glass:
        glass.shows(b"to pick it")
        leave(glass)
    with Glass(*words) as glass:
        glass.shows(b"is not finished")
        other = subprocess.run([sys.executable, *words, "--plain"], capture_output=True, check=False)
        assert other.returncode == 5
        assert f"look on with `rollcall watch demo --state-dir {state}`" in other.stderr.decode()
        glass.quiet(DEAF_SECONDS + 0.2)
        typed(glass, b"leave\r")
        assert glass.end() == 4
    last = glass.seen[glass.seen.rindex(LEAVE_ALTERNATE) :]
    assert b"stays as it is; `rollcall demo" in last
    with Glass("-m", "tui", "demo", "--nodes", "1", "--seed", "3", "--state-dir", str(state)) as glass:
        glass.shows(b"The options given hold for a new one only.")
        glass.quiet(DEAF_SECONDS + 0.2)
        typed(glass, b"resume\r")
        glass.shows(b"taken up again")
        leave(glass)


def typed(glass: Glass, word: bytes) -> None:
    """A word and its Enter, as fast as hands."""
    for key in word:
        glass.press(bytes([key]))
        glass.quiet(0.15)


def leave(glass: Glass) -> None:
    """Close what stands open, and quit: key by key, each when the screen is still."""
    for key in (b"\x1b", b"q", b"\x1b[B", b"\r"):
        glass.quiet(DEAF_SECONDS + 0.2)
        glass.press(key)
    assert glass.end() == 4


def put_away(glass: Glass) -> None:
    """The confirm has opened by itself, and is closed again."""
    glass.shows(b"Type node digits")
    glass.quiet(DEAF_SECONDS + 0.2)
    glass.press(b"\x1b")
    glass.shows(b"shows it again")
    glass.quiet(DEAF_SECONDS)
    glass.seen = b""


@pytest.mark.parametrize("ahead", [b"047\r", b"y\r", b"q\r", b"\r", b"a\r047\r"])
def test_what_is_typed_ahead_of_its_dialog_is_no_key_and_no_answer(ahead: bytes) -> None:
    """One write to the terminal: the key that opens the confirm, and what a quick person types after it."""
    with Glass(*CHILD, "asking") as glass:
        put_away(glass)
        glass.press(b"\r" + ahead)
        glass.shows(b"faster than hands")
        leave(glass)
    assert b"asked for: []" in glass.seen


def test_what_is_typed_when_the_dialog_is_seen_is_taken_whole() -> None:
    with Glass(*CHILD, "asking") as glass:
        put_away(glass)
        glass.press(b"\r")
        glass.shows(b"Type node digits")
        glass.quiet(DEAF_SECONDS + 0.2)
        for key in (b"0", b"4", b"7", b"\r"):  # as quick hands do
            glass.press(key)
            glass.quiet(0.06)
        leave(glass)
    assert b"asked for: [ConfirmStep(token='t1', typed='047', sample='s" in glass.seen


def test_a_linux_console_gets_ascii_and_its_cursor_where_the_focus_is(tmp_path: Path) -> None:
    """Standard error goes to a file meanwhile, which keeps the screen."""
    errors = tmp_path / "errors"
    with Glass(*CHILD, "asking", environ={"TERM": "linux"}, errors=errors) as glass:
        glass.shows(b"Type node digits")
        glass.quiet(DEAF_SECONDS + 0.2)
        asked, drawn = glass.cursor, glass.seen
        put_away(glass)
        glass.press(b"\x1b[H")
        glass.quiet(0.5)
        first = glass.cursor
        glass.press(b"\x1b[C")
        glass.quiet(0.5)
        second = glass.cursor
        glass.press(b"\x1b[B")
        glass.quiet(0.5)
        below = glass.cursor
        leave(glass)
    assert first == (3, 4)
    assert second[0] > first[0] + 10
    assert second[1] == first[1]
    assert below == (second[0], second[1] + 1)
    assert asked[1] > below[1] + 5
    assert drawn.rindex(SHOW_CURSOR) > drawn.rindex(HIDE_CURSOR)
    assert (drawn + glass.seen).isascii()
    assert errors.read_bytes() == b""
