"""Recorded runs: follow one read-only, play one back, report on one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tui.cli.errors import UsageError
from tui.journal import JournalError, Tail
from tui.journal.files import run_directories
from tui.journal.fit import applied
from tui.journal.output import OutputFile
from tui.model import events as ev
from tui.model.run import Run
from tui.model.steps import StepName
from tui.model.verdict import exit_code, sentence
from tui.plain.output import Output, TextOutput
from tui.plain.streams import Streams
from tui.plain.terminal import Terminal
from tui.report import read_report, render_html, render_json, render_markdown, write_file, write_reports

LOOK_EVERY_S = 0.5
"""Between two looks at a journal that is being written."""


def choose(state_dir: Path, wanted: str | None) -> Path:
    """Where the run of that id lies (or the newest run of that cluster, or of all). Raises UsageError."""
    runs = run_directories(state_dir)
    if not runs:
        raise UsageError(f"There are no recorded runs in {state_dir}.")
    if wanted is None:
        return runs[0]
    matches = [directory for directory in runs if directory.name == wanted]
    matches = matches or [directory for directory in runs if directory.parent.name == wanted][:1]
    matches = matches or [directory for directory in runs if directory.name.startswith(wanted)]
    if len(matches) != 1:
        found = "more than one run" if matches else "no run or cluster"
        raise UsageError(f"{found} is called {wanted}; `rollcall runs` lists them.".capitalize())
    return matches[0]


class Playback:
    """Says recorded events, each after the output that was on disk by then."""

    def __init__(self, directory: Path, output: Output) -> None:
        self._directory = directory
        self._output = output
        self.run = Run()
        self.streams = Streams(self._read, self.run, output)

    def play(self, event: ev.Event) -> None:
        """One event. Raises JournalError for one that does not fit those before it."""
        self.run = applied(self.run, event, self._directory)
        self.streams.on_event(event)
        self._output.event(event, self.run)

    def _read(self, node: str, step: StepName, attempt: int, offset: int, limit: int) -> bytes:
        return OutputFile(self._directory, node, step, attempt).read(offset, limit)


async def watch(directory: Path, terminal: Terminal) -> int:
    """Follow a run read-only until it is over or nobody reads."""
    tail = Tail(directory)
    playback = Playback(directory, TextOutput(terminal))
    while True:
        for event in tail.read():
            playback.play(event)
        playback.streams.pump()
        if playback.run.status.final or terminal.gone:
            break
        await asyncio.sleep(LOOK_EVERY_S)
    terminal.line(sentence(playback.run))
    return exit_code(playback.run)


async def replay(directory: Path, terminal: Terminal, speed: float) -> int:
    """Say a run again with its own pauses, ``speed`` times as fast; pauses last at most two seconds."""
    tail = Tail(directory)
    playback = Playback(directory, TextOutput(terminal))
    events = tail.read()
    for pause, event in _paced(events):
        await asyncio.sleep(min(2.0, pause / speed))
        playback.play(event)
        if terminal.gone:
            break
    terminal.line(sentence(playback.run))
    return 0


def _paced(events: list[ev.Event]) -> Iterator[tuple[float, ev.Event]]:
    before = events[0].time if events else None
    for event in events:
        assert before is not None
        yield max(0.0, (event.time - before).total_seconds()), event
        before = event.time


def report(
    directory: Path,
    terminal: Terminal,
    html: str | None,
    as_json: str | None,
    markdown: str | None,
    *,
    verify: bool,
) -> int:
    """Write the asked-for reports (``-``: to standard output), or both into the run's directory; ``verify``:
    from every byte of output.

    Raises JournalError, when all is written, for a journal that can be read in part only.
    """
    made = read_report(directory, verify=verify)
    if html is as_json is markdown is None:
        for path in write_reports(directory, made):
            terminal.line(str(path))
    for where, render in ((html, render_html), (as_json, render_json), (markdown, render_markdown)):
        if where == "-":
            terminal.document(render(made))
        elif where is not None:
            write_file(Path(where), render(made))
            terminal.line(where)
    if made.journal_error:
        raise JournalError(f"{made.journal_error} The report tells what stands before that.")
    return 0
