"""Questions from outside the console, by a connecting thread or while a run is opened, to its person."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

ShowSecret = Callable[[str, "Future[str | None]"], None]
"""Shows a prompt, on whatever thread, and puts the answer into the future some time later."""
ShowChanges = Callable[[str, tuple[str, ...]], Awaitable[bool]]
"""Shows a cluster's name and what changed; True when a person typed the name."""


class SecretPrompt:
    """``ask`` blocks the calling thread until a person answers; without a console it declines at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._show: ShowSecret | None = None
        self._waiting: set[Future[str | None]] = set()

    def ask(self, prompt: str) -> str | None:
        """The secret, or None when the person declined or the console is gone. Never call it on the loop."""
        future: Future[str | None] = Future()
        with self._lock:
            if self._show is None:
                return None
            self._waiting.add(future)
            self._show(prompt, future)
        try:
            return future.result()
        finally:
            with self._lock:
                self._waiting.discard(future)

    def attach(self, show: ShowSecret) -> None:
        """The console is there."""
        with self._lock:
            self._show = show

    def detach(self) -> None:
        """The console is gone: whoever waits gets None."""
        with self._lock:
            self._show = None
            waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)


class AgreementPrompt:
    """Whether a changed cluster file holds; without a console nobody agrees, and the run keeps its own."""

    def __init__(self) -> None:
        self._show: ShowChanges | None = None

    def attach(self, show: ShowChanges) -> None:
        """The console is there."""
        self._show = show

    async def ask(self, cluster: str, changes: tuple[str, ...]) -> bool:
        """Whether a person agrees."""
        return self._show is not None and await self._show(cluster, changes)
