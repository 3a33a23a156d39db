"""An engine whose node prints more than anybody can read: 70,000 lines a second, without end."""

from __future__ import annotations

import time

from tests.console.pty_app import bite
from tests.console.story import begin, pick, start
from tests.console.story_engine import StoryEngine
from tui.model.steps import StepName

LINES_A_SECOND = 70_000


class Flood(StoryEngine):
    """The output is a thousand lines again and again, and grows by itself."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = b"".join(bite() for _ in range(100))
        self._twice = self._lines * 400
        self._began = time.monotonic()

    def output(self, node: str, step: StepName, attempt: int, offset: int, limit: int = 262_144) -> bytes:
        grown = int((time.monotonic() - self._began) * LINES_A_SECOND / 1000 * len(self._lines))
        at = offset % len(self._lines)
        return self._twice[at : at + max(0, min(limit, grown - offset))]


def flooding() -> Flood:
    """One node installs, and prints."""
    engine = Flood()
    begin(engine)
    pick(engine, "px04")
    start(engine, "px04", StepName.INSTALL)
    return engine
