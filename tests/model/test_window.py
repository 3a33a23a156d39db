"""The maintenance window over midnight and over a change of clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tui.model.window import Window

OSLO = Window.model_validate({"start": "22:00", "end": "04:00", "zone": "Europe/Oslo"})


@pytest.mark.parametrize(
    ("now", "length"),
    [
        ("2026-01-10T21:30:00+00:00", 6),
        ("2026-01-11T01:00:00+00:00", 6),  # after midnight: still last night's window
        ("2026-03-29T00:30:00+00:00", 5),  # clocks go forward in this night
        ("2026-10-25T00:30:00+00:00", 7),  # clocks go back in this night
    ],
)
def test_length_is_what_the_wall_clock_gives(now: str, length: int) -> None:
    window = OSLO.current(datetime.fromisoformat(now))
    assert window is not None
    assert window[1] - window[0] == timedelta(hours=length)


def test_closed_by_day_and_opens_in_the_evening() -> None:
    noon = datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert OSLO.current(noon) is None
    assert OSLO.next_start(noon) == datetime(2026, 6, 1, 20, tzinfo=UTC)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.integers(0, 23), st.integers(0, 23))
def test_now_lies_in_the_window_that_is_current(now: datetime, start: int, end: int) -> None:
    if start == end:
        end = (end + 1) % 24
    window = Window.model_validate({"start": f"{start:02}:00", "end": f"{end:02}:00", "zone": "Europe/Oslo"})
    aware = now.replace(tzinfo=UTC)
    current = window.current(aware)
    if current is None:
        assert window.next_start(aware) > aware
    else:
        assert current[0] <= aware < current[1]


ZONES = ("Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns", "UTC")
clock = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), clock, clock, st.sampled_from(ZONES))
def test_the_next_start_is_where_a_window_begins(now: datetime, start: str, end: str, zone: str) -> None:
    assume(start != end)
    window = Window.model_validate({"start": start, "end": end, "zone": zone})
    aware = now.replace(tzinfo=UTC)
    opens = window.next_start(aware)
    assert aware < opens <= aware + timedelta(hours=49.5)
    current = window.current(opens)
    assert current is not None, "it was announced, and is not there"
    assert current[0] == opens
    assert timedelta(0) < current[1] - current[0] < timedelta(hours=25)
    assert window.current(opens - timedelta(seconds=1)) in (None, window.current(aware))


@pytest.mark.parametrize(
    ("start", "end", "night", "hours"),
    [
        ("02:30", "03:00", "2026-03-29", None),  # jumped over in this night
        ("02:30", "04:30", "2026-03-29", 1.0),
        ("01:30", "02:30", "2026-03-29", 1.0),  # its end is jumped over: an hour as the clock before has it
        ("01:30", "02:30", "2026-10-25", 1.0),  # 02:30 comes twice: the first one ends it
        ("02:30", "03:30", "2026-10-25", 2.0),
        ("23:30", "00:30", "2026-10-24", 1.0),
    ],
)
def test_a_window_at_the_very_change_of_clocks(start: str, end: str, night: str, hours: float | None) -> None:
    window = Window.model_validate({"start": start, "end": end, "zone": "Europe/Oslo"})
    midnight = datetime.fromisoformat(f"{night}T00:00:00").replace(tzinfo=ZoneInfo("Europe/Oslo"))
    opens = window.next_start(midnight.astimezone(UTC))
    if hours is None:
        assert opens.astimezone(ZoneInfo("Europe/Oslo")).date() > midnight.date()
        return
    current = window.current(opens)
    assert current is not None
    assert opens.astimezone(ZoneInfo("Europe/Oslo")).date() == midnight.date()
    assert current[1] - current[0] == timedelta(hours=hours)
