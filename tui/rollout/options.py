"""How an operator wants a run to be opened, and who that is."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tui.model.states import PauseMode
from tui.remote import AskPerson

Agree = Callable[[str, tuple[str, ...]], Awaitable[bool]]
"""Shows a person what changed; True when they typed the cluster's name (the first argument)."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How the operator wants the run to be opened."""

    state_dir: Path
    front_end: str
    read_only: bool = False
    resume: bool = False
    """Take up the latest unfinished run; an error when there is none."""
    new: bool = False
    """Begin a new run even when an unfinished one exists; that one is canceled, if nothing of it is out."""
    simulated: bool = False
    """A rehearsal. Its nodes are as new as the run: what an earlier one took out is gone with its nodes."""
    not_simulated: tuple[str, ...] = ()
    """What the rehearsal cannot show, one sentence each."""
    pause: PauseMode | None = None
    nodes: str | None = None
    """Only these nodes; the others are skipped."""
    enforce: str | None = None
    """These nodes are installed again, whatever version they have: each is confirmed by its name."""
    ask_person: AskPerson | None = None
    agree: Agree | None = None
    """Asks a person to agree to a changed cluster file; None where no person can be asked."""


def who() -> str:
    """The operator as the journal names them: ``user@host``."""
    return f"{getpass.getuser()}@{socket.gethostname()}"
