"""A fault of our own on a thread is heard of: what is known of the nodes would not be kept up any more."""

from __future__ import annotations

import asyncio

import pytest

from tui.remote import Endpoint, Fleet, Options


class _OwnFaultError(Exception):
    pass


def _break() -> None:
    raise _OwnFaultError


@pytest.mark.parametrize("thread", ["_heartbeat", "_pool"])
async def test_a_thread_that_ends_by_a_fault_tells_whoever_uses_the_fleet(thread: str) -> None:
    async with Fleet([Endpoint("px01", "127.0.0.1", port=9)], Options()) as fleet:
        waiting = asyncio.ensure_future(fleet.failed())
        if thread == "_heartbeat":
            fleet._heartbeat._inbox.put(_break)
        else:
            fleet._pool.submit(_break)
        with pytest.raises(_OwnFaultError):
            await asyncio.wait_for(waiting, 10)
