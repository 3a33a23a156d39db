"""What the terminal tests run in a child: the console on a scripted engine, or the smallest Textual app."""

from __future__ import annotations

import asyncio
import itertools
import sys
from typing import TYPE_CHECKING

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import Log, Static

if TYPE_CHECKING:
    from tui.rollout.interface import Engine


class Minimal(App[None]):
    """What any Textual app costs."""

    BINDINGS = [("q", "quit", "Quit")]  # noqa: RUF012 - as Textual's examples write it

    def compose(self) -> ComposeResult:
        yield Static("connecting", markup=False)


class Logs(App[None]):
    """Textual's own way to show what streams in, twice."""

    CSS = "Log { width: 1fr; }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Log(max_lines=10_000)
            yield Log(max_lines=10_000)

    def on_mount(self) -> None:
        self.set_interval(
            0.1, lambda: [log.write_lines(bite().decode().split("\n")) for log in self.query(Log)]
        )


_LINES = itertools.count()


def bite() -> bytes:
    """What a node prints in a tenth of a second."""
    words = ("compile", "link", "install", "check", "strip")
    numbers = [next(_LINES) for _ in range(10)]
    paths = [f"/usr/src/dis/{words[n % 3]}/part_{n * 7919 % 10_007}.o" for n in numbers]
    return "".join(
        f"  {words[n % 5]} [{n:06}] {path}\n" for n, path in zip(numbers, paths, strict=True)
    ).encode()


def main(what: str) -> int:
    if what in ("minimal", "logs"):
        {"minimal": Minimal, "logs": Logs}[what]().run()
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

    async def streaming_engine() -> Engine:
        from tests.console.story import begin, pick, start  # noqa: PLC0415
        from tests.console.story_engine import StoryEngine  # noqa: PLC0415
        from tui.model.steps import StepName  # noqa: PLC0415

        engine = begin(StoryEngine())
        pick(engine, "px04")
        steps = StepName.STOP_SERVICES, StepName.INSTALL
        for step in steps:
            start(engine, "px04", step)

        async def print_on() -> None:
            while True:
                for step in steps:
                    engine.outputs["px04", step, 1] += bite()
                await asyncio.sleep(0.1)

        printing.append(asyncio.create_task(print_on()))
        return engine

    async def flooding_engine() -> Engine:
        from tests.console.flood import flooding  # noqa: PLC0415

        return flooding()

    async def idle_engine() -> Engine:
        from tests.console.story import begin, pick  # noqa: PLC0415
        from tests.console.story_engine import StoryEngine  # noqa: PLC0415

        engine = begin(StoryEngine())
        pick(engine, "px04")
        return engine

    printing: list[asyncio.Task[None]] = []

    def said(engine: Engine) -> ExitSummary:
        return ExitSummary(4, (f"asked for: {getattr(engine, 'submitted', [])}",))

    async def fails() -> Engine:
        raise ConnectionError("px01 does not answer; look at its cable.")

    opens = {
        "hostile": hostile_engine,
        "failing": fails,
        "waiting": waits_for_ever,
        "asking": asking_engine,
        "streaming": streaming_engine,
        "idle": idle_engine,
        "flooding": flooding_engine,
    }
    config = ConsoleConfig(opens[what], ending=said) if what == "asking" else ConsoleConfig(opens[what])
    return run_console(config, title="px-prod")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
