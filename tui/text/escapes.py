"""What an escape sequence is, in its 7-bit and its 8-bit form."""

from __future__ import annotations

import re

_CONTROL = r"(?:\x1b\[|\x9b)(?P<args>[0-?]{0,64})[ -/]{0,8}"
_STRING = r"(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\r\n\x1b\x80-\x9f]{0,4096}+"

# String sequences (OSC, DCS, SOS, PM, APC) count only when they end on their line: an open one must not hide
# the rest of it. Their contents exclude every introducer, which keeps matching linear on any input.
ESCAPE = re.compile(rf"{_CONTROL}(?P<final>[@-~])|{_STRING}(?:\x07|\x1b\\|\x9c)|\x1b(?:[ -/]{{0,8}}[0-~])?")
"""One whole sequence; ``args`` and ``final`` of a control sequence such as a colour."""
BEGUN = re.compile(rf"(?:{_CONTROL}|{_STRING}\x1b?|\x1b[ -/]{{0,8}})\Z")
"""A sequence at the end of a text that may still go on."""
