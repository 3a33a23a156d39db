"""Versions of eXpressWare: read them from text and file names, compare them, apply the release notes' rule.

A version is dotted digits (`5.21.2`) or, for builds from the vendor's CI, a string with hashes
(`Linux-x86_64-PX-28a8824496_ce05d9958c.ubuntu18.04`). Dotted versions have an order; the others are only
equal or not.
"""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

_DOTTED = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")
# A suffix belongs to the version, so that a release candidate never passes for the release.
_IN_TEXT = re.compile(
    r"(?<![A-Za-z0-9_.])[0-9]{1,9}(?:\.[0-9]{1,9})+"
    r"(?:[-~.](?:rc|alpha|beta|pre|dev)[0-9]{0,9}|[A-Za-z][A-Za-z0-9]{0,20})?"
)
_HASHES = re.compile(r"(?<![A-Za-z0-9_])[0-9a-f]{7,40}_[0-9a-f]{7,40}(?![A-Za-z0-9_])")
_SIA_NAME = re.compile(r"(?:Dolphin_eXpressWare-|DIS_install_)([^.].*?)(?:\.sh)?")


def extract(text: str) -> str | None:
    """Return the first version named in free text, or None.

    `Dolphin IRM 5.21.2 ( November 13th 2007 )` gives `5.21.2`; a package's `1:5.21.2-1` gives `5.21.2`.
    """
    found = _IN_TEXT.search(text) or _HASHES.search(text)
    return found.group() if found else None


def from_sia_name(path: str) -> str | None:
    """Return the version in a SIA's file name (old or new naming), or None for another name."""
    found = _SIA_NAME.fullmatch(path.rpartition("/")[2])
    return found[1] if found else None


def compare(a: str, b: str) -> int | None:
    """Return -1, 0 or 1 as `a` is older than, equal to or newer than `b`; None when that cannot be told.

    Missing components count as zero (`5.19` equals `5.19.0`). Anything but dotted digits is only ever equal.
    """
    a, b = a.strip(), b.strip()
    left, right = _components(a), _components(b)
    if left is None or right is None:
        return 0 if a == b else None
    return (left > right) - (left < right)


def rolling_allowed(installed: str | None, patterns: Sequence[str]) -> bool:
    """Return whether the release notes' `patterns` (globs such as `5.19.*`) cover the installed version.

    `5.19.*` covers `5.19` too, which is the same version as `5.19.0`. An unknown version is never covered.
    """
    version = (installed or "").strip()
    return bool(version) and any(_covers(pattern.strip(), version) for pattern in patterns)


def needs_enforce(installed: str | None, target: str) -> bool | None:
    """Return whether the SIA wants `--enforce`: for the same or an older version, not for a newer or a first.

    None when the two cannot be compared; then a person has to say.
    """
    if not installed:
        return False
    order = compare(target, installed)
    return None if order is None else order <= 0


def _components(version: str) -> tuple[int, ...] | None:
    if not _DOTTED.fullmatch(version):
        return None
    numbers = [int(part) for part in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _covers(pattern: str, version: str) -> bool:
    if fnmatchcase(version, pattern) or compare(version, pattern) == 0:
        return True
    return pattern.endswith(".*") and fnmatchcase(version, pattern.removesuffix(".*"))
