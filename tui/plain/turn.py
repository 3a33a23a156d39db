"""Whose turn it is to speak with the person at the terminal: one question at a time, in sight to its end."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator

_LOOK_AGAIN_S = 0.1


class Turn:
    """Two who ask at once would share out what is typed.

    While a connecting thread asks, lines of the run are withheld: they would push its question off the
    screen, and none of them needs an answer before it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._guard = threading.Lock()
        self._later: list[Callable[[], object]] | None = None
        self._end: int | None = None

    @contextlib.contextmanager
    def of_a_thread(self) -> Iterator[int]:
        """For a question of a connecting thread; gives a descriptor to read from once it is withdrawn."""
        with self._lock:
            withdrawn, end = os.pipe()
            with self._guard:
                self._later, self._end = [], end
            atexit.register(self._over)  # the program may end while somebody is being asked
            try:
                yield withdrawn
            finally:
                self._over()
                atexit.unregister(self._over)
                with self._guard:
                    self._end = None
                os.close(withdrawn)
                os.close(end)

    @contextlib.asynccontextmanager
    async def of_the_run(self, *, alone: bool = False) -> AsyncIterator[None]:
        """For a question of the event loop, which goes on while it waits for its turn.

        ``alone``: lines of the run are withheld for it, too.
        """
        while not self._lock.acquire(blocking=False):  # noqa: ASYNC110  held by threads
            await asyncio.sleep(_LOOK_AGAIN_S)
        try:
            if alone:
                with self._guard:
                    self._later = []
            yield
        finally:
            self._over()
            self._lock.release()

    def withdraw(self) -> None:
        """The person turns to something else: what a thread asks has no answer."""
        with self._guard:
            if self._end is not None:
                os.write(self._end, b"\n")

    def later(self, write: Callable[[], object]) -> bool:
        """Whether ``write`` is withheld until a thread's question is answered."""
        with self._guard:
            if self._later is None:
                return False
            self._later.append(write)
            return True

    def _over(self) -> None:
        with self._guard:
            later, self._later = self._later or [], None
            for write in later:
                write()
