"""The confirm of an ordinary step: what is done where, what goes away, how to undo it. Focus is on No."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button
from typing_extensions import override

from tui.console.dialogs.base import Dialog, Frame
from tui.console.dialogs.stale import offer_changed
from tui.console.look.marks import abort_words
from tui.console.view.text import two_columns
from tui.console.widgets.plain import Plain
from tui.model.intents import ConfirmStep, DeclineStep, Intent
from tui.model.run import Offer
from tui.model.steps import StepName
from tui.model.verdict import REHEARSAL
from tui.text.durations import age, since
from tui.text.sanitize import paragraph, sanitize_line


def offer_rows(offer: Offer, now: datetime) -> list[tuple[str, str]]:
    """The facts of an offer, as (word, safe text)."""
    said = offer.offered
    gate_text = sanitize_line(said.gate, 300) or "not asked"
    if not gate_text.startswith("not asked"):
        gate_text += f"; asked {age(since(offer.time, now))} ago"
    return [
        ("node", sanitize_line(offer.node, 80)),
        ("where", sanitize_line(said.target, 120)),
        ("command", paragraph(said.command, 12)),
        ("unavailable", paragraph(said.unavailable, 4) or "nothing"),
        ("gate", gate_text),
        ("abort", f"aborting it {abort_words(said.abort_class)}"),
        ("undo", paragraph(said.undo, 4) or "nothing to undo"),
        *([("why now", paragraph(said.reason, 4))] if said.reason else []),
        *(("note", paragraph(notice, 4)) for notice in said.notices),
    ]


def does(offer: Offer) -> str:
    """What a yes does: packages that are there already are not built again."""
    copies = offer.step is StepName.PACKAGES and offer.offered.command.startswith("copy ")
    return "copy packages" if copies else offer.step.does


class ConfirmDialog(Dialog[Intent]):
    """Shows one offer that a ``y`` confirms."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", show=False),
        Binding("n", "no", "No", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, offer: Offer, now: Callable[[], datetime], *, simulated: bool = False) -> None:
        self._offer, self._now = offer, now
        name = sanitize_line(offer.node, 40)
        super().__init__(
            f"{f'{REHEARSAL}: ' if simulated else ''}Confirm {offer.step.words} on {name}",
            hint="y yes · n no, pause here · esc back, decide later",
            stale=offer_changed(offer.offered.token),
        )

    @override
    def compose(self) -> ComposeResult:
        with Frame(wide=True):
            yield Plain(id="facts")
            with Horizontal(classes="buttons"):
                yield Button(Content("No, pause here"), id="no", compact=True)
                yield Button(Content(f"Yes, {does(self._offer)}"), id="yes", compact=True)

    @on(events.Mount)
    def _focus_no(self) -> None:
        self.query_one("#no").focus()
        self._draw()
        self.set_interval(1.0, self._draw)

    def _draw(self) -> None:
        rows = offer_rows(self._offer, self._now())
        self.query_one("#facts", Plain).show(two_columns(rows, self.glyphs, self.room), rows=True)

    @on(Button.Pressed, "#yes")
    def action_yes(self) -> None:
        """Confirm the step."""
        self.dismiss(ConfirmStep(token=self._offer.offered.token))

    @on(Button.Pressed, "#no")
    def action_no(self) -> None:
        """Decline: the run pauses."""
        self.dismiss(DeclineStep(token=self._offer.offered.token))
