"""Waiting until a node has been restarted: nothing but a changed boot id, read over a fresh login, proves it.

"Does ssh answer?" is wrong exactly then: right after the order to reboot it does, in the old boot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.remote.errors import RemoteError
from tui.remote.lifecycle import Lifecycle
from tui.remote.states import LinkState


async def new_boot_id(
    link: Lifecycle,
    states: asyncio.Queue[LinkState],
    old_boot_id: str,
    stop_after: float,
    on_try: Callable[[str], None],
) -> str:
    """The boot id of the node once it is another than ``old_boot_id``; see ``Link.wait_for_reboot``.

    The link dials anew by itself whenever it is lost; a session's boot id is the one read at its login.
    """
    node = link.endpoint.node
    last = "it still answers, in the old boot"
    link.expect_reboot(True)
    try:
        async with asyncio.timeout(stop_after):
            state = link.state
            while True:
                if state.phase == "up" and state.boot_id not in (None, old_boot_id):
                    return str(state.boot_id)
                if state.phase == "refused" and not link.retries(state):
                    raise link.not_up()
                words = _words(state)
                if words:
                    last = words
                    on_try(words)
                state = await states.get()
    except TimeoutError:
        sentence = (
            f"{node} has not come back within {stop_after:.0f} s ({last.removesuffix('.')}); look at its "
            "console, then wait on or have it restarted by hand."
        )
        raise RemoteError("no-return", node, sentence) from None
    finally:
        link.expect_reboot(False)


def _words(state: LinkState) -> str:
    """What a person is told of this try; nothing for the states in between."""
    if state.phase == "up" and state.boot_id is None:
        return f"{state.node} answers, but its boot id cannot be read yet."
    if state.phase == "up":
        return f"{state.node} still answers in the old boot: it has not gone down yet."
    return state.reason if state.phase in ("backoff", "silent") else ""
