"""Says the output of every open attempt, line by line and in order with the events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from tui.journal.follow import OutputFollower
from tui.model import events as ev
from tui.model.run import Run
from tui.model.steps import StepName
from tui.plain.output import Output
from tui.text.terminal import Line

LOOK_EVERY_S = 0.1
QUIET_LOOKS = 20
"""Looks after which an unfinished line is shown: it may be a question."""

Key = tuple[str, StepName, int]
Read = Callable[[str, StepName, int, int, int], bytes]
"""Bytes of an attempt's output, from an offset on, so many at the most: ``Engine.output``."""


class _Stream(OutputFollower):
    """One attempt's output, and for how many looks nothing has come."""

    quiet = 0


class Streams:
    """All open attempts. ``pump`` before an event is said keeps output and events in their true order."""

    def __init__(self, read: Read, run: Run, output: Output) -> None:
        self._read = read
        self._output = output
        self._open: dict[Key, _Stream] = {}
        for node in run.nodes.values():
            for step in node.steps.values():
                if (attempt := step.open_attempt) is not None:
                    # an earlier console has said what it had noted
                    self._begin((node.name, step.name, attempt.number), attempt.size)

    def on_event(self, event: ev.Event) -> None:
        """Say what was on disk by then, begin or end to follow. Call before the event itself is said."""
        if event.node is None or event.step is None or event.attempt is None:
            return
        key = (event.node, event.step, event.attempt)
        match event.payload:
            case ev.AttemptStarted():
                self._begin(key, 0)
            case ev.AttemptOutput(offset=offset):
                self._catch_up(key, offset)
            case ev.AttemptEnded(size=size):
                self._catch_up(key, size)
                if (stream := self._open.pop(key, None)) is not None:
                    self._say(key, stream.end())

    def pump(self) -> None:
        """Say everything that has come since the last time."""
        for key, stream in self._open.items():
            before = stream.offset
            self._catch_up(key)
            stream.quiet = 0 if stream.offset > before else stream.quiet + 1
            if stream.quiet == QUIET_LOOKS and (unfinished := stream.partial) is not None and unfinished.text:
                self._say(key, [Line(f"{unfinished.text} (the line has not ended yet)")])

    async def follow(self) -> None:
        """Pump for ever."""
        while True:
            self.pump()
            await asyncio.sleep(LOOK_EVERY_S)

    def _begin(self, key: Key, offset: int) -> None:
        self._open[key] = _Stream(partial(self._read, *key), offset)

    def _catch_up(self, key: Key, until: int | None = None) -> None:
        stream = self._open.get(key)
        while stream is not None and (lines := stream.read(until)) is not None:
            self._say(key, lines)

    def _say(self, key: Key, lines: list[Line]) -> None:
        for line in lines:
            self._output.line(*key, line.text)
