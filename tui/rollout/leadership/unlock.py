"""Every lock of a cluster, for whoever wants to see who leads it, or to break them.

One guards the runs of a state directory and lies beside them; the others are the claims on the cluster's
machines, which stand between consoles on different machines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tui.journal import ClusterLock, Holder, Journal, unfinished_run
from tui.model.clusterfile import ClusterFile
from tui.model.events import LockBroken
from tui.model.nodeset import folded
from tui.remote import ClaimAnswer, Fleet, NodeClaim, RemoteError
from tui.rollout.asking import connected
from tui.rollout.leadership.claim import CLAIM_TIMEOUT_S
from tui.rollout.leadership.owner import LockOwner, described
from tui.rollout.leadership.refusals import STALE_AFTER


@dataclass(frozen=True, slots=True)
class LockSurvey:
    """Who holds what now. ``there``: what each machine says, or why it says nothing."""

    cluster: str
    here: Holder | None
    there: Mapping[str, ClaimAnswer | RemoteError]

    @property
    def claims(self) -> dict[str, ClaimAnswer]:
        """The machines that somebody has claimed."""
        answers = {name: said for name, said in self.there.items() if isinstance(said, ClaimAnswer)}
        return {name: answer for name, answer in answers.items() if answer.holder is not None}

    @property
    def silent(self) -> dict[str, RemoteError]:
        """The machines of which that is not known."""
        return {name: said for name, said in self.there.items() if isinstance(said, RemoteError)}

    @property
    def free(self) -> bool:
        """Nobody leads the cluster, as far as its machines answer."""
        return self.here is None and not self.claims

    @property
    def alive(self) -> bool:
        """A holder has shown life lately; what cannot be told counts as life."""
        there = any((answer.age or 0) <= STALE_AFTER for answer in self.claims.values())
        return there or (self.here is not None and (self.here.age or 0.0) <= STALE_AFTER)

    @property
    def holder(self) -> str:
        """Who leads, in words; empty where nobody does."""
        owners = {str(LockOwner.of(answer.holder)) for answer in self.claims.values()}
        return "; ".join(sorted(owners)) or str(self.here or "")

    def lines(self) -> tuple[str, ...]:
        """One sentence for the lock here, for each console that has claims, and for what is silent."""
        here = f"is held by {self.here}" if self.here is not None else "is free"
        said = [f"The lock of {self.cluster} on this machine {here}."]
        by_console: dict[str, list[str]] = {}
        for name, answer in self.claims.items():
            assert answer.holder is not None
            by_console.setdefault(answer.holder.id, []).append(name)
        for names in by_console.values():
            freshest = min(names, key=lambda name: self.claims[name].age or 0)
            verb = "is" if len(names) == 1 else "are"
            said.append(f"{folded(names)} {verb} claimed by {described(self.claims[freshest], freshest)}.")
        if free := [name for name in self.there if name not in self.claims and name not in self.silent]:
            said.append(f"{folded(free)} {'is' if len(free) == 1 else 'are'} free.")
        said += [f"Who has claimed {name} cannot be seen: {why}" for name, why in self.silent.items()]
        return tuple(said)


class Locks:
    """All locks of one cluster; ``fleet`` is started and has all of its machines."""

    def __init__(self, config: ClusterFile, state_dir: Path, fleet: Fleet) -> None:
        self._cluster = config.cluster.name
        self._state_dir = state_dir
        self._here = ClusterLock(state_dir, self._cluster)
        self._there = {name: NodeClaim(fleet.client(name)) for name in config.machines}

    async def look(self) -> LockSurvey:
        """Who holds them."""

        async def show(claim: NodeClaim) -> ClaimAnswer | RemoteError:
            try:
                await connected(claim.client, lambda failing: failing >= CLAIM_TIMEOUT_S)
                return await claim.show(patience=CLAIM_TIMEOUT_S)
            except RemoteError as error:
                return error

        answers = await asyncio.gather(*map(show, self._there.values()))
        return LockSurvey(self._cluster, self._here.holder(), dict(zip(self._there, answers, strict=True)))

    async def break_all(self, found: LockSurvey, who: str, *, alive: bool) -> tuple[str, ...]:
        """Take them from the very holders that were ``found``; returns what stands against it, as sentences.

        Not even then from one that has shown life since, unless ``alive`` says that a person knows it.
        Written down in the unfinished run of this state directory, after which its old console can write no
        event more; where there is none, the next run says it. Raises JournalError.
        """
        record = unfinished_run(self._state_dir, self._cluster)
        run = record.run_id if record is not None and record.error is None else ""
        now, then = self._here.holder(), found.here
        if (now is None) != (then is None) or (
            now and then and (now.pid, now.since) != (then.pid, then.since)
        ):
            return ("the lock on this machine has changed hands",)
        breaker = {"by": who, "noted": run}
        silent_for = 0.0 if alive else STALE_AFTER
        names = tuple(found.claims)
        kept = await asyncio.gather(
            *(self._break(name, found.claims[name], breaker, silent_for) for name in names)
        )
        broken = [name for name, why in zip(names, kept, strict=True) if not why]
        if names and not broken:
            return tuple(kept)
        if found.here is not None:
            self._here.break_lock()
        if record is not None and run:
            with self._here:
                self._here.acquire(who)
                journal = Journal.open(record.directory)
                journal.append(LockBroken(holder=found.holder, on=folded(broken)), actor=who)
                journal.close()
        return tuple(why for why in kept if why)

    async def _break(
        self, name: str, seen: ClaimAnswer, breaker: Mapping[str, str], silent_for: float
    ) -> str:
        """Empty when it was broken, else why not."""
        assert seen.holder is not None
        try:
            answer = await self._there[name].break_claim(
                seen.holder.id, breaker, silent_for=silent_for, patience=CLAIM_TIMEOUT_S
            )
        except RemoteError as error:
            return f"whether the claim on {name} is broken is not known: {error}"
        if answer.state in ("broken", "free"):
            return ""
        what = "its holder is back" if answer.state == "fresh" else "it has changed hands"
        return f"the claim on {name} was left: {what}"
