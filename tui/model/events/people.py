"""Who leads the run, who looks at it, and what a person writes down."""

from __future__ import annotations

from tui.model.events.base import Payload


class LockTaken(Payload):
    """This console leads the run."""

    type = "lock.taken"
    host: str
    pid: int
    on: str = ""
    """The machine of the cluster that keeps the lock."""


class LockBroken(Payload):
    """A person broke another console's lock; the actor is who did."""

    type = "lock.broken"
    holder: str
    on: str = ""
    """As above."""


class OperatorJoined(Payload):
    """A console opened the run."""

    type = "operator.joined"
    host: str
    front_end: str


class OperatorLeft(Payload):
    """A console left the run on purpose."""

    type = "operator.left"
    reason: str = ""


class RisksAcknowledged(Payload):
    """A person knows of risks that apply, or may apply, and goes on; each as its check has it."""

    type = "risks.acknowledged"
    risks: tuple[str, ...]


class NoteAdded(Payload):
    """A person wrote something down."""

    type = "note.added"
    text: str
