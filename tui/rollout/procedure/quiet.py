"""Whether the links of a node that has returned are quiet: they count no new errors while it is stable.

What a node does not count is unknown: said, and in nobody's way, unless it could be counted before the node
went out.
"""

from __future__ import annotations

import time
from typing import Literal

from tui.expressware.counters import IP_INTERFACE, Counts, Errors, errors_script, grown, parse_errors
from tui.model import problems
from tui.model.events import NodeErrors
from tui.rollout.asking import ask
from tui.rollout.gate import baselines
from tui.rollout.procedure.step import StepContext
from tui.text.durations import exact

Moment = Literal["before", "return", "quiet"]
PATIENCE = 3
"""So many times the stable time it may take until the links have settled, before a person is asked."""


async def note_errors(context: StepContext, moment: Moment) -> Errors:
    """Read the node's error counters, and write down what they say."""
    found = parse_errors(await ask(context.client, errors_script(context.config.paths.dis), 60.0))
    context.say(NodeErrors(moment=moment, counts=dict(found.counts), unknown=found.unknown))
    return found


class Quiet:
    """One node from its return on. Asked again and again; a new error begins the time anew."""

    def __init__(self, context: StepContext) -> None:
        self._context = context
        policy = context.config.policy
        self.stable = (policy.stable_samples - 1) * policy.stable_every
        before = context.node.errors_before
        self._had = _sources(before.counts if before is not None else {})
        self._left_alone = context.node.management or baselines.agreed(context.step, problems.LINK_ERRORS)
        self._return: Errors | None = None
        self._since: Errors | None = None
        self._now: Errors | None = None
        self.noise = ""
        """What was counted last, in words; empty while nothing was."""

    async def returned(self) -> None:
        """The node serves again: what is counted from here on is new."""
        if self._since is None and not self._left_alone:
            self._return = self._since = await note_errors(self._context, "return")
            self._had |= _sources(self._return.counts)

    @property
    def left(self) -> float:
        """Seconds that the links still have to be left to count, before it makes sense to ask."""
        if self._left_alone or self._since is None or not self._since.counts:
            return 0.0
        return max(0.0, self._since.asked_at + self.stable - time.monotonic())

    async def waiting_for(self) -> str | None:
        """Why the links are not known to be quiet, in words; None when they are, or nobody can tell."""
        if self._left_alone or self._since is None or self._return is None:
            return None
        if left := self.left:
            took = self.stable - left
            return f"link errors are counted again after {self.stable:.0f} s, {took:.0f} s by now"
        now = parse_errors(
            await ask(self._context.client, errors_script(self._context.config.paths.dis), 60.0)
        )
        if missing := sorted(self._had - _sources(now.counts)):
            self.noise = f"{', '.join(missing)} counted errors before and does not now ({now.unknown or '-'})"
            return self.noise
        if new := grown(self._since.counts, now.counts):
            in_all = grown(self._return.counts, now.counts) or new
            self.noise, self._since = _words(in_all, now.asked_at - self._return.asked_at), now
            return self.noise
        self.noise, self._now = "", now
        return None

    def said(self) -> str:
        """What there is to say of a node whose links are quiet, or cannot be heard."""
        if self._since is None or self._now is None:
            return "" if self._context.node.management else "link errors were agreed to"
        found = self._now
        self._context.say(NodeErrors(moment="quiet", counts=dict(found.counts), unknown=found.unknown))
        if not found.counts:
            return f"whether its links count errors is not known: {found.unknown}"
        return f"no new link errors in {exact(found.asked_at - self._since.asked_at)}"


def _sources(counts: Counts) -> set[str]:
    """Who counts; by which names is the business of each version."""
    return {IP_INTERFACE if name.startswith(f"{IP_INTERFACE} ") else "dis_diag" for name in counts}


def _words(new: Counts, seconds: float) -> str:
    """``link 0 errors: 3 more in 5 s (36 a minute)``."""
    minutes = max(seconds, 0.001) / 60
    each = (
        f"{name}: {by} more in {exact(seconds)} ({by / minutes:.0f} a minute)" for name, by in new.items()
    )
    return "; ".join(each)
