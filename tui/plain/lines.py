"""A job's bytes as lines for a terminal or a pipe: cleaned, with ``\r`` applied, none of them endless."""

from __future__ import annotations

from tui.text.terminal import plain

SHOWN = 2000
"""Characters of one line that are shown; the file has all of them."""
HELD = 65_536
"""Bytes of an unfinished line that are kept here; a longer line is shown cut, its rest passed over."""


class LineStream:
    """Takes chunks as they come, gives whole lines."""

    def __init__(self) -> None:
        self._held = b""
        self._passing_over = False

    def feed(self, data: bytes) -> list[str]:
        """The lines that ``data`` completes."""
        *whole, rest = (self._held + data).split(b"\n")
        if self._passing_over and whole:
            whole.pop(0)
            self._passing_over = False
        shown = [_shown(line) for line in whole]
        if self._passing_over:
            rest = b""
        elif len(rest) > HELD:
            rest = rest[rest.rfind(b"\r") :] if b"\r" in rest[-HELD:] else rest
            if len(rest) > HELD:
                shown.append(_shown(rest))
                rest = b""
                self._passing_over = True
        self._held = rest
        return shown

    @property
    def unfinished(self) -> str:
        """What stands after the last line end: a question without one, or half a line."""
        return _shown(self._held) if self._held else ""

    def end(self) -> list[str]:
        """The last line, when no line end follows any more."""
        last = [self.unfinished] if self._held else []
        self._held = b""
        return last


def _shown(line: bytes) -> str:
    text = plain(line)
    if len(text) <= SHOWN:
        return text
    return f"{text[:SHOWN]} ... (cut here; the output file has all of it)"
