"""A person with the printed runbook and nothing else: types what is set as code, in order."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.rehearsal.client import wait_until

LIMIT = 60.0
OWN = "On your own machine"


@dataclass(frozen=True)
class Terminal:
    """What is typed in one terminal, box after box."""

    heading: str
    commands: tuple[str, ...]


def boxes(text: str) -> tuple[str, ...]:
    """The code of every box to tick; what stands below one is for another case."""
    lines = (line for line in text.splitlines() if line.startswith("- [ ] "))
    return tuple(code for line in lines for code in spans(line))


def spans(line: str) -> Iterator[str]:
    """Inline code as CommonMark has it."""
    for _, code in re.findall(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", line):
        padded = code.startswith(" ") and code.endswith(" ") and code.strip()
        yield code[1:-1] if padded else code


def sections(book: str) -> dict[str, str]:
    """Title to text."""
    return {part.split("\n", 1)[0]: part for part in re.split(r"^## ", book, flags=re.MULTILINE)[1:]}


def terminals(section: str) -> list[Terminal]:
    parts = re.split(r"^### ", section, flags=re.MULTILINE)[1:]
    return [Terminal(part.split("\n", 1)[0], boxes(part)) for part in parts]


def carry_out(section: str, back: Callable[[], object] = lambda: True) -> str:
    """Type it all; what was printed. On a machine the first command logs in, and the rest is typed there.

    ``back``: whether a machine that reboots in between is back.
    """
    said = ""
    for terminal in terminals(section):
        if terminal.heading == OWN:
            for command in terminal.commands:
                said += _typed(command, "")
        elif terminal.commands:
            login, *there = terminal.commands
            if "reboot" in terminal.heading:
                wait_until(back, "its return", LIMIT)
            said += _typed(login, "".join(f"{command}\n" for command in there))
    return said


def _typed(command: str, there: str) -> str:
    done = subprocess.run(
        ["sh", "-c", command], input=there, capture_output=True, text=True, check=False, timeout=LIMIT
    )
    return f"$ {command}\n{done.stdout}{done.stderr}"
