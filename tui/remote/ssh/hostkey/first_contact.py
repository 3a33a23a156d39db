"""A host key that known_hosts does not list: a person compares it, and exactly that key is written down."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from tui.remote.errors import RemoteError
from tui.remote.options import Question
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.hostkey.known_hosts import Entry, KnownHosts, entry_name, fingerprint
from tui.remote.ssh.hostkey.names import HASHED
from tui.remote.ssh.hostkey.verify import ShownKey, verify_host_key
from tui.remote.ssh.hostkey.writing import append, host_line, writable_name

_log = logging.getLogger(__name__)
_MOST_NAMES = 3
_COMPARE = "compare it with `ssh-keygen -lf` on the machine's own console"
_KINDS = {"ssh-ed25519": "ed25519", "ssh-rsa": "rsa"}


class Person(Protocol):
    """Somebody to ask, who may have given something up until they want another try."""

    def ask(self, question: Question) -> str | None:
        """The answer; None if there is none, or nobody."""

    def waiting(self, lock: threading.Lock) -> AbstractContextManager[None]:
        """Hold ``lock``; whoever has it may be waiting for the person."""

    def give_up(self, kind: tuple[str, ...], why: str) -> None:
        """Not to be asked about this again."""

    def given_up(self, kind: tuple[str, ...]) -> str:
        """Why this is not asked; "" if it may be."""


class FirstContact:
    """Used by all connecting threads: a host that several want is asked about once."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._guard = threading.Lock()
        self._locks: dict[tuple[str, ...], threading.Lock] = {}
        self._held: set[tuple[str, ...]] = set()

    def settle(
        self,
        endpoint: Endpoint,
        shown: ShownKey,
        known: Callable[[], KnownHosts],
        peer: str,
        tell: Callable[[str], None],
    ) -> bool:
        """Raises RemoteError unless the key is good; True when a person was asked, which may take minutes.

        ``known`` reads the files that may have changed meanwhile. ``peer`` is the address that was dialled,
        "" where the way there is another. ``tell`` hears what is waited for.
        """

        def unknown() -> RemoteError | None:
            try:
                verify_host_key(endpoint, shown, known(), peer)
            except RemoteError as error:
                if error.kind != "unknown-host-key":
                    raise
                return error
            return None

        if unknown() is None:
            return False
        contact = _Contact(self._person, endpoint, shown, peer, tell)
        with self._guard:
            lock = self._locks.setdefault(contact.kind[:2], threading.Lock())
        with self._person.waiting(lock):
            # Another thread may have settled it, or a person with ssh elsewhere.
            refusal = unknown()
            if refusal is None or contact.kind in self._held:
                return False
            asked = contact.agree(refusal, known().owners(shown.blob))
            if contact.write(refusal):
                unknown()  # as ssh: its address may have another key (CheckHostIP)
            else:
                self._held.add(contact.kind)
            return asked


