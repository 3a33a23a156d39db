"""The right to act on a cluster: a claim on every machine of the run, which every look there carries.

The lock of the journal guards the runs of one state directory; claims stand between consoles, on whichever
machine and with whichever cluster file. Nothing is offered or begun before they are had, and whoever finds
another's stops. A connection that fails takes a claim from nobody: it stays until it is given back, until the
machine reboots, or until a person breaks it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from tui.journal import ClusterLock, LockHeldError, is_run_id, run_directory
from tui.model import events as ev
from tui.model.clusterfile import ClusterFile
from tui.model.nodeset import folded
from tui.remote import FINAL_KINDS, ClaimAnswer, Fleet, NodeClaim, RemoteError
from tui.rollout.asking import connected
from tui.rollout.leadership.claim import CLAIM_TIMEOUT_S, Claim, yields
from tui.rollout.leadership.owner import LockOwner
from tui.rollout.leadership.refusals import STALE_AFTER, loss, refusal, unclaimed

BEAT_EVERY = 10.0
"""Seconds between two signs of life beside the journal."""
CONFIRM_TIMEOUT_S = 3.0
"""Seconds that a machine has for an answer in the moment before something is begun there."""
LOOK_EVERY = 0.5
"""Seconds between two looks at the lock beside the journal, and at what is not claimed yet."""

NO_MORE = "this console starts nothing more"

Say = Callable[[ev.Payload, str], None]


def stands_for(config: ClusterFile) -> timedelta:
    """How long what was seen in the moment before a step stands.

    Shorter than it takes to be called stale, and long enough for the cluster view to be asked meanwhile.
    """
    asked = config.view.timeout if config.view is not None else 0.0
    return timedelta(seconds=max(STALE_AFTER / 2, 2 * asked))


class Lease:
    """This console's claims. ``blocked_reason`` is the one check: why nothing may be begun now."""

    def __init__(
        self, config: ClusterFile, fleet: Fleet, local: ClusterLock, state_dir: Path, who: str, run_id: str
    ) -> None:
        """For the run that this console is about to lead, whose id is said beside the ``local`` lock, too."""
        self._cluster = config.cluster.name
        self._nodes = config.nodes
        self._local = local
        local.tell(run_id)
        self.console = fleet.console_id
        self._owner = LockOwner.this_console(who, run_id, self._cluster)

        def is_ours(run: str) -> bool:
            return is_run_id(run) and run_directory(state_dir, self._cluster, run).is_dir()

        self._claims = {
            name: Claim(NodeClaim(fleet.client(name)), self.console, self._owner, is_ours)
            for name in config.machines
        }
        self._held = asyncio.Event()
        self._say: Say = lambda _payload, _actor: None
        self._on_lost: Callable[[str], None] = lambda _sentence: None
        self._waiting = unclaimed(())
        self._lost = ""
        self._over = False
        self._tries: dict[str, asyncio.Task[None]] = {}
        self._told: set[str] = set()

    @property
    def lost(self) -> str:
        """Not empty: another leads, or nobody, and this console may not act any more; a sentence."""
        if self._lost or self._over or not self._held.is_set() or self._local.still_held():
            return self._lost
        return f"the lock of {self._cluster} was broken on this machine; {NO_MORE}"

    @property
    def blocked_reason(self) -> str:
        """Why nothing may be offered or begun now; empty while this console leads."""
        if self.lost or not self._held.is_set():
            return self.lost or self._waiting
        return next((claim.doubt for claim in self._claims.values() if claim.doubt), "")

    @property
    def minority(self) -> str:
        """Why no node may be taken out: it takes claims on more than half of the Cluster Nodes."""
        ours = sum(1 for name in self._nodes if self._claims[name].standing)
        if 2 * ours > len(self._nodes):
            return ""
        return f"only {ours} of {len(self._nodes)} Cluster Nodes are claimed by this console"

    async def held(self) -> None:
        """Return once this console leads."""
        await self._held.wait()

    async def take(self, patience: float, *, new: bool) -> None:
        """Claim every machine that answers within ``patience`` seconds of failing tries, all at once.

        Raises LockHeldError with all that is known of another holder; for a ``new`` run RemoteError, too,
        when more than half of the Cluster Nodes cannot be claimed. A run that is taken up goes on with any.
        """

        def enough(failing: float) -> bool:
            return failing >= patience or not self.minority

        tasks = {
            claim.node: asyncio.create_task(self._open(claim, enough)) for claim in self._claims.values()
        }
        refused: LockHeldError | None = None
        for done in asyncio.as_completed(tasks.values()):
            claim, answer = await done
            if isinstance(answer, ClaimAnswer) and answer.state != "taken":
                refused = LockHeldError(refusal(self._cluster, claim, answer))
                break
        if refused is not None:
            for name, task in tasks.items():
                if not self._claims[name].asked:  # what was asked for is waited for: else it came too late
                    task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
            raise refused
        self._opened([task.result()[1] for task in tasks.values()], new=new)

    async def _open(
        self, claim: Claim, enough: Callable[[float], bool]
    ) -> tuple[Claim, ClaimAnswer | RemoteError]:
        try:
            await connected(claim.on_node.client, enough)
            return claim, await claim.settled(CLAIM_TIMEOUT_S, self._yields)
        except RemoteError as error:
            return claim, error

    def _opened(self, answers: Iterable[ClaimAnswer | RemoteError], *, new: bool) -> None:
        failures = [answer for answer in answers if isinstance(answer, RemoteError)]
        self._waiting = unclaimed(failures)
        if new and self.minority:
            raise next(iter(failures), RemoteError("lost", self._nodes[0], "machines reboot just now."))
        if any(claim.standing for claim in self._claims.values()):
            self._held.set()
        elif (final := next((error for error in failures if error.kind in FINAL_KINDS), None)) is not None:
            raise final

    async def keep(self, say: Say, on_lost: Callable[[str], None]) -> None:
        """Claim what is not claimed yet, or any more after a reboot, until another's claim is met: then
        ``on_lost`` gets a sentence, once. ``say`` writes into the journal what is worth it.
        """
        self._say, self._on_lost = say, on_lost
        beat = 0.0
        try:
            while not self._lost:
                for claim in self._claims.values():
                    self._try(claim)
                if self._held.is_set():
                    self._say_taken()
                if time.monotonic() >= beat + BEAT_EVERY:
                    beat = time.monotonic()
                    self._local.beat()
                await asyncio.sleep(LOOK_EVERY)
                if lost := self.lost:
                    self._lose(lost)
        finally:
            for task in tuple(self._tries.values()):
                task.cancel()

    async def confirm(self, node: str) -> bool:
        """In the moment before something is begun on a node: its claim stands, after a reboot taken anew.

        A machine that does not answer is left to whoever begins something there. The looks that follow show
        whether the claims still stand.
        """
        claim = self._claims[node]
        if not self.blocked_reason and not claim.standing and claim.on_node.client.state.phase == "up":
            await self._take_or_lose(claim)
        if self.lost:
            self._lose(self.lost)
        elif self.blocked_reason:
            await asyncio.sleep(LOOK_EVERY)  # what is in doubt is asked about meanwhile
        return not self.blocked_reason

    def saw(self, node: str, console: str, boot_id: str | None, asked_at: float) -> None:
        """A look, asked for at ``asked_at`` (monotonic), has found the claim of ``console`` (empty: none)."""
        claim = self._claims[node]
        if console == self.console or claim.answer is None or asked_at <= claim.taken_at:
            return
        if console or boot_id == claim.answer.boot_id:
            claim.doubt = f"{node} is {'claimed by another console' if console else 'not claimed any more'}"

    def missing(self, node: str, console: str) -> str:
        """Why a look at a Cluster Node that found the claim of ``console`` does not count for the gate."""
        if console == self.console:
            return ""
        other = self._claims[node].other
        if console and other is not None and other.holder is not None and other.holder.id == console:
            return f"claimed by {LockOwner.of(other.holder).brief}"
        return "claimed by another console" if console else "not claimed by this console yet"

    async def release(self) -> None:
        """Give back every claim whose machine can be told now."""
        if lost := self.lost:
            self._lose(lost)  # broken since the last look: whoever leaves has to know
        self._over = True
        await asyncio.gather(*(claim.drop() for claim in self._claims.values()))

    def _try(self, claim: Claim) -> None:
        """Take a claim that does not stand, beside everything else."""
        if claim.standing or claim.on_node.client.state.phase != "up" or claim.node in self._tries:
            return
        task = asyncio.create_task(self._take_or_lose(claim))
        self._tries[claim.node] = task
        task.add_done_callback(lambda _task: self._tries.pop(claim.node, None))

    async def _take_or_lose(self, claim: Claim) -> None:
        """Take it, or find out why not. Another's claim, and one that was broken, end the lease."""
        try:
            if claim.doubt:
                answer = await claim.on_node.show(patience=CONFIRM_TIMEOUT_S)
                if answer.state == "held" and answer.holder is not None and answer.holder.id == self.console:
                    claim.doubt = ""
                    return
                if claim.answer is not None and answer.boot_id == claim.answer.boot_id:
                    self._lose(f"{loss(self._cluster, claim, answer)}; {NO_MORE}")
                    return
                claim.answer, claim.doubt = None, ""  # it has rebooted meanwhile
            answer = await claim.settled(CLAIM_TIMEOUT_S, self._yields)
        except RemoteError as error:
            self._waiting = unclaimed([error])
            return
        if answer.state != "taken":
            if self._held.is_set():
                self._lose(f"{loss(self._cluster, claim, answer)}; {NO_MORE}")
            else:
                self._lose(refusal(self._cluster, claim, answer))
        elif answer.lost is not None and answer.lost.id == self.console:
            self._lose(f"{loss(self._cluster, claim, answer)}; {NO_MORE}")
        else:
            self._held.set()
            self._say_taken()

    def _yields(self, answer: ClaimAnswer) -> float:
        return yields(self._claims.values(), self.console, answer, leads=self._held.is_set())

    def _say_taken(self) -> None:
        """Once for the journal: which machines are claimed; and each claim that was broken before."""
        ours = [claim for claim in self._claims.values() if claim.answer is not None]
        if "" not in self._told:
            self._told.add("")
            on = folded(claim.node for claim in ours)
            taken = ev.LockTaken(host=socket.gethostname(), pid=os.getpid(), on=on)
            self._say(taken, self._owner.who)
        for claim in ours:
            broken = claim.answer.lost if claim.answer is not None else None
            if broken is None or broken.id in self._told:
                continue
            self._told.add(broken.id)
            alike = [c.node for c in ours if c.answer and c.answer.lost and c.answer.lost.id == broken.id]
            if not claim.is_ours(broken.owner.get("noted", "")):
                by = broken.owner.get("by", "") or "someone who left no name"
                self._say(ev.LockBroken(holder=str(LockOwner.of(broken)), on=folded(alike)), by)
            for name in alike:
                self._tries[f"{name} read"] = asyncio.create_task(self._read(self._claims[name]))

    async def _read(self, claim: Claim) -> None:
        """What was broken there has been read: it need not be told again."""
        with contextlib.suppress(RemoteError):  # it is told once more, then
            await claim.on_node.renew(self.console, patience=CLAIM_TIMEOUT_S)

    def _lose(self, sentence: str) -> None:
        if not self._lost:
            self._lost = sentence
            self._on_lost(sentence)
