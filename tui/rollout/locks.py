"""Both locks of a cluster, for whoever wants to see who leads it, or to break them.

One guards the runs of a state directory and lies beside them; the other stands between consoles on different
machines and is kept by a machine of the cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tui.journal import ClusterLock, Holder, Journal
from tui.model.clusterfile import ClusterFile
from tui.model.events import LockBroken
from tui.remote import Fleet, LockAnswer, NodeLock
from tui.rollout.lease import PATIENCE, STALE_AFTER, connected, lock_node
from tui.rollout.owner import Owner, described
from tui.rollout.session import unfinished


@dataclass(frozen=True, slots=True)
class Found:
    """Who holds what now."""

    cluster: str
    node: str
    here: Holder | None
    there: LockAnswer

    @property
    def free(self) -> bool:
        """Nobody leads the cluster."""
        return self.here is None and self.there.holder is None

    @property
    def alive(self) -> bool:
        """The holder of one of them has shown life lately; what cannot be told counts as life."""
        there = self.there.holder is not None and (self.there.age or 0) <= STALE_AFTER
        return there or (self.here is not None and (self.here.age or 0.0) <= STALE_AFTER)

    @property
    def holder(self) -> str:
        """Who leads, in words; empty where nobody does."""
        if self.there.holder is not None:
            return str(Owner.of(self.there.holder))
        return str(self.here or "")

    def lines(self) -> tuple[str, str]:
        """One sentence for each lock."""
        here = f"is held by {self.here}" if self.here is not None else "is free"
        there = (
            f"is held by {described(self.there, self.node)}" if self.there.holder is not None else "is free"
        )
        return f"The lock of {self.cluster} on this machine {here}.", f"Its lock on {self.node} {there}."


class Locks:
    """The two locks of one cluster; ``fleet`` is started and has the machine that keeps one of them."""

    def __init__(self, config: ClusterFile, state_dir: Path, fleet: Fleet) -> None:
        self._cluster = config.cluster.name
        self._state_dir = state_dir
        self._here = ClusterLock(state_dir, self._cluster)
        self._there = NodeLock(fleet.link(lock_node(config)), config.paths.state)

    @property
    def node(self) -> str:
        """The machine that keeps the cluster's lock."""
        return self._there.link.node

    def look_here(self) -> Holder | None:
        """Who leads a run of this state directory."""
        return self._here.holder()

    async def look(self) -> Found:
        """Who holds them. Raises RemoteError when the cluster's cannot be seen."""
        await connected(self._there.link, PATIENCE)
        return Found(self._cluster, self.node, self.look_here(), await self._there.show(patience=PATIENCE))

    async def break_both(self, found: Found, who: str, *, alive: bool) -> bool:
        """Take the locks from the very holders that were ``found``; False when they have changed meanwhile.

        Not even then from one that has shown life since, unless ``alive`` says that a person knows it.
        Written down in the unfinished run of this state directory, after which its old console can write no
        event more; where there is none, the next run says it. Raises RemoteError or JournalError.
        """
        record = unfinished(self._state_dir, self._cluster)
        run = record.run_id if record is not None and record.error is None else ""
        now, then = self.look_here(), found.here
        if (now is None) != (then is None) or (
            now and then and (now.pid, now.since) != (then.pid, then.since)
        ):
            return False
        holder = found.there.holder
        if holder is not None:
            breaker = {"by": who, "noted": run}
            silent_for = 0.0 if alive else STALE_AFTER
            answer = await self._there.break_lock(
                holder.id, breaker, silent_for=silent_for, patience=PATIENCE
            )
            if answer.state != "broken":
                return False
        if found.here is not None:
            self._here.break_lock()
        if record is not None and run:
            with self._here:
                self._here.acquire(who)
                journal = Journal.open(record.directory)
                broken = LockBroken(holder=found.holder, on=self.node if holder is not None else "")
                journal.append(broken, actor=who)
                journal.close()
        return True
