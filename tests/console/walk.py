"""A walk through every screen and dialog of the console, for what must be true of each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.console.screen import Seat, seated
from tests.console.story import end, facts, mid_update, offer
from tests.console.story_engine import StoryEngine
from tui.console.look.glyphs import UNICODE, Glyphs
from tui.model import intents as it
from tui.model.steps import StepName
from tui.rollout.interface import Candidate, Choice

STATIONS: dict[str, tuple[str, ...]] = {
    "board": (),
    "first pane": ("tab",),
    "second pane": ("tab", "tab"),
    "steps": ("shift+tab",),
    "pane over the screen": ("tab", "f"),
    "search in a pane": ("tab", "slash", *"dolphin"),
    "nothing found": ("tab", "slash", *"zzz"),
    "filter": ("slash", *"px0"),
    "filter without a node": ("slash", *"zzz"),
    "help": ("question_mark",),
    "journal": ("j",),
    "plan": ("l",),
    "plan by hand": ("l", "b"),
    "plan of the complete update": ("l", "c"),
    "checks": ("o",),
    "checks, which": ("o", "w", *"ker"),
    "files": ("d",),
    "summary": ("S",),
    "palette": ("ctrl+p", *"jo"),
    "palette without a find": ("ctrl+p", *"zzz"),
    "decide": ("enter",),
    "why": ("enter", "down", "enter"),
    "why, left empty": ("enter", "down", "enter", "enter"),
    "mode": ("m",),
    "cancel": ("c",),
    "quit": ("q",),
    "rerun": ("r",),
    "hold": ("h",),
    "note": ("a", *"seen"),
    "sign off": ("x",),
    "refusal": ("n",),
}


def troubled() -> StoryEngine:
    """Three updated, one failed in a terminal's own words, one unwell, one held; checks of every verdict."""
    engine = mid_update(StoryEngine())
    for node, verdict in (("px01", "passed"), ("px02", "warning"), ("px03", "error")):
        engine.tell(
            "preflight.result",
            node,
            check="disk",
            verdict=verdict,
            summary="“/opt” is full – nearly",
            impact="it may not fit",
            remedy="free 400 MB",
        )
    end(engine, "px04", StepName.INSTALL, status="failed", code=1, summary="über")
    remedy = "Reboot – the “driver” was busy: it is free then."
    engine.tell("step.state", "px04", StepName.INSTALL, status="failed", reason="ein Gerät", remedy=remedy)
    engine.tell("node.health", "px05", health="degraded", detail="ünwell – x4")
    facts(engine, "px06", "5.19.0", active="5.18.0")
    engine.options = (
        Choice("reboot px04", "the manual's cure", it.RequestReboot(node="px04"), recommended=True),
        Choice(
            "go on with reboot needed – “so”",
            "only a reboot makes it active",
            it.Override(node="px04", check="services-not-stopped", reason=""),
            dangerous=True,
            needs_reason=True,
        ),
    )
    engine.picks = (Candidate("px05", True, "active"), Candidate("px06", False, "px05 is degraded"))
    return engine


@asynccontextmanager
async def walking(width: int, height: int, glyphs: Glyphs = UNICODE) -> AsyncIterator[Seat]:
    """The console before its walk."""
    async with seated(troubled(), width, height, glyphs=glyphs) as seat:
        yield seat


async def stations(seat: Seat) -> AsyncIterator[str]:
    """Go to each screen and dialog, tell its name, and come back to the board."""
    for name, keys in STATIONS.items():
        await seat.press(*keys)
        yield name
        for _ in range(3):
            if not seat.on_board or seat.board.nodes.search.display:
                await seat.press("escape")
        if seat.board.full:
            await seat.press("f")
        seat.board.nodes.grid.focus()
        await seat.until(lambda: seat.on_board and not seat.board.busy, f"back from {name}")
    engine = seat.board.model.engine
    assert isinstance(engine, StoryEngine)
    for kind in ("plain", "signature"):
        offer(engine, "px04", StepName.REBOOT, attempt=2, confirm_class=kind, token=kind)
        await seat.until(lambda: not seat.on_board, "the confirm opens")
        yield f"confirm, {kind}"
        await seat.press("escape")
