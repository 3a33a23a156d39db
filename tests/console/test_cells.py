"""Of a frame only what differs is sent, and the terminal shows the same as if all of it had been."""

from __future__ import annotations

import os
import random
import re
import select
import termios
import time
import tty
from collections.abc import Iterator

import pytest

from tests.rigs.waiting import overdue
from tui.console.terminal.cells import Cells
from tui.console.terminal.pace import ANEW, ASK, FIRST, RESIZED, PacedFile

STYLES = (
    "1;38;2;1;2;3;48;2;4;5;6",
    "38;2;1;2;3;48;2;4;5;6",
    "38;2;9;2;3;48;2;4;5;6",
    "",
    "31",
    "2;31;44",
    "48;5;3",
    "4;31;44",
    "4;32;44",
)
SIGNS = "ab x╭文"


class Terminal:
    """As much of one as a frame needs."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], tuple[dict[str, str], str]] = {}

    @property
    def looks(self) -> dict[tuple[int, int], object]:
        """What there is to see: a blank without a line has a ground only."""
        return {
            at: (sign, style.get("ground") if sign == " " and "4" not in style else style)
            for at, (style, sign) in self.cells.items()
        }

    def feed(self, data: str) -> None:
        at, style = (1, 1), dict[str, str]()
        for row, column, numbers, sign in re.findall(r"\x1b\[(?:(\d+);(\d+)H|([\d;]*)m)|([^\x1b\n])", data):
            if sign:
                for part in (sign, "") if sign == "文" else (sign,):
                    self.cells[at] = style, part
                    at = at[0], at[1] + 1
            elif row:
                at = int(row), int(column)
            else:
                style = _styled(style, numbers)


def _styled(style: dict[str, str], numbers: str) -> dict[str, str]:
    """One dictionary a style: a colour takes the place of another."""
    for part in re.findall(r"[34]8;(?:2;\d+;\d+;\d+|5;\d+)|\d+", numbers or "0"):
        place = {"3": "ink", "4": "ground"}[part[0]] if part[0] in "34" and len(part) > 1 else part
        style = {**style, place: part} if part != "0" else {}
    return style


def frame(chance: random.Random) -> str:
    parts = []
    for _ in range(chance.randint(1, 4)):
        parts.append(f"\x1b[{chance.randint(1, 5)};{chance.randrange(1, 30, 2)}H")
        for _ in range(chance.randint(1, 4)):
            style = chance.choice(STYLES)
            text = "".join(sign if sign == "文" else sign * 2 for sign in chance.choices(SIGNS, k=4))
            parts.append(f"\x1b[{style}m{text}\x1b[0m" if style else text)
        parts.append("\n")
    return "".join(parts) + "\x1b[1;1H"


@pytest.mark.parametrize("seed", range(20))
def test_the_terminal_shows_what_it_would_have_shown(seed: int) -> None:
    chance, cells, whole, parts = random.Random(seed), Cells(), Terminal(), Terminal()
    for _ in range(20):
        drawn = frame(chance)
        whole.feed(drawn)
        assert cells.take(drawn)
        while cells.differ:
            parts.feed(cells.send(chance.randint(1, 200)))
        assert parts.looks == whole.looks


def test_the_same_again_costs_nothing_and_one_sign_little_more_than_itself() -> None:
    cells = Cells()
    cells.take("\x1b[1;1H\x1b[31mabc 10 s\x1b[0m\x1b[1;1H")
    cells.send(9999)
    cells.take("\x1b[1;1H\x1b[31mabc 10 s\x1b[0m\x1b[1;1H")
    assert not cells.differ
    cells.take("\x1b[1;1H\x1b[31mabc 11 s\x1b[0m\x1b[1;1H")
    assert cells.send(9999) == "\x1b[1;6H\x1b[31m1\x1b[m\x1b[1;1H"


def test_what_is_no_frame_is_not_touched() -> None:
    assert not Cells().take("\x1b[?1049h")
    assert not Cells().take("\x1b[1;1Ha\x1b]0;title\x07\x1b[1;1H")
    assert not Cells().take("Traceback")


class Line:
    """A paced file on a terminal from which somebody else reads."""

    def __init__(self) -> None:
        self.end, inner = os.openpty()
        tty.setraw(inner)
        self.inner = os.fdopen(inner, "w")
        self.file = PacedFile(self.inner)
        self.seen = b""

    def read_until(self, words: bytes) -> None:
        begun = time.monotonic()
        while words not in self.seen:
            assert not overdue(begun, 10), self.seen[-200:]
            self.read()

    def read(self) -> None:
        if select.select([self.end], [], [], 0.05)[0]:
            self.seen += os.read(self.end, 65_536)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.file.finish()
    line.inner.close()
    os.close(line.end)


def page(sign: str) -> str:
    return "".join(f"\x1b[{row};1H{sign * 100}\n" for row in range(1, 91)) + "\x1b[1;1H"


def test_frames_wait_for_a_terminal_that_has_still_to_draw(line: Line) -> None:
    line.file.write(page("a"))
    line.read_until(ASK.encode())
    for sign in "bcdefgh":
        line.file.write(page(sign))
        assert line.file.behind
    line.file.write("\x1b[?25h")  # an order does not wait
    line.read_until(b"\x1b[?25h")
    assert len(line.seen) < 2 * FIRST
    while line.file.behind:
        line.file.answered()
        line.read()
    line.read_until(b"\x1b[90;1H" + b"h" * 100)
    assert not re.search(rb"[b-g]{100}", line.seen[FIRST * 2 :])  # what is old by then is never sent


def test_a_small_change_goes_first(line: Line) -> None:
    line.file.write(page("a"))
    while len(line.seen) < FIRST:
        line.read()
    line.file.write("\x1b[40;1Hthe answer to a key\x1b[1;1H")
    before = len(line.seen)
    line.file.answered()
    line.read_until(b"the answer to a key")
    assert line.seen[before:].lstrip(b"\x1b[m").startswith(b"40;1Hthe answer")


def test_another_size_forgets_what_was_drawn_for_the_old_one(line: Line) -> None:
    line.file.write("\x1b[1;1Hold\x1b[1;1H")
    line.read_until(b"old")
    line.file.write(RESIZED)
    line.file.write("\x1b[1;1Hold\x1b[2;1Hnew\x1b[1;1H")
    line.read_until(b"new")
    assert line.seen.count(b"old") == 2


def test_what_another_program_has_overwritten_is_drawn_again(line: Line) -> None:
    line.file.write("\x1b[1;1Hhere\x1b[1;1H")
    line.read_until(b"here")
    line.file.write(ANEW)
    while line.seen.count(b"here") < 2:
        line.read()


def test_a_slow_line_says_so_itself() -> None:
    outer, inner = os.openpty()
    settings = termios.tcgetattr(inner)
    settings[4] = settings[5] = termios.B9600
    termios.tcsetattr(inner, termios.TCSANOW, settings)
    with os.fdopen(inner, "w") as terminal:
        file = PacedFile(terminal)
        file.write(page("a"))
        assert len(os.read(outer, 65_536)) < 2 * 512
        file.finish()
    os.close(outer)
