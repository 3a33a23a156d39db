"""The confirm of a critical step: in another frame and place, and typed from what it shows."""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Input
from typing_extensions import override

from tui.console.dialogs.base import Dialog, Frame
from tui.console.dialogs.confirm import does
from tui.console.dialogs.stale import offer_changed
from tui.console.look.marks import abort_words
from tui.console.view.text import two_columns
from tui.console.widgets.plain import Plain
from tui.model.intents import ConfirmStep, DeclineStep, Intent
from tui.model.run import Offer
from tui.model.verdict import REHEARSAL
from tui.rollout.interface import Reading
from tui.text.sanitize import paragraph, sanitize_line

RENEWED_EVERY_S = 0.5


class TypedInput(Input):
    """Takes what is typed: a paste was read by nobody."""

    def on_paste(self, event: events.Paste) -> None:
        """It goes no further."""
        event.prevent_default().stop()

    def action_paste(self) -> None:
        """Nor does what was copied here."""


class ReadingDialog(Dialog[Intent]):
    """Shows one offer with the gate's sample, always the newest: what was typed from another is gone."""

    def __init__(
        self, offer: Offer, read: Callable[[], Reading | None], *, serves: bool, simulated: bool = False
    ) -> None:
        """``serves``: the step is what takes the node out; ``read`` gives the sample as it is now."""
        self._offer, self._read, self._serves = offer, read, serves
        self._reading = read()
        self._renewed = ""
        name = sanitize_line(offer.node, 40)
        title = f"TAKES {name} OUT" if serves else f"{offer.step.words.upper()} {name}"
        super().__init__(
            f"{f'{REHEARSAL}: ' if simulated else ''}{title}",
            hint="enter yes, as typed · esc back, decide later",
            stale=offer_changed(offer.offered.token),
        )

    @override
    def compose(self) -> ComposeResult:
        with Frame(wide=True):
            yield Plain(id="facts")
            with Horizontal(classes="question"):
                yield Plain(id="asked")
                yield TypedInput(id="typed", select_on_focus=False, max_length=80)
            yield Plain(id="refused")
            with Horizontal(classes="buttons"):
                yield Button(Content("No, pause here"), id="no", compact=True)
                yield Button(Content(f"Yes, {does(self._offer)}"), id="yes", compact=True)

    @on(events.Mount)
    def _focus_typed(self) -> None:
        self._say("")
        self._typed.focus()
        self._draw()
        self.set_interval(RENEWED_EVERY_S, self.renew)

    @property
    def _typed(self) -> Input:
        return self.query_one("#typed", Input)

    def renew(self) -> bool:
        """Show the sample as it is now; True when it says something else than the one before."""
        before, self._reading = self._reading, self._read() or self._reading
        after = self._reading
        self._draw()
        if before is None or after is None or (before.value, before.down) == (after.value, after.down):
            return False
        self._typed.value = ""
        self._renewed = f"it was {before.active} of {before.peers} before: read it again"
        self._say(self._renewed)
        return True

    def _draw(self) -> None:
        rows = two_columns(list(self._rows()), self.glyphs, self.room)
        self.query_one("#facts", Plain).show(rows, rows=True)
        reading = self._reading
        if reading is not None:
            named = "name" if reading.word == reading.node else "digits"
            self.query_one("#asked", Plain).show(Content(f"Type node {named} + active peers:"))
            self._typed.placeholder = f"{sanitize_line(reading.word, 16)} _"

    def _rows(self) -> list[tuple[str, str]]:
        said, name, reading = self._offer.offered, sanitize_line(self._offer.node, 40), self._reading
        out = f"{name} serves → {name} OUT" if self._serves else f"{name} is OUT"
        if reading is not None and self._serves:
            away = reading.peers - reading.active
            out += f", {away} of {reading.peers} others do not serve" if away else ", others keep serving"
        rows = [
            ("where", sanitize_line(said.target, 120)),
            ("command", paragraph(said.command, 8)),
            ("out", out),
            ("peers", sanitize_line(reading.seen, 200) if reading is not None else "not known"),
            ("lost", paragraph(said.unavailable, 4) or "nothing"),
            ("abort", f"aborting it {abort_words(said.abort_class)}"),
            ("undo", paragraph(said.undo, 4) or "nothing to undo"),
        ]
        if reading is not None and reading.closed:
            rows.append(("gate closed", sanitize_line(reading.closed, 300)))
        rows += [("why now", paragraph(said.reason, 4))] if said.reason else []
        return rows + [("note", paragraph(notice, 4)) for notice in said.notices]

    def _say(self, words: str) -> None:
        line = self.query_one("#refused", Plain)
        line.display = bool(words)
        line.show(Content.styled(self.glyphs.plain(words), "$ink-warn"))

    @on(Button.Pressed, "#no")
    def _declined(self) -> None:
        self.dismiss(DeclineStep(token=self._offer.offered.token))

    @on(Button.Pressed, "#yes")
    @on(Input.Submitted)
    def _entered(self) -> None:
        """Compare with the sample as it is in this moment; the engine does so once more."""
        typed = self._typed.value
        self._typed.focus()
        if self.renew():
            return
        if self._reading is None or not self._reading.says(typed):
            self._typed.value = ""
            wrong = "that is not what stands here: nothing was confirmed, read it again"
            self._say(wrong if typed else self._renewed or "nothing was typed: read it, then type")
            return
        token, sample = self._offer.offered.token, self._reading.sample
        self.dismiss(ConfirmStep(token=token, typed=typed.strip(), sample=sample))
