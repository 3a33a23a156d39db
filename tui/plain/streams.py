"""Follows the output of every open attempt, line by line and in order with the events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.model import events as ev
from tui.model.run import Run
from tui.model.steps import StepName
from tui.plain.lines import LineStream
from tui.plain.voice import Output

EVERY = 0.1
"""Seconds between two looks."""
PATIENCE = 20
"""Looks after which an unfinished line is shown: it may be a question."""

Key = tuple[str, StepName, int]
Read = Callable[[str, StepName, int, int], bytes]
"""Bytes of an attempt's output from an offset on; empty when there are no more: ``Engine.output``."""


class Stream:
    """One attempt's output as far as it was said."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.lines = LineStream()
        self.quiet = 0


class Streams:
    """All open attempts. ``pump`` before an event is said keeps output and events in their true order."""

    def __init__(self, read: Read, run: Run, voice: Output) -> None:
        self._read = read
        self._voice = voice
        self._open: dict[Key, Stream] = {}
        self._take_up(run)

    def _take_up(self, run: Run) -> None:
        """Attempts begun by an earlier console: said from where that one had noted the output."""
        for node in run.nodes.values():
            for step in node.steps.values():
                attempt = step.open_attempt
                if attempt is not None:
                    self._open[node.name, step.name, attempt.number] = Stream(attempt.size)

    def on_event(self, event: ev.Event) -> None:
        """Begin or end to follow. Call before the event itself is said."""
        self.pump()
        if event.node is None or event.step is None or event.attempt is None:
            return
        key = (event.node, event.step, event.attempt)
        if event.type == ev.AttemptStarted.type:
            self._open[key] = Stream(0)
        elif event.type == ev.AttemptEnded.type and (stream := self._open.pop(key, None)) is not None:
            self._say(key, stream.lines.end())

    def pump(self) -> None:
        """Say everything that has come since the last time."""
        for key, stream in self._open.items():
            before = stream.offset
            while data := self._read(*key, stream.offset):
                stream.offset += len(data)
                self._say(key, stream.lines.feed(data))
            stream.quiet = 0 if stream.offset > before else stream.quiet + 1
            if stream.quiet == PATIENCE and stream.lines.unfinished:
                self._say(key, [f"{stream.lines.unfinished} (the line has not ended yet)"])

    async def follow(self) -> None:
        """Pump for ever."""
        while True:
            self.pump()
            await asyncio.sleep(EVERY)

    def _say(self, key: Key, lines: list[str]) -> None:
        for line in lines:
            self._voice.output(*key, line)
