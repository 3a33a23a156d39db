"""The pictures: the script that takes them still fits the engine, and the README shows each of them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.console.screen import seated
from tests.console.story import mid_update
from tests.console.story_engine import StoryEngine
from tui.model.steps import StepName

ROOT = Path(__file__).parents[2]
PICTURES = {
    "board",
    "checks",
    "confirm",
    "critical",
    "end",
    "failure",
    "help",
    "journal",
    "pick",
    "plan",
    "tonight",
}


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script's module; what it imports is dropped again."""
    monkeypatch.syspath_prepend(str(ROOT / "screenshots"))
    for name in ("replay", "rehearse"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import replay  # noqa: PLC0415 - lies beside the pictures

    return replay


async def test_a_still_of_a_run_can_be_shown(replay: Any) -> None:
    story = mid_update(StoryEngine())
    recording = SimpleNamespace(config=story.config, events=list(story.events()), outputs=dict(story.outputs))
    still = replay.StillEngine(recording, len(recording.events) - 1, later=74, shown=0.6)
    assert [choice.word for choice in still.choices()][-1] == "cancel the run"
    assert still.advice().why.startswith("px04: install is running")
    assert set(replay.TOOK) == set(StepName)
    async with seated(still, 132, 36) as seat:
        await seat.shows("out of service: px04", "px04: install is running")
        await seat.press("l")
        await seat.shows("Plan to 5.21.2")


def test_the_readme_shows_every_picture() -> None:
    shown = set(re.findall(r"!\[[^\]]+\]\(screenshots/(\w+)\.svg\)", (ROOT / "README.md").read_text()))
    assert shown == PICTURES
    for name in PICTURES:
        assert "Rollcall" in (ROOT / "screenshots" / f"{name}.svg").read_text()
