"""The few threads that make connections: more would make the event loop late (32: 120 ms, 8: 12 ms)."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator

from tui.remote.link.threads import start_worker


class ConnectPool:
    """Runs calls when they are due, on daemon threads that are started as they are needed."""

    def __init__(self, threads: int, on_fault: Callable[[BaseException], None]) -> None:
        """``on_fault`` is called on a thread that has to end because a call raised."""
        self._limit = threads
        self._on_fault = on_fault
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._closed = False

    def submit(self, call: Callable[[], None], delay: float = 0.0) -> None:
        """Run ``call`` in ``delay`` seconds, or as soon after as a thread is free. It must not raise."""
        with self._changed:
            if self._closed:
                return
            heapq.heappush(self._due, (time.monotonic() + delay, next(self._order), call))
            self._enough()
            self._changed.notify()

    @contextlib.contextmanager
    def one_more(self) -> Iterator[None]:
        """While a call waits for a person, who may take minutes, another thread takes its thread's place."""
        with self._changed:
            self._limit += 1
            if self._due:
                self._enough()
        try:
            yield
        finally:
            with self._changed:
                self._limit -= 1
                self._changed.notify_all()

    def _enough(self) -> None:
        """Start a thread if one may be wanted."""
        if not self._closed and self._idle == 0 and len(self._threads) < self._limit:
            self._threads.append(start_worker("connect", self._work, self._on_fault))

    def close(self) -> None:
        """Start nothing more; what is running ends by itself."""
        with self._changed:
            self._closed = True
            self._due.clear()
            self._changed.notify_all()

    def join(self, deadline: float) -> None:
        """Wait for the threads until ``deadline`` (monotonic)."""
        for thread in list(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while (call := self._next()) is not None:
            call()

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            self._idle += 1
            try:
                while not self._closed and len(self._threads) <= self._limit:
                    wait = self._due[0][0] - time.monotonic() if self._due else None
                    if wait is not None and wait <= 0:
                        return heapq.heappop(self._due)[2]
                    self._changed.wait(wait)
                self._threads.remove(threading.current_thread())
                self._changed.notify()  # what it was woken for is another's now
                return None
            finally:
                self._idle -= 1
