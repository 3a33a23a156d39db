"""What a front end sees of the engine: the state, live figures, advice in sentences, and one way in.

The console and plain mode draw what stands here and hand intents back; they decide nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tui.model.clusterfile import ClusterFile
from tui.model.events import Event
from tui.model.intents import Intent
from tui.model.run import Run
from tui.model.steps import StepName

Listener = Callable[[Event, Run], None]


class Listeners:
    """Whoever hears of each event once it is folded, in the order in which they came."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after each event; returns how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def tell(self, event: Event, run: Run) -> None:
        """Call all of them; any of them may stop listening meanwhile."""
        for listener in tuple(self._listeners):
            listener(event, run)


@dataclass(frozen=True, slots=True)
class Reply:
    """The engine's answer to an intent: taken or not, and the sentence that says why."""

    accepted: bool
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """What is known of a node right now, beside the events: never journaled, only shown."""

    phase: str
    """The connection: ``new connecting up silent lost backoff refused``."""
    reason: str
    """One sentence when the connection is not up."""
    age: float | None
    """Seconds since the node's last answer to a health probe; None when it never answered."""
    rtt: float | None
    """Seconds for the last heartbeat."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a critical confirm asks a person to read: the gate's sample as it is now."""

    sample: str
    """Its name, to hand back with what was typed."""
    node: str
    word: str
    """What names the node: its digits, or its whole name where another node has the same, or it has none."""
    active: int
    """Other Cluster Nodes that serve."""
    peers: int
    down: tuple[str, ...]
    """Those of them that do not."""
    age: float
    """Seconds since the oldest look in it."""
    closed: str = ""
    """Why the gate would refuse the step now; empty when it would not."""
    blank: bool = False
    """A blank has to stand between the two: without it, another node's could read the same."""

    @property
    def value(self) -> str:
        """What is to be typed: ``04 7``."""
        return f"{self.word} {self.active}"

    @property
    def what(self) -> str:
        """What that is: ``digits of px04, active peers``."""
        return f"{'name' if self.word == self.node else 'digits'} of {self.node}, active peers"

    @property
    def seen(self) -> str:
        """What the sample shows, for a person."""
        less = f" (not {', '.join(self.down[:3])}{' and more' if self.down[3:] else ''})" if self.down else ""
        return f"{self.active} of {self.peers} active{less}, looked {self.age:.1f} s ago"

    def says(self, typed: str) -> bool:
        """Whether that was typed, with or without the blank."""
        words = typed.split()
        return words == self.value.split() or (not self.blank and words == [f"{self.word}{self.active}"])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node that could be next, with the gate's verdict on it."""

    node: str
    eligible: bool
    why: str
    """One line: what picking it means, or what stands in the way."""
    proposal: str = ""
    """Why this one before all others; empty for all but the one that is proposed."""
    about: Callable[[], tuple[tuple[str, str], ...]] = field(default=tuple, compare=False)
    """The line in full, as (word, text) pairs; found when somebody wants to read it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a person can do about what stands on the screen now."""

    word: str
    """``rerun install``, ``reboot px04``, ``go on with reboot needed``, ``skip px04`` ..."""
    sentence: str
    """What it means and why one would."""
    intent: Intent
    """To submit; its ``reason``/``typed`` fields are filled in by the front end when needed."""
    recommended: bool = False
    dangerous: bool = False
    """Needs ``to_type`` typed (put into ``typed`` when the intent has that field)."""
    needs_reason: bool = False
    type_this: str = ""
    """What has to be typed where that is not the node's name alone."""

    @property
    def to_type(self) -> str:
        """What a person types to take this choice; empty when it needs no typing."""
        named = str(getattr(self.intent, "node", ""))
        return (self.type_this or named) if self.dangerous else ""


@dataclass(frozen=True, slots=True)
class Advice:
    """The status line: why nothing moves (or what moves), and what to do next."""

    why: str
    next_action: str
    urgent: bool = False
    """A person is needed."""


@dataclass(frozen=True, slots=True)
class PlannedCommand:
    """One line of the plan: what will be run where."""

    node: str
    step: StepName
    command: str
    note: str = ""


class Engine(Protocol):
    """The engine as front ends know it."""

    @property
    def state(self) -> Run:
        """The fold of everything on disk."""

    @property
    def config(self) -> ClusterFile:
        """The cluster file."""

    @property
    def read_only(self) -> bool:
        """True when every intent will be refused."""

    @property
    def broken(self) -> str:
        """Not empty: the engine had to stop, and why, as a sentence."""

    def events(self) -> tuple[Event, ...]:
        """Every event of the run so far, oldest first, also from before this front end."""
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` on the event loop after each event; returns how to stop that."""

    def submit(self, intent: Intent, waiver: str = "") -> Reply:
        """Ask for something. Returns at once; consequences arrive as events.

        ``waiver`` names what stands in a person's place (``--yes``); empty: a person asks, here and now.
        """

    def reading(self) -> Reading | None:
        """What has to be read now to confirm what is offered; None where a yes is enough.

        Only what the last call gave confirms anything: who shows one, shows the newest.
        """

    async def idle(self) -> None:
        """Wait until every consequence of what was submitted is published or a person is needed."""

    def live(self, node: str) -> Live:
        """What is known of the node right now."""

    def output(self, node: str, step: StepName, attempt: int, offset: int, limit: int = 262_144) -> bytes:
        """Bytes of an attempt's output from ``offset`` on, at most ``limit``; empty at the end."""

    def candidates(self) -> tuple[Candidate, ...]:
        """Every node that is not done, best pick first."""

    def choices(self) -> tuple[Choice, ...]:
        """What a person can do now, the recommended one first."""

    def advice(self) -> Advice:
        """The status line."""

    def plan(self) -> tuple[PlannedCommand, ...]:
        """Every command for every node, in order."""

    def estimate(self, node: str | None = None) -> float | None:
        """Seconds a node (or the rest of this node) takes, from the nodes done so far; None without data."""
