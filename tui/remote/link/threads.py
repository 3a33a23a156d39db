"""From this package's daemon threads to the caller's event loop and back.

asyncio's default executor is not used: it has few threads, and quitting waits for all of them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def post(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
    """Run ``call`` on ``loop`` soon; nothing happens if the loop is closed by now."""
    try:
        loop.call_soon_threadsafe(call)
    except RuntimeError:
        return


def start_thread(
    name: str, work: Callable[[], T], done: Callable[[T | None, BaseException | None], None]
) -> threading.Thread:
    """Run ``work`` on a daemon thread of its own; what it returns or raises is handed to ``done`` there.

    No error ends on a thread, where nobody would hear of it.
    """

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  # handed on whole
            done(None, error)
        else:
            done(result, None)

    thread = threading.Thread(target=run, name=f"rollcall-{name}", daemon=True)
    thread.start()
    return thread


def side_by_side(work: Callable[[S], T], items: Iterable[S], at_a_time: int = 8) -> list[T]:
    """``work`` for each of them, so many at a time; raises the first error in their order."""
    with ThreadPoolExecutor(at_a_time) as threads:
        return list(threads.map(work, items))


def in_background(close: Callable[[], object]) -> None:
    """Close something without waiting: that may have to wait for a sender that is stuck on a dead link."""
    threading.Thread(target=close, name="rollcall-close", daemon=True).start()


def start_worker(
    name: str, work: Callable[[], None], on_fault: Callable[[BaseException], None]
) -> threading.Thread:
    """A thread that lasts; ``on_fault`` is called on it if it has to end because ``work`` raised."""
    return start_thread(name, work, lambda _, fault: None if fault is None else on_fault(fault))


async def on_thread(name: str, work: Callable[[], T], abandon: Callable[[], None] = lambda: None) -> T:
    """The result of ``work``, run on a daemon thread of its own.

    A cancelled caller does not wait: ``abandon`` is called, which should make ``work`` end soon, and
    whatever still comes of it is dropped.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None only where T is

    start_thread(name, work, lambda result, error: post(loop, lambda: settle(result, error)))
    try:
        return await future
    except asyncio.CancelledError:
        abandon()
        raise
