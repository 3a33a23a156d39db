"""A state directory, in which a command may leave a simulated cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.rehearsal import Rehearsal


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state directory; simulated clusters that are left in it are destroyed."""
    directory = tmp_path / "state"
    yield directory
    for place in (directory / "demo", *directory.glob("rehearsals/*")):
        if (rehearsal := Rehearsal.attach(place)) is not None:
            rehearsal.destroy()
