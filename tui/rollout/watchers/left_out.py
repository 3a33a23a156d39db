"""Removes the line on a node that says what is out there, some time after the last thing has come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tui.model import events as ev
from tui.model.run import Run
from tui.remote import RemoteError
from tui.rollout.context import RunContext
from tui.rollout.procedure.left_out import remove

OFTEN = 2.0
"""Seconds between two tries to remove a node's line when nothing is out there any more."""


class LeftOutRemover:
    """Removes the line of a node, some time after the last thing of it has come back or was signed off."""

    def __init__(self, context: RunContext, spawn: Callable[[Coroutine[Any, Any, None]], Any]) -> None:
        self._context, self._spawn = context, spawn

    def heard(self, event: ev.Event, run: Run) -> None:
        """A listener of the run's events."""
        if event.type in (ev.LedgerUndone.type, ev.OutSettled.type) and event.node is not None:
            self.look_at(event.node)

    def begin(self) -> None:
        """What an earlier console of this run did not come to."""
        for name, node in self._context.run.nodes.items():
            if any(step.attempts for step in node.steps.values()):
                self.look_at(name)

    def look_at(self, name: str) -> None:
        """Remove the node's line if nothing of it is out."""
        if self._needless(name):
            self._spawn(self._remove(name))

    def _needless(self, name: str) -> bool:
        run = self._context.run
        return name in self._context.config.machines and not run.still_out(name) and name not in run.left_out

    async def _remove(self, name: str) -> None:
        while self._needless(name):
            try:
                await remove(self._context.fleet, self._context.run, self._context.config.paths.state, name)
            except (RemoteError, TimeoutError):
                await asyncio.sleep(OFTEN)
            else:
                return
