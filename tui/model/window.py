"""The maintenance window: when new nodes may be started, in the cluster's own time zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from tui.model.change import Free
from tui.model.strict import StrictModel


def _clock(value: Any) -> time:
    match = re.fullmatch(r"(\d\d):(\d\d)", value) if isinstance(value, str) else None
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError('write a time of day such as "22:00"')
    return time(int(match[1]), int(match[2]))


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'{value!r} is not a time zone; write an IANA name such as "Europe/Oslo"') from None
    return value


ClockTime = Annotated[
    time,
    BeforeValidator(_clock),
    PlainSerializer(lambda clock: f"{clock:%H:%M}", when_used="json"),
    Field(json_schema_extra={"type": "string", "examples": ["22:00"]}),
]


class Window(StrictModel):
    """From ``start`` to ``end`` each day in ``zone``; an end before the start lies on the next day."""

    start: Free[ClockTime]
    end: Free[ClockTime]
    zone: Free[Annotated[str, AfterValidator(_zone)]]

    @model_validator(mode="after")
    def _not_empty(self) -> Window:
        if self.start == self.end:
            raise ValueError("start and end of the window are the same time")
        return self

    def current(self, now: datetime) -> tuple[datetime, datetime] | None:
        """The window (start, end in UTC) that ``now`` (aware) lies in, else None.

        Both ends are wall-clock times of the zone, so a night in which clocks change has the
        length that the wall clock gives it.
        """
        today = now.astimezone(ZoneInfo(self.zone)).date()
        for day in (today, today - timedelta(days=1)):
            start, end = self._on(day)
            if start <= now < end:
                return start, end
        return None

    def next_start(self, now: datetime) -> datetime:
        """When the next window opens (UTC). One that the clocks jump over in a night does not."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        nights = (self._on(today + timedelta(days=ahead)) for ahead in range(3))
        return next(start for start, end in nights if now < start < end)

    def _on(self, day: date) -> tuple[datetime, datetime]:
        zone = ZoneInfo(self.zone)
        last = day if self.end > self.start else day + timedelta(days=1)
        start = datetime.combine(day, self.start, zone)
        end = datetime.combine(last, self.end, zone)
        return start.astimezone(UTC), end.astimezone(UTC)
