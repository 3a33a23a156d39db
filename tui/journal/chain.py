"""One line of ``events.jsonl``: how an event becomes bytes, and how each line vouches for the one before.

A line's ``prev`` is the SHA-256 of the line before it, so a change anywhere shows at the next line. The last
line has no next one; ``events.head`` beside the journal holds its number and SHA-256. It is written after the
line is on disk and may lag behind after a crash, never run ahead.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC

from pydantic import JsonValue, ValidationError

from tui.journal.errors import JournalError
from tui.model.events import PAYLOADS, Event, Payload

RESTORE = "nothing was changed now; restore the file from a copy"

_KIND = re.compile(rb'\{"seq":\d{1,15},"time":"[^"\\]*","type":"([a-z.-]+)"')
_HEAD_LINE = re.compile(rb"(\d{16}) ([0-9a-f]{64})\n")


def digest(line: bytes) -> str:
    """SHA-256 of a line (without its newline) in hex."""
    return hashlib.sha256(line).hexdigest()


def encode(event: Event) -> bytes:
    """The event as one line of ASCII JSON, without the newline."""
    fields = {
        "seq": event.seq,
        "time": event.time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "type": event.type,
        "node": event.node,
        "step": event.step,
        "attempt": event.attempt,
        "actor": event.actor,
        "data": event.data,
        "prev": event.prev,
    }
    return json.dumps(fields, separators=(",", ":"), allow_nan=False).encode("ascii")


def data_of(payload: Payload) -> dict[str, JsonValue]:
    """A payload as plain JSON values; its floats that JSON has no number for become strings."""
    return {key: _finite(value) for key, value in payload.model_dump(mode="json").items()}


def _finite(value: JsonValue) -> JsonValue:
    match value:
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case dict():
            return {key: _finite(inner) for key, inner in value.items()}
        case list():
            return [_finite(inner) for inner in value]
        case _:
            return value


@dataclass
class Chain:
    """Checks lines one after the other. ``file`` is only named in errors."""

    file: str
    seq: int = -1
    """Number of the last accepted line, counted from 0; people count lines from 1."""
    last: str = field(default_factory=lambda: digest(b""))
    """SHA-256 of the last accepted line."""
    writer: str = ""
    """Version of the Rollcall that created the run."""

    def accept(self, line: bytes) -> Event:
        """The event on the next line. Raises JournalError that names the line."""
        number = self.seq + 2
        event = self._parse(line, number)
        if event.prev != self.last:
            raise JournalError(f"{self._broken(number)}; {RESTORE}.")
        if event.seq != self.seq + 1:
            raise JournalError(
                f"{self.file} line {number} has number {event.seq} where {self.seq + 1} is expected: "
                f"lines are missing or foreign; {RESTORE}."
            )
        event = self._checked(event, number)
        self.seq = event.seq
        self.last = digest(line)
        return event

    def _parse(self, line: bytes, number: int) -> Event:
        kind = _KIND.match(line)
        payload = PAYLOADS.get(kind[1].decode()) if kind is not None else None
        if payload is not None:
            with suppress(ValidationError):  # the slow way below says what is wrong
                return payload.scope.model_validate_json(line)
        try:
            return Event.model_validate(json.loads(line))
        except (ValueError, RecursionError):
            raise JournalError(
                f"{self.file} line {number} is not an event, so it is damaged or foreign; {RESTORE}."
            ) from None

    def _broken(self, number: int) -> str:
        if number == 1:
            return f"{self.file} line 1 is not the first line of a run: it was changed, or lines are missing"
        return (
            f"{self.file} line {number - 1} was changed after it was written, or lines after it are missing "
            f"(its SHA-256 is not the one in line {number})"
        )

    def _checked(self, event: Event, number: int) -> Event:
        """The event, if this version knows its type and it says what that is about. Raises JournalError."""
        try:
            payload = event.payload
        except (KeyError, ValidationError):
            writer = f"Rollcall {self.writer}" if self.writer else "another version of Rollcall"
            raise JournalError(
                f"{self.file} line {number} holds a {event.type!r} event that this version does not know: "
                f"it was written by {writer} (use that one for this run), or the line is damaged."
            ) from None
        try:
            scoped = event.scoped()
        except ValidationError as error:
            missing = " or ".join(str(flaw["loc"][0]) for flaw in error.errors())
            raise JournalError(
                f"{self.file} line {number} holds a {event.type!r} event without its {missing}, "
                f"so it is damaged or foreign; {RESTORE}."
            ) from None
        self.writer = self.writer or str(getattr(payload, "version", ""))
        return scoped


@dataclass(frozen=True, slots=True)
class Head:
    """What ``events.head`` vouches for: line number (from 0) and SHA-256."""

    seq: int
    sha256: str

    def encode(self) -> bytes:
        """Fixed width, so that it is written over in place."""
        return f"{self.seq:016d} {self.sha256}\n".encode("ascii")

    @classmethod
    def parse(cls, data: bytes, file: str) -> Head | None:
        """None for a head that was never filled (a power cut may leave zeros). Raises JournalError."""
        if not data.strip(b"\0"):
            return None
        match = _HEAD_LINE.fullmatch(data)
        if match is None:
            raise JournalError(
                f"{file} is damaged; compare the journal beside it with a copy, then delete {file}."
            )
        return cls(int(match[1]), match[2].decode("ascii"))
