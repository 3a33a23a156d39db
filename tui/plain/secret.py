"""Asking a person for a password or passphrase, which goes to the connection and nowhere else."""

from __future__ import annotations

import getpass
import os


def ask_secret(prompt: str) -> str | None:
    """What is typed on the controlling terminal without echo; None when there is no terminal or no answer."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        return getpass.getpass(f"{prompt.rstrip(': ')}: ") or None
    except (OSError, EOFError):
        return None
