"""The method "publickey": one key after the other, until the node takes one or hangs up."""

from __future__ import annotations

from tui.remote.ssh.auth.attempt import Attempt
from tui.remote.ssh.auth.key.agent import AgentError
from tui.remote.ssh.auth.key.allowed import ForbiddenError, signature_algorithm
from tui.remote.ssh.auth.key.file import UnusableError
from tui.remote.ssh.auth.key.order import Candidate, candidates
from tui.remote.ssh.auth.key.ring import KeyRing
from tui.remote.ssh.auth.wire import Reader, string


def offer_keys(attempt: Attempt, keys: KeyRing) -> bool:
    """False when none is left, or the node wants no more."""
    with candidates(attempt, keys) as offered:
        for candidate in offered:
            if "publickey" not in attempt.allowed:
                return False
            try:
                if _offer(attempt, candidate):
                    return True
            except (UnusableError, AgentError) as error:
                attempt.note(str(error))
            except ForbiddenError as error:
                attempt.note(f"{candidate.label}: {error}")
    return False


def _offer(attempt: Attempt, candidate: Candidate) -> bool:
    """The private half is used, and a passphrase asked for, only for a key that the node would take."""
    dialogue = attempt.dialogue
    signer = candidate.open() if candidate.public is None else None
    public = signer.public if signer is not None else candidate.public
    assert public is not None
    algorithm = signature_algorithm(public, attempt.endpoint.login, dialogue.signature_algorithms)
    attempt.tried.append(candidate.label)
    offer = string(algorithm.encode()) + string(public)
    if signer is None:
        answer = dialogue.prove("publickey", b"\0" + offer)
        if not isinstance(answer, Reader):
            return attempt.judged(answer)
        if (answer.string(), answer.string()) != (algorithm.encode(), public):
            raise ValueError("it takes another key than the one that was offered")
        signer = candidate.open()
    signature = signer.sign(dialogue.to_sign(dialogue.begin("publickey") + b"\1" + offer), algorithm)
    return attempt.judged(dialogue.prove("publickey", b"\1" + offer + string(signature)))
