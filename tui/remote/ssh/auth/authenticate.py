"""Logging in, method by method in ssh(1)'s order. Import this module late: it loads paramiko."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from tui.remote.errors import RemoteError
from tui.remote.options import Options
from tui.remote.ssh.auth.attempt import Attempt, NobodyNowError
from tui.remote.ssh.auth.by_key import offer_keys
from tui.remote.ssh.auth.by_person import answer_questions, give_password
from tui.remote.ssh.auth.dialogue import Dialogue, HungUpError, NoAnswerError
from tui.remote.ssh.auth.key.ring import KeyRing
from tui.remote.ssh.auth.passwords import Passwords
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.failures import connection_errors
from tui.remote.ssh.transport import NodeTransport
from tui.text.sanitize import sanitize_line

_log = logging.getLogger(__name__)
_MANY = 2
"""More proofs than that, and a server that hangs up in silence has most likely had enough of them."""


def authenticate(
    transport: NodeTransport,
    endpoint: Endpoint,
    keys: KeyRing,
    passwords: Passwords,
    options: Options,
    tell: Callable[[str], None],
) -> None:
    """Log in as ``endpoint.user``; raises RemoteError of kind "auth", "lost" or "timeout". No secret is in
    any error. ``tell`` hears what the login waits for when it takes its time.
    """

    def waits(words: str) -> None:
        tell(f"{endpoint.where}: {words}." if words else "")

    attempt = None
    try:
        dialogue = Dialogue(transport, endpoint.user, options.auth_timeout, waits)
        attempt = Attempt(dialogue, endpoint, waits)
        _run(attempt, keys, passwords)
        _log.debug("%s: %s is logged in (%s)", endpoint.where, endpoint.user, ", ".join(attempt.tried))
        if not attempt.by_person:
            passwords.no_person(endpoint)
    except (HungUpError, NobodyNowError) as error:
        raise _ended(endpoint, attempt, sanitize_line(str(error), 200)) from None
    except NoAnswerError:
        sentence = f"{endpoint.where} did not answer the login within {options.auth_timeout:g} s: it hangs."
        raise RemoteError("timeout", endpoint.node, sentence) from None
    except connection_errors() as error:
        sentence = f"{endpoint.where} broke off the login: {sanitize_line(str(error), 200)}."
        raise RemoteError("lost", endpoint.node, sentence) from error


def _run(attempt: Attempt, keys: KeyRing, passwords: Passwords) -> None:
    """Offer what ssh_config allows and the node accepts, until it lets us in."""
    ways = {
        "publickey": partial(offer_keys, attempt, keys),
        "keyboard-interactive": partial(answer_questions, attempt, passwords),
        "password": partial(give_password, attempt, passwords),
    }
    attempt.judged(attempt.dialogue.prove("none"))
    attempt.dialogue.banner = None  # its greeting; what comes later is about this login
    while not attempt.dialogue.is_authenticated():
        left = [name for name in attempt.endpoint.login.methods if name in ways]
        way = next((name for name in left if name in attempt.allowed), None)
        if way is None:
            raise _refused(attempt)
        if not ways[way]():
            del ways[way]


def _ended(endpoint: Endpoint, attempt: Attempt | None, said: str) -> RemoteError:
    """sshd says so when it hangs up after too many failures. A node that is starting or going down says
    nothing; but what a person typed is not sent again before it is known to be right.
    """
    why = f" ({said})" if said else ""
    if attempt is not None and attempt.nobody_now:
        sentence = f'{endpoint.where} lets nobody but root in now: "{attempt.said}"'
        return RemoteError("lost", endpoint.node, sentence)
    if attempt is not None and "Too many authentication failures" in said:
        return _refused(attempt, limit=True)
    if attempt is not None and (attempt.unjudged or len(attempt.tried) > _MANY):
        attempt.note(f"it hung up on {attempt.unjudged or 'that'}{why}")
        return _refused(attempt)
    sentence = (
        f"{endpoint.where} hung up during the login{why}: it is starting or shutting down, or the account "
        f"{endpoint.user} is shut there (expired, or kept out by PAM)."
    )
    return RemoteError("lost", endpoint.node, sentence)


def _refused(attempt: Attempt, *, limit: bool = False) -> RemoteError:
    """Why the node did not let us in, and what a person can do about it."""
    endpoint = attempt.endpoint
    tried = ", ".join(attempt.tried) or "nothing, no usable key found"
    facts = [
        f"it accepts {', '.join(attempt.allowed) or 'nothing more'}",
        f"tried: {tried}",
        *attempt.notes,
        *endpoint.login.missed(attempt.allowed),
    ]
    if attempt.said:
        facts.append(f'it says "{attempt.said}"')
    if limit:
        facts.append(f"it hung up after {len(attempt.tried)} of them, the limit of its MaxAuthTries")
    if attempt.wrong:
        times = "once" if attempt.wrong == 1 else f"{attempt.wrong} times"
        limit_ = (
            "" if attempt.may_type else f" (NumberOfPasswordPrompts {endpoint.login.prompts} of ssh_config)"
        )
        facts.append(f"{attempt.said_wrong} was wrong {times}{limit_}")
        root = " and that PermitRootLogin there lets root in by password" if endpoint.user == "root" else ""
        advice = f"check it{root}, and connect again"
    elif attempt.unjudged:
        advice = "its PAM or its logs say whether the account may log in now; then connect again"
    elif limit:
        advice = "name the right key with IdentityFile and IdentitiesOnly in ssh_config"
    else:
        again = "connect again to be asked, or " if attempt.given_up else ""
        advice = (
            f"{again}check that the key is in {endpoint.user}'s authorized_keys there, that PermitRootLogin "
            "and AllowUsers admit it, that the account is not locked, and that the node is not just starting "
            "or shutting down"
        )
    sentence = f"{endpoint.where} did not let {endpoint.user} in ({'; '.join(facts)}): {advice}."
    return RemoteError("auth", endpoint.node, sentence)
