"""One line from a person: a reason, a node's name, a password, a note."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input
from typing_extensions import override

from tui.console.dialogs.base import Dialog, Frame
from tui.console.dialogs.stale import StaleCheck
from tui.console.widgets.plain import Plain
from tui.text.sanitize import sanitize_line

if TYPE_CHECKING:
    from tui.remote import Question

LONGEST = 1000


class EntryDialog(Dialog[str]):
    """Asks for one line; an answer that ``refuse`` finds fault with stays in the dialog with the reason."""

    def __init__(
        self,
        title: str,
        question: Content,
        *,
        refuse: Callable[[str], str] = lambda text: "" if text else "write a few words",
        masked: bool = False,
        stale: StaleCheck | None = None,
    ) -> None:
        super().__init__(title, hint="enter done · esc back · f1 help", stale=stale)
        self._question, self._refuse, self._masked = question, refuse, masked
        self.any_speed = masked
        """Passwords and codes may come from a device, which types faster than hands."""

    @override
    def compose(self) -> ComposeResult:
        with Frame():
            yield Plain(self._question, id="question")
            yield Input(password=self._masked, placeholder="type here", id="entry", max_length=LONGEST)
            yield Plain(id="refused")

    @on(events.Mount)
    def _focus_entry(self) -> None:
        self.query_one("#refused").display = False
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        text = event.value if self._masked else event.value.strip()
        if reason := self._refuse(text):
            refused = self.query_one("#refused", Plain)
            refused.display = True
            refused.show(Content.styled(self.glyphs.plain(reason), "$ink-warn"))
            return
        self.dismiss(text)


def reason_dialog(title: str, why: str, stale: StaleCheck | None = None) -> EntryDialog:
    """Asks why; the answer goes into the journal with the operator's name."""
    question = Content.assemble(
        why, "\n", ("The reason is kept in the journal with your name.", "$ink-quiet")
    )
    return EntryDialog(title, question, stale=stale)


def name_dialog(title: str, name: str, meaning: str, stale: StaleCheck | None = None) -> EntryDialog:
    """Asks for a name (a node's, or ``node/thing``), for what must not happen by a slip of a finger."""
    question = Content.assemble(
        meaning, "\n\nType ", (sanitize_line(name, 80), "bold $ink-accent"), " to go on, or press esc."
    )

    def refuse(text: str) -> str:
        return "" if text == name else f"that is not {sanitize_line(name, 80)}"

    return EntryDialog(title, question, refuse=refuse, stale=stale)


def agree_dialog(cluster: str, changes: tuple[str, ...]) -> EntryDialog:
    """Asks for the cluster's name, for a cluster file that has changed since the run began."""
    lines = "\n".join(sanitize_line(line, 300) for line in changes)
    meaning = f"{lines}\n\nesc continues with what the run began with."
    return name_dialog("The cluster file has changed since this run began", cluster, meaning)


def question_dialog(question: Question) -> EntryDialog:
    """Asks what a connecting thread wants to know; what is typed unseen is kept in memory only."""
    lines = "".join(f"{sanitize_line(line, 300)}\n" for line in question.lines)
    words = Content.assemble(f"{lines}\n" if lines else "", sanitize_line(question.prompt, 300))
    if question.hidden:
        words = Content.assemble(
            words, "\n", ("Kept in memory for this session, written nowhere.", "$ink-quiet")
        )
    return EntryDialog(
        sanitize_line(question.title, 60), words, refuse=question.refuse, masked=question.hidden
    )
