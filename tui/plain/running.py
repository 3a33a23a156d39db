"""A run from its opening to the last sentence, line by line."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from typing import Protocol

from tui.journal import JournalError
from tui.model.events import Event
from tui.model.fold import apply
from tui.model.run import Run
from tui.plain.answerers import Answerer, AutoAnswerer, PromptAnswerer
from tui.plain.front import Front
from tui.plain.lines import rehearsal_lines
from tui.plain.outcome import RunOutcome
from tui.plain.output import JsonOutput, Output, TextOutput
from tui.plain.prompts import agreement
from tui.plain.terminal import Terminal
from tui.rollout.interface import Engine
from tui.rollout.options import Agree


@dataclass(frozen=True, slots=True)
class PlainOptions:
    """How plain mode behaves."""

    yes: bool = False
    """Confirm what was planned without asking; stop at the first thing that needs a person."""
    json: bool = False


class Opening(Protocol):
    """A run that can be opened, left, and told about."""

    async def open(self, agree: Agree | None = None) -> Engine:
        """Open it; ``agree`` asks a person about a changed cluster file."""

    async def close(self, reason: str = "") -> None:
        """Leave it and write its reports."""

    def outcome(self, stopped: str = "") -> RunOutcome:
        """How it stands now."""

    def events(self, after: int) -> list[Event]:
        """What its journal has after event number ``after``."""


async def run_plain(opening: Opening, options: PlainOptions) -> int:
    """Open a run, see it through as far as it goes, and return the exit code.

    Raises what ``Opening.open`` raises.
    """
    terminal = Terminal(sys.stdout, sys.stderr if options.json else None)
    output: Output = JsonOutput(terminal) if options.json else TextOutput(terminal, asking=not options.yes)
    answerer: Answerer = AutoAnswerer() if options.yes else PromptAnswerer(terminal)
    engine = await opening.open(None if options.yes else agreement(terminal))
    front = Front(engine, answerer, output, terminal)
    try:
        if options.json:
            _tell(output, opening, Run())
        elif engine.state.simulated:
            for line in rehearsal_lines(engine.state):
                terminal.line(line)
        await front.run()
        told = engine.state
    finally:
        await opening.close(front.stopped)
    if options.json:
        with contextlib.suppress(JournalError):
            _tell(output, opening, told)
    outcome = opening.outcome(front.stopped)
    output.result(outcome.lines(), outcome.data())
    return outcome.exit_code


def _tell(output: Output, opening: Opening, run: Run) -> None:
    """Programs get every event of the journal: also what happened before they listened, and the farewell."""
    for event in opening.events(run.seq):
        run = apply(run, event)
        output.event(event, run)
