"""The claim on a machine, kept by the machine itself: what is said to ``node/claim.sh`` and what it answers.

Nothing here knows what the claim guards; its owner is words that only the one who takes it understands.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from tui.remote.client import NodeClient
from tui.remote.errors import RemoteError
from tui.remote.exec.script_runner import CUT_KINDS
from tui.remote.shell.answers import parse_line, whole_number
from tui.remote.shell.scripts import call

ClaimState = Literal["taken", "held", "free", "renewed", "gone", "dropped", "broken", "fresh"]

CLAIM_DIRECTORY = "/run/rollcall"
"""Where a claim lies, on every machine: no file of an operator says so, and it dies with the boot."""

_KEY = re.compile(r"[a-z_]{1,32}")
_LONGEST = 256


@dataclass(frozen=True)
class ClaimRecord:
    """What a claim says. ``since``: seconds of the epoch by the node's clock, None if it says none."""

    id: str
    since: int | None = None
    owner: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ClaimAnswer:
    """``taken``, ``renewed``, ``dropped``, ``broken``: it was done. ``held``: by ``holder``. ``free``.
    ``gone``: it is not (or no longer) the asker's. ``fresh``: its holder has shown life too lately.

    ``age`` is the seconds since the holder's last sign of life. ``lost`` is the record of a claim that a
    person broke, with ``broken_at`` (epoch) and the breaker's words among its owner's. ``now`` is the node's
    clock (epoch), ``boot_id`` the boot in which it answered.
    """

    state: ClaimState
    age: int | None = None
    holder: ClaimRecord | None = None
    lost: ClaimRecord | None = None
    now: int | None = None
    boot_id: str | None = None

    @property
    def held_for(self) -> int | None:
        """Seconds since the holder took it."""
        if self.now is None or self.holder is None or self.holder.since is None:
            return None
        return self.now - self.holder.since


class NodeClaim:
    """The claim on the node of ``client``. Every call may be repeated, and is while the link breaks under it.

    All raise RemoteError, after ``patience`` seconds at the latest; then it is not known what came of it.
    """

    def __init__(self, client: NodeClient, place: str = CLAIM_DIRECTORY) -> None:
        self.client = client
        self._place = place

    async def take(
        self, claim_id: str, owner: Mapping[str, str], *, replaces: str = "", patience: float
    ) -> ClaimAnswer:
        """Take it when it is free, or when its record is still ``replaces``: ``taken`` or ``held``.

        ``claim_id`` must be new for each holder, of ``0-9a-f``.
        """
        words = _lines(owner)
        return await self._ask(("take", claim_id, replaces, len(words)), words, patience)

    async def renew(self, claim_id: str, *, patience: float) -> ClaimAnswer:
        """A sign of life: ``renewed`` or ``gone``."""
        return await self._ask(("renew", claim_id), b"", patience)

    async def drop(self, claim_id: str, *, patience: float) -> ClaimAnswer:
        """Give it back: ``dropped``, or ``gone`` when it was given back or lost before."""
        return await self._ask(("drop", claim_id), b"", patience)

    async def show(self, *, patience: float) -> ClaimAnswer:
        """Who has it: ``held`` or ``free``."""
        return await self._ask(("show",), b"", patience)

    async def break_claim(
        self, claim_id: str, breaker: Mapping[str, str], *, silent_for: float, patience: float
    ) -> ClaimAnswer:
        """Take it from its holder, if that is still ``claim_id``: ``broken``, ``held``, ``free``; or, when
        the holder has shown life in the last ``silent_for`` seconds, ``fresh``.
        """
        words = _lines(breaker)
        answer = await self._ask(("break", claim_id, int(silent_for), len(words)), words, patience)
        if answer.state == "free" and answer.lost is not None and answer.lost.id == claim_id:
            return ClaimAnswer("broken", lost=answer.lost)  # the answer to an earlier request was lost
        return answer

    async def _ask(self, words: tuple[str | int, ...], payload: bytes, patience: float) -> ClaimAnswer:
        verb, *rest = words
        script = call("claim", verb, self._place, *rest)
        deadline = time.monotonic() + patience
        try:
            async with asyncio.timeout(patience):
                while True:
                    try:
                        completed = await self.client.run(
                            script, payload=payload, timeout=deadline - time.monotonic()
                        )
                        return self._parse(completed.stdout)
                    except RemoteError as error:
                        if error.kind not in CUT_KINDS:
                            raise
                    await asyncio.sleep(0.1)
        except TimeoutError:
            sentence = (
                f"{self.client.node} did not answer for {patience:g} s when it was asked who has claimed it."
            )
            raise RemoteError("timeout", self.client.node, sentence) from None

    def _parse(self, answer: bytes) -> ClaimAnswer:
        first, *rest = answer.decode("utf-8", "replace").split("\n")
        words = parse_line(self.client.node, f"{self._place}/claim", first)
        state = words.get("state")
        if state not in get_args(ClaimState):
            raise RemoteError("lost", self.client.node, f"{self.client.node} did not say who has claimed it.")
        boot = words.get("boot", "-")
        return ClaimAnswer(
            cast(ClaimState, state),
            whole_number(words.get("age")),
            _record(rest, "held "),
            _record(rest, "broken "),
            whole_number(words.get("now")),
            boot if boot not in ("", "-") else None,
        )


def _lines(owner: Mapping[str, str]) -> bytes:
    """The owner's words as the node keeps them. ValueError for a key that could be one of the node's own."""
    if bad := [key for key in owner if not _KEY.fullmatch(key) or key in ("id", "since", "at", "broken_at")]:
        raise ValueError(f"{bad} cannot be an owner's words")
    said = (f"{key}={_printable(value)}" for key, value in owner.items())
    return "\n".join(said).encode("utf-8", "replace")


def _printable(value: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in value[:_LONGEST])


def _record(lines: list[str], mark: str) -> ClaimRecord | None:
    """The record in an answer; whoever is root on the node may have written anything there."""
    found = [line.removeprefix(mark) for line in lines if line.startswith(mark)]
    if not found:
        return None
    words = dict(line.partition("=")[::2] for line in found if "=" in line)
    since = words.pop("since", "")
    first = found[0]
    claim_id = first.removeprefix("id=") if first.startswith("id=") else "unreadable"
    words.pop("id", None)
    words.pop("at", None)
    return ClaimRecord(claim_id, whole_number(since), words)
