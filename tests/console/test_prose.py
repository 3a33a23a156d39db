"""Text that was meant for another window starts nothing: a megabyte of each kind, and every screen."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste

from tests.console.screen import Seat
from tests.console.story_engine import StoryEngine
from tests.console.walk import stations, walking
from tui.console.hands import ALONE_S, FASTER_S, TOO_FAST, Hands, Room

MEGABYTE = 1 << 20
PROSE = "Yes, please do: why not? Only you can say so. px04 7 is quite well, and so is anybody. Now go on!\r"
HISTORY = "ssh px04\r/opt/DIS/sbin/dis_services stop\ry\rpx04\r04 7\r047\rreboot\ryes\rexit\rq\rn\r\r"
TEXTS = {"prose": PROSE, "history": HISTORY, "y": "y" * 99, "enter": "\r" * 99, "n": "n" * 99}
FAST = (0.0, 0.001, 0.01, 0.02)
"""Seconds between keys that are those of a program."""
HELD, TYPED = (0.033, 0.092), (0.04, 0.06, 0.1)
"""The same of a key that is held down, here and on a Linux console; and of quick hands."""


def keys(text: str) -> list[Key]:
    """As the terminal gives them."""
    return [event for event in XTermParser().feed(text) if isinstance(event, Key)]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("apart", [*FAST, *HELD])
def test_of_a_megabyte_no_key_decides(text: str, apart: float) -> None:
    hands, alone, one = Hands(), Room(ALONE_S, ALONE_S), keys(TEXTS[text])
    at = 0.0
    for key in itertools.islice(itertools.cycle(one), MEGABYTE // (len(FAST) + len(HELD))):
        at += apart
        assert not [*hands.heard(key, at, alone)]
    assert not [*hands.let_go()]
    assert hands.ignored == 1, "it is one burst"


def test_a_person_is_heard() -> None:
    hands, text, end = Hands(), Room(FASTER_S, FASTER_S), Room(FASTER_S, ALONE_S)
    zero, four, seven, enter = keys("047\r")
    said = []
    for at, key, room in ((1.0, zero, text), (1.05, four, text), (1.1, seven, text), (1.15, enter, end)):
        said += [key for key, _ in hands.heard(key, at, room)]
    assert said == [zero, four, seven]
    assert [key for key, _ in hands.let_go(enter)] == [enter]
    (yes,) = keys("y")
    assert not [*hands.heard(yes, 2.0, Room(ALONE_S, ALONE_S))]
    assert [*hands.let_go(yes)] == [(yes, 2.0)]
    assert hands.ignored == 0


def test_a_device_types_a_code_and_a_person_ends_it() -> None:
    hands, code_room, end = Hands(), Room(0.0, 0.0, any_speed=True), Room(FASTER_S, ALONE_S)
    *code, enter = keys("cccjgjgkhcbbirdrfdnl\r")
    said = [key for n, key in enumerate(code) for key, _ in hands.heard(key, 1.0 + n * 0.004, code_room)]
    assert said == code
    assert not [*hands.heard(enter, 1.08, end)], "the device's own Enter"
    assert not [*hands.let_go()]
    assert not [*hands.heard(enter, 3.0, end)]
    assert [key for key, _ in hands.heard(code[0], 3.06, code_room)] == code[:1], "text follows that Enter"
    assert not [*hands.let_go()]
    assert not [*hands.heard(enter, 5.0, end)]
    assert [key for key, _ in hands.let_go()] == [enter]


async def feed(seat: Seat, text: list[Key], apart: float) -> None:
    """What the terminal's thread would put into the app's queue, without the queue."""
    for number, key in enumerate(text):
        seat._clock[0] += apart
        await seat.app.on_event(key.copy())
        if apart > FASTER_S or number % 500 == 0:
            await asyncio.sleep(0)  # whatever else the app has to do
    seat._clock[0] += 1.0
    await seat.let_go()


EVERYWHERE = (
    ("prose", 0.001),
    ("history", 0.02),
    ("prose", 0.06),
    ("history", 0.1),
    ("y", 0.033),
    ("enter", 0.092),
)
"""What is tried on each screen; the test above has all of it."""


@pytest.mark.slow
async def test_no_text_does_anything_to_the_run_whatever_stands_on_the_screen() -> None:
    text = {name: keys(TEXTS[name] * (200 // len(TEXTS[name]) + 1)) for name in TEXTS}
    async with walking(80, 24) as seat:
        engine = seat.board.model.engine
        assert isinstance(engine, StoryEngine)
        async for place in stations(seat):
            for name, apart in EVERYWHERE:
                await feed(seat, text[name], apart)
                await seat.app.on_event(Paste(TEXTS[name] * 20))
                assert engine.submitted == [], (place, name)
            await seat.settle()
            assert engine.submitted == [], place


async def test_what_came_too_fast_is_told() -> None:
    async with walking(80, 24) as seat:
        await feed(seat, keys("px"), 0.0)
        await seat.shows(TOO_FAST)
        assert seat.on_board
        await seat.press("m")
        await seat.shows("When to wait for a person")
        await seat.rest()
        await feed(seat, keys("px\r"), 0.0)
        await seat.shows(TOO_FAST, "When to wait for a person")
