"""Asking a person for a password or passphrase, which goes to the connection and nowhere else."""

from __future__ import annotations

import getpass
import os

from tui.text.sanitize import sanitize


def ask_secret(prompt: str) -> str | None:
    """What is typed on the controlling terminal without echo; None when there is no terminal or no answer."""
    # the words may be a node's own
    shown = " ".join(sanitize(prompt).split()).encode("ascii", "backslashreplace").decode()
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        return getpass.getpass(f"{shown.rstrip(': ')}: ") or None
    except (OSError, EOFError, UnicodeError):  # the last one: typed bytes that are no text here
        return None
