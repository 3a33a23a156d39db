"""Which lines of output say by themselves that something went well or badly, in every platform's wording."""

from __future__ import annotations

import re
from enum import StrEnum


class Verdict(StrEnum):
    """What a line of output says about itself."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


_MARK = re.compile(r"\[ *(OK|PASSED|WARNING|FAILED) *\]$")
_WORDS = (
    (re.compile(r"^\s*#\* ERROR\b|\bfailed!$"), Verdict.FAILED),
    (re.compile(r"^\s*#\* WARNING\b|\(warning\)\.?$"), Verdict.WARNING),
)
_BY_MARK = {
    "OK": Verdict.OK,
    "PASSED": Verdict.WARNING,
    "WARNING": Verdict.WARNING,
    "FAILED": Verdict.FAILED,
}


def mark_start(text: str) -> int | None:
    """Where a result mark such as ``[  OK  ]`` at the end of a line begins."""
    match = _MARK.search(text.rstrip())
    return match.start() if match else None


def verdict(text: str) -> Verdict | None:
    """The verdict that a line carries, if any."""
    bare = text.rstrip()
    if bare.endswith("]") and (match := _MARK.search(bare)):
        return _BY_MARK[match[1]]
    if bare.endswith(("!", ".", ")")) or "#*" in bare:
        for pattern, found in _WORDS:
            if pattern.search(bare):
                return found
    return None
