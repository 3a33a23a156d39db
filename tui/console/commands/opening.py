"""The confirm of what is offered opens by itself, when the person has eyes and hands for it."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.widgets import Input

from tui.console.dialogs.base import clock
from tui.console.hands import REST_BEFORE_OPENING_S, hands
from tui.console.view_model import ViewModel
from tui.model.run import Run
from tui.model.states import RunStatus
from tui.rollout.decisions.next_action import waits_for_confirm


class SelfOpening:
    """Which offer a person has put away, and whether the one that stands is to be shown now."""

    def __init__(self) -> None:
        self._put_away = ""

    def put_away(self, token: str) -> None:
        """This offer is shown again only when it is asked for."""
        self._put_away = token

    def is_put_away(self, run: Run) -> bool:
        """A person has seen what is offered now, and has put it away."""
        return run.offer is not None and run.offer.offered.token == self._put_away

    def wanted(self, model: ViewModel) -> bool:
        """Something is offered that nobody has put away."""
        run, engine = model.run, model.engine
        if run.offer is None or run.status is not RunStatus.RUNNING or not waits_for_confirm(run):
            return False
        return not (self.is_put_away(run) or engine.read_only or engine.broken)

    def due(self, model: ViewModel, app: App[Any]) -> bool:
        """Not over a line that is being typed, and not before hands rest; asked with the board in front."""
        if not self.wanted(model):
            return False
        typing = isinstance(app.focused, Input)
        return not typing and clock(app) - hands(app).last >= REST_BEFORE_OPENING_S
