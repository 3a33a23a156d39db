"""Versions of eXpressWare: read them from text and packages, compare them whole.

A version is dotted digits (`5.21.2`), often with a suffix that tells a build from the release of its number:
`5.26.0-d` (development), `5.5.0.RC1`, `3.6.4-Feb21`, `DIS_RELEASE_5_25_2_APR_24_2026` (a tag with its date).
Builds from the vendor's CI have hashes instead (`Linux-x86_64-PX-28a8824496_ce05d9958c.ubuntu18.04`). How two
builds of one number follow each other is told nowhere, so those are equal or not, and have no order.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

_NUMBERS = r"[0-9]{1,9}(?:\.[0-9]{1,9})"
_SUFFIX = r"(?![0-9])(?:[-~+_.]?[A-Za-z0-9]){1,60}"
_PLAIN = re.compile(rf"{_NUMBERS}*")
_WHOLE = re.compile(rf"({_NUMBERS}*)|({_NUMBERS}+)({_SUFFIX})")
_IN_TEXT = re.compile(rf"(?<![A-Za-z0-9_.]){_NUMBERS}+(?:{_SUFFIX})?")
_TAG = re.compile(r"DIS_([A-Z]{1,20})_([0-9]{1,9}(?:_[0-9]{1,9})+)((?:_[A-Za-z0-9]{1,20}){0,8})")
_TAG_IN_TEXT = re.compile(rf"(?<![A-Za-z0-9_]){_TAG.pattern}(?![A-Za-z0-9_])")
_HASHES = re.compile(r"(?<![A-Za-z0-9_])[0-9a-f]{7,40}_[0-9a-f]{7,40}(?![A-Za-z0-9_])")
# How often a version was packaged, and for what: `-1`, `-1~deb12`, `.el9`, `+ubuntu22.04`.
_PACKAGED = re.compile(r"-[0-9][^-]*$")
_PACKAGED_FOR = re.compile(r"[-~+_.]?(?:deb|debian|ubuntu|el|rhel|centos|rocky|fc|suse|sles)[0-9][0-9._]*$")
# RPM's release: `1.el9` is the packager's number; `d`, `rc1`, `0.1.rc1` and `Feb21` say which build it is.
_RELEASE_SUFFIX = re.compile(
    r"(?:0\.(?:[0-9]{1,9}\.)?)?(d|(?:dev|rc|alpha|beta|pre|"
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[A-Za-z0-9~+_.]{0,40})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Parts:
    """A version taken apart: its numbers without the zeros at the end, and what tells builds of it apart."""

    numbers: tuple[int, ...]
    suffix: str


def extract(text: str) -> str | None:
    """Return the first version named in free text, with all that belongs to it; None when there is none.

    `Dolphin IRM 5.21.2 ( November 13th 2007 )` gives `5.21.2`, `Dolphin IRM 5.26.0-d` gives `5.26.0-d`. A
    number goes before a tag, and that before hashes, wherever they stand.
    """
    found = _IN_TEXT.search(text) or _TAG_IN_TEXT.search(text) or _HASHES.search(text)
    return found.group() if found else None


def from_package(version: str) -> str | None:
    """Return the version that a package states, without epoch and without the packager's own marks.

    `1:5.21.2-1~deb12` gives `5.21.2`, `5.26.0-d-1` gives `5.26.0-d`. None when the package states nothing.
    """
    upstream = _PACKAGED_FOR.sub("", _PACKAGED.sub("", version.strip().rpartition(":")[2]))
    return extract(upstream) or upstream or None


def with_release(version: str, release: str) -> str:
    """Return an RPM's version, with its release where that names a build: `5.26.0`, `d` give `5.26.0-d`.

    RPM keeps the two apart and allows no hyphen in a version.
    """
    build = _RELEASE_SUFFIX.fullmatch(_PACKAGED_FOR.sub("", release.strip()))
    return f"{version}-{build[1]}" if build is not None else version


def compare(a: str, b: str) -> int | None:
    """Return -1, 0 or 1 as `a` is older than, equal to or newer than `b`; None when that cannot be told.

    Numbers that are missing count as zero (`5.19` equals `5.19.0`). Two builds of one number are equal when
    their suffixes are, whichever sign joins it (`5.5.0.RC1`, `5.5.0-rc1`), and else not comparable.
    """
    a, b = a.strip(), b.strip()
    left, right = _split(a), _split(b)
    if left is None or right is None:
        return 0 if a == b else None
    if left.numbers != right.numbers:
        return 1 if left.numbers > right.numbers else -1
    return 0 if left.suffix == right.suffix else None


def same(a: str | None, b: str | None) -> bool:
    """Return whether two versions are known and equal. Half a version, or none, is equal to nothing."""
    return a is not None and b is not None and bool(a.strip()) and compare(a, b) == 0


def differ(a: str | None, b: str | None) -> bool:
    """Return whether two versions are surely two: both can be read, and they are not equal."""
    if not a or not b or _split(a.strip()) is None or _split(b.strip()) is None:
        return False
    return compare(a, b) != 0


def builds_of_one(a: str | None, b: str | None) -> bool:
    """Return whether two versions have the same numbers and are not equal: `5.26.0` and `5.26.0-d`."""
    left, right = _split((a or "").strip()), _split((b or "").strip())
    return left is not None and right is not None and left.numbers == right.numbers and left != right


def has_suffix(version: str) -> bool:
    """Return whether the version is a build of its own beside the release of that number."""
    parts = _split(version.strip())
    return parts is not None and bool(parts.suffix)


def package_may_be(package: str | None, target: str) -> bool:
    """Return whether a package's version is the target, or the target's number without the build's name.

    For where packages are the only witness: an RPM cannot name a build, so `5.26.0` may be `5.26.0-d`.
    """
    unnamed = package is not None and not has_suffix(package) and has_suffix(target)
    return same(package, target) or (unnamed and builds_of_one(package, target))


def rolling_allowed(installed: str | None, patterns: Sequence[str]) -> bool:
    """Return whether the release notes' `patterns` (globs such as `5.19.*`) cover the installed version.

    `5.19.*` covers `5.19` too, which is the same version as `5.19.0`. It does not cover `5.19.0-d`: release
    notes speak of releases, so another build has to be named (`5.19.0-d`, `5.19.0-*`). An unknown version is
    never covered.
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


def _split(version: str) -> _Parts | None:
    """Take a version apart; None for a text that does not begin with its numbers."""
    if tag := _TAG.fullmatch(version):
        word = "" if tag[1] == "RELEASE" else tag[1]
        return _Parts(_numbers(tag[2].split("_")), _plain_suffix(f"{word}.{tag[3]}"))
    found = _WHOLE.fullmatch(version)
    if found is None:
        return None
    return _Parts(_numbers((found[1] or found[2]).split(".")), _plain_suffix(found[3] or ""))


def _numbers(parts: Sequence[str]) -> tuple[int, ...]:
    numbers = [int(part) for part in parts]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _plain_suffix(text: str) -> str:
    """The suffix in one spelling: RPM allows no hyphen and Debian no underscore, so the signs say nothing."""
    return re.sub(r"[-~+_.]+", ".", text).strip(".").lower()


def _covers(pattern: str, version: str) -> bool:
    if compare(version, pattern) == 0:
        return True
    release = _PLAIN.match(version)
    if has_suffix(version) and release is not None and _matches(pattern, release.group()):
        return False
    return _matches(pattern, version)


def _matches(pattern: str, version: str) -> bool:
    if fnmatchcase(version, pattern):
        return True
    return pattern.endswith(".*") and fnmatchcase(version, pattern.removesuffix(".*"))
