"""One root shell's turn to have a password typed or to send one.

Where it may be sent, and that a wrong one goes nowhere else by itself: as for login passwords
(``ssh/auth/passwords.py``).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NoReturn

from tui.remote.options import Question
from tui.remote.ssh.auth.for_all import DeclinedError, password_for_all
from tui.remote.ssh.auth.passwords import Passwords, account
from tui.remote.ssh.endpoint import Endpoint

_VERDICT_S = 10.0  # with a password at hand a node waits so long for the verdict on it elsewhere
_LOOK_EVERY_S = 0.5


class NoPasswordError(Exception):
    """There is none to send; the text says why, for a sentence."""


def password_kind(owner: Endpoint) -> tuple[str, ...]:
    """What is given up of it, for the secret store."""
    return ("root", *account(owner))


class RootTurn:
    """``owner``: whose password it is, and where; ``program``: which one asks for it there. ``alive``:
    whether it still waits. ``tell`` hears what we wait for.
    """

    def __init__(
        self,
        book: Passwords,
        owner: Endpoint,
        program: str,
        alive: Callable[[], bool],
        tell: Callable[[str], None],
    ) -> None:
        self._book = book
        self._owner = owner
        self._what = f"{program} password of {owner.user}"
        self._alive, self._tell = alive, tell
        self._lock: threading.Lock | None = None
        self._password: str | None = None
        self._typed = False
        self._kind = password_kind(owner)
        self._group = ("root", owner.user)

    def password(self) -> str | None:
        """The one to send now; None when the node did not wait for it. Raises NoPasswordError."""
        book, owner = self._book, self._owner
        self._wait()
        known = book.remembered(owner)
        try:
            self._password, self._typed = (known, False) if known is not None else self._asked()
        except NoPasswordError as error:
            book.secrets.give_up(self._kind, str(error))
            raise
        if not self._alive():
            book.keep(owner, self._password)
            return None
        return self._password

    def accepted(self) -> None:
        """Root's shell is there. A node that is the exception is no example for others."""
        if self._password is not None:
            offer = self._typed and not self._book.is_exception(self._owner)
            self._book.remember(self._owner, self._password, offer=offer)

    def refused(self) -> None:
        """Nobody is asked again until a person wants another try."""
        owner = self._owner
        if self._password is not None:
            self._book.refused(owner, self._password, alone=True)
            if not self._typed:
                self._book.except_(owner)
            self._password = None
        self._book.secrets.give_up(self._kind, "what was given was wrong")

    def over(self) -> None:
        """Others may go on."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _wait(self) -> None:
        lock = self._book.lock(self._group)
        if not lock.acquire(blocking=False):
            self._tell("another password is typed or judged first")
            begun = time.monotonic()
            with self._book.secrets.aside:
                while not lock.acquire(timeout=_LOOK_EVERY_S):
                    known = self._book.remembered(self._owner)
                    if not self._alive() or (known and time.monotonic() - begun > _VERDICT_S):
                        return
        self._lock = lock

    def _asked(self) -> tuple[str, bool]:
        """From a person, and whether it was typed for this node."""
        secrets, owner = self._book.secrets, self._owner
        if (kept := self._book.kept(owner)) is not None:
            return kept, True
        for kind in (self._kind, self._group):
            if why := secrets.given_up(kind):
                raise NoPasswordError(why)
        if owner.login.batch:
            raise NoPasswordError("ssh_config says BatchMode yes")
        if not secrets.can_ask:
            raise NoPasswordError("nobody can be asked")
        self._tell(f"a person is asked for the {self._what}")
        offered = self._offered()
        typed = (
            None
            if offered is not None
            else secrets.ask(Question(f"{self._what} on {owner.node} ({owner.address}): "))
        )
        self._tell("")
        if offered is not None:
            return offered, False
        if not typed:
            self._decline()
        return typed, True

    def _offered(self) -> str | None:
        owner = self._owner
        try:
            return password_for_all(self._book, owner, self._what, ("own root passwords", owner.user))
        except DeclinedError:
            self._decline()

    def _decline(self) -> NoReturn:
        """For all that wait for this person: otherwise every node would ask in turn."""
        why = "nobody gave one"
        self._book.secrets.give_up(self._group, why)
        raise NoPasswordError(why)
