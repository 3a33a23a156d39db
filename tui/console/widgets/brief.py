"""What lies ahead, in its frame, where the panes will be."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from tui.console.view.tonight import tonight
from tui.console.widgets.told import Told
from tui.rollout.interface import Advice


class Brief(Told):
    """Stands there until the first node is picked."""

    def draw(self, said: Advice, keys: Mapping[str, str]) -> None:
        """Show what is known now; ``keys`` has the key of each command by its id."""
        self.tell(Content.styled("Tonight", "bold $ink-strong"), tonight(self.model, said, keys, *self.room))
