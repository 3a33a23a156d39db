"""Login passwords: whose they are, where they may be sent, and that a wrong one is not sent again.

ssh(1) asks for each host. Sixteen nodes with one password would be sixteen times at night, yet no host may
be sent the password of another without a person's word: it would learn it. So a password is asked for one
node; once that node has taken it and another node asks, the person is asked whether it is for all nodes of
the cluster. Jump hosts are never among them. What one host refuses is sent to no other by itself: where a
directory counts wrong passwords, sixteen nodes that reconnect would lock the account.
"""

from __future__ import annotations

import threading

from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.endpoint import Endpoint

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

    def no_person(self, endpoint: Endpoint) -> None:
        """This host let us in without asking. Should it ask at a login in the background, as one may that
        has not mounted all its file systems yet, then nobody is woken for it.
        """
        why = "it asks a person, as it did not before: connect anew to be asked"
        self.secrets.give_up(("login", *account(endpoint)), why)

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


def account(endpoint: Endpoint) -> Account:
    """Whose password it is: a user on a host, by the way that leads there."""
    way = [f"{hop.host}:{hop.port}" for hop in endpoint.proxy_jump]
    kind = "jump host" if endpoint.jump_name else "node"
    return (endpoint.user, endpoint.host, str(endpoint.port), kind, endpoint.proxy_command or "", *way)
