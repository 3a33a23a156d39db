from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.plain.terminals import TerminalProcess, rollcall
from tests.rigs.state import state

__all__ = ["state"]

Open = Callable[..., TerminalProcess]


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
