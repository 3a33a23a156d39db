"""The last words of a node, as they are quoted in a sentence: what a start file or forced command printed."""

from __future__ import annotations

from tui.text.sanitize import brief, words_of
from tui.text.terminal import plain

KEPT_BYTES = 8192
"""Bytes that are kept of what came before our own output."""


def last_words(*outputs: bytes) -> str:
    """The last line that says anything, of the first output that has one; cleaned and short, else empty."""
    for output in outputs:
        for line in reversed(plain(output[-KEPT_BYTES:]).split("\n")):
            if said := words_of(line):
                return brief(said, 200)
    return ""


def quoting(*outputs: bytes) -> str:
    """The end of a sentence that quotes them; empty where nothing was said."""
    said = last_words(*outputs)
    return f"; its last words: {said!r}" if said else ""
