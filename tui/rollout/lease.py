"""The right to act on a cluster: its lock, kept by one of its machines and renewed while this console lives.

The lock of the journal guards the runs of one state directory; this one stands between consoles on different
machines. Nothing is offered or begun before it is held. A connection that fails takes it from nobody: it
stays with its holder until that gives it back, or a person breaks it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from tui.journal import ClusterLock, LockHeldError, run_directory
from tui.model import events as ev
from tui.model.clusterfile import ClusterFile
from tui.remote import Fleet, Link, LockAnswer, NodeLock, RemoteError
from tui.rollout.owner import Owner, by_clock, described

BEAT_EVERY = 10.0
"""Seconds between two signs of life."""
STALE_AFTER = 60.0
"""Seconds of silence after which a lock may be broken with one confirm. Nothing ever breaks it by itself."""
PATIENCE = 8.0
"""Seconds that the node has for an answer."""
LAST_LOOK = 3.0
"""The same in the moment before something is begun."""
GOODBYE = 0.8
"""The same when the console leaves: it does so in about a second, whatever the node does."""
LOOK_EVERY = 0.5
"""Seconds between two looks at the lock beside the journal, and between two tries to take the other."""

NO_MORE = "this console starts nothing more"

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")

Say = Callable[[ev.Payload, str], None]


def lock_node(config: ClusterFile) -> str:
    """The machine that keeps the cluster's lock: the management node, else the first node of the file."""
    return config.cluster.management_node or config.nodes[0]


def stands_for(config: ClusterFile) -> timedelta:
    """How long the last answer about the lock stands.

    Shorter than it takes to be called stale, and long enough for the cluster view to be asked meanwhile.
    """
    asked = config.view.timeout if config.view is not None else 0.0
    return timedelta(seconds=max(STALE_AFTER / 2, 2 * asked))


def is_run_id(words: str) -> bool:
    """Whether a word from elsewhere can name a run's directory."""
    return bool(_RUN_ID.fullmatch(words))


async def connected(link: Link, patience: float) -> None:
    """Wait for the link, through ``patience`` seconds of failing tries. Raises RemoteError.

    A try under way is never cut short: a person may be typing a password.
    """
    deadline = time.monotonic() + patience
    while (state := link.state).phase != "up":
        failed = state.phase not in ("new", "connecting")
        if state.phase == "refused" or (failed and time.monotonic() >= deadline):
            raise RemoteError(state.error_kind or "unreachable", link.node, state.reason)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await link.next_change()


