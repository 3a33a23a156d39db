"""Whose turn it is to ask for a password or to send one, and what its verdict means for the others.

Nobody else of a group asks a person, or sends what it was told is for all, until it is known whether this one
was right.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tui.remote.ssh.auth.passwords import Passwords
from tui.remote.ssh.endpoint import Endpoint

# A node that has its password waits so long for the verdict on it elsewhere: sshd takes 2 s to say no.
_VERDICT_S = 10.0
_LOOK_EVERY_S = 0.5


class PasswordTurn:
    """``owner``: whose password it is, and where; ``group``: those who may come to send the same."""

    def __init__(self, book: Passwords, owner: Endpoint, group: tuple[str, ...]) -> None:
        self._book = book
        self._owner = owner
        self._group = group
        self._lock: threading.Lock | None = None
        self._password: str | None = None
        self._typed = False
        """It was typed for this node, not for all."""

    def over(self) -> None:
        """Others may go on."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _come_to_it(self, alive: Callable[[], bool], tell: Callable[[str], None]) -> bool:
        """Wait; with a password at hand, not much longer than a verdict takes. False: the node hung up."""
        lock = self._book.lock(self._group)
        if self._lock is None and not lock.acquire(blocking=False):
            tell("another password is typed or judged first")
            begun = time.monotonic()
            with self._book.secrets.aside:
                while not lock.acquire(timeout=_LOOK_EVERY_S):
                    if not alive():
                        return False
                    if self._book.remembered(self._owner) and time.monotonic() - begun > _VERDICT_S:
                        return True
        self._lock = lock
        return True

    def _was_right(self) -> None:
        """A node that is the exception is no example for others."""
        if self._password is not None:
            offer = self._typed and not self._book.is_exception(self._owner)
            self._book.remember(self._owner, self._password, offer=offer)

    def _was_wrong(self, *, alone: bool) -> None:
        """``alone``: nothing else was answered that could have been wrong."""
        if self._password is not None:
            self._book.refused(self._owner, self._password, alone=alone)
            if not self._typed:
                self._book.except_(self._owner)
            self._password = None
