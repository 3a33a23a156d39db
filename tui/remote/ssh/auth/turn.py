"""One login's turn to have a password typed or to send one."""

from __future__ import annotations

from typing import NoReturn

from tui.remote.options import Question
from tui.remote.ssh.auth.attempt import Attempt, GivenUpError
from tui.remote.ssh.auth.dialogue import HungUpError
from tui.remote.ssh.auth.for_all import DeclinedError, password_for_all
from tui.remote.ssh.auth.password_turn import PasswordTurn
from tui.remote.ssh.auth.passwords import Passwords, account
from tui.remote.ssh.endpoint import Endpoint


class Turn(PasswordTurn):
    """One login's right to send passwords."""

    def __init__(self, book: Passwords, attempt: Attempt) -> None:
        endpoint = attempt.endpoint
        super().__init__(book, endpoint, account(endpoint) if endpoint.jump_name else (endpoint.user,))
        self._secrets = book.secrets
        self._attempt = attempt
        self._endpoint = endpoint
        self._kind = ("login", *account(endpoint))

    def __enter__(self) -> Turn:
        return self

    def __exit__(self, *_: object) -> None:
        if self._password is not None and self._typed and self._attempt.nobody_now:
            self._book.keep(self._endpoint, self._password)
        self.over()

    def begin(self) -> None:
        """Before a conversation: some modules of PAM count one that is broken off as a failure. Raises
        GivenUpError where it would lead nowhere, and HungUpError as ``wait``.
        """
        if self._book.remembered(self._endpoint) is None:
            self.may_ask()
        self.wait()

    def wait(self) -> None:
        """Until it is our turn. Raises HungUpError when the node did meanwhile."""
        if not self._come_to_it(lambda: self._attempt.dialogue.alive, self._attempt.tell):
            raise HungUpError("it waited no longer for somebody to type a password")

    def password(self) -> str:
        """The one to send now. Raises GivenUpError, and HungUpError when the node did while it was typed."""
        endpoint, book = self._endpoint, self._book
        self.wait()
        known = book.remembered(endpoint)
        self._password, self._typed = (known, False) if known is not None else self._asked()
        if not book.has_taken(endpoint, self._password):
            self._attempt.unjudged = "the password"
        return self._password

    def may_ask(self) -> None:
        """Raises GivenUpError where a person, or wrong answers, have put an end to it."""
        if why := self._secrets.given_up(self._kind):
            raise GivenUpError(why)

    def give_up(self, why: str) -> NoReturn:
        """Nothing more is asked for this host until a person connects anew. Raises GivenUpError."""
        self._secrets.give_up(self._kind, why)
        raise GivenUpError(why)

    def accepted(self, *, remember: bool = True) -> None:
        """The host let us in, by a password that is to be remembered or by something else."""
        self._attempt.by_person = True
        if remember:
            self._was_right()

    def refused(self, *, alone: bool) -> None:
        """The host did not take it; ``alone``: nothing else was answered that could have been wrong."""
        self._was_wrong(alone=alone)
        if not self._attempt.may_type:
            self._secrets.give_up(self._kind, f"{self._attempt.said_wrong} was wrong")

    def _asked(self) -> tuple[str, bool]:
        """From a person, and whether it was typed for this host."""
        kept = self._book.kept(self._endpoint)
        if kept is not None:
            return kept, True
        endpoint, secrets = self._endpoint, self._secrets
        self.may_ask()
        if why := secrets.given_up(("password", *self._group)):
            raise GivenUpError(why)
        if endpoint.login.batch or not secrets.can_ask:
            raise GivenUpError("it wants a password and nobody can be asked")
        offered = self._offered()
        if offered is not None:
            return offered, False
        self._attempt.tell("a person is asked for the password")
        typed = secrets.ask(Question(_prompt(endpoint), lines=self._attempt.retry_lines))
        self._attempt.tell("")
        if not typed:
            self._decline()
        if not self._attempt.dialogue.alive:
            self._book.keep(endpoint, typed)
            raise HungUpError("it did not wait until the password was typed")
        return typed, True

    def _offered(self) -> str | None:
        if self._attempt.wrong:
            return None
        user = self._endpoint.user
        try:
            return password_for_all(
                self._book, self._endpoint, f"password of {user}", ("own passwords", user)
            )
        except DeclinedError:
            self._decline()

    def _decline(self) -> NoReturn:
        """For all that wait for this person: otherwise every node would ask in turn."""
        why = "nobody gave a password"
        self._secrets.give_up(("password", *self._group), why)
        raise GivenUpError(why)


def _prompt(endpoint: Endpoint) -> str:
    if endpoint.jump_name:
        where = f"the jump host {endpoint.jump_host}, on the way to {endpoint.node}"
    else:
        where = f"{endpoint.node} ({endpoint.address})"
    return f"Password of {endpoint.user} on {where}: "
