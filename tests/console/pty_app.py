"""What the terminal tests run in a child: the console on a scripted engine, or the smallest Textual app."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from textual.app import App, ComposeResult
from textual.widgets import Static

if TYPE_CHECKING:
    from tui.rollout.interface import Engine


class Minimal(App[None]):
    """What any Textual app costs."""

    BINDINGS = [("q", "quit", "Quit")]  # noqa: RUF012 - as Textual's examples write it

    def compose(self) -> ComposeResult:
        yield Static("connecting", markup=False)


def main(what: str) -> int:
    if what == "minimal":
        Minimal().run()
        return 0
    from tui.console.app import ConsoleConfig, ExitSummary, run_console  # noqa: PLC0415 - its cost is what is measured

    async def waits_for_ever() -> Engine:
        await asyncio.Event().wait()
        raise AssertionError

    async def hostile_engine() -> Engine:
        from tests.console.test_hostile import hostile  # noqa: PLC0415

        engine = hostile()
        engine.read_only = True  # so that q leaves without a question
        return engine

    async def asking_engine() -> Engine:
        from tests.console.story import begin, offer, pick  # noqa: PLC0415
        from tests.console.story_engine import StoryEngine  # noqa: PLC0415
        from tui.model.steps import StepName  # noqa: PLC0415

        engine = begin(StoryEngine())
        pick(engine, "px04")
        offer(engine, "px04", StepName.REBOOT)
        return engine

    def said(engine: Engine) -> ExitSummary:
        return ExitSummary(4, (f"asked for: {getattr(engine, 'submitted', [])}",))

    async def fails() -> Engine:
        raise ConnectionError("px01 does not answer; look at its cable.")

    opens = {"hostile": hostile_engine, "failing": fails, "waiting": waits_for_ever, "asking": asking_engine}
    config = ConsoleConfig(opens[what], ending=said) if what == "asking" else ConsoleConfig(opens[what])
    return run_console(config, title="px-prod")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
