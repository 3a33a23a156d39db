"""One script over a login of its own: bulk data on the shared one would hold up its heartbeat."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from tui.remote.errors import RemoteError
from tui.remote.link.connection import Connection
from tui.remote.link.login import Login
from tui.remote.link.threads import in_background


class OwnLogin:
    """Blocks; raises RemoteError. ``abandon`` may be called from any thread and never blocks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._login: Login | None = None
        self._abandoned = threading.Event()
        self.sent = False
        """Whether the node may have heard of the script."""

    def abandon(self) -> None:
        """The caller has gone: end soon, leaving nothing behind."""
        self._abandoned.set()
        if (login := self._login) is not None:
            in_background(login.close)

    def converse(
        self,
        script: str,
        source: Iterator[bytes],
        on_stdout: Callable[[bytes], None],
        *,
        timeout: float | None = None,
        idle: float | None = None,
    ) -> None:
        """Run ``script`` as `Shell.converse` does, within ``timeout`` seconds.

        When this returns, the connection is gone, without a goodbye: as far as the server can tell, the
        socket was shut down in the midst of the session.
        """
        self._login = login = self._connection.extra_login()
        try:
            if self._abandoned.is_set():
                node = self._connection.endpoint.node
                raise RemoteError("closed", node, f"{node}: the connection was closed here.")
            deadline = None if timeout is None else time.monotonic() + timeout
            shell = login.shell()
            self.sent = True
            shell.converse(script, source, on_stdout, deadline=deadline, idle=idle)
        finally:
            login.close()
