"""From an attempt's output to lines: read in bounded chunks, only while somebody looks."""

from __future__ import annotations

from functools import partial

from tui.console.look.glyphs import Glyphs
from tui.console.panes.scrollback import Scrollback
from tui.journal.follow import OutputFollower
from tui.model.run import Attempt, Node
from tui.model.steps import StepName
from tui.rollout.interface import Engine
from tui.text.durations import clock, time_of_day
from tui.text.sanitize import sanitize_line
from tui.text.terminal import Line

AttemptKey = tuple[StepName, int]
TAIL = 1_048_576
"""Bytes of a long attempt that are read back; a pane could not hold more."""
BITE = 16_384
"""Bytes read at one go: no more than two milliseconds of work."""


def attempts_of(node: Node, steps: tuple[StepName, ...]) -> list[tuple[StepName, Attempt]]:
    """Every attempt of these steps, oldest first."""
    found = [(name, attempt) for name in steps if name in node.steps for attempt in node.steps[name].attempts]
    return sorted(found, key=lambda item: item[1].started)


class Feed:
    """The output of some steps of one node as one stream: attempts in their order, each under a heading."""

    def __init__(
        self, engine: Engine, node: str, steps: tuple[StepName, ...], glyphs: Glyphs, write: str = "w"
    ) -> None:
        """``write`` is the key that writes all of it to a file."""
        self._write = write
        self._engine, self._node, self._steps, self._glyphs = engine, node, steps, glyphs
        self.scrollback = Scrollback()
        self._reading: tuple[AttemptKey, OutputFollower] | None = None
        """The attempt that is being read; None between two of them."""
        self._done: set[AttemptKey] = set()

    def pull(self, node: Node) -> bool:
        """Read at most one chunk of what is new; True when the scrollback changed."""
        attempts = {(name, attempt.number): attempt for name, attempt in attempts_of(node, self._steps)}
        if self._reading is None:
            key = next((key for key in attempts if key not in self._done), None)
            if key is None:
                return False
            self._reading = key, self._begin(key[0], attempts[key])
        key, output = self._reading
        if skipped := output.catch_up(TAIL):
            self.scrollback.partial = None
            self._head(f"{skipped // 1024} KiB are in the output file only: they came too fast")
        if (lines := output.read(output.offset + BITE)) is not None:
            self.scrollback.extend(lines)
            self.scrollback.partial = output.partial
            return True
        attempt = attempts.get(key)
        if attempt is not None and attempt.ended is not None and output.offset >= attempt.size:
            self._finish(attempt, output)
            self._done.add(key)
            self._reading = None
            return True
        return False

    def _begin(self, name: StepName, attempt: Attempt) -> OutputFollower:
        output = OutputFollower(partial(self._engine.output, self._node, name, attempt.number))
        again = f" · attempt {attempt.number}" if attempt.number > 1 else ""
        self._head(f"{name.words}{again} · {time_of_day(attempt.started)}")
        if skipped := output.skip_to_last(attempt.size, TAIL):
            self._head(
                f"{skipped // 1024} KiB before this are in the output file; {self._write} writes all of it"
            )
        return output

    def _finish(self, attempt: Attempt, output: OutputFollower) -> None:
        self.scrollback.extend(output.end())
        took = clock(attempt.seconds or 0)
        code = f"exit {attempt.exit_code} · " if attempt.exit_code is not None else ""
        status = attempt.status.words if attempt.status else "ended"
        # Why it failed stands beside the step.
        told = attempt.summary if not (attempt.status and attempt.status.broken) else ""
        said = f" · {sanitize_line(told, 200)}" if told else ""
        self._head(f"{status} · {code}{took}{said}")

    def _head(self, words: str) -> None:
        rule = self._glyphs.rule * 2
        self.scrollback.extend([Line(self._glyphs.plain(f"{rule} {words}"))], heading=True)
