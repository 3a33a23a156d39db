"""A run from its opening to the last sentence, line by line."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

from tui.journal import JournalError, read_events
from tui.journal.report import write_reports
from tui.model.fold import apply
from tui.model.run import Run
from tui.plain.deciding import Agreeing, Answerer, Asking
from tui.plain.ending import Ending
from tui.plain.front import Front
from tui.plain.terminal import Terminal
from tui.plain.voice import JsonLines, Voice, Words
from tui.rollout.session import Session, Wish


@dataclass(frozen=True, slots=True)
class Manner:
    """How plain mode behaves."""

    yes: bool = False
    """Confirm what was planned without asking; stop at the first thing that needs a person."""
    json: bool = False
    resume: str = ""
    """The command that takes the run up again, for the last words."""


async def run_plain(cluster_file: Path, wish: Wish, manner: Manner) -> int:
    """Open a run, see it through as far as it goes, and return the exit code.

    Raises what ``Session.open`` raises.
    """
    terminal = Terminal(sys.stdout, sys.stderr if manner.json else None)
    voice: Voice = JsonLines(terminal) if manner.json else Words(terminal, asking=not manner.yes)
    answerer: Answerer = Agreeing() if manner.yes else Asking(terminal)
    session = await Session.open(cluster_file, wish)
    front = Front(session.engine, answerer, voice, terminal)
    told = -1
    try:
        if manner.json:
            told = _tell(voice, session.run_dir, told).seq
        await front.run()
    finally:
        told = max(told, session.engine.state.seq) if manner.json else told
        await session.close(front.stopped)
    final = session.engine.state
    if manner.json:
        with contextlib.suppress(JournalError):
            final = _tell(voice, session.run_dir, told)
    ending = Ending(final, front.stopped, manner.resume, *_report(session.run_dir))
    voice.result(ending.lines(), ending.data())
    return ending.exit_code


def _tell(voice: Voice, run_directory: Path, told: int) -> Run:
    """Programs get every event of the journal: also what happened before they listened, and the farewell."""
    run = Run()
    for event in read_events(run_directory):
        run = apply(run, event)
        if event.seq > told:
            voice.event(event, run)
    return run


def _report(run_directory: Path) -> tuple[str, str]:
    """The report's path, or why there is none."""
    try:
        return str(write_reports(run_directory)[0]), ""
    except JournalError as error:
        return "", str(error)
