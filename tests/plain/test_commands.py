"""What can be typed at any question, on an engine that a test has written: cheap, and each word once."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.console.story import mid_update, offer
from tests.console.story_engine import StoryEngine
from tui.model import intents as it
from tui.model.states import PauseMode, RerunScope
from tui.model.steps import StepName
from tui.plain.answerers import PromptAnswerer
from tui.plain.terminal import Terminal
from tui.rollout.interface import Choice
from tui.text.commands import COMMANDS


@contextmanager
def typing(*lines: str) -> Iterator[tuple[PromptAnswerer, io.StringIO]]:
    """Somebody who types these lines, and what is said to them."""
    reader, writer = os.pipe()
    os.write(writer, "".join(f"{line}\n" for line in lines).encode())
    os.close(writer)
    out = io.StringIO()
    yield PromptAnswerer(Terminal(out, source=reader)), out
    os.close(reader)


async def answered(engine: StoryEngine, *lines: str) -> str:
    with typing(*lines) as (answerer, out):
        await answerer.attend(engine)
    return out.getvalue()


def paused() -> StoryEngine:
    engine = mid_update(StoryEngine())
    engine.tell("run.state", status="paused-by-user", summary="as asked")
    engine.options = (
        Choice("rerun install", "once more", it.RequestReboot(node="px04"), recommended=True),
        Choice("cancel the run", "end it here", it.CancelRun(reason=""), needs_reason=True),
    )
    return engine


@pytest.mark.parametrize(
    ("lines", "intent"),
    [
        (["hold px05 fan failure"], it.HoldNode(node="px05", reason="fan failure")),
        (["hold", "px05", "fan failure"], it.HoldNode(node="px05", reason="fan failure")),
        (["skip px05", "not tonight"], it.SkipNode(node="px05", reason="not tonight")),
        (["mode every node"], it.ChangePauseMode(mode=PauseMode.EVERY_NODE)),
        (["mode", "4"], it.ChangePauseMode(mode=PauseMode.NONE)),
        (["note all quiet"], it.AddNote(text="all quiet")),
        (["cancel", "1", "enough"], it.CancelRun(reason="enough")),
        (["pause"], it.Resume()),
        (["1"], it.RequestReboot(node="px04")),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
async def test_a_command_asks_for_what_the_console_asks_for(lines: list[str], intent: it.Intent) -> None:
    engine = paused()
    await answered(engine, *lines)
    assert engine.submitted == [intent]


async def test_words_are_found_in_the_journal_and_in_all_output() -> None:
    said = await answered(paused(), "find kosif driver", "find nowhere", "find", "")
    assert "px01 stop services| Stopping Dolphin KOSIF driver" in said
    assert "4 lines with kosif driver." in said  # of four nodes
    assert "0 lines with nowhere." in said
    assert "Nothing was done." in said


async def test_a_step_is_done_again_as_the_console_offers_it() -> None:
    engine = paused()
    said = await answered(engine, "rerun px04", "2")
    (intent,) = engine.submitted
    assert isinstance(intent, it.RerunStep)
    assert intent.scope is RerunScope.FROM_HERE
    assert "2. from " in said


@pytest.mark.parametrize("line", ["hold", "hold px99", "skip px05", "note", "sign off", "rerun px08", "mode"])
async def test_who_turns_back_or_names_nothing_changes_nothing(line: str) -> None:
    engine = paused()
    await answered(engine, line, "", "")
    assert engine.submitted == []


async def test_a_look_changes_nothing_and_asks_the_same_again() -> None:
    engine = paused()
    said = await answered(
        engine, "status", "journal 2", "checks", "plan", "files", "summary", "confirm", "help", "q"
    )
    assert engine.submitted == []
    assert said.count("What now? ") == 9
    assert said.count("1. rerun install, recommended: once more.") == 1
    for words in COMMANDS.values():
        assert f"{words.word}: {words.sentence}" in said
    assert not set(said) & set("│─╭╰●○▶✔")


async def test_no_unknown_word_confirms_or_declines_what_is_offered() -> None:
    engine = mid_update(StoryEngine())
    offer(engine, "px04", StepName.INSTALL)
    said = await answered(engine, "no wonder")
    assert "Run this on px04? Type y for yes, n for no, decide for other choices, or a command" in said
    for line in ("what", "next", "confirm", "yes please"):
        await answered(engine, line)
    assert not any(isinstance(intent, it.ConfirmStep | it.DeclineStep) for intent in engine.submitted)


async def test_a_critical_step_is_read_aloud_and_typed() -> None:
    engine = mid_update(StoryEngine())
    offer(engine, "px05", StepName.STOP_SERVICES)
    said = await answered(engine, "05 7")
    assert "Peers: 7 of 7 active, looked 0.3 s ago." in said
    assert "To run this, type 05 7: the digits of px05, active peers. Type n for no, decide" in said
    (intent,) = engine.submitted
    assert isinstance(intent, it.ConfirmStep)
    assert intent.typed == "05 7"
