"""What a critical confirm asks a person to read off the gate's sample, and whether that is what was typed.

A fixed word becomes a habit of the fingers; this differs from node to node.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime

from tui.journal.clock import utc_now
from tui.model.events import PeersRead
from tui.model.run import Offer
from tui.rollout.context import RunContext
from tui.rollout.gate import rule
from tui.rollout.interface import Reading
from tui.rollout.procedure.order import procedure_step

READ_FOR_S = 60.0
"""Seconds for which a sample that was shown may be typed from: who was away for longer looks again."""


class Readings:
    """Gives the gate's sample to be shown, and remembers the last: nothing else confirms a critical step."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._shown: tuple[Offer, Reading, datetime] | None = None

    def take(self) -> Reading | None:
        """The sample as it is now for what is offered; None where a yes is enough."""
        offer = self._context.run.offer
        if offer is None or not offer.offered.by_reading:
            return None
        reading = self._now(offer)
        self._shown = offer, reading, utc_now()
        return reading

    def refusal(self, sample: str, typed: str) -> str:
        """Why what was typed, read from that sample, does not confirm what is offered; empty when it does."""
        offer = self._context.run.offer
        if offer is None or self._shown is None:
            return "nothing was read yet: look at what is asked for"
        shown_for, shown, _ = self._shown
        if shown_for != offer or shown.sample != sample or self._seconds > READ_FOR_S:
            return "that was read from an older look at the peers; read it again"
        now = self._now(offer)
        if (now.value, now.down) != (shown.value, shown.down):
            seen = f"{now.active} of {now.peers} are active"
            return f"the peers have changed since that was read: {seen}; read it again"
        return "" if now.says(typed) else f"type {now.value} ({now.what}) to confirm this step"

    @property
    def read(self) -> PeersRead | None:
        """The sample that was shown last, for the journal."""
        if self._shown is None:
            return None
        _, shown, _ = self._shown
        return PeersRead(active=shown.active, peers=shown.peers, age=round(shown.age + self._seconds, 3))

    @property
    def _seconds(self) -> float:
        return (utc_now() - self._shown[2]).total_seconds() if self._shown is not None else 0.0

    def _now(self, offer: Offer) -> Reading:
        context, run, node = self._context, self._context.run, offer.node
        others = rule.others_down(run, context.config, context.monitor, node)
        peers = [peer.name for peer in run.cluster_nodes if peer.name != node]
        down = tuple(name for name in peers if name in others)
        gated = procedure_step(run.nodes[node].management, offer.step).gated
        sample = context.verdict(node, "confirm")
        word, blank = _word(node, run.nodes)
        return Reading(
            sample=secrets.token_hex(8),
            node=node,
            word=word,
            active=len(peers) - len(down),
            peers=len(peers),
            down=down,
            age=context.monitor.oldest_age,
            closed="; ".join(sample.reasons) if gated else "",
            blank=blank,
        )


def _word(node: str, names: Iterable[str]) -> tuple[str, bool]:
    """What names the node in what is typed, and whether a blank has to end it: other words begin like it."""
    digits = {name: _digits(name) for name in names}
    own = digits.pop(node)
    word = own if own and own not in digits.values() else node
    return word, any(o.startswith(word) or (o and word.startswith(o)) for o in digits.values())


def _digits(name: str) -> str:
    """The last number in the name of a machine, as it is written there."""
    found: list[str] = re.findall("[0-9]+", name.partition(".")[0])
    return found[-1] if found else ""
