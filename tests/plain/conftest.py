from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.plain.terminals import TerminalProcess, rollcall
from tui.rehearsal import Rehearsal

Open = Callable[..., TerminalProcess]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state directory; a simulated cluster that is left in it is destroyed."""
    directory = tmp_path / "state"
    yield directory
    rehearsal = Rehearsal.attach(directory / "demo")
    if rehearsal is not None:
        rehearsal.destroy()


@pytest.fixture
def terminal(state: Path) -> Iterator[Open]:
    """Opens a command in a terminal of its own."""
    opened: list[TerminalProcess] = []

    def open_one(*words: str) -> TerminalProcess:
        process = TerminalProcess(rollcall(*words, "--state-dir", str(state)))
        opened.append(process)
        return process

    yield open_one
    for process in opened:
        process.close()
