"""One root shell's turn to have a password typed or to send one.

Where it may be sent, and that a wrong one goes nowhere else by itself: as for login passwords
(``ssh/auth/passwords.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from tui.remote.options import Question
from tui.remote.ssh.auth.for_all import DeclinedError, password_for_all
from tui.remote.ssh.auth.password_turn import PasswordTurn
from tui.remote.ssh.auth.passwords import Passwords, account
from tui.remote.ssh.endpoint import Endpoint


class NoPasswordError(Exception):
    """There is none to send; the text says why, for a sentence."""


def password_kind(owner: Endpoint) -> tuple[str, ...]:
    """What is given up of it, for the secret store."""
    return ("root", *account(owner))


class RootTurn(PasswordTurn):
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
        super().__init__(book, owner, ("root", owner.user))
        self._what = f"{program} password of {owner.user}"
        self._alive, self._tell = alive, tell
        self._kind = password_kind(owner)

    def password(self) -> str | None:
        """The one to send now; None when the node did not wait for it. Raises NoPasswordError."""
        book, owner = self._book, self._owner
        self._come_to_it(self._alive, self._tell)
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
        """Root's shell is there."""
        self._was_right()

    def refused(self) -> None:
        """Nobody is asked again until a person wants another try."""
        self._was_wrong(alone=True)
        self._book.secrets.give_up(self._kind, "what was given was wrong")

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
