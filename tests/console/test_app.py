"""Start and end: the first paint waits for nothing, an error is one sentence, a password finds its way."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading

import pytest
from textual._styles_cache import StylesCache

from tests.console.screen import seated
from tests.console.story import begin, mid_update
from tests.console.story_engine import StoryEngine
from tests.rigs.waiting import patience
from tui.console.app import ConsoleConfig, ExitSummary, RollcallApp
from tui.console.prompts import PersonPrompt
from tui.remote import Question
from tui.rollout.interface import Advice, Engine


def test_the_first_paint_imports_neither_ssh_nor_the_engine() -> None:
    code = "import sys, tui.console.app; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "tui.console.screens.welcome" in loaded
    assert not {"paramiko", "pydantic", "ClusterShell", "jinja2"} & loaded
    assert not {name for name in loaded if name.startswith(("tui.rollout", "tui.remote", "tui.model"))}


async def test_it_paints_before_the_session_is_open() -> None:
    ready = asyncio.Event()
    engine = begin(StoryEngine())

    async def open_engine() -> Engine:
        await ready.wait()
        return engine

    async with seated(engine, config=ConsoleConfig(open_engine)) as seat:
        await seat.shows("Rollcall  px-prod", "connecting …", "q quit")
        ready.set()
        await seat.shows("Nodes 8 + mgmt ∙ 8 waiting")


async def test_an_error_at_start_is_one_sentence_with_its_code() -> None:
    async def open_engine() -> Engine:
        raise OSError("px-prod.toml: there is no such cluster file.\x1b[2J")

    config = ConsoleConfig(open_engine, explain=lambda error: ExitSummary(6, (str(error),)))
    async with seated(StoryEngine(), config=config) as seat:
        await seat.shows(
            "Rollcall cannot start", "there is no such cluster file.", "q leaves with exit code 6"
        )
        assert "\x1b" not in seat.text
        await seat.press("q")
        assert seat.app.return_value == 6
        assert seat.app.farewell().code == 6


async def test_leaving_while_connecting_is_canceled() -> None:
    async def open_engine() -> Engine:
        await asyncio.Event().wait()
        raise AssertionError

    async with seated(StoryEngine(), config=ConsoleConfig(open_engine)) as seat:
        await seat.shows("connecting")
        await seat.press("q")
        assert not seat.app.is_running
        assert seat.app.farewell() == ExitSummary(7)


async def test_the_last_words_are_those_of_the_state_left() -> None:
    engine = mid_update(StoryEngine())

    async def open_engine() -> Engine:
        return engine

    def ending(left: Engine) -> ExitSummary:
        return ExitSummary(4, (f"{left.state.current} is in work",))

    async with seated(engine, config=ConsoleConfig(open_engine, ending=ending)) as seat:
        await seat.shows("px04 ∙ install")
        await seat.press("S")
        await seat.shows("If you leave now", "px04 is in work")
        await seat.press("escape", "q", "down", "enter")
        assert seat.app.farewell() == ExitSummary(4, ("px04 is in work",))


async def test_a_thread_gets_the_password_that_a_person_types() -> None:
    person = PersonPrompt()
    got: list[str | None] = []
    engine = begin(StoryEngine())

    async def open_engine() -> Engine:
        for prompt in ("first", "second"):
            got.append(await asyncio.to_thread(person.ask, Question(prompt)))
        return engine

    async with seated(engine, config=ConsoleConfig(open_engine, person=person)) as seat:
        await seat.shows("first")
        await seat.press(*"pw1", "enter")
        await seat.shows("second")
        await seat.press("escape")
        await seat.shows("Nodes 8")
    assert got == ["pw1", None]


def test_without_a_console_a_password_is_declined_and_waiting_threads_are_let_go() -> None:
    person = PersonPrompt()
    assert person.ask(Question("x")) is None
    shown = threading.Event()
    person.attach(lambda _prompt, _future: shown.set())
    got: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: got.append(person.ask(Question("x"))), daemon=True) for _ in range(3)
    ]
    for asked in threads:
        asked.start()
    assert shown.wait(5)
    person.detach()
    for asked in threads:
        asked.join(5 * patience())
    assert got == [None] * 3


async def test_an_error_of_the_console_itself_is_a_sentence_without_a_traceback() -> None:
    engine = mid_update(StoryEngine())

    class BrokenError(Exception):
        pass

    def advice() -> Advice:
        raise BrokenError("secret in a message")

    apps: list[RollcallApp] = []

    async def broken_console() -> None:
        async with seated(engine) as seat:
            apps.append(seat.app)
            engine.advice = advice  # type: ignore[method-assign]
            seat.board.redraw()
            while not seat.app.crash:
                await seat.pilot.pause()

    with pytest.raises(BrokenError):
        await broken_console()
    farewell = apps[0].farewell()
    assert farewell.code == 4
    assert "stopped because of an error of its own: BrokenError at test_app.py" in farewell.sentences[0]
    assert "secret" not in farewell.sentences[0]


async def test_a_page_that_was_left_is_forgotten_with_all_that_it_drew() -> None:
    def drawn() -> int:
        gc.collect()
        return sum(type(each) is StylesCache for each in gc.get_objects())

    async with seated(mid_update(StoryEngine())) as seat:
        counts = []
        for _ in range(4):
            await seat.press("question_mark")
            await seat.until(lambda: not seat.on_board, "the page is there")
            await seat.press("escape")
            await seat.until(lambda: seat.on_board, "the page is left")
            counts.append(drawn())
    assert counts[-1] - counts[1] <= 1
