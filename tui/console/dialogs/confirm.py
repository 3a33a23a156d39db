"""The confirm: where, what exactly, what goes away, what the gate saw, and how to undo it. Focus is on No."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Input
from typing_extensions import override

from tui.console.dialogs.base import Dialog, Frame
from tui.console.look.marks import abort_words
from tui.console.view.text import two_columns
from tui.console.widgets.plain import Plain
from tui.model.run import Offer, Run
from tui.model.states import Confirm
from tui.model.verdict import REHEARSAL
from tui.text.durations import age, since
from tui.text.sanitize import paragraph, sanitize_line

Answer = tuple[Literal["yes", "no"], str]
"""Yes or no, and what was typed."""


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


class ConfirmDialog(Dialog[Answer]):
    """Shows one offer. ``y`` confirms an ordinary step; others need the node's name."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", show=False),
        Binding("n", "no", "No", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, offer: Offer, now: Callable[[], datetime], *, simulated: bool = False) -> None:
        self._offer, self._now = offer, now
        self._typed_wanted = offer.offered.confirm is Confirm.TYPE_NAME
        token = offer.offered.token

        def stale(run: Run) -> str:
            if run.status.final:
                return "the run has ended meanwhile, so nothing was confirmed"
            same = run.offer is not None and run.offer.offered.token == token
            return "" if same else "what was offered has changed meanwhile, so nothing was confirmed"

        hint = "type the name, then enter" if self._typed_wanted else "y yes · n no, pause here"
        name = sanitize_line(offer.node, 40)
        super().__init__(
            f"{f'{REHEARSAL}: ' if simulated else ''}Confirm {offer.step.words} on {name}",
            hint=f"{hint} · esc back, decide later",
            stale=stale,
        )

    @override
    def compose(self) -> ComposeResult:
        with Frame(wide=True):
            yield Plain(id="facts")
            if self._typed_wanted:
                yield Plain(
                    Content.assemble(
                        "This needs more than a key. Type ",
                        (sanitize_line(self._offer.node, 80), "bold $ink-accent"),
                        ":",
                    ),
                    classes="question",
                )
                yield Input(placeholder="type here", id="typed", select_on_focus=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("No, pause here"), id="no", compact=True)
                yield Button(Content(f"Yes, {self._offer.step.words}"), id="yes", compact=True)

    @on(events.Mount)
    def _focus_no(self) -> None:
        self.query_one("#no").focus()
        self._draw()
        self.set_interval(1.0, self._draw)

    def _draw(self) -> None:
        rows = offer_rows(self._offer, self._now())
        self.query_one("#facts", Plain).show(two_columns(rows, self.glyphs, self.room))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where the name is typed, letters belong to the name."""
        return not (self._typed_wanted and action in ("yes", "no"))

    def on_key(self, event: events.Key) -> None:
        """Letters typed while No has the focus go to the name, so focus can rest on No."""
        if isinstance(self.focused, Input):
            return
        if self._typed_wanted and event.is_printable and event.character:
            typed = self.query_one("#typed", Input)
            typed.focus()
            typed.insert_text_at_cursor(event.character)
            event.stop()

    def action_yes(self) -> None:
        """Confirm an ordinary step."""
        self.dismiss(("yes", ""))

    @on(Button.Pressed, "#no")
    def action_no(self) -> None:
        """Decline: the run pauses."""
        self.dismiss(("no", ""))

    @on(Button.Pressed, "#yes")
    @on(Input.Submitted)
    def _yes_pressed(self) -> None:
        if not self._typed_wanted:
            self.dismiss(("yes", ""))
            return
        typed = self.query_one("#typed", Input)
        if typed.value.strip() == self._offer.node:
            self.dismiss(("yes", typed.value.strip()))
        else:
            frame = self.query_one("#dialog")
            frame.border_subtitle = Content(
                f"that is not {sanitize_line(self._offer.node, 40)}: nothing was confirmed"
            )
            typed.focus()
