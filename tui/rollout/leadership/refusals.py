"""Why the claims on a cluster's machines are not had, or are gone, in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from tui.remote import ClaimAnswer, RemoteError
from tui.rollout.leadership.claim import Claim
from tui.rollout.leadership.owner import by_clock, described

STALE_AFTER = 60.0
"""Seconds of silence after which claims may be broken with one confirm. Nothing ever breaks one by itself."""


def unclaimed(failures: Iterable[RemoteError]) -> str:
    """What is waited for, and what each machine that cannot be claimed says."""
    waiting = "waiting for the claims on the cluster's machines"
    said = " ".join(error.sentence for error in failures)
    return f"{waiting}: {said}" if said else waiting


def loss(cluster: str, claim: Claim, answer: ClaimAnswer) -> str:
    """What became of a claim that this console had."""
    ours = f"the claim of {cluster} on {claim.node}"
    said = f"{ours} is gone"
    if answer.lost is not None and answer.lost.id == claim.console:
        words = answer.lost.owner
        at = words.get("broken_at", "")
        when = f" at {by_clock(int(at))}" if at.isdecimal() else ""
        said = f"{ours} was broken by {words.get('by') or 'someone who left no name'}{when}"
    if answer.holder is not None and answer.holder.id != claim.console:
        said += f"; it is held by {described(answer, claim.node)}"
    return said


def refusal(cluster: str, claim: Claim, answer: ClaimAnswer) -> str:
    """Who has the claim, and what can be done about it."""
    stale = answer.age is not None and answer.age > STALE_AFTER
    gone = " If that console is gone for good, `rollcall unlock CLUSTER` breaks its claims." if stale else ""
    leads = f"{cluster} is led by {described(answer, claim.node)}"
    return f"{leads}; look on with `rollcall run CLUSTER --read-only`.{gone}"
