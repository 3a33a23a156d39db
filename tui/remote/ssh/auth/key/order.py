"""Which keys are offered, and in what order: ssh(1)'s (pubkey_prepare in sshconnect2.c)."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from tui.remote.ssh.auth.attempt import Attempt
from tui.remote.ssh.auth.key.agent import Agent, AgentError, AgentKey
from tui.remote.ssh.auth.key.file import UnusableError, public_in_clear, read_key_file
from tui.remote.ssh.auth.key.public import certified_key, is_certificate, is_user_certificate, read_public
from tui.remote.ssh.auth.key.ring import KeyRing
from tui.remote.ssh.auth.wire import key_type
from tui.text.sanitize import sanitize_line

# An agent that did not answer is left alone for so long, or every node would wait for it anew.
_AGENT_REST_S = 60.0
# What `ssh -G` lists where ssh_config names no key: most of them are nowhere.
_USUAL = re.compile(r".*/\.ssh/id_(?:rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa)")


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


@contextlib.contextmanager
def candidates(attempt: Attempt, keys: KeyRing) -> Iterator[Iterator[Candidate]]:
    """The keys to offer; the attempt notes why others are not. As a context: an agent is behind it."""
    with contextlib.ExitStack() as stack:
        yield _Offer(attempt, keys, _held(attempt, keys, stack)).in_order()


class _Offer:
    """The keys for one login, of files and of the agent."""

    def __init__(self, attempt: Attempt, keys: KeyRing, agent: _Held) -> None:
        self._attempt, self._keys, self._agent = attempt, keys, agent
        self._endpoint = endpoint = attempt.endpoint
        files = [path for path in endpoint.identity_files if path.lower() != "none"]
        if not files:
            attempt.note("ssh_config names no key file (IdentityFile none)")
        self._files = [entry for path in files for entry in self._public_halves(path)]
        self._plain = {blob: path for path, blob in self._files if blob and not is_certificate(blob)}

    def in_order(self) -> Iterator[Candidate]:
        """Certificates that are named; agent keys, those that are named first; files the agent has not."""
        agent, endpoint = self._agent, self._endpoint
        for path in endpoint.certificate_files:
            blob = self._certificate(path)
            if blob is not None:
                yield self._certified(path, blob)
        named = {blob for _, blob in self._files if blob is not None}
        others = [key for key in agent.keys if key.blob not in named]
        if endpoint.identities_only and others:
            self._attempt.note("other keys of the agent are not offered (IdentitiesOnly yes of ssh_config)")
            others = []
        for key in [key for key in agent.keys if key.blob in named] + others:
            signer = agent.signer(key.blob)
            if signer is not None:
                comment = sanitize_line(key.comment, 80) or key_type(key.blob)
                yield Candidate(f"agent key {comment}", key.blob, signer)
        for path, blob in self._files:
            if blob is not None and agent.signer(blob):
                continue
            if blob is not None and is_certificate(blob):
                yield self._certified(path, blob)
            else:
                yield from self._file(path, blob)

    def _public_halves(self, path: str) -> Iterator[tuple[str, bytes | None]]:
        """What is known of an identity file without its private half, and the certificate beside it."""
        yield path, read_public(path) or public_in_clear(path)
        beside = f"{path}-cert"
        if not self._endpoint.certificate_files and read_public(beside) is not None:
            certificate = self._certificate(beside)
            if certificate is not None:
                yield path, certificate

    def _certificate(self, path: str) -> bytes | None:
        blob = read_public(path)
        if blob is not None and is_user_certificate(blob):
            return blob
        self._attempt.note(f"{path} holds no certificate of a user, so it is not offered")
        return None

    def _certified(self, path: str, blob: bytes) -> Candidate:
        key = certified_key(blob)
        private = self._plain.get(key, path.removesuffix(".pub").removesuffix("-cert"))
        signer = self._agent.signer(key) or partial(self._open, private, key)
        return Candidate(f"{private} with its certificate", blob, signer)

    def _open(self, path: str, public: bytes | None) -> Signer:
        try:
            return self._keys.open(path, self._endpoint, public)
        except FileNotFoundError:
            raise UnusableError(f"{path} is not there") from None

    def _file(self, path: str, blob: bytes | None) -> Iterator[Candidate]:
        """The key of a file; nothing but a note where it cannot be used: the node need not be asked then."""
        try:
            file = read_key_file(path)
            if blob is None and not file.encrypted:
                blob = self._open(path, None).public
        except FileNotFoundError:
            if not _USUAL.fullmatch(path):
                self._attempt.note(f"{path} (IdentityFile of ssh_config) is not there")
            return
        except UnusableError as error:
            self._attempt.note(str(error))
            return
        yield Candidate(path, blob, partial(self._open, path, blob))


def _held(attempt: Attempt, keys: KeyRing, stack: contextlib.ExitStack) -> _Held:
    """What the agent holds that ssh_config names, or SSH_AUTH_SOCK."""
    address = attempt.endpoint.identity_agent
    path = os.environ.get("SSH_AUTH_SOCK", "") if address in (None, "SSH_AUTH_SOCK") else address
    if not path or path == "none":
        if address is not None:
            attempt.note("no agent is asked (IdentityAgent of ssh_config)")
        return _Held()
    if time.monotonic() < keys.hung_agents.get(path, 0.0):
        attempt.note(f"the agent at {path} is left alone for a while, since it did not answer")
        return _Held()
    try:
        agent = stack.enter_context(contextlib.closing(Agent(path, attempt.tell)))
        if attempt.dialogue.binding is not None:
            agent.bind(*attempt.dialogue.binding)
        return _Held(agent, agent.keys())
    except AgentError as error:
        if error.hung:
            keys.hung_agents[path] = time.monotonic() + _AGENT_REST_S
        attempt.note(f"{error} (IdentityAgent of ssh_config)" if address else str(error))
        return _Held()
