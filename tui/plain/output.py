"""What plain mode says, in the two languages it speaks: lines for people, or JSON lines for programs."""

from __future__ import annotations

from typing import Any, Protocol

from typing_extensions import override

from tui.journal.chain import encode
from tui.model import events as ev
from tui.model.run import Run
from tui.model.steps import StepName
from tui.plain.lines import event_line
from tui.plain.terminal import Terminal
from tui.text.durations import time_of_day


class Output(Protocol):
    """Says what happens as it happens."""

    def event(self, event: ev.Event, run: Run) -> None:
        """An event, with the state after it."""

    def line(self, node: str, step: StepName, attempt: int, text: str) -> None:
        """One cleaned line of an attempt's output."""

    def remark(self, text: str) -> None:
        """Something for the person in front of it only."""

    def result(self, lines: list[str], data: dict[str, Any]) -> None:
        """The end, in sentences and as data."""


class TextOutput(Output):
    """Lines for people. ``asking``: offers are not said, because the question that follows shows them."""

    def __init__(self, terminal: Terminal, *, asking: bool = False) -> None:
        self._terminal = terminal
        self._asking = asking
        self._last = ""

    def event(self, event: ev.Event, run: Run) -> None:
        """``17:15:02 px04 install: succeeded; 5.21.2 on disk``, in local time; nothing twice in a row."""
        line = None if self._asking and event.type == ev.StepOffered.type else event_line(event, run)
        if line and line != self._last:
            self._terminal.sentence(f"{time_of_day(event.time)} {line}")
            self._last = line

    def line(self, node: str, step: StepName, attempt: int, text: str) -> None:
        """``px04 install| ...``: the prefix tells a job's words from Rollcall's."""
        self._terminal.line(f"{node} {step.words}| {text}")

    @override
    def remark(self, text: str) -> None:
        self._terminal.remark(text)

    @override
    def result(self, lines: list[str], data: dict[str, Any]) -> None:
        for line in ("", *lines):
            self._terminal.remark(line)


class JsonOutput(Output):
    """One JSON object a line: events exactly as in the journal, output, and the result last."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    @override
    def event(self, event: ev.Event, run: Run) -> None:
        self._terminal.raw(encode(event))

    def line(self, node: str, step: StepName, attempt: int, text: str) -> None:
        """``{"type": "output", "node": ..., "step": ..., "attempt": ..., "text": ...}``."""
        said = {"type": "output", "node": node, "step": step.value, "attempt": attempt, "text": text}
        self._terminal.data(said)

    def remark(self, text: str) -> None:
        """Where the questions go, never between the objects."""
        self._terminal.remark(text)

    def result(self, lines: list[str], data: dict[str, Any]) -> None:
        """``{"type": "result", "exit": ..., "status": ..., ...}``."""
        self._terminal.data({"type": "result", **data})
