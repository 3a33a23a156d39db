"""What a node asks by keyboard-interactive: read with care, told from the login password, put to a person."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tui.remote.options import Question
from tui.remote.ssh.auth.wire import Reader
from tui.remote.ssh.endpoint import Endpoint
from tui.text.sanitize import sanitize, sanitize_line

_MOST_PROMPTS = 16
_MOST_LINES = 12
_LONGEST = 200
# To the letter: whatever else stands there may mean a code, a token, another password or a new one.
_LOGIN = r"(?:[Pp]assword(?: for {user}(?:@[\w.-]+)?)?|{user}(?:@[\w.-]+)?'s [Pp]assword)\s*:"
_OTHER = re.compile(
    r"one.?time|otp|token|code|factor|pin\b|challenge|response|new|current|old|change|ldap|radius|kerberos",
    re.IGNORECASE,
)
_NEW = re.compile(r"\b(?:new|retype|re-enter)\b.*password", re.IGNORECASE)


@dataclass(frozen=True)
class Prompt:
    """One question. ``shown``: what is typed may be seen."""

    text: str
    shown: bool


@dataclass(frozen=True)
class Round:
    """What a node asks at once; may be nothing, and then only says something."""

    title: str
    instructions: str
    prompts: tuple[Prompt, ...]

    @property
    def lines(self) -> list[str]:
        """What stands above the questions."""
        text = sanitize(f"{self.title[:1000]}\n{self.instructions[:4000]}")
        return [sanitize_line(line, _LONGEST) for line in text.splitlines() if line.strip()][:_MOST_LINES]

    def wants_password(self, prompt: Prompt, user: str) -> bool:
        """Whether it is the login password, and nothing else, that ``prompt`` asks for."""
        # sshd puts what PAM has to say, line by line, before the question that comes next.
        before, _, last = prompt.text.rstrip().rpartition("\n")
        said = f"{self.title}\n{self.instructions}\n{before}"
        exact = re.fullmatch(_LOGIN.format(user=re.escape(user)), last.strip())
        return exact is not None and not prompt.shown and not _OTHER.search(said)


def read_round(message: Reader) -> Round:
    """The questions of a message. Raises ValueError for nonsense."""
    title, instructions, _ = message.text(), message.text(), message.text()
    number = message.number()
    if number > _MOST_PROMPTS:
        raise ValueError(f"it asks {number} questions at once")
    prompts = tuple(Prompt(message.text(), message.byte() != 0) for _ in range(number))
    return Round(title, instructions, prompts)


def wants_new_password(prompt: Prompt) -> bool:
    """Whether it asks for a password that is to hold from now on."""
    return _NEW.search(prompt.text) is not None


def to_person(endpoint: Endpoint, asked: Round, prompt: Prompt, before: tuple[str, ...]) -> Question:
    """The question as a person is shown it: that the node asks it, and no other, is said before its words."""
    words = [line.strip() for line in sanitize(prompt.text[-4000:]).splitlines() if line.strip()] or ["?"]
    lines = [*before, *asked.lines, *(sanitize_line(line, _LONGEST) for line in words[:-1][-_MOST_LINES:])]
    if wants_new_password(prompt):
        lines.append(
            f"{endpoint.where} demands a new password for {endpoint.user}: what is typed is set there."
        )
    shown = sanitize_line(words[-1], _LONGEST).rstrip()
    return Question(
        f"{endpoint.where} asks {endpoint.user}: {shown} ",
        hidden=not prompt.shown,
        lines=tuple(lines),
        title=f"Question of {endpoint.jump_name or endpoint.node}",
    )
