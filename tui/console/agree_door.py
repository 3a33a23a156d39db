"""How a run that is being opened asks the person at the console to agree to a changed cluster file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

Show = Callable[[str, tuple[str, ...]], Awaitable[bool]]
"""Shows a cluster's name and what changed; True when a person typed the name."""


class AgreeDoor:
    """Without a console nobody agrees, and the run goes on with what it began with."""

    def __init__(self) -> None:
        self._show: Show | None = None

    def open(self, show: Show) -> None:
        """The console is there."""
        self._show = show

    async def ask(self, cluster: str, changes: tuple[str, ...]) -> bool:
        """Whether a person agrees."""
        return self._show is not None and await self._show(cluster, changes)
