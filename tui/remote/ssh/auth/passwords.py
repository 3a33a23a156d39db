"""Login passwords: whose they are, where they may be sent, and that a wrong one is not sent again.

ssh(1) asks for each host. Sixteen nodes with one password would be sixteen times at night, yet no host may
be sent the password of another without a person's word: it would learn it. So a password is asked for one
node; once that node has taken it and another node asks, the person is asked whether it is for all nodes of
the cluster. Jump hosts are never among them. What one host refuses is sent to no other by itself: where a
directory counts wrong passwords, sixteen nodes that reconnect would lock the account.
"""

from __future__ import annotations

import threading
import time
from typing import NoReturn

from tui.remote.options import Question
from tui.remote.ssh.auth.attempt import Attempt, GivenUpError
from tui.remote.ssh.auth.dialogue import HungUpError
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.endpoint import Endpoint

# A node that has its password waits so long for the verdict on it elsewhere: sshd takes 2 s to say no.
_VERDICT_S = 10.0
_LOOK_EVERY_S = 0.5
Account = tuple[str, ...]


class Passwords:
    """What is known of login passwords; used by all connecting threads."""

    def __init__(self, secrets: SecretStore) -> None:
        self.secrets = secrets
        self._guard = threading.Lock()
        self._turns: dict[Account, threading.Lock] = {}
        self._known: dict[Account, str] = {}
        self._for_all: dict[str, str] = {}
        self._taken: dict[str, tuple[str, str]] = {}
        self._exceptions: set[Account] = set()
        self._unsent: dict[Account, str] = {}

    def __repr__(self) -> str:
        return "Passwords(...)"

    def lock(self, group: Account) -> threading.Lock:
        """Held by whoever asks for a password of this group, or has sent one, until the verdict."""
        with self._guard:
            return self._turns.setdefault(group, threading.Lock())

    def remembered(self, endpoint: Endpoint) -> str | None:
        """What this host has taken before, or what a person has said is for all nodes."""
        with self._guard:
            owner = account(endpoint)
            known = self._known.get(owner)
            if known is None and not endpoint.jump_name and owner not in self._exceptions:
                return self._for_all.get(endpoint.user)
            return known

    def offered(self, endpoint: Endpoint) -> tuple[str, str] | None:
        """A password that another node of the cluster took from a person, and that node."""
        return None if endpoint.jump_name else self._taken.get(endpoint.user)

    def has_taken(self, endpoint: Endpoint, password: str) -> bool:
        """Whether this host has taken just this password before."""
        return self._known.get(account(endpoint)) == password

    def is_exception(self, endpoint: Endpoint) -> bool:
        """Whether what is for all nodes is not for this one."""
        return account(endpoint) in self._exceptions

    def except_(self, endpoint: Endpoint) -> None:
        """From here on it is this host's own password that counts, which a person has to type."""
        with self._guard:
            self._known.pop(account(endpoint), None)
            self._exceptions.add(account(endpoint))

    def for_all(self, user: str, password: str) -> None:
        """A person has said so."""
        with self._guard:
            self._for_all[user] = password

    def remember(self, endpoint: Endpoint, password: str, *, offer: bool) -> None:
        """This host took it. ``offer``: another node may be asked whether it is its own, too."""
        with self._guard:
            self._known[account(endpoint)] = password
            if offer and not endpoint.jump_name:
                self._taken[endpoint.user] = password, endpoint.where

    def keep(self, endpoint: Endpoint, typed: str) -> None:
        """It was typed for a host that hung up meanwhile: it need not be typed again."""
        with self._guard:
            self._unsent[account(endpoint)] = typed

    def kept(self, endpoint: Endpoint) -> str | None:
        """What was kept for this host. It is given out once."""
        with self._guard:
            return self._unsent.pop(account(endpoint), None)

    def refused(self, endpoint: Endpoint, password: str, *, alone: bool) -> None:
        """Not this host's, or not any more. ``alone``: and nothing else can have been what was wrong, so no
        other host is sent it without a person's word.
        """
        user = endpoint.user
        with self._guard:
            for owner, known in list(self._known.items()):
                if owner == account(endpoint) or (alone and owner[0] == user and known == password):
                    del self._known[owner]
            if alone and self._for_all.get(user) == password:
                del self._for_all[user]
            if alone and self._taken.get(user, ("",))[0] == password:
                del self._taken[user]


