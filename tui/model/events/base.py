"""An event: the envelope that the journal keeps, and the data that each type of event carries in it.

What an event is about (the run, a node, a step, an attempt) is a type: one that lacks a part of it is refused
before anybody acts on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import ConfigDict, Field, JsonValue
from typing_extensions import override

from tui.model.steps import StepName
from tui.model.strict import StrictModel

PAYLOADS: dict[str, type[Payload]] = {}
"""Every type of event that this version knows."""


class Event(StrictModel):
    """The envelope: what the journal keeps as one line of JSON."""

    seq: Annotated[int, Field(ge=0)]
    time: datetime
    """UTC, with microseconds."""
    type: str
    node: str | None = None
    step: StepName | None = None
    attempt: int | None = None
    actor: str
    data: dict[str, JsonValue]
    prev: str
    """SHA-256 of the line before; of nothing for the first."""

    @property
    def payload(self) -> Payload:
        """The typed data. Raises KeyError or ValidationError for an event that this version does not know."""
        kept: Payload | None = self.__dict__.get("payload")
        if kept is None:  # not by cached_property, whose lock takes longer than all of this
            kept = self.__dict__["payload"] = PAYLOADS[self.type].model_validate(self.data)
        return kept

    @override
    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copy = super().model_copy(update=update, deep=deep)
        copy.__dict__.pop("payload", None)  # it may say something else now
        return copy

    def scoped(self) -> Event:
        """The same event as one of its type's scope. Raises ValidationError when it lacks a part of that."""
        scope: Scope = PAYLOADS[self.type].scope
        if isinstance(self, scope):
            return self
        return scope.model_validate({name: getattr(self, name) for name in Event.model_fields})


class NodeEvent(Event):
    """An event of one node."""

    node: str


class StepEvent(NodeEvent):
    """An event of one step of a node."""

    step: StepName


class AttemptEvent(StepEvent):
    """An event of one attempt of a step."""

    attempt: int


Scope = type[Event]


class Payload(StrictModel):
    """What an event of one type says, beside who, when and where."""

    model_config = ConfigDict(allow_inf_nan=False)
    type: ClassVar[str]
    scope: ClassVar[Scope] = Event
    """What such an event is about."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if "type" in vars(cls):
            PAYLOADS[cls.type] = cls


class NodePayload(Payload):
    """What an event of one node says."""

    scope: ClassVar[Scope] = NodeEvent


class StepPayload(NodePayload):
    """What an event of one step says."""

    scope: ClassVar[Scope] = StepEvent


class AttemptPayload(StepPayload):
    """What an event of one attempt says."""

    scope: ClassVar[Scope] = AttemptEvent
