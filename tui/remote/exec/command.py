"""Short scripts on a node, over whatever session stands, on a thread that may block."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from tui.remote.errors import Kind, RemoteError
from tui.remote.link.connection import Connection
from tui.remote.shell.shell import Completed, Shell
from tui.remote.ssh.failures import session_limit

T = TypeVar("T")

CUTS: frozenset[Kind] = frozenset({"lost", "killed", "too-many-sessions"})
"""What may come of a broken link, and need not come again with the next one."""


ENDING = 0.5
"""Seconds that sshd may take to let go of a session that has ended here."""


class Command:
    """One caller's doings on a node; ``abandon`` may be called from any thread and never blocks."""

    def __init__(self, client: Connection) -> None:
        self.client = client
        self.stop = threading.Event()
        self.sent = 0
        """How often something was sent, of which the node may have heard."""
        self._shell: Shell | None = None

    def abandon(self) -> None:
        """The caller has gone: end soon."""
        self.stop.set()
        shell = self._shell
        if shell is not None:
            # Hanging up may have to wait for a sender that is stuck on the link.
            threading.Thread(target=shell.close, name="rollcall-close", daemon=True).start()

    def open_shell(
        self, deadline: float | None, *, patient: bool = False, on_wait: Callable[[], None] | None = None
    ) -> Shell:
        """A shell on the session that stands by ``deadline``; nothing has been sent to it yet, so a link that
        breaks meanwhile, or a node that is out of sessions for a moment, is no reason to give up. ``on_wait``
        is called each time that happens.
        """
        alone_since: float | None = None
        while True:
            session = self.client.wait_session(deadline, self.stop, patient=patient)
            try:
                self._shell = shell = session.shell()
            except RemoteError as error:
                now = time.monotonic()
                late = deadline is not None and now >= deadline
                alone = error.kind == "too-many-sessions" and session.idle
                alone_since = (alone_since or now) if alone else None
                if alone_since is not None and now - alone_since > ENDING:
                    raise session_limit(error) from error
                if error.kind not in ("lost", "too-many-sessions") or late:
                    raise
                if on_wait is not None:
                    on_wait()
                self.stop.wait(0.1)
            else:
                if not self.stop.is_set():
                    return shell
                shell.close()

    def run(self, script: str, payload: Iterable[bytes], deadline: float) -> Completed:
        """``script`` once, with ``payload`` on its stdin."""
        if not self.client.commands.acquire(timeout=max(0.0, deadline - time.monotonic())):
            node = self.client.endpoint.node
            raise RemoteError("timeout", node, f"{node}: earlier commands there have not ended in time.")
        try:
            stdout = bytearray()
            shell = self.open_shell(deadline)
            self.sent += 1
            code, stderr = shell.converse(script, iter(payload), stdout.extend, deadline=deadline)
            return Completed(code, bytes(stdout), stderr)
        finally:
            self.client.commands.release()

    def persist(self, step: Callable[[float], T], deadline: float) -> T:
        """``step`` again and again while the link breaks under it; only for what may be done twice."""
        while True:
            try:
                return step(deadline)
            except RemoteError as error:
                if error.kind not in CUTS or self.stop.is_set() or time.monotonic() >= deadline:
                    raise
                self.stop.wait(0.1)
