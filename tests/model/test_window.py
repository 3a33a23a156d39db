"""The maintenance window over midnight and over a change of clocks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
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
