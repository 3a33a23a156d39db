"""An engine for the console's tests: real events through the real fold, answers written by the test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tui.model.clusterfile import ClusterFile, parse_cluster_file
from tui.model.events import PAYLOADS, Event
from tui.model.fold import apply
from tui.model.intents import Intent
from tui.model.run import Run
from tui.model.steps import StepName
from tui.rollout.interface import (
    Advice,
    Candidate,
    Choice,
    Listener,
    Listeners,
    Live,
    PlannedCommand,
    Reading,
    Reply,
)

START = datetime(2026, 3, 14, 0, 9, 55, tzinfo=UTC)
CLUSTER = """
[cluster]
name = "px-prod"
family = "PX"
nodes = "{nodes}"
management_node = "mgmt"
update_management = "first"
[target]
version = "5.21.2"
sia = "/srv/dolphin/Dolphin_eXpressWare-5.21.2.sh"
rolling_from = ["5.19.*"]
[policy]
window = {{ start = "22:00", end = "04:00", zone = "Europe/Oslo" }}
"""


class StoryEngine:
    """Implements ``Engine``. ``tell`` appends an event; everything else is set by the test."""

    def __init__(self, nodes: str = "px[01-08]", read_only: bool = False) -> None:
        self.state = Run()
        self.config: ClusterFile = parse_cluster_file(CLUSTER.format(nodes=nodes), "test.toml")
        self.read_only = read_only
        self.broken = ""
        self.time = START
        self.submitted: list[Intent] = []
        self.reply = Reply(True)
        self.on_submit: Callable[[Intent], None] = lambda _intent: None
        self.outputs: dict[tuple[str, StepName, int], bytes] = {}
        self.reads = 0
        self.read = 0
        """Samples of the gate that were shown."""
        self.out: set[str] = set()
        """Nodes that those show as not active."""
        self.lives: dict[str, Live] = {}
        self.picks: tuple[Candidate, ...] = ()
        self.options: tuple[Choice, ...] = ()
        self.saying = Advice("nothing has been started yet", "press n to pick the first node", urgent=True)
        self.per_node: float | None = 1800.0
        self._told: list[Event] = []
        self._listeners = Listeners()

    def now(self) -> datetime:
        return self.time

    def later(self, seconds: float) -> StoryEngine:
        self.time += timedelta(seconds=seconds)
        return self

    def tell(
        self,
        kind: str,
        node: str | None = None,
        step: StepName | None = None,
        attempt: int | None = None,
        **data: Any,
    ) -> None:
        event = Event(
            seq=len(self._told),
            time=self.time,
            type=kind,
            node=node,
            step=step,
            attempt=attempt,
            actor="eva@console",
            data=PAYLOADS[kind].model_validate(data).model_dump(mode="json"),
            prev="",
        )
        self._told.append(event)
        self.state = apply(self.state, event)
        self._listeners.tell(event, self.state)

    def events(self) -> tuple[Event, ...]:
        return tuple(self._told)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return self._listeners.subscribe(listener)

    def submit(self, intent: Intent, waiver: str = "") -> Reply:
        self.submitted.append(intent)
        self.on_submit(intent)
        return self.reply

    def reading(self) -> Reading | None:
        offer = self.state.offer
        if offer is None or not offer.offered.by_reading:
            return None
        self.read += 1
        peers = [node for node in self.config.nodes if node != offer.node]
        down = tuple(name for name in peers if name in self.out)
        word, active = offer.node[2:], len(peers) - len(down)
        return Reading(f"s{self.read}", offer.node, word, active, len(peers), down, 0.3)

    async def idle(self) -> None:
        return None

    def live(self, node: str) -> Live:
        return self.lives.get(node, Live("up", "", 0.4, 0.002))

    def output(self, node: str, step: StepName, attempt: int, offset: int, limit: int = 262_144) -> bytes:
        self.reads += 1
        return self.outputs.get((node, step, attempt), b"")[offset : offset + limit]

    def candidates(self) -> tuple[Candidate, ...]:
        return self.picks

    def choices(self) -> tuple[Choice, ...]:
        return self.options

    def advice(self) -> Advice:
        return self.saying

    def plan(self) -> tuple[PlannedCommand, ...]:
        if self.state.plan is None:
            return ()
        return tuple(
            PlannedCommand(
                node,
                step.step,
                step.command,
                "only on the first node" if step.step is StepName.PACKAGES else "",
            )
            for node in self.state.order
            for step in self.state.plan.steps
        )

    def estimate(self, node: str | None = None) -> float | None:
        return self.per_node
