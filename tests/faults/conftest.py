"""What several fault tests begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.scripted_engine import ScriptedRun
from tui.model.states import PauseMode


@pytest.fixture
def scripted() -> Iterator[ScriptedRun]:
    """A run on three scripted nodes with a cluster view; it waits for a person at every step."""
    run = ScriptedRun(
        ("n1", "n2", "n3"), allowed=1, view=True, reboot="if-needed", pause=PauseMode.EVERY_STEP
    )
    yield run
    run.close()
