"""Logging in: keys first, then what a person can be asked for. Import this module late: it loads paramiko."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import paramiko

from tui.remote.errors import RemoteError
from tui.remote.options import Options
from tui.remote.ssh.auth.allowed import forbidden
from tui.remote.ssh.auth.keys import KeyRing
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.failures import connection_errors

# sshd hangs up after MaxAuthTries (6) failures, and its message for that says nothing.
_MAX_KEYS = 5
# A person types; sshd's LoginGraceTime is 120 s.
_TYPING_TIMEOUT_S = 115.0


@dataclass
class _Attempt:
    """One login under way: what the server still accepts, what was tried, what stood in the way."""

    transport: paramiko.Transport
    endpoint: Endpoint
    secrets: SecretStore
    allowed: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def submit(self, label: str, step: Callable[[], object]) -> bool:
        """Offer one proof; True when it was accepted, wholly or as one of several factors."""
        self.tried.append(label)
        try:
            still_wanted = step()  # what it accepts as the next factor; paramiko's types do not say so
            self.allowed = [str(name) for name in still_wanted] if isinstance(still_wanted, list) else []
        except paramiko.BadAuthenticationType as error:
            self.allowed = list(error.allowed_types)
            return False
        except paramiko.AuthenticationException:
            if not self.transport.is_active():
                raise
            return False
        return True


def authenticate(
    transport: paramiko.Transport, endpoint: Endpoint, keys: KeyRing, secrets: SecretStore, options: Options
) -> None:
    """Log in as ``endpoint.user``; raises RemoteError of kind "auth" or "lost". No secret is in any error."""
    attempt = _Attempt(transport, endpoint, secrets)
    try:
        attempt.submit("none", partial(transport.auth_none, endpoint.user))
        attempt.tried.clear()
        attempt.allowed = attempt.allowed or ["publickey", "keyboard-interactive", "password"]
        ways = {
            "publickey": lambda: _by_key(attempt, keys),
            "keyboard-interactive": lambda: _by_questions(attempt),
        }
        ways["password"] = lambda: _by_password(attempt)
        while not transport.is_authenticated():
            # A second factor may be any of these again, but one way that failed is not offered twice.
            way = next((name for name in ways if name in attempt.allowed), None)
            if way is None:
                raise _refused(attempt)
            if way != "publickey" and secrets.can_ask:
                transport.auth_timeout = max(options.auth_timeout, _TYPING_TIMEOUT_S)
            if not ways.pop(way)() and not transport.is_active():
                raise _refused(attempt)
    except connection_errors() as error:
        # sshd hangs up after too many failures; a node that is starting or going down hangs up at the first.
        if len(attempt.tried) > 1:
            raise _refused(attempt) from error
        sentence = (
            f"{endpoint.node} ({endpoint.address}) hung up during the login: it is starting or shutting down."
        )
        raise RemoteError("lost", endpoint.node, sentence) from error


def _by_key(attempt: _Attempt, keys: KeyRing) -> bool:
    user, transport = attempt.endpoint.user, attempt.transport
    with contextlib.closing(keys.identities(attempt.endpoint, attempt.notes)) as identities:
        for identity in identities:
            if why := forbidden(identity.key, attempt.endpoint.login):
                attempt.notes.append(f"{identity.label}: {why}")
                continue
            if len(attempt.tried) >= _MAX_KEYS:
                attempt.notes.append(
                    f"only the first {_MAX_KEYS} keys were tried, since sshd hangs up after more: "
                    "name the right one with IdentityFile and IdentitiesOnly in ssh_config"
                )
                return False
            if attempt.submit(identity.label, partial(transport.auth_publickey, user, identity.key)):
                return True
    return False


def _by_questions(attempt: _Attempt) -> bool:
    """keyboard-interactive: "Password:" is the login password, anything else (a code) is good only once."""
    user, secrets = attempt.endpoint.user, attempt.secrets
    declined = False

    def answer(title: str, instructions: str, prompts: list[tuple[str, bool]]) -> list[str]:
        nonlocal declined
        answers = []
        for prompt, _ in prompts:
            if "password" in prompt.lower():
                reply = secrets.get(("login", user), f"Password of {user} on the nodes: ")
            else:
                reply = secrets.ask_now(f"{attempt.endpoint.node}: {prompt.strip()} ")
            declined = declined or reply is None
            answers.append(reply or "")
        return answers

    if not secrets.can_ask:
        attempt.notes.append("it wants answers to questions and nobody can be asked")
        return False
    accepted = attempt.submit(
        "answers to its questions",
        partial(attempt.transport.auth_interactive, user, answer, attempt.endpoint.login.devices),
    )
    if not accepted and not declined:
        secrets.reject(("login", user))
    return accepted


def _by_password(attempt: _Attempt) -> bool:
    user = attempt.endpoint.user
    password = attempt.secrets.get(("login", user), f"Password of {user} on the nodes: ")
    if password is None:
        attempt.notes.append("it accepts a password, but there is none to offer")
        return False
    accepted = attempt.submit(
        "password", partial(attempt.transport.auth_password, user, password, fallback=False)
    )
    if not accepted:
        attempt.secrets.reject(("login", user))
    return accepted


def _refused(attempt: _Attempt) -> RemoteError:
    endpoint = attempt.endpoint
    facts = [
        f"it accepts {', '.join(attempt.allowed) or 'nothing more'}",
        f"tried: {', '.join(attempt.tried) or 'nothing, no usable key found'}",
        *attempt.notes,
        *(
            f"ssh may go on with {keyword} of ssh_config, which is not spoken here"
            for keyword in endpoint.login.beyond
        ),
    ]
    sentence = (
        f"{endpoint.node} ({endpoint.address}) did not let {endpoint.user} in ({'; '.join(facts)}): check "
        f"that the key is in {endpoint.user}'s authorized_keys there, that PermitRootLogin and AllowUsers "
        "admit it, that the account is not locked, and that the node is not just starting or shutting down."
    )
    return RemoteError("auth", endpoint.node, sentence)
