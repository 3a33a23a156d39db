"""What the scripts on a node answer: lines of key=value words, or a refusal."""

from __future__ import annotations

import re
from typing import cast

from tui.remote.errors import Kind, RemoteError

_REFUSALS: dict[str, str] = {
    "disk-full": "there is no space left below {place}; make some and try again (nothing was changed there)",
    "read-only": "{place} is on a read-only file system; remount it or use another place",
    "no-permission": "{place} cannot be read or written; log in as root or set become under [ssh]",
    "unsafe-place": "{place} is not safe to use: {detail}; set that right on the node, or name another place "
    "(nothing was changed there)",
    "tool-missing": "the program {detail} is missing; install util-linux and coreutils",
    "bad-job-id": "{detail!r} cannot name a job",
    "job-busy": "the job cannot be removed: {detail}",
    "job-failed-to-start": "the job did not start: {detail}",
    "transfer": "the file was not copied: {detail}",
    "lock-failed": "the claim {place} cannot be made or read: {detail}",
}


def whole_number(text: str | None) -> int | None:
    """A count or a time that a node wrote; None for anything else, since a node may write anything."""
    return int(text) if text is not None and re.fullmatch("[0-9]{1,18}", text) else None


def parse_line(node: str, place: str, line: str) -> dict[str, str]:
    """The words of one line; RemoteError if it is a refusal. ``place`` is the path the script worked at."""
    head, _, detail = line.partition(" detail=")
    words = dict(word.split("=", 1) for word in head.split(" ") if "=" in word)
    kind = words.get("error")
    if kind is None:
        return words
    sentence = _REFUSALS.get(kind, "the script failed: {detail}").format(place=place, detail=detail.strip())
    raise RemoteError(cast(Kind, kind if kind in _REFUSALS else "killed"), node, f"{node}: {sentence}.")
