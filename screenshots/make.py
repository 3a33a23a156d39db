"""``python screenshots/make.py``: every picture of the README, out of one seeded rehearsal."""

from __future__ import annotations

import asyncio
import os
import re
import time
from pathlib import Path

os.environ.update({"TEXTUAL_ANIMATIONS": "none", "TZ": "Europe/Oslo"})
time.tzset()

from rehearse import Recording, record  # noqa: E402 - Textual reads the environment when it is imported
from replay import StillEngine  # noqa: E402

from tui.console.app import ConsoleConfig, ExitSummary, RollcallApp  # noqa: E402
from tui.console.look.glyphs import UNICODE  # noqa: E402
from tui.model.steps import StepName  # noqa: E402
from tui.rollout.interface import Engine  # noqa: E402

HERE = Path(__file__).parent
_TEXT = re.compile(r'x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*)>((?:&#160;)+)(.+?)</text>')
CELL = 12.2
"""Width of a column in the SVG that Textual writes, in its units."""


async def take(
    name: str, engine: StillEngine, keys: tuple[str, ...] = (), size: tuple[int, int] = (132, 36)
) -> None:
    """Open the console on ``engine``, press ``keys``, write ``name``.svg."""

    async def open_engine() -> Engine:
        return engine

    def ending(_engine: Engine) -> ExitSummary:
        path = "~/.local/state/rollcall/runs/demo/20260314-220200/report.html"
        return ExitSummary(0, (f"Report, written when you leave: {path}",))

    clock = [0.0]
    app = RollcallApp(
        ConsoleConfig(open_engine, ending=ending),
        title="demo",
        glyphs=UNICODE,
        now=engine.now,
        monotonic=lambda: clock[0],
    )
    async with app.run_test(size=size) as pilot:
        while app.board is None or not app.board.is_mounted:
            await pilot.pause()
        for key in ("", *keys):
            clock[0] += 1.0
            if key:
                await pilot.press(key)
                await app.let_go()
            for _ in range(5):
                app.board.redraw()
                app.board.tick()
                await pilot.pause()
        svg = app.export_screenshot(title="Rollcall")
    (HERE / f"{name}.svg").write_text(tidy(svg))
    print(f"{name}.svg")


def tidy(svg: str) -> str:
    """The same picture with fewer demands: no web font, no leading blanks, which some viewers drop."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+-", "t-", svg)
    return _TEXT.sub(_moved, svg)


def _moved(found: re.Match[str]) -> str:
    """A piece of text that begins where its first letter is."""
    x, y, length, rest, blanks, text = found.groups()
    gap = blanks.count("&#160;") * CELL
    return f'x="{float(x) + gap:g}" y="{y}" textLength="{float(length) - gap:g}"{rest}>{text}</text>'


def find(recording: Recording, kind: str, node: str, step: StepName) -> int:
    """The number of the first such event."""
    return next(e.seq for e in recording.events if (e.type, e.node, e.step) == (kind, node, step))


async def main() -> None:
    recording = await record()
    begun = next(e.seq for e in recording.events if e.type == "node.selected") - 1
    await take("tonight", StillEngine(recording, begun, later=5))
    await take("checks", StillEngine(recording, begun, later=9), ("o",))
    await take("plan", StillEngine(recording, begun, later=14), ("l",))
    await take("pick", StillEngine(recording, begun, later=20), ("n",))
    harmless = find(recording, "step.offered", "px01", StepName.PACKAGES)
    await take("confirm", StillEngine(recording, harmless, later=4), ("",))
    board = find(recording, "attempt.started", "px04", StepName.INSTALL)
    await take("board", StillEngine(recording, board, later=74, shown=0.6))
    await take("help", StillEngine(recording, board, later=80, shown=0.6), ("question_mark",))
    critical = find(recording, "step.offered", "px04", StepName.STOP_SERVICES)
    await take("critical", StillEngine(recording, critical, later=6), ("",))
    broken = next(
        e.seq for e in recording.events if e.type == "run.state" and e.data["status"] == "paused-on-error"
    )
    await take("failure", StillEngine(recording, broken, later=9), ("enter",))
    await take("journal", StillEngine(recording, broken, later=30), ("j",))
    await take("end", StillEngine(recording, recording.events[-1].seq))


if __name__ == "__main__":
    asyncio.run(main())
