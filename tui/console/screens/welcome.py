"""What stands on the screen until the run is open, and when it cannot be opened."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from typing_extensions import override

from tui.console.look.glyphs import Glyphs
from tui.console.widgets.plain import Plain
from tui.text.sanitize import paragraph, sanitize_line


class WelcomeScreen(Screen[None]):
    """The first paint: it must need nothing that takes time to load."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,escape,ctrl+q,ctrl+c", "leave", "Quit", show=False)]

    def __init__(self, title: str, glyphs: Glyphs) -> None:
        super().__init__()
        self._title, self._glyphs = sanitize_line(title, 200), glyphs

    @override
    def compose(self) -> ComposeResult:
        with Vertical(id="welcome"):
            yield Plain(
                Content.assemble(("Rollcall", "bold $ink-accent"), "  ", (self._title, "bold $ink-strong"))
            )
            yield Plain(Content.styled(self._glyphs.plain("connecting …"), "$ink-quiet"), id="doing")
            yield Plain(Content.styled("q quit", "$ink-quiet"), id="hint")

    def action_leave(self) -> None:
        """Quit before anything is open."""
        self.app.exit()


class FailedScreen(Screen[None]):
    """Why the run could not be opened, and the exit code that any key leaves with."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,escape,enter,space,ctrl+q,ctrl+c", "leave", "Leave", show=False)
    ]

    def __init__(self, sentence: str, code: int, glyphs: Glyphs) -> None:
        super().__init__()
        self._sentence, self._code, self._glyphs = sentence, code, glyphs

    @override
    def compose(self) -> ComposeResult:
        with Vertical(id="welcome", classes="-failed"):
            yield Plain(Content.styled(f"{self._glyphs.bad} Rollcall cannot start", "bold $ink-bad"))
            yield Plain(Content(self._glyphs.plain(paragraph(self._sentence))), id="doing")
            yield Plain(Content.styled(f"q leaves with exit code {self._code}", "$ink-quiet"), id="hint")

    def action_leave(self) -> None:
        """Leave with the code."""
        self.app.exit(self._code)
