"""Waiting until a node has been restarted: nothing but a changed boot id, read over a fresh login, proves it.

"Does ssh answer?" is wrong exactly then: right after the order to reboot it does, in the old boot.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from tui.remote.errors import RemoteError
from tui.remote.link.connection import Connection
from tui.remote.link.states import ConnectionState

_LOOK_S = 1.0  # counted at a time
_ASLEEP_S = 3.0  # for the same: this process itself was held up, by a laptop that slept, say
_LEFT_AFTER_SLEEP_S = 30.0  # what the node has at the least after that


async def new_boot_id(
    connection: Connection,
    states: asyncio.Queue[ConnectionState],
    old_boot_id: str,
    stop_after: float,
    on_try: Callable[[str], None],
) -> str:
    """The boot id of the node once it is another than ``old_boot_id``; see ``NodeClient.wait_for_reboot``.

    The link dials anew by itself whenever it is lost; a session's boot id is the one read at its login.
    """
    node = connection.endpoint.node
    last = "it still answers, in the old boot"
    state, left = connection.state, stop_after
    connection.expect_reboot(True)
    try:
        while True:
            if state.phase == "up" and state.boot_id not in (None, old_boot_id):
                return str(state.boot_id)
            if state.phase == "refused" and not connection.retries(state):
                raise connection.not_up()
            if words := _words(state):
                last = words
                on_try(words)
            news = None
            while news is None and left > 0:
                news, looked = await _next(states, left)
                left = (
                    left - looked if looked is not None else max(left, min(stop_after, _LEFT_AFTER_SLEEP_S))
                )
            if news is None:
                break
            state = news
    finally:
        connection.expect_reboot(False)
    sentence = (
        f"{node} has not come back within {stop_after:.0f} s ({last.removesuffix('.')}); look at its "
        "console, then wait on or have it restarted by hand."
    )
    raise RemoteError("no-return", node, sentence)


async def _next(
    states: asyncio.Queue[ConnectionState], left: float
) -> tuple[ConnectionState | None, float | None]:
    """The next state if there is one soon, and the seconds in which we looked for it.

    None for those when this console was held up meanwhile: that was not the node's silence.
    """
    began, state = time.monotonic(), None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(min(left, _LOOK_S)):
            state = await states.get()
    passed = time.monotonic() - began
    return state, passed if passed < _ASLEEP_S else None


def _words(state: ConnectionState) -> str:
    """What a person is told of this try; nothing for the states in between."""
    if state.phase == "up" and state.boot_id is None:
        return f"{state.node} answers, but its boot id cannot be read yet."
    if state.phase == "up":
        return f"{state.node} still answers in the old boot: it has not gone down yet."
    return state.reason if state.phase in ("backoff", "silent") else ""
