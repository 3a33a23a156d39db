"""How the cluster sees itself: the answers of the operator's own view command, and how long they hold."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tui.expressware.commands import ShellText
from tui.expressware.view import Interconnect, View, parse_view, view_script
from tui.model.clusterfile import ClusterFile
from tui.remote import RemoteError
from tui.rollout.asking import ask

if TYPE_CHECKING:
    from tui.remote import Fleet


POLL_EVERY = 1.0
"""Seconds between two questions at the least, but for those of who needs the answer."""


async def ask_view(fleet: Fleet, config: ClusterFile) -> View:
    """The cluster's answer now; one that says why there is none, where there is none."""
    view, management = config.view, config.cluster.management_node
    if view is None or management is None:
        return View(why="no view is configured")
    try:
        answer = await ask(fleet.client(management), view_script(ShellText(view.command)), view.timeout)
    except RemoteError as error:
        return View(why=error.sentence)
    except TimeoutError:
        return View(why=f"{management} did not answer within {view.timeout:g} s")
    return parse_view(answer, view.unreachable)


class ClusterView:
    """The last answers, ordered by when they were asked for: one that comes late is never the newest.

    ``holds``: seconds after its question for which an answer stands.
    """

    def __init__(self, fleet: Fleet, config: ClusterFile, depth: int, holds: float) -> None:
        self._fleet = fleet
        self._config = config
        self._holds = holds + (config.view.timeout if config.view is not None else 0.0)
        self._answers: deque[tuple[float, View]] = deque(maxlen=depth)
        self.taken = 0
        """Answers that ever came."""

    async def look(self) -> None:
        """Ask once."""
        if self._config.view is not None:
            asked_at = time.monotonic()
            self._take(asked_at, await ask_view(self._fleet, self._config))

    async def poll(self, every: float) -> None:
        """Ask until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(max(every, POLL_EVERY))

    @property
    def unreachable(self) -> int | None:
        """How many nodes the cluster itself cannot reach: the most in its last answers.

        None when it did not say the last time, or that is too long ago.
        """
        view = self._last
        if view is None or view.count is None:
            return None
        return max(*(seen.count or 0 for _, seen in self._answers), len(self.names))

    @property
    def names(self) -> frozenset[str]:
        """Those of them that it names."""
        return frozenset().union(*(seen.names for _, seen in self._answers)) if self._last else frozenset()

    def among(self, nodes: Iterable[str]) -> frozenset[str]:
        """Those of ``nodes`` that it names."""
        named = self.names
        return frozenset(name for name in nodes if any(_same(name, other) for other in named))

    @property
    def interconnect(self) -> Interconnect | None:
        """The state of the interconnect as the cluster names it; None when it names none."""
        view = self._last
        return view.state if view is not None else None

    @property
    def why(self) -> str:
        """Why it has told nothing; empty when it has."""
        view = self._last
        return view.why if view is not None else "it has not answered"

    @property
    def _last(self) -> View | None:
        """The last answer, unless it is stale: then the cluster has told nothing."""
        if not self._answers:
            return None
        asked_at, view = self._answers[-1]
        return view if time.monotonic() - asked_at <= self._holds else None

    def _take(self, asked_at: float, view: View) -> None:
        self.taken += 1
        if not self._answers or asked_at > self._answers[-1][0]:
            self._answers.append((asked_at, view))


def _same(name: str, named: str) -> bool:
    """Whether the view means this node: by its whole name, or by the first label where one is short."""
    ours, theirs = name.lower(), named.lower()
    short = "." not in ours or "." not in theirs
    return ours == theirs or (short and ours.split(".")[0] == theirs.split(".")[0])
