"""What one row gave, as it goes from a worker to the table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """``verdict`` is a `Verdict`, or "broken": the rig itself failed."""

    group: str
    name: str
    verdict: str
    why: str = ""
    ssh_entered: bool = False
    ssh_words: str = ""
    rollcall_entered: bool = False
    rollcall_words: str = ""
