"""What makes screens the same everywhere: the time zone, no colour settings from outside."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.rigs.state import state

__all__ = ["state"]


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Oslo")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
