"""Which keys are offered, and in what order: ssh(1)'s (pubkey_prepare in sshconnect2.c)."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from tui.remote.options import Question
from tui.remote.ssh.auth.agent import Agent, AgentError, AgentKey
from tui.remote.ssh.auth.container import WrongPassphraseError
from tui.remote.ssh.auth.keyfile import KeyFile, UnusableError, public_in_clear, read_key_file
from tui.remote.ssh.auth.public import certified_key, is_certificate, read_public
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.auth.signing import SigningKey
from tui.remote.ssh.auth.wire import key_type
from tui.remote.ssh.endpoint import Endpoint
from tui.text.sanitize import sanitize_line

# An agent that did not answer is left alone for so long, or every node would wait for it anew.
_AGENT_REST_S = 60.0

Say = Callable[[str], None]


class Signer(Protocol):
    """The private half of a key, wherever it is."""

    @property
    def public(self) -> bytes:
        """Its public half."""

    def sign(self, data: bytes, algorithm: str) -> bytes:
        """The signature; raises AgentError."""


@dataclass(frozen=True)
class Candidate:
    """A key to offer. ``public`` is the key or the certificate to show, None where only the private half
    tells it. ``open`` gives that half; it may ask a person for a passphrase, and raises UnusableError.
    """

    label: str
    public: bytes | None
    open: Callable[[], Signer]


@dataclass(frozen=True)
class _ByAgent:
    agent: Agent
    public: bytes

    def sign(self, data: bytes, algorithm: str) -> bytes:
        return self.agent.sign(self.public, data, algorithm)


class _Held:
    """What an agent holds; nothing where there is none."""

    def __init__(self, agent: Agent | None = None, keys: Sequence[AgentKey] = ()) -> None:
        self.keys = keys
        self._signers = {key.blob: _ByAgent(agent, key.blob) for key in keys if agent is not None}

    def signer(self, blob: bytes) -> Callable[[], Signer] | None:
        """Gives what signs with this key or certificate, if the agent has it."""
        found = self._signers.get(blob)
        return None if found is None else lambda: found


class KeyRing:
    """The keys of a person, opened once and shared by all connecting threads."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._opened: dict[str, tuple[bytes, SigningKey]] = {}
        self._hung: dict[str, float] = {}

    @contextlib.contextmanager
    def candidates(self, endpoint: Endpoint, note: Say, tell: Say) -> Iterator[Iterator[Candidate]]:
        """The keys to offer to ``endpoint``; ``note`` hears why others are not, ``tell`` what takes long."""
        with contextlib.ExitStack() as stack:
            agent = self._agent(endpoint, note, tell, stack)
            yield self._in_order(endpoint, note, agent)

    def _in_order(self, endpoint: Endpoint, note: Say, agent: _Held) -> Iterator[Candidate]:
        """Certificates that are named; agent keys, those that are named first; files the agent has not."""
        files = [entry for path in endpoint.identity_files for entry in _public_halves(path, endpoint)]
        named = {blob for _, blob in files if blob is not None}
        plain = {blob: path for path, blob in files if blob is not None and not is_certificate(blob)}

        def certified(path: str, blob: bytes) -> Candidate:
            key = certified_key(blob)
            private = plain.get(key, path.removesuffix(".pub").removesuffix("-cert"))
            signer = agent.signer(key) or partial(self.open, private, endpoint, key)
            return Candidate(f"{private} with its certificate", blob, signer)

        for path in endpoint.certificate_files:
            blob = read_public(path)
            if blob is not None and is_certificate(blob):
                yield certified(path, blob)
        others = [] if endpoint.identities_only else [key for key in agent.keys if key.blob not in named]
        for key in [key for key in agent.keys if key.blob in named] + others:
            signer = agent.signer(key.blob)
            if signer is not None:
                comment = sanitize_line(key.comment, 80) or key_type(key.blob)
                yield Candidate(f"agent key {comment}", key.blob, signer)
        for path, blob in files:
            if blob is not None and agent.signer(blob):
                continue
            if blob is not None and is_certificate(blob):
                yield certified(path, blob)
            else:
                yield from self._file(path, blob, endpoint, note)

    def _file(self, path: str, blob: bytes | None, endpoint: Endpoint, note: Say) -> Iterator[Candidate]:
        """The key of a file; nothing but a note where it cannot be used: the node need not be asked then."""
        try:
            file = read_key_file(path)
            if blob is None and not file.encrypted:
                blob = self.open(path, endpoint).public
        except FileNotFoundError:
            return  # as ssh(1): the list of usual names holds some that are not there
        except UnusableError as error:
            note(str(error))
            return
        yield Candidate(path, blob, partial(self.open, path, endpoint, blob))

    def open(self, path: str, endpoint: Endpoint, public: bytes | None = None) -> SigningKey:
        """The key in ``path``, which is that of ``public`` if given. Raises UnusableError."""
        with self._guard:
            lock = self._locks.setdefault(path, threading.Lock())
        with self._secrets.waiting(lock):
            file = read_key_file(path)
            data, key = self._opened.get(path, (b"", None))
            if key is None or data != file.data:
                key = self._ask(file, endpoint) if file.encrypted else file.unlock()
                self._opened[path] = file.data, key
        if public not in (None, key.public):
            raise UnusableError(f"{path} is not the private half of {path}.pub: remove or remake the latter")
        return key

    def _ask(self, file: KeyFile, endpoint: Endpoint) -> SigningKey:
        """As often as ssh_config says, then no more until a person connects anew."""
        kind = ("passphrase", file.path)
        if endpoint.login.batch or not self._secrets.can_ask:
            why = " (BatchMode yes)" if endpoint.login.batch else ""
            raise UnusableError(f"{file.path} is encrypted and nobody can be asked for its passphrase{why}")
        tries = endpoint.login.prompts
        lines: tuple[str, ...] = ()
        why = self._secrets.given_up(kind)
        for count in range(2, tries + 2):
            if why:
                break
            typed = self._secrets.ask(
                Question(f"Passphrase of {file.path}: ", lines=lines, title="Passphrase")
            )
            if not typed:
                why = "is encrypted and no passphrase was given"
                break
            try:
                return file.unlock(typed)
            except WrongPassphraseError:
                lines = (f"That does not open it. Try {count} of {tries}.",)
        why = why or "was not opened: the passphrase was wrong"
        self._secrets.give_up(kind, why)
        raise UnusableError(f"{file.path} {why}")

    def _agent(self, endpoint: Endpoint, note: Say, tell: Say, stack: contextlib.ExitStack) -> _Held:
        address = endpoint.identity_agent
        path = os.environ.get("SSH_AUTH_SOCK", "") if address in (None, "SSH_AUTH_SOCK") else address
        if not path or path == "none":
            return _Held()
        if time.monotonic() < self._hung.get(path, 0.0):
            note(f"the agent at {path} is left alone for a while, since it did not answer")
            return _Held()
        try:
            agent = stack.enter_context(contextlib.closing(Agent(path, tell)))
            return _Held(agent, agent.keys())
        except AgentError as error:
            if error.hung:
                self._hung[path] = time.monotonic() + _AGENT_REST_S
            note(str(error))
            return _Held()


def _public_halves(path: str, endpoint: Endpoint) -> Iterator[tuple[str, bytes | None]]:
    """What is known of an identity file without its private half, and of the certificate beside it."""
    yield path, read_public(path) or public_in_clear(path)
    certificate = None if endpoint.certificate_files else read_public(f"{path}-cert")
    if certificate is not None and is_certificate(certificate):
        yield path, certificate
