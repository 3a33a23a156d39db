"""From an attempt's output to a ring of lines: read in bounded bites, only while somebody looks."""

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

TAIL = 1_048_576
"""Bytes of a long attempt that are read back; the pane's ring could not hold more."""


class Feed:
    """The output of some steps of one node as one stream: attempts in their order, each under a heading."""

    def __init__(self, engine: Engine, node: str, steps: tuple[StepName, ...], glyphs: Glyphs) -> None:
        self._engine, self._node, self._steps, self._glyphs = engine, node, steps, glyphs
        self.ring = Scrollback()
        self._at: tuple[StepName, int, OutputFollower] | None = None
        self._done: set[tuple[StepName, int]] = set()

    def pull(self, node: Node) -> bool:
        """Read at most one bite of what is new; True when the ring changed."""
        if self._at is None and not self._begin(node):
            return False
        assert self._at is not None
        step, number, output = self._at
        attempt = _find(node, step, number)
        lines = output.read()
        if lines is not None:
            self.ring.extend(lines)
            self.ring.partial = output.partial
            return True
        if attempt is not None and attempt.ended is not None and output.offset >= attempt.size:
            self._finish(attempt)
            return True
        return False

    def _begin(self, node: Node) -> bool:
        """Turn to the next attempt in the order of time, if there is one."""
        waiting = [
            (attempt.started, name, attempt)
            for name in self._steps
            if (step := node.steps.get(name)) is not None
            for attempt in step.attempts
            if (name, attempt.number) not in self._done
        ]
        if not waiting:
            return False
        _, name, attempt = min(waiting, key=lambda item: item[0])
        output = OutputFollower(partial(self._engine.output, self._node, name, attempt.number))
        again = f" · attempt {attempt.number}" if attempt.number > 1 else ""
        self._head(f"{name.words}{again} · {time_of_day(attempt.started)}")
        if skipped := output.skip_to_last(attempt.size, TAIL):
            self._head(f"{skipped // 1024} KiB before this are in the output file; w writes all of it")
        self._at = (name, attempt.number, output)
        return True

    def _finish(self, attempt: Attempt) -> None:
        assert self._at is not None
        step, number, output = self._at
        self.ring.extend(output.end())
        self.ring.partial = None
        took = clock(attempt.seconds or 0)
        code = f"exit {attempt.exit_code} · " if attempt.exit_code is not None else ""
        status = attempt.status.value if attempt.status else "ended"
        said = f" · {sanitize_line(attempt.summary, 200)}" if attempt.summary else ""
        self._head(f"{status} · {code}{took}{said}")
        self._done.add((step, number))
        self._at = None

    def _head(self, words: str) -> None:
        rule = self._glyphs.rule * 2
        self.ring.extend([Line(self._glyphs.plain(f"{rule} {words}"))], heading=True)


def _find(node: Node, step: StepName, number: int) -> Attempt | None:
    found = node.steps.get(step)
    return next((a for a in found.attempts if a.number == number), None) if found else None
