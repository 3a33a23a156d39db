"""A job whose own connection is cut: shows whether jobs on a node outlive the login that started them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from tui.remote.errors import RemoteError
from tui.remote.link.connection import Connection
from tui.remote.link.login import Login


class DetachedProbe:
    """One call over a login of its own, which is then cut. Blocks; raises RemoteError."""

    def __init__(self, client: Connection) -> None:
        self._client = client
        self._session: Login | None = None
        self._abandoned = threading.Event()

    def abandon(self) -> None:
        """The caller has gone: end soon."""
        self._abandoned.set()
        session = self._session
        if session is not None:
            threading.Thread(target=session.close, name="rollcall-close", daemon=True).start()

    def ask(self, call: str, payload: Iterable[bytes], timeout: float) -> bytes:
        """What ``call`` answers. When this returns, the connection is gone, without a goodbye."""
        node = self._client.endpoint.node
        self._session = session = self._client.login()
        answer = bytearray()
        try:
            if self._abandoned.is_set():
                raise RemoteError("closed", node, f"{node}: the connection was closed here.")
            deadline = time.monotonic() + timeout
            session.shell().converse(call, iter(payload), answer.extend, deadline=deadline)
        finally:
            # the socket is shut down in the midst of the session, as far as the server can tell
            session.close()
        return bytes(answer)
