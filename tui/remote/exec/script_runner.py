"""Short scripts on a node, over whatever login stands, on a thread that may block."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from tui.remote.errors import Kind, RemoteError
from tui.remote.link.connection import Connection
from tui.remote.link.threads import in_background
from tui.remote.shell.shell import Completed, Shell

T = TypeVar("T")

CUT_KINDS: frozenset[Kind] = frozenset({"lost", "killed", "too-many-sessions"})
"""What may come of a broken link, and need not come again with the next one."""


class ScriptRunner:
    """What one caller runs on a node; ``abandon`` may be called from any thread and never blocks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.stop = threading.Event()
        self.sent = 0
        """How often something was sent, of which the node may have heard."""
        self._shell: Shell | None = None

    def abandon(self) -> None:
        """The caller has gone: end soon."""
        self.stop.set()
        if (shell := self._shell) is not None:
            in_background(shell.close)

    def open_shell(
        self, deadline: float | None, *, patient: bool = False, on_wait: Callable[[], None] | None = None
    ) -> Shell:
        """A shell on the login that stands by ``deadline``; nothing has been sent to it yet, so a link that
        breaks meanwhile, or a node that is out of sessions for a moment, is no reason to give up. ``on_wait``
        is called each time that the link breaks.
        """
        while True:
            login = self._connection.wait_for_login(deadline, self.stop, patient=patient)
            try:
                self._shell = shell = self._connection.shell(login)
            except RemoteError as error:
                late = deadline is not None and time.monotonic() >= deadline
                if error.kind not in ("lost", "too-many-sessions") or late:
                    raise
                if on_wait is not None and error.kind == "lost":
                    on_wait()
                self.stop.wait(0.1)
            else:
                if not self.stop.is_set():
                    return shell
                shell.close()

    def run(self, script: str, payload: Iterable[bytes], deadline: float) -> Completed:
        """``script`` once, with ``payload`` on its stdin."""
        if not self._connection.commands.acquire(timeout=max(0.0, deadline - time.monotonic())):
            node = self._connection.endpoint.node
            raise RemoteError("timeout", node, f"{node}: earlier commands there have not ended in time.")
        try:
            stdout = bytearray()
            shell = self.open_shell(deadline)
            self.sent += 1
            code, stderr = shell.converse(script, iter(payload), stdout.extend, deadline=deadline)
            return Completed(code, bytes(stdout), stderr)
        finally:
            self._connection.commands.release()

    def persist(self, step: Callable[[float], T], deadline: float) -> T:
        """``step`` again and again while the link breaks under it; only for what may be done twice."""
        while True:
            try:
                return step(deadline)
            except RemoteError as error:
                if error.kind not in CUT_KINDS or self.stop.is_set() or time.monotonic() >= deadline:
                    raise
                self.stop.wait(0.1)
