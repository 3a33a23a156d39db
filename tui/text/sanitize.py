"""Words that did not come from this program (names, reasons, commands), made safe to print and to paint.

No escape sequence, no control character, nothing invisible or bidirectional comes out of here.
"""

from __future__ import annotations

import unicodedata

from tui.text.escapes import ESCAPE

LINE_LIMIT = 4_000
"""Characters of one line that are shown; the file on disk has all of them."""
_MARKS_IN_A_ROW = 2
"""Combining marks kept on one letter: more of them climb over the lines above."""
_READ = 16_384
"""Characters of one line that are looked at, escapes included."""

_INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}


class _SafeCharacters(dict[int, str | None]):
    """For ``str.translate``: what stands for each character, worked out once."""

    def __missing__(self, code: int) -> str | None:
        self[code] = safe = _stand_in(code)
        return safe


def _stand_in(code: int) -> str | None:
    """The character itself, a blank, U+FFFD, or None to drop it."""
    category = unicodedata.category(chr(code))
    if code in _INVISIBLE or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return None
    if category in ("Cc", "Cf", "Me"):
        return None
    if category in ("Cs", "Co", "Cn"):
        return "\ufffd"
    if category in ("Zs", "Zl", "Zp"):
        return " "
    return chr(code)


SAFE = _SafeCharacters()
"""What can be shown of each character of a line."""
_SAFE_IN_TEXT = _SafeCharacters({ord("\n"): "\n", ord("\t"): "\t"})


def sanitize(text: str) -> str:
    """``text`` in which no foreign word can touch another: moves and erasures are not applied but removed.

    Line ends and tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    safe = ESCAPE.sub("", text).translate(_SAFE_IN_TEXT)
    return safe if safe.isascii() else "".join(joined_marks(safe))


def joined_marks(text: str) -> list[str]:
    """The letters of ``text``, each with its first combining marks; a mark without a letter is left out."""
    letters: list[str] = []
    for character in text:
        if unicodedata.category(character) != "Mn":
            letters.append(character)
        elif letters and len(letters[-1]) <= _MARKS_IN_A_ROW:
            letters[-1] += character
    return letters


def sanitize_line(text: str, limit: int = LINE_LIMIT) -> str:
    """``text`` as one safe line of at most ``limit`` characters, line breaks and tabs as blanks."""
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    shown = sanitize(" ".join(text[:_READ].splitlines())).replace("\t", " ")
    return shown if len(shown) <= limit else shown[: max(0, limit - 1)] + "…"


def paragraph(text: str, limit: int = 40) -> str:
    """``text`` as at most ``limit`` safe lines."""
    lines = text.replace("\r\n", "\n").split("\n", limit)
    more = ["…"] if len(lines) > limit else []
    return "\n".join([sanitize_line(line) for line in lines[:limit]] + more)


def words_of(line: str) -> str:
    """``line`` with every run of blanks as one: columns carry no meaning in what is only read."""
    return " ".join(line.split())


def ascii_line(text: str) -> str:
    """``text`` as one line for a terminal of which nothing is known."""
    return words_of(sanitize(text)).encode("ascii", "backslashreplace").decode("ascii")


def brief(text: str, limit: int = 400) -> str:
    """``text`` cut to what a person reads in one place: one line may be a megabyte."""
    return text if len(text) <= limit else f"{text[:limit]} ..."
