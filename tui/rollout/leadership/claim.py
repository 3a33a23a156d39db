"""One machine's claim as this console knows it: taken, given back, and what others say of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable

from tui.remote import ClaimAnswer, NodeClaim, RemoteError
from tui.rollout.leadership.owner import LockOwner

CLAIM_TIMEOUT_S = 8.0
"""Seconds that a machine has for an answer."""
DROP_TIMEOUT_S = 0.8
"""The same when the console leaves: it does so in about a second, whatever the machine does."""
YOUNG = 10.0
"""Seconds by a machine's clock in which a claim may be that of a console that begins at the same time."""
AGAIN = 0.2
"""Seconds between two tries while it is settled which of two consoles that begin leads."""


class Claim:
    """This console's claim on one machine. ``standing`` says that it was taken there, in this boot."""

    def __init__(
        self, on_node: NodeClaim, console: str, owner: LockOwner, is_ours: Callable[[str], bool]
    ) -> None:
        self.on_node = on_node
        self.node = on_node.client.node
        """The machine's name."""
        self.answer: ClaimAnswer | None = None
        """The answer with which it was taken last."""
        self.asked_at = 0.0
        """When it was asked for first, in vain or not (monotonic)."""
        self.taken_at = 0.0
        """When the answer came (monotonic)."""
        self.doubt = ""
        """Why it is not certain that it stands; empty when nothing speaks against it."""
        self.other: ClaimAnswer | None = None
        """Who had it when it was asked for last; None when it was had."""
        self.asked = False
        """Whether a claim of ours may lie there: its answer may have been lost."""
        self.is_ours = is_ours
        self.console = console
        self._owner = owner
        self._busy = asyncio.Lock()

    @property
    def standing(self) -> bool:
        """It was taken, in the boot that the machine is known to be in now, and nothing speaks against it."""
        if self.answer is None or self.doubt:
            return False
        boot = self.on_node.client.state.boot_id
        return boot is None or self.answer.boot_id is None or boot == self.answer.boot_id

    async def take(self, patience: float) -> ClaimAnswer:
        """Take it, over a link that is up: ``taken``, or ``held`` by another console.

        What a dead console of this machine and of a run of ours has left is taken over. Raises RemoteError:
        then it may have been taken all the same, which the next try shows.
        """
        async with self._busy:
            if self.standing and self.answer is not None:
                return self.answer
            if not self.asked:
                self.asked, self.asked_at = True, time.monotonic()
            answer = await self.on_node.take(self.console, self._owner.words, patience=patience)
            if answer.state == "held" and answer.holder is not None:
                last = LockOwner.of(answer.holder)
                if last.died_here and self.is_ours(last.run):
                    replaced = answer.holder.id
                    answer = await self.on_node.take(
                        self.console, self._owner.words, replaces=replaced, patience=patience
                    )
            self.other = answer
            if answer.state == "taken":
                self.answer, self.other, self.doubt = answer, None, ""
                self.taken_at = time.monotonic()
            return answer

    async def settled(self, patience: float, yields: Callable[[ClaimAnswer], float]) -> ClaimAnswer:
        """``take``, and wait for as many seconds as ``yields`` says while another begins at the same time."""
        begun = time.monotonic()
        while True:
            answer = await self.take(patience)
            if answer.state == "taken" or time.monotonic() - begun >= yields(answer):
                return answer
            await asyncio.sleep(AGAIN)

    async def drop(self) -> None:
        """Give it back if its machine can be told now; else it dies with the boot, or a person breaks it."""
        if self.asked and self.on_node.client.state.phase == "up":
            with contextlib.suppress(RemoteError):
                await self.on_node.drop(self.console, patience=DROP_TIMEOUT_S)


def yields(claims: Iterable[Claim], console: str, answer: ClaimAnswer, *, leads: bool) -> float:
    """Seconds to wait for another console that has only just claimed the machine.

    Of two that begin, the one whose claims are old by now goes on, and of two that are alike the ids decide:
    both never give way. Our age counts from the question, and a second more: a node tells whole ones. So it
    is never less than what the other is told.
    Who ``leads`` already waits longer.
    """
    theirs = answer.held_for
    if answer.holder is None or theirs is None:
        return 0.0
    if leads:
        return 2 * YOUNG if theirs < YOUNG else 0.0
    asked = [claim.asked_at for claim in claims if claim.asked and claim.other is None]
    if not asked:
        return 0.0  # nothing of ours lies anywhere, or is under way
    young, theirs_young = time.monotonic() + 1 - min(asked) < YOUNG, theirs < YOUNG
    senior = console < answer.holder.id if young == theirs_young else theirs_young
    return YOUNG if senior else 0.0
