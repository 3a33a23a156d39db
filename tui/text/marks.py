"""The one reading of result marks, in every platform's wording, for parsers and panes."""

from __future__ import annotations

import re
from enum import Enum


class Verdict(Enum):
    """How something ended by its own words. UNKNOWN: it stands there without any result."""

    UNKNOWN = "unknown"
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


_MARKS = {
    "ok": Verdict.OK,
    "passed": Verdict.OK,
    "warning": Verdict.WARNING,
    "warn": Verdict.WARNING,
    "failed": Verdict.FAILED,
    "fail": Verdict.FAILED,
}
# A mark in a language or a style that is not known here: `[FEHLGESCHLAGEN]` must not pass for success.
_FOREIGN_MARK = re.compile(r"(.*?)\[ ?([^\W\d_]{2,24}) ?\]")
_ENDINGS = (
    ("failed!", Verdict.FAILED),
    ("fail!", Verdict.FAILED),
    ("(warning).", Verdict.WARNING),
    ("(warning)", Verdict.WARNING),
)
_LEADING_MARK = re.compile(r"\[ *([A-Za-z]{2,7}|\.{4}) *\] ?")
_PREFIX = re.compile(r"(?:#\* ?)?(?:(ERROR|WARNING): ?)*", re.IGNORECASE)


def split_mark(line: str) -> tuple[str, Verdict | None]:
    """Split a line into its words and the result mark before or after them.

    Understands bracketed marks and Debian's `failed!` and `(warning).`, not Debian's dot: whether that is a
    mark depends on the sentence before it. UNKNOWN for a mark that is none of those: it tells neither.
    """
    if line.endswith("]"):
        words, _, mark = line[:-1].rpartition("[")
        if verdict := _MARKS.get(mark.strip().lower()):
            return words.rstrip(), verdict
    for ending, verdict in _ENDINGS:
        if line.endswith(ending):
            return line.removesuffix(ending).rstrip().removesuffix("...").rstrip(), verdict
    if found := _LEADING_MARK.match(line):
        known = _MARKS.get(found[1].lower())
        if known or found[1] == "....":
            return line[found.end() :], known
    if foreign := _FOREIGN_MARK.fullmatch(line):
        return foreign[1].rstrip(), Verdict.UNKNOWN
    return line, None


def split_star(line: str) -> tuple[str, bool]:
    """Split off Ubuntu's `*` before or after the words, and tell whether it stood before them.

    It stands for success, failure and warning alike, so it is no mark: the words alone tell.
    """
    before = line.startswith("* ")
    return line.removeprefix("* ").removesuffix(" *").strip("*" if line == "*" else " "), before


def split_prefix(words: str) -> tuple[str, Verdict | None]:
    """Split off the prefixes `#*`, `ERROR:` and `WARNING:`; the verdict is the worst that they state."""
    found = _PREFIX.match(words)
    if found is None or not found.group():
        return words, None
    said = found.group().upper()
    verdict = Verdict.FAILED if "ERROR" in said else Verdict.WARNING if "WARNING" in said else None
    return words[found.end() :], verdict


def verdict_of(line: str) -> Verdict | None:
    """What a line says about itself, if anything: by a mark, or by what stands behind `#*`."""
    line = line.strip()
    if line.endswith(("]", "!", ").", ")")) or line.startswith("["):
        _, found = split_mark(line)
        if found not in (None, Verdict.UNKNOWN):
            return found
    return split_prefix(line)[1] if line.startswith("#*") else None


def mark_start(line: str) -> int | None:
    """Where a bracketed mark at the end of a line begins."""
    line = line.rstrip()
    begin = line.rfind("[")
    return begin if line.endswith("]") and line[begin + 1 : -1].strip().lower() in _MARKS else None
