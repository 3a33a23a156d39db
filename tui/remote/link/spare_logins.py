"""Further logins on a node whose sshd gives one connection fewer sessions than are wanted (MaxSessions)."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from tui.remote.errors import FINAL_KINDS, RemoteError
from tui.remote.link.login import Login
from tui.remote.link.threads import in_background
from tui.remote.shell.shell import Shell

_MOST = 8
"""Logins at a time: more are wanted by nobody, unless what hangs on the node holds their sessions."""


class SpareLogins:
    """Made when a session is refused on the others, and kept. Thread-safe; ``shell`` blocks.

    ``make`` is not called again for a while when it failed; and not at all, until ``allow_again``, when
    another try cannot help: a server may count tries.
    """

    def __init__(self, make: Callable[[], Login], first: float, limit: float) -> None:
        """``first`` and ``limit``: seconds between two tries, at first and at most."""
        self._make = make
        self._first, self._limit = first, limit
        self._turn = threading.Lock()
        self._logins: list[Login] = []
        self._generation = 0
        self._failure: RemoteError | None = None
        self._failures = 0
        self._not_before = 0.0

    @property
    def refused(self) -> bool:
        """No further login can be made: there is what the others give, and no more."""
        return self._failure is not None and self._failure.kind in FINAL_KINDS

    def shell(self, refusal: RemoteError) -> Shell:
        """A shell on one of them. ``refusal``: why one is wanted, raised again when there is none now."""
        with self._turn:  # who comes second finds the login that the first has made
            for login in [login for login in self._logins if login.alive]:
                try:
                    return login.shell()
                except RemoteError as error:
                    if error.kind not in ("too-many-sessions", "lost", "timeout"):
                        raise
                    if not login.sessions:  # it hangs, or what was given up there has not ended
                        self._drop(login)
            self._logins = [login for login in self._logins if login.alive]
            login = self._another(refusal)
            try:
                return login.shell()
            except RemoteError as error:
                if error.kind == "too-many-sessions":
                    self._drop(login)
                    self._failed(error)
                raise

    def _another(self, refusal: RemoteError) -> Login:
        if self.refused or time.monotonic() < self._not_before or len(self._logins) >= _MOST:
            raise self.told(refusal)
        generation = self._generation
        try:
            login = self._make()
        except RemoteError as error:
            self._failed(error)
            raise self.told(refusal) from error
        if generation != self._generation:
            login.close()
            raise self.told(refusal)
        self._failure, self._failures = None, 0
        self._logins.append(login)
        return login

    def _failed(self, error: RemoteError) -> None:
        self._failure = error
        self._failures += 1
        pause = min(self._limit, self._first * 2 ** (self._failures - 1))
        self._not_before = time.monotonic() + pause * random.uniform(0.7, 1.3)  # noqa: S311  # only spreads the load

    def told(self, refusal: RemoteError) -> RemoteError:
        """The refusal of a session, with why no further login helps if one was tried."""
        if self._failure is None:
            return refusal
        sentence = f"{refusal.sentence} Another login for the rest failed, too: {self._failure.sentence}"
        return RemoteError(refusal.kind, refusal.node, sentence)

    def _drop(self, login: Login) -> None:
        self._logins = [each for each in self._logins if each is not login]
        in_background(login.close)

    def allow_again(self) -> None:
        """A person has acted, or the node has let us in anew."""
        self._failure, self._failures, self._not_before = None, 0, 0.0

    def close(self) -> None:
        """The connection is given up: whatever goes on over one of them ends."""
        self._generation += 1
        logins, self._logins = self._logins, []
        for login in logins:
            in_background(login.close)
