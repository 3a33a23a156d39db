"""Somebody to ask: the same answers for ssh(1), through SSH_ASKPASS, and for Rollcall."""

from __future__ import annotations

import re
import threading
from dataclasses import asdict
from pathlib import Path

from tests.agreement.row import Person
from tui.remote import Question

_KINDS = {
    "contact": "fingerprint|continue connecting",
    "code": "one-time|verification|code",
    "passphrase": "passphrase|PIN",
    "password": "password",
}
"""What a prompt asks for: the first of these that fits (extended regular expressions, case aside)."""

_SCRIPT = """#!/bin/sh
kind=code
%(choose)s
cd '%(directory)s' || exit 1
printf '%%s\\n' "$*" | tr '\\n' ' ' >> asked
echo >> asked
echo >> "times.$kind"
times=$(wc -l < "times.$kind")
[ -s "answers.$kind" ] || exit 1
lines=$(wc -l < "answers.$kind")
[ "$times" -le "$lines" ] || times=$lines
sed -n "${times}p" "answers.$kind"
"""


class AskPass:
    """A program that ssh(1) asks in place of a terminal."""

    def __init__(self, directory: Path, person: Person) -> None:
        directory.mkdir()
        self._asked = directory / "asked"
        for kind, answers in asdict(person).items():
            (directory / f"answers.{kind}").write_text("".join(f"{answer}\n" for answer in answers))
        choices = [
            f'{"el" if number else ""}if printf %s "$*" | grep -Eqi "{pattern}"; then kind={kind}'
            for number, (kind, pattern) in enumerate(_KINDS.items())
        ]
        script = _SCRIPT % {"choose": "\n".join([*choices, "fi"]), "directory": directory}
        program = directory / "askpass"
        program.write_text(script)
        program.chmod(0o700)
        self.environment = {
            "SSH_ASKPASS": str(program),
            "SSH_ASKPASS_REQUIRE": "force",
            "DISPLAY": "none:0",
        }

    @property
    def asked(self) -> tuple[str, ...]:
        """The prompts so far."""
        return tuple(self._asked.read_text().splitlines()) if self._asked.exists() else ()


class Asked:
    """The same person before Rollcall; called from its threads."""

    def __init__(self, person: Person) -> None:
        self._answers = asdict(person)
        self._times: dict[str, int] = {}
        self._lock = threading.Lock()
        self.prompts: list[str] = []

    def __call__(self, question: Question) -> str | None:
        """What is typed in the end, as a front end gives it: what is no answer is asked again at once."""
        text = " ".join([*question.lines, question.prompt])
        typed = self._answer(text)
        while typed is not None and question.refuse(typed):
            again = self._answer(text)
            if again == typed:  # the person knows no other
                return None
            typed = again
        return typed

    def _answer(self, text: str) -> str | None:
        """The next answer to a prompt of this kind; None where the person has none."""
        kind = next((kind for kind, sign in _KINDS.items() if re.search(sign, text, re.IGNORECASE)), "code")
        with self._lock:
            self.prompts.append(" ".join(text.split()))
            times = self._times[kind] = self._times.get(kind, 0) + 1
            answers = self._answers[kind]
            return answers[min(times, len(answers)) - 1] if answers else None
