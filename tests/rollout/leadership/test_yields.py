"""Of two consoles that begin at once never both give way."""

from __future__ import annotations

import math
import time
from types import SimpleNamespace
from typing import cast

from hypothesis import example, given
from hypothesis import strategies as st

from tui.remote import ClaimAnswer
from tui.remote.claim import ClaimRecord
from tui.rollout.leadership.claim import Claim, yields

AGES = st.floats(0, 25)
LATE = st.floats(0, 4)


def held_by(console: str, age: float) -> ClaimAnswer:
    """A node's whole seconds may be up to one more than has passed."""
    return ClaimAnswer(
        "held", now=math.ceil(age) + 1000, holder=ClaimRecord(id=console, owner={}, since=1000)
    )


def claimed(asked_ago: float) -> Claim:
    """A claim that lies somewhere, or is on its way."""
    return cast(
        Claim, SimpleNamespace(asked=True, asked_at=time.monotonic() - asked_ago, other=None, answer=None)
    )


def refused() -> Claim:
    return cast(Claim, SimpleNamespace(asked=True, asked_at=time.monotonic() - 5, other=held_by("b", 1)))


@given(AGES, LATE, AGES, LATE)
@example(3.0, 3.0, 0.0, 0.0)
def test_never_both_give_way(mine: float, late: float, theirs: float, late_too: float) -> None:
    """Each asked ``late`` seconds before its claim was noted on the node."""
    one = yields([claimed(mine + late), refused()], "a", held_by("b", theirs), leads=False)
    other = yields([claimed(theirs + late_too), refused()], "b", held_by("a", mine), leads=False)
    assert one or other


def test_who_has_nothing_gives_way() -> None:
    assert yields([refused()], "a", held_by("b", 1), leads=False) == 0
