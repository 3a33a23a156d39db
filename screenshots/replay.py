"""A recorded run, stopped at one event, with a clock that stands still: the same picture every time."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from rehearse import Recording

from tui.model.events import Event
from tui.model.fold import fold
from tui.model.intents import Intent
from tui.model.states import Progress
from tui.model.steps import StepName
from tui.model.window import Window
from tui.rollout import plan
from tui.rollout.decisions import next_action, status_line
from tui.rollout.decisions.choices import choices
from tui.rollout.decisions.picking import Prospects
from tui.rollout.interface import Advice, Candidate, Choice, Listener, Live, PlannedCommand, Reading, Reply

BEGAN = datetime(2026, 3, 14, 21, 2, tzinfo=UTC)
TOOK = {
    StepName.LOG_IN: 1,
    StepName.PACKAGES: 142,
    StepName.STOP_APPLICATIONS: 9,
    StepName.STOP_SERVICES: 7,
    StepName.INSTALL: 171,
    StepName.REBOOT: 118,
    StepName.VERIFY: 17,
    StepName.START_APPLICATIONS: 4,
    StepName.RETURN: 1,
    StepName.PUT_BACK: 12,
}
"""Seconds that steps take on real machines; the rehearsal is faster than that."""


def retimed(events: list[Event]) -> list[Event]:
    """The same events on the picture's clock, with ports that do not change from run to run."""
    now, found = BEGAN, []
    for event in events:
        now += timedelta(seconds=_seconds(event))
        text = re.sub(r"127\.0\.0\.1:\d+", "10.1.2.1:22", event.model_dump_json())
        text = re.sub(r"oldest look \d+\.\d s", "oldest look 0.2 s", text)
        found.append(Event.model_validate_json(text).model_copy(update={"time": now, "actor": "eva@ops"}))
    return found


def _seconds(event: Event) -> float:
    if event.type == "attempt.ended" and event.step is not None:
        spread = 0.9 + zlib.crc32(f"{event.node}{event.step}".encode()) % 1000 / 5000
        reused = event.step is StepName.PACKAGES and "reus" in str(event.data.get("summary"))
        return 2 if reused else TOOK[event.step] * spread
    # Looks at nodes come as they may: how many there were must not move the clock.
    return 4.0 if event.type == "step.confirmed" else 0.0


class StillEngine:
    """Implements ``Engine`` for one moment of a recording."""

    read_only = False
    broken = ""

    def __init__(self, recording: Recording, upto: int, *, later: float = 0.0, shown: float = 1.0) -> None:
        """The moment just after event number ``upto``, ``later`` seconds on; of output, a ``shown`` part."""
        self._events = retimed(recording.events[: upto + 1])
        self.state = fold(self._events)
        self.time = self._events[-1].time + timedelta(seconds=later)
        window = Window.model_validate({"start": "22:00", "end": "04:00", "zone": "Europe/Oslo"})
        policy = recording.config.policy.model_copy(update={"window": window})
        self.config = recording.config.model_copy(update={"policy": policy})
        self._outputs, self._shown = recording.outputs, shown

    def now(self) -> datetime:
        return self.time

    def events(self) -> tuple[Event, ...]:
        return tuple(self._events)

    def subscribe(self, _listener: Listener) -> Callable[[], None]:
        return lambda: None

    def submit(self, intent: Intent, waiver: str = "") -> Reply:
        return Reply(False, "this is a picture")

    def reading(self) -> Reading | None:
        offer = self.state.offer
        if offer is None or not offer.offered.by_reading:
            return None
        peers = len(self.config.nodes) - 1
        return Reading("", offer.node, offer.node[2:], peers, peers, (), 0.3)

    async def idle(self) -> None:
        return None

    def live(self, node: str) -> Live:
        return Live("up", "", 0.3 + zlib.crc32(node.encode()) % 10 / 10, 0.002)

    def output(self, node: str, step: StepName, attempt: int, offset: int, limit: int = 262_144) -> bytes:
        data = self._outputs.get((node, step, attempt), b"")
        found = self.state.nodes[node].steps[step].attempts[attempt - 1]
        if found.ended is None:
            data = data[: data.rfind(b"\n", 0, int(len(data) * self._shown)) + 1]
        return data[offset : offset + limit]

    def candidates(self) -> tuple[Candidate, ...]:
        prospects = Prospects(self.state, self.config)
        names = prospects.ranked()
        return tuple(
            Candidate(
                name,
                not (blocked := next_action.not_yet(self.state, name)),
                blocked or prospects.line(name),
                proposal=prospects.proposal(name, names) if name == names[0] else "",
                about=partial(prospects.about, name),
            )
            for name in names
        )

    def choices(self) -> tuple[Choice, ...]:
        return choices(self.state)

    def advice(self) -> Advice:
        return status_line.advice(self.state, self.candidates(), self.time)

    def plan(self) -> tuple[PlannedCommand, ...]:
        return plan.planned_commands(self.config, self.state)

    def estimate(self, _node: str | None = None) -> float | None:
        done = any(node.progress is Progress.UPDATED for node in self.state.nodes.values())
        return 240.0 if done else None
