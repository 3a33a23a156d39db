"""What a person is told when the console itself breaks."""

from __future__ import annotations

import traceback
from pathlib import PurePath


def crash_sentence(error: Exception) -> str:
    """One sentence with the place, and that nothing is lost by it."""
    where = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {PurePath(where[0].filename).name}:{where[0].lineno}" if where else ""
    return (
        f"The console stopped because of an error of its own: {type(error).__name__}{place}. "
        "What runs on a node continues there; start Rollcall again to resume the run."
    )
