"""What the scripts on a node answer: lines of key=value words, or a refusal."""

from __future__ import annotations

from typing import cast

from tui.remote.errors import Kind, NodeRefusalError

_REFUSALS: dict[str, str] = {
    "disk-full": "there is no space left below {place}; make some and try again (nothing was changed there)",
    "read-only": "{place} is on a read-only file system; remount it or use another place",
    "no-permission": "{place} cannot be read or written; log in as root or set become under [ssh]",
    "unsafe-place": "Rollcall's own files are not safe there: {detail}; set that right on the node, or name "
    "another paths.state (nothing was changed)",
    "tool-missing": "the program {detail} is missing; install util-linux and coreutils",
    "bad-job-id": "{detail!r} cannot name a job",
    "job-busy": "the job cannot be removed: {detail}",
    "job-failed-to-start": "the job did not start: {detail}",
    "node-busy": "another job of Rollcall changes the node now ({detail}); wait for it or cancel it",
    "late": "the start came {detail} s too late to be carried out; nothing was started",
    "other-boot": "the node has rebooted since the start was sent; nothing was started",
    "overtaken": "another job ({detail}) has begun there since the start was prepared; nothing was started",
    "began-before": "the job {detail} has begun before in this boot of the node; nothing was started",
    "not-the-leader": "this console does not lead there ({detail} does); nothing was started",
    "transfer": "the file was not copied: {detail}",
    "lock-failed": "the claim {place} cannot be made or read: {detail}",
}


def whole_number(text: str | None) -> int | None:
    """A count or a time that a node wrote; None for anything else, since a node may write anything."""
    return int(text) if text and len(text) <= 18 and text.isascii() and text.isdecimal() else None


def parse_line(node: str, place: str, line: str) -> dict[str, str]:
    """The words of one line; NodeRefusalError for a refusal. ``place``: the path the script worked at."""
    head, _, detail = line.partition(" detail=")
    words = dict(word.split("=", 1) for word in head.split(" ") if "=" in word)
    kind = words.get("error")
    if kind is None:
        return words
    sentence = _REFUSALS.get(kind, "the script failed: {detail}").format(place=place, detail=detail.strip())
    raise NodeRefusalError(cast(Kind, kind if kind in _REFUSALS else "killed"), node, f"{node}: {sentence}.")
