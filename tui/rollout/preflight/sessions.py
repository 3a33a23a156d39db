"""How many sessions sshd gives one connection: status, output and commands want one each, side by side."""

from __future__ import annotations

from tui.model.events import PreflightResult
from tui.rollout.preflight.finding import passed, warning

SPARE = 3
"""Besides the status channel: the output that is followed, and two commands."""

NOT_KNOWN = ("the node cannot be judged", "check again")


def judge(spare: int) -> PreflightResult:
    """``spare``: how many there were, up to ``SPARE``, besides the status channel's."""
    if spare >= SPARE:
        return passed("sessions", "one connection gives as many sessions as are wanted")
    has = f"only {spare + 1} session{'s' if spare else ''}"
    return warning(
        "sessions",
        f"its sshd gives one connection {has}; Rollcall logs in again for the rest",
        "whatever a login asks for, a one-time code too, is asked for each time; if the node lets nobody in "
        "again, commands wait for each other or fail",
        f"raise MaxSessions in its sshd_config to at least {SPARE + 1}",
    )
