"""When the person last pressed a key: a question opens by itself only over hands that rest."""

from __future__ import annotations

from typing import Any

from textual.app import App

REST_BEFORE_OPENING_S = 0.5
"""Seconds without a key before a dialog opens by itself: what is typed on is meant for the board."""


class Hands:
    """The console's one note of what was typed when, on the app's clock."""

    def __init__(self) -> None:
        self.last = float("-inf")
        """When the last key was pressed."""

    def heard(self, at: float) -> None:
        """A key was pressed."""
        self.last = max(self.last, at)


def hands(app: App[Any]) -> Hands:
    """The app's; a bare app has hands that always rest."""
    found: Hands = getattr(app, "hands", None) or Hands()
    return found