class _Contact:
    """One key that is new for one host."""

    def __init__(
        self, person: Person, endpoint: Endpoint, shown: ShownKey, peer: str, tell: Callable[[str], None]
    ) -> None:
        self._person, self._endpoint, self._shown = person, endpoint, shown
        self._peer, self._tell = peer, tell
        self._name = entry_name(endpoint.key_name, endpoint.key_port)
        self._fingerprint = fingerprint(shown.blob)
        self.kind = ("host-key", self._name, self._fingerprint)

    @property
    def _file(self) -> str:
        """Where ssh would write it."""
        return self._endpoint.host_keys.own_files[0]

    def agree(self, unknown: RemoteError, owners: Sequence[Entry]) -> bool:
        """Whether a person had to be asked; raises RemoteError unless the key is to be taken."""
        policy = self._endpoint.host_keys
        if policy.strict == "yes":
            why = "StrictHostKeyChecking yes of ssh_config lets nobody accept here"
            raise self._refused(unknown, why, f"{_COMPARE}, and add it to known_hosts, or set it to ask")
        if not policy.own_files:
            why = "UserKnownHostsFile none of ssh_config leaves no file for"
            raise self._refused(unknown, why, "name a file")
        if not writable_name(self._name):
            why = f"HostKeyAlias {self._name!r} of ssh_config cannot be the name of"
            raise self._refused(unknown, why, "correct it")
        if policy.strict == "accept-new":
            return False
        # "no" would have ssh take any key of anybody: on purpose it is "ask" here.
        if self._endpoint.login.batch:
            why = "BatchMode yes of ssh_config lets nobody be asked about"
            raise self._refused(unknown, why, f"set it to no once, {_COMPARE}, and accept it")
        if self._person.given_up(self.kind):
            raise self._refused(unknown)
        self._ask(unknown, [*self._told(owners), f"A yes writes it to {self._file}."])
        return True

    def write(self, unknown: RemoteError) -> bool:
        """Write exactly the shown key where ssh would; False where it only holds until Rollcall ends."""
        policy, shown = self._endpoint.host_keys, self._shown
        line = host_line(self._name, shown.key_type, shown.blob, hashed=policy.hashed)
        try:
            kept = append(self._file, line)
        except OSError as error:
            why = f"It cannot be written to {self._file} ({error.strerror or error})."
            _log.warning("%s: %s %s", self._name, self._fingerprint, why)
            if policy.strict != "accept-new":  # where ssh, too, goes on without a question
                self._ask(unknown, [*self._told([]), f"{why} A yes takes it until Rollcall ends."])
            return False
        _log.info("%s: %s is in %s from now on", self._name, self._fingerprint, self._file)
        return kept

    def _ask(self, unknown: RemoteError, lines: Sequence[str]) -> None:
        """Raises RemoteError unless the answer is a yes."""
        prompt = "Is it the right one (yes, no, or the fingerprint)?"
        whose = f"the jump host {self._endpoint.jump_name}" if self._endpoint.jump_name else unknown.node
        title = f"Host key of {whose}"
        self._tell(f"{self._endpoint.where}: a person is asked whether its host key is the right one.")
        answer = self._person.ask(Question(prompt, False, tuple(lines), title, self._why_no_answer))
        self._tell("")
        if answer is None or not self._is_yes(answer):
            self._person.give_up(self.kind, "it was not accepted")
            raise self._refused(unknown)

    def _refused(
        self,
        unknown: RemoteError,
        why: str = "nobody has accepted",
        remedy: str = "",
    ) -> RemoteError:
        remedy = remedy or f"{_COMPARE}; the next check in a terminal (`rollcall check`) asks again"
        sentence = f"{self._endpoint.where} shows a host key that {why}: {unknown.sentence}; {remedy}."
        return RemoteError(unknown.kind, unknown.node, sentence)

    def _is_yes(self, typed: str) -> bool:
        return typed.strip().lower() == "yes" or typed.strip() == self._fingerprint

    def _why_no_answer(self, typed: str) -> str:
        """What ssh, too, asks again about."""
        if self._is_yes(typed) or typed.strip().lower() in ("", "no"):
            return ""
        if typed.strip().startswith("SHA256:"):
            return "That is the fingerprint of another key: somebody else may be answering."
        return "Please type yes, no or the fingerprint."

    def _told(self, owners: Sequence[Entry]) -> list[str]:
        """What a person should know."""
        kind = _KINDS.get(self._shown.key_type, "ecdsa")
        named = self._peer not in ("", self._endpoint.host)
        shows = f"answers from {self._peer} with" if named else "shows"
        names = [_names(entry) for entry in owners]
        lines = [
            f"{self._endpoint.where} {shows} an unknown host key:",
            f"{kind.upper()} {self._fingerprint}",
            "The machine's own console, reached without SSH, tells the right one:",
            f"ssh-keygen -lf /etc/ssh/ssh_host_{kind}_key.pub",
        ]
        if names:
            more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            lines.append(f"The same key is known for {', '.join(names[:_MOST_NAMES])}{more}.")
        return lines


def _names(entry: Entry) -> str:
    name = "a hashed name" if entry.names.startswith(HASHED) else entry.names[:60]
    return f"{name} ({entry.where})"