class Lease:
    """This console's hold on the lock. ``against`` is the one check: why nothing may be begun now."""

    def __init__(
        self, lock: NodeLock, local: ClusterLock, who: str, run_id: str, is_ours: Callable[[str], bool]
    ) -> None:
        """``is_ours`` tells whether a run of that id lies in this state directory; ``local`` is held."""
        self._lock = lock
        self._local = local
        self._owner = Owner.this_console(who, run_id)
        self._is_ours = is_ours
        self._id = secrets.token_hex(8)
        self._held = asyncio.Event()
        self._before: LockAnswer | None = None
        self._silent = False
        self._say: Say = lambda _payload, _actor: None
        self._on_lost: Callable[[str], None] = lambda _sentence: None
        self._waiting = f"waiting for the lock on {self.node}"
        self._lost = ""
        self._over = False

    @classmethod
    def of_run(
        cls, config: ClusterFile, fleet: Fleet, local: ClusterLock, state_dir: Path, who: str, run_id: str
    ) -> Lease:
        """For the run that this console is about to lead; its id is said beside the local lock, too."""
        cluster = config.cluster.name

        def is_ours(run: str) -> bool:
            return is_run_id(run) and run_directory(state_dir, cluster, run).is_dir()

        local.tell(run_id)
        node_lock = NodeLock(fleet.link(lock_node(config)), config.paths.state)
        return cls(node_lock, local, who, run_id, is_ours)

    @property
    def node(self) -> str:
        """The machine that keeps the lock."""
        return self._lock.link.node

    @property
    def lost(self) -> str:
        """Not empty: the lock is another's, or free, and this console may not act any more; a sentence."""
        if self._lost or self._over or not self._held.is_set() or self._local.still_held():
            return self._lost
        return f"the lock of {self._local.cluster} was broken on this machine; {NO_MORE}"

    @property
    def against(self) -> str:
        """Why nothing may be offered or begun now; empty while the lock is held."""
        return self.lost or ("" if self._held.is_set() else self._waiting)

    async def held(self) -> None:
        """Return once the lock is held."""
        await self._held.wait()

    async def take(self, patience: float) -> None:
        """Take the lock, over a link that comes up within ``patience`` seconds of failing tries.

        A lock that a dead console of this machine and of a run of ours has left is taken over. Raises
        LockHeldError with all that is known of the holder, or RemoteError.
        """
        await connected(self._lock.link, patience)
        answer = await self._lock.take(self._id, self._owner.words, patience=PATIENCE)
        if answer.state == "held" and answer.holder is not None:
            last = Owner.of(answer.holder)
            if last.died_here and self._is_ours(last.run):
                replaced = answer.holder.id
                answer = await self._lock.take(
                    self._id, self._owner.words, replaces=replaced, patience=PATIENCE
                )
        if answer.state != "taken":
            raise LockHeldError(self._refusal(answer))
        self._before = answer
        self._held.set()

    async def keep(self, say: Say, on_lost: Callable[[str], None]) -> None:
        """Take the lock if need be, and hold it until it is lost: then ``on_lost`` gets a sentence, once.

        ``say`` writes into the journal what is worth it.
        """
        self._say, self._on_lost = say, on_lost
        while not self._held.is_set():
            try:
                await self.take(0.0)
            except LockHeldError as error:
                self._lose(str(error))
                return
            except RemoteError as error:
                self._waiting = f"waiting for the lock of the cluster on {self.node}: {error.sentence}"
                await asyncio.sleep(LOOK_EVERY)
        self._say_taken()
        while not self._lost:
            await self._pause()
            await self._beat(PATIENCE)

    async def confirm(self) -> bool:
        """In the moment before something is begun: ask once more. No answer leaves the lock where it was."""
        await self._beat(LAST_LOOK)
        return not self.against

    async def release(self) -> None:
        """Give the lock back if its node can be told now; if not, the next console here takes it over."""
        if lost := self.lost:
            self._lose(lost)  # broken since the last look: whoever leaves has to know
        self._over = True
        if self._held.is_set() and not self._lost and self._lock.link.state.phase == "up":
            with contextlib.suppress(RemoteError):
                await self._lock.drop(self._id, patience=GOODBYE)

    async def _pause(self) -> None:
        """Until the next sign of life is due; the lock beside the journal is looked at meanwhile."""
        for _ in range(round(BEAT_EVERY / LOOK_EVERY)):
            await asyncio.sleep(LOOK_EVERY)
            if self.lost:
                return

    async def _beat(self, patience: float) -> None:
        if self.lost:
            self._lose(self.lost)
            return
        self._local.beat()
        state = self._lock.link.state
        try:
            if state.phase != "up":
                raise RemoteError(state.error_kind or "lost", self.node, state.reason or "not connected")
            answer = await self._lock.renew(self._id, patience=patience)
        except RemoteError as error:
            if not self._silent:
                self._silent = True
                text = f"the lock on {self.node} cannot be renewed now, and stays with this console: {error}"
                self._say(ev.NoteAdded(text=text), "rollcall")
            return
        if answer.state != "renewed":
            self._lose(f"{self._loss(answer)}; {NO_MORE}")
        elif self._silent:
            self._silent = False
            self._say(ev.NoteAdded(text=f"the lock on {self.node} is renewed again"), "rollcall")

    def _say_taken(self) -> None:
        taken = ev.LockTaken(host=socket.gethostname(), pid=os.getpid(), on=self.node)
        self._say(taken, self._owner.who)
        broken = self._before.lost if self._before is not None else None
        if broken is not None and not self._is_ours(broken.owner.get("noted", "")):
            by = broken.owner.get("by", "") or "someone who left no name"
            self._say(ev.LockBroken(holder=str(Owner.of(broken)), on=self.node), by)

    def _lose(self, sentence: str) -> None:
        if not self._lost:
            self._lost = sentence
            self._on_lost(sentence)

    def _loss(self, answer: LockAnswer) -> str:
        lock = f"the lock of {self._local.cluster} on {self.node}"
        said = f"{lock} is gone"
        if answer.lost is not None and answer.lost.id == self._id:
            words = answer.lost.owner
            at = words.get("broken_at", "")
            when = f" at {by_clock(int(at))}" if at.isdecimal() else ""
            said = f"{lock} was broken by {words.get('by') or 'someone who left no name'}{when}"
        if answer.holder is not None:
            said += f"; it is held by {described(answer, self.node)}"
        return said

    def _refusal(self, answer: LockAnswer) -> str:
        stale = answer.age is not None and answer.age > STALE_AFTER
        gone = (
            " If that console is gone for good, `rollcall unlock CLUSTER` breaks its lock." if stale else ""
        )
        leads = f"{self._local.cluster} is led by {described(answer, self.node)}"
        return f"{leads}; look on with `rollcall run CLUSTER --read-only`.{gone}"
