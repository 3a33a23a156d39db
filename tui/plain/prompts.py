"""Questions apart from the run's steps: a password, and whether a changed cluster file is agreed to."""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING

from tui.plain.terminal import Terminal
from tui.text.sanitize import ascii_line

if TYPE_CHECKING:
    from tui.rollout.options import Agree


def ask_secret(prompt: str) -> str | None:
    """What is typed on the controlling terminal without echo; None when there is no terminal or no answer."""
    # the words may be a node's own
    shown = ascii_line(prompt)
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        return getpass.getpass(f"{shown.rstrip(': ')}: ") or None
    except (OSError, EOFError, UnicodeError):  # the last one: typed bytes that are no text here
        return None


def agreement(terminal: Terminal) -> Agree:
    """Asks on the terminal: only the cluster's name, typed, is a yes."""

    async def agree(cluster: str, changes: tuple[str, ...]) -> bool:
        terminal.remark("The cluster file has changed since this run began:")
        for line in changes:
            terminal.remark(f"  {line}")
        question = f"Type {cluster} to agree to that, Enter to go on with the old: "
        return await terminal.ask(question) == cluster

    return agree
