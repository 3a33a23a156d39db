"""Questions to the person at the console, by a run that is being opened and by connecting threads."""

import threading
from concurrent.futures import Future
from typing import Any

import pytest

from tests.console.screen import Seat, seated
from tests.console.story import mid_update
from tests.console.story_engine import StoryEngine
from tests.rigs.waiting import wait_until_async
from tui.console.app import ConsoleConfig, RollcallApp
from tui.console.dialogs.base import Dialog
from tui.console.dialogs.entry import EntryDialog
from tui.console.hands import Hands
from tui.console.prompts import AgreementPrompt, PersonPrompt
from tui.remote import Question
from tui.rollout.interface import Engine

CHANGES = ("policy.allowed_down: 1 -> 2",)


@pytest.mark.parametrize(("keys", "agreed"), [(("d", "e", "m", "o", "enter"), True), (("escape",), False)])
async def test_typing_the_name_agrees_and_esc_does_not(keys: tuple[str, ...], agreed: bool) -> None:
    prompt, answers = AgreementPrompt(), list[bool]()

    async def open_engine() -> Engine:
        answers.append(await prompt.ask("demo", CHANGES))
        raise OSError("that is all")

    app = RollcallApp(ConsoleConfig(open_engine=open_engine, agreement=prompt))
    async with app.run_test() as pilot:
        await wait_until_async(lambda: _listens(app), 30)
        shown = " ".join(str(widget.render()) for widget in app.screen.query("#question"))
        assert CHANGES[0] in shown
        for key in keys:
            await pilot.press(key)
            await app.let_go()
            app.hands = Hands()  # as if time had passed
        await wait_until_async(lambda: bool(answers), 30)
    assert answers == [agreed]


def _listens(app: RollcallApp) -> bool:
    """The dialog is there, and takes keys."""
    return isinstance(app.screen, EntryDialog) and app.screen.deaf_until < app.monotonic()


async def test_without_a_console_nobody_agrees() -> None:
    assert not await AgreementPrompt().ask("demo", CHANGES)


def asks(seat: Seat, question: Question) -> Future[str | None]:
    """What comes of a question that a connecting thread has."""
    answer: Future[str | None] = Future()
    seat.app._ask_person(question, answer)
    return answer


async def test_what_is_typed_can_be_seen_unless_it_is_a_secret_and_all_of_it_fits() -> None:
    lines = tuple(f"Line {number} of what a person should know." for number in range(10))
    async with seated(mid_update(StoryEngine()), 80, 24) as seat:
        answer = asks(seat, Question("Is it so?", False, lines, title="Host key of px04"))
        await seat.shows("Host key of px04", *lines, "Is it so?", "enter done")
        assert "memory" not in seat.text
        await seat.press(*"yes")
        assert "yes" in seat.text
        await seat.press("enter")
        assert answer.result(0) == "yes"
        secret = asks(seat, Question("One-time code:", hidden=True))
        await seat.shows("One-time code:", "memory")
        await seat.rest()
        await seat.press_apart(0.004, *"cccjgjgk", "enter")
        assert not secret.done(), "a device's Enter"
        await seat.press("enter")
        assert secret.result(0) == "cccjgjgk"


async def test_questions_of_many_threads_come_one_after_another() -> None:
    person, got = PersonPrompt(), list[str | None]()
    engine = mid_update(StoryEngine())

    async def open_engine() -> Engine:
        return engine

    def ask(node: str) -> None:
        got.append(person.ask(Question(f"Password for {node}")))

    async with seated(engine, config=ConsoleConfig(open_engine, person=person)) as seat:
        await seat.shows("Nodes 8")
        nodes = ["px01", "px02", "px03"]
        for node in nodes:
            threading.Thread(target=ask, args=(node,), daemon=True).start()
        for count in range(1, 4):
            await seat.shows("Password for")
            assert len(dialogs(seat)) == 1
            asking = next(node for node in nodes if f"Password for {node}" in seat.text)
            await seat.press(*asking, "enter")
            await seat.until(lambda count=count: len(got) == count, "it is answered")  # type: ignore[misc]
    assert sorted(filter(None, got)) == nodes


def dialogs(seat: Seat) -> list[Dialog[Any]]:
    return [screen for screen in seat.app.screen_stack if isinstance(screen, Dialog)]


async def test_a_question_waits_for_the_dialog_that_is_open() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("m")
        before = seat.app.screen
        assert dialogs(seat) == [before]
        answer = asks(seat, Question("Is it the key?", title="Password for px04"))
        await seat.press(*"on leave")
        assert seat.app.screen is before
        await seat.shows("! a question waits until this is closed: Password for px04")
        await seat.press("escape")
        await seat.until(lambda: "waits until" not in seat.text, "the question has come")
        await seat.shows("Password for px04")
        await seat.press(*"pw", "enter")
        assert answer.result(0) == "pw"


async def test_a_question_waits_for_the_search_that_is_typed() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        await seat.press("slash", *"fail")
        answer = asks(seat, Question("Password for px04"))
        await seat.press(*"ed")
        assert not dialogs(seat)
        await seat.press("escape")
        await seat.shows("Password for px04")
        await seat.press("escape")
        assert answer.result(0) is None


async def test_the_board_does_not_come_over_a_question() -> None:
    """The run is opened while a person still reads: the board is there when they have answered."""
    person, got = PersonPrompt(), list[str | None]()
    engine = mid_update(StoryEngine())

    async def open_engine() -> Engine:
        thread = threading.Thread(target=lambda: got.append(person.ask(Question("Is it so?"))), daemon=True)
        thread.start()
        await wait_until_async(lambda: seats and dialogs(seats[0]))
        return engine

    seats: list[Seat] = []
    config = ConsoleConfig(open_engine, person=person)
    async with seated(engine, config=config) as seat:
        seats.append(seat)
        await seat.shows("Is it so?")
        await seat.until(lambda: seat.app.engine is not None, "the run is open")
        await seat.press(*"yes", "enter")
        await seat.shows("Nodes 8")
    assert got == ["yes"]
