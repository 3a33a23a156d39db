"""Dialogs whose question becomes stale while they are open take no answer, and say what changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.console.screen import seated
from tests.console.story import begin, end, mid_update, offer, pick, start
from tests.console.story_engine import StoryEngine
from tui.model import intents as it
from tui.model.steps import StepName
from tui.rollout.interface import Choice


def at_rest() -> StoryEngine:
    """A node in work, nothing running, a step offered: its confirm opens by itself."""
    engine = begin(StoryEngine())
    pick(engine, "px04")
    offer(engine, "px04", StepName.STOP_SERVICES)
    return engine


def failed() -> StoryEngine:
    engine = mid_update(StoryEngine())
    end(engine, "px04", StepName.INSTALL, status="failed", code=1)
    past = it.Override(node="px04", check="services-not-stopped", reason="")
    engine.options = (Choice("go on", "it needs a reboot", past, dangerous=True, needs_reason=True),)
    return engine


def step_ends(engine: StoryEngine) -> None:
    end(engine, "px04", StepName.INSTALL)


def step_begins(engine: StoryEngine) -> None:
    start(engine, "px04", StepName.STOP_SERVICES)


def other_offer(engine: StoryEngine) -> None:
    offer(engine, "px04", StepName.REBOOT, token="t2")


def run_ends(engine: StoryEngine) -> None:
    engine.tell("run.state", status="canceled", code="canceled", summary="canceled by eva@console: enough")


def put_back(engine: StoryEngine) -> None:
    engine.tell("ledger.undone", "px04", line="px04-services")


def other_mode(engine: StoryEngine) -> None:
    engine.tell("run.state", status="running", pause_mode="none")


def skipped(engine: StoryEngine) -> None:
    engine.tell("node.skipped", "px05", reason="by somebody else")


def no_choices(engine: StoryEngine) -> None:
    engine.options = ()
    engine.tell("run.state", status="running")


MEANWHILE = [
    # the engine, the keys that lead to the dialog, what it shows, what changes, the sentence
    (mid_update, "q", "leave it running", step_ends, "install on px04 has ended meanwhile; q asks again"),
    (mid_update, "q", "leave it running", run_ends, "the run has ended meanwhile: canceled; q asks again"),
    (
        at_rest,
        "escape q",
        "stays as it is now",
        step_begins,
        "stop services on px04 has begun meanwhile; q asks",
    ),
    (at_rest, "escape q", "stays as it is now", other_offer, "reboot on px04 is offered now; q asks again"),
    (at_rest, "", "TAKES px04 OUT", other_offer, "what was offered has changed meanwhile"),
    (at_rest, "", "TAKES px04 OUT", run_ends, "the run has ended meanwhile"),
    (mid_update, "c", "stop install on px04", step_ends, "install on px04 has ended meanwhile"),
    (mid_update, "c", "stop install on px04", put_back, "changed meanwhile: px04/services"),
    (mid_update, "c end enter", "The run ends here", put_back, "changed meanwhile: px04/services"),
    (mid_update, "x", "px04: services", put_back, "changed meanwhile: px04/services"),
    (mid_update, "x enter", "Why is that right", put_back, "changed meanwhile: px04/services"),
    (mid_update, "x enter o k enter", "Type px04/services", put_back, "changed meanwhile: px04/services"),
    (mid_update, "m", "When to wait", other_mode, "the mode is now none"),
    (mid_update, "m", "When to wait", run_ends, "the run has ended meanwhile"),
    (mid_update, ". right s", "will not update px05", skipped, "px05 has changed meanwhile: skipped"),
    (mid_update, ". right h", "hands off px05", skipped, "px05 has changed meanwhile: skipped"),
    (mid_update, ". right s", "will not update px05", run_ends, "the run has ended meanwhile"),
    (failed, "r", "Rerun on px04", step_begins, "px04 has changed meanwhile: stop services runs"),
    (failed, "enter", "What to do about px04", no_choices, "the choices have changed meanwhile"),
    (failed, "enter enter", "Why: go on", no_choices, "the choices have changed meanwhile"),
    (failed, "enter enter o k enter", "Sure: go on", no_choices, "the choices have changed meanwhile"),
]


@pytest.mark.parametrize(
    ("story", "keys", "shown", "change", "sentence"),
    MEANWHILE,
    ids=[f"{keys}: {change.__name__}" for _, keys, _, change, _ in MEANWHILE],
)
async def test_a_stale_answer_is_not_taken(
    story: Callable[..., StoryEngine],
    keys: str,
    shown: str,
    change: Callable[[StoryEngine], None],
    sentence: str,
) -> None:
    engine = story() if story is not mid_update else mid_update(StoryEngine())
    async with seated(engine) as seat:
        names = {".": "full_stop"}
        await seat.press(*(names.get(key, key) for key in keys.split()))
        await seat.shows(shown)
        change(engine)
        await seat.press_at_once("down", "enter", "y")
        # Where the run has ended, its summary covers the board that says it.
        await seat.until(lambda: sentence in seat.board.status.said, f"the board says {sentence!r}")
        assert engine.submitted == []
        assert seat.app.is_running
