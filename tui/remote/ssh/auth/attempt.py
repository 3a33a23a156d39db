"""One login under way: what the node still accepts, what was tried, and what stood in the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tui.remote.ssh.auth.dialogue import Dialogue, Verdict
from tui.remote.ssh.auth.wire import Reader
from tui.remote.ssh.endpoint import Endpoint
from tui.text.sanitize import sanitize_line

# systemd's words (pam_nologin). They come once the password was found right: it is no verdict on that.
_NOBODY_NOW = re.compile(r"not permitted to log in|pam_nologin")


class NobodyNowError(Exception):
    """The node is starting or going down and lets only root in: later it may."""


class GivenUpError(Exception):
    """A person does not want to go on, or nobody is there to answer; the text says so in a few words."""


@dataclass
class Attempt:
    """``tell`` hears what the login waits for. ``wrong`` counts what was typed, or remembered, and refused:
    after NumberOfPasswordPrompts of them nothing more is offered, by whatever method, so that three slips
    lock nobody out who would be locked out after four. ``unjudged``: what was typed, and the node has not
    said yet whether it is right.
    """

    dialogue: Dialogue
    endpoint: Endpoint
    tell: Callable[[str], None]
    allowed: tuple[str, ...] = ()
    tried: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wrong: int = 0
    unjudged: str = ""
    by_person: bool = False
    given_up: bool = False
    said_wrong: str = ""
    statement: str = ""

    def judged(self, answer: Verdict | Reader) -> bool:
        """Whether a proof was right; what may come next is noted."""
        if not isinstance(answer, Verdict):
            raise ValueError("it asks something in place of a verdict")
        self.allowed = answer.methods
        self.unjudged = ""
        return answer.accepted or answer.partial

    def refused(self, what: str) -> None:
        """It was wrong, as far as that can be known of several answers."""
        self.wrong += 1
        self.said_wrong = what

    @property
    def said(self) -> str:
        """What the node has said without asking, since its greeting."""
        text = self.statement or (self.dialogue.banner or b"").decode("utf-8", "replace")
        return " ".join(sanitize_line(text, 300).split())

    @property
    def nobody_now(self) -> bool:
        """Whether the node says that it is starting or going down, and lets only root in."""
        return _NOBODY_NOW.search(self.said) is not None

    def give_up(self, error: GivenUpError) -> None:
        """A person can be asked again once they connect anew."""
        self.given_up = True
        self.note(str(error))

    def note(self, words: str) -> None:
        """Something that stood in the way; said once."""
        if words not in self.notes:
            self.notes.append(words)

    @property
    def may_type(self) -> bool:
        """Whether another password or answer may be wrong."""
        return self.wrong < self.endpoint.login.prompts

    @property
    def retry_lines(self) -> tuple[str, ...]:
        """What a person should know who is asked again."""
        if not self.wrong:
            return ()
        return (
            f"{self.endpoint.where} refused that. Try {self.wrong + 1} of {self.endpoint.login.prompts}.",
        )
