"""Questions from outside the console, by a connecting thread or while a run is opened, to its person."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.remote import Question

ShowQuestion = Callable[["Question", "Future[str | None]"], None]
"""Shows a question, on whatever thread, and puts the answer into the future some time later."""
ShowChanges = Callable[[str, tuple[str, ...]], Awaitable[bool]]
"""Shows a cluster's name and what changed; True when a person typed the name."""


class PersonPrompt:
    """``ask`` blocks the calling thread until a person answers; without a console it declines at once.

    Of several threads the first is shown, the others wait for their turn.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._show: ShowQuestion | None = None
        self._shown: Future[str | None] | None = None

    def ask(self, question: Question) -> str | None:
        """The answer, or None when the person declined or the console is gone. Never call it on the loop."""
        with self._turn:
            future: Future[str | None] = Future()
            with self._lock:
                if self._show is None:
                    return None
                self._shown = future
                self._show(question, future)
            return future.result()

    def attach(self, show: ShowQuestion) -> None:
        """The console is there."""
        with self._lock:
            self._show = show

    def detach(self) -> None:
        """The console is gone: whoever waits gets None."""
        with self._lock:
            self._show = None
            if self._shown is not None and not self._shown.done():
                self._shown.set_result(None)


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
