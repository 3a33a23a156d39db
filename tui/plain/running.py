"""A run from its opening to the last sentence, line by line."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

from tui.journal import JournalError, read_events
from tui.model.fold import apply
from tui.model.run import Run
from tui.plain.deciding import Agreeing, Answerer, Asking
from tui.plain.front import Front
from tui.plain.opening import Opening
from tui.plain.terminal import Terminal
from tui.plain.voice import JsonLines, Voice, Words


@dataclass(frozen=True, slots=True)
class Manner:
    """How plain mode behaves."""

    yes: bool = False
    """Confirm what was planned without asking; stop at the first thing that needs a person."""
    json: bool = False


async def run_plain(opening: Opening, manner: Manner) -> int:
    """Open a run, see it through as far as it goes, and return the exit code.

    Raises what ``Opening.open`` raises.
    """
    terminal = Terminal(sys.stdout, sys.stderr if manner.json else None)
    voice: Voice = JsonLines(terminal) if manner.json else Words(terminal, asking=not manner.yes)
    answerer: Answerer = Agreeing() if manner.yes else Asking(terminal)
    desk = await opening.open()
    front = Front(desk, answerer, voice, terminal)
    told = -1
    try:
        if manner.json:
            told = _tell(voice, opening.session.run_dir, told)
        await front.run()
        told = desk.state.seq
    finally:
        await opening.close(front.stopped)
    if manner.json:
        with contextlib.suppress(JournalError):
            _tell(voice, opening.session.run_dir, told)
    ending = opening.ending(front.stopped)
    voice.result(ending.lines(), ending.data())
    return ending.exit_code


def _tell(voice: Voice, run_directory: Path, told: int) -> int:
    """Programs get every event of the journal: also what happened before they listened, and the farewell."""
    run = Run()
    for event in read_events(run_directory):
        run = apply(run, event)
        if event.seq > told:
            voice.event(event, run)
    return run.seq
