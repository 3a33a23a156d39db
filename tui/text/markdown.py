"""Foreign text inside Markdown: it becomes no link, no heading and no HTML, and code stays as it is typed."""

from __future__ import annotations

import re

from tui.text.sanitize import sanitize, words_of

# An underscore inside a word is nothing but that.
_SPECIAL = re.compile(r"([\\`*\[\]{}#|~!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_HTML = {ord("<"): "&lt;", ord(">"): "&gt;", ord("&"): "&amp;"}


def line(value: object) -> str:
    """Any value as one clean line."""
    return words_of(sanitize(str(value)))


def text(value: object) -> str:
    """One line of foreign text with Markdown's own signs made harmless."""
    return _SPECIAL.sub(r"\\\1", line(value)).translate(_HTML)


def code(value: object, *, in_table: bool = False) -> str:
    """One line as inline code, whatever backticks it holds; ``|`` would end a table's cell."""
    inside = " ".join(sanitize(str(value)).splitlines())
    inside = inside.replace("|", "\\|") if in_table else inside
    longest = max((len(run) for run in re.findall("`+", inside)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{inside}{pad}{fence}" if inside else ""
