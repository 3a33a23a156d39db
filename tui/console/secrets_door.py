"""How a connecting thread asks the person at the console for a password."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

Answer = Callable[[str, "Future[str | None]"], None]
"""Shows a prompt, on whatever thread, and puts the answer into the future some time later."""


class SecretDoor:
    """``ask`` blocks the calling thread until a person answers; without a console it declines at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answerer: Answer | None = None
        self._waiting: set[Future[str | None]] = set()

    def ask(self, prompt: str) -> str | None:
        """The secret, or None when the person declined or the console is gone. Never call it on the loop."""
        future: Future[str | None] = Future()
        with self._lock:
            if self._answerer is None:
                return None
            self._waiting.add(future)
            self._answerer(prompt, future)
        try:
            return future.result()
        finally:
            with self._lock:
                self._waiting.discard(future)

    def open(self, answerer: Answer) -> None:
        """The console is there."""
        with self._lock:
            self._answerer = answerer

    def close(self) -> None:
        """The console is gone: whoever waits gets None."""
        with self._lock:
            self._answerer = None
            waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)