class Turn:
    """One login's right to send passwords: nobody else of its group asks a person, or sends what it was told
    is for all, until it is known whether this one was right.
    """

    def __init__(self, book: Passwords, attempt: Attempt) -> None:
        self._book = book
        self._secrets = book.secrets
        self._attempt = attempt
        self._endpoint = attempt.endpoint
        self._lock: threading.Lock | None = None
        self._password: str | None = None
        self._typed = False
        endpoint = attempt.endpoint
        self._group = account(endpoint) if endpoint.jump_name else (endpoint.user,)

    def __enter__(self) -> Turn:
        return self

    def __exit__(self, *_: object) -> None:
        if self._password is not None and self._typed and self._attempt.nobody_now:
            self._book.keep(self._endpoint, self._password)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def wait(self) -> None:
        """Until it is our turn. With a password at hand, not much longer than a verdict takes. Raises
        HungUpError when the node did meanwhile.
        """
        lock = self._book.lock(self._group)
        begun = time.monotonic()
        while self._lock is None:
            if lock.acquire(timeout=_LOOK_EVERY_S):
                self._lock = lock
            elif not self._attempt.dialogue.alive:
                raise HungUpError("it waited no longer for somebody to type a password")
            elif self._book.remembered(self._endpoint) and time.monotonic() - begun > _VERDICT_S:
                return
            else:
                self._attempt.tell("waits until another password is typed or judged")

    def password(self) -> str:
        """The one to send now. Raises GivenUpError, and HungUpError when the node did while it was typed."""
        endpoint, book = self._endpoint, self._book
        self.wait()
        known = book.remembered(endpoint)
        self._password, self._typed = (known, False) if known is not None else self._asked()
        if not book.has_taken(endpoint, self._password):
            self._attempt.unjudged = "the password"
        return self._password

    def accepted(self) -> None:
        """The host took it. A host that is the exception is no example for others."""
        if self._password is not None:
            offer = self._typed and not self._book.is_exception(self._endpoint)
            self._book.remember(self._endpoint, self._password, offer=offer)

    def refused(self, *, alone: bool) -> None:
        """The host did not take it; ``alone``: nothing else was answered that could have been wrong."""
        if self._password is not None:
            self._book.refused(self._endpoint, self._password, alone=alone)
            if not self._typed:
                self._book.except_(self._endpoint)
            self._password = None
            if not self._attempt.may_type:
                self._secrets.give_up(("password", *account(self._endpoint)), "its password was wrong")

    def _asked(self) -> tuple[str, bool]:
        """From a person, and whether it was typed for this host."""
        kept = self._book.kept(self._endpoint)
        if kept is not None:
            return kept, True
        endpoint, secrets = self._endpoint, self._secrets
        given_up = secrets.given_up(("password", *account(endpoint))) or secrets.given_up(
            ("password", *self._group)
        )
        if given_up:
            raise GivenUpError(given_up)
        if endpoint.login.batch or not secrets.can_ask:
            raise GivenUpError("it wants a password and nobody can be asked")
        offered = self._offered()
        if offered is not None:
            return offered, False
        self._attempt.tell("a person is asked for the password")
        typed = secrets.ask(Question(_prompt(endpoint), lines=self._attempt.retry_lines))
        if not typed:
            self._decline()
        if not self._attempt.dialogue.alive:
            self._book.keep(endpoint, typed)
            raise HungUpError("it did not wait until the password was typed")
        return typed, True

    def _offered(self) -> str | None:
        """What another node took, if a person says that it is for all."""
        endpoint, secrets = self._endpoint, self._secrets
        offered = self._book.offered(endpoint)
        own = ("own passwords", endpoint.user)
        if offered is None or self._attempt.wrong or secrets.given_up(own):
            return None
        password, where = offered
        answer = secrets.ask(
            Question(
                f"Send it to {endpoint.node} and all other nodes, too? yes, or Enter to type another: ",
                hidden=False,
                lines=(f"{where} took the password of {endpoint.user}.", f"{endpoint.where} wants one now."),
                title="One password for all nodes?",
            )
        )
        if answer is None:
            self._decline()
        if answer.strip().lower() not in ("yes", "y"):
            secrets.give_up(own, "each node has its own")
            return None
        self._book.for_all(endpoint.user, password)
        return password

    def _decline(self) -> NoReturn:
        """For all that wait for this person: otherwise every node would ask in turn."""
        why = "nobody gave a password"
        self._secrets.give_up(("password", *self._group), why)
        raise GivenUpError(why)


def account(endpoint: Endpoint) -> Account:
    """Whose password it is: a user on a host, by the way that leads there."""
    way = [f"{hop.host}:{hop.port}" for hop in endpoint.proxy_jump]
    kind = "jump host" if endpoint.jump_name else "node"
    return (endpoint.user, endpoint.host, str(endpoint.port), kind, endpoint.proxy_command or "", *way)


def _prompt(endpoint: Endpoint) -> str:
    if endpoint.jump_name:
        where = f"the jump host {endpoint.jump_host}, on the way to {endpoint.node}"
    else:
        where = f"{endpoint.node} ({endpoint.address})"
    return f"Password of {endpoint.user} on {where}: "
