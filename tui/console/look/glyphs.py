"""The few signs that the console draws, in Unicode and in ASCII for serial consoles and ``LANG=C``.

None of those in Unicode is of the ambiguous width that some terminals draw two columns wide, the ellipsis
and the lines of frames aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs; every state also has a word, so a sign alone never carries a meaning."""

    done: str = "✔"
    turn: str = "»"
    """Waits for a person: nothing else looks like it."""
    busy: str = "►"
    beat: str = "▻"
    """At work as well: the two in turns, one a second."""
    bad: str = "✘"
    warn: str = "!"
    """Needs an eye on it, and has not failed."""
    open: str = "◦"
    idle: str = "∙"
    held: str = "▬"
    live: str = "◉"
    passed_over: str = "-"
    arrow: str = "➜"
    dot: str = "∙"
    more: str = "…"
    rule: str = "─"
    bar: str = "━"
    tick: str = "┼"
    ascii: bool = False

    def plain(self, text: str) -> str:
        """``text`` in signs that this set may use: with ``?`` for what ASCII lacks."""
        if text.isascii():
            return text
        if not self.ascii:
            return text.translate(_NARROW)
        return text.translate(_TO_ASCII).encode("ascii", "replace").decode()

    def letters(self, text: str) -> str:
        """The same, letter for letter, so that places in ``text`` stay valid; ``~`` for a cut."""
        if not self.ascii or text.isascii():
            return text
        return text.replace(UNICODE.more, "~").encode("ascii", "replace").decode()


UNICODE = Glyphs()
ASCII = Glyphs(
    done="+",
    turn="@",
    busy=">",
    beat="}",
    bad="X",
    open="o",
    idle=".",
    held="#",
    live="*",
    arrow="->",
    dot="|",
    more="...",
    rule="-",
    bar="=",
    tick="|",
    ascii=True,
)
_NARROW = str.maketrans({"·": "∙", "→": "➜", "–": "-", "“": '"', "”": '"', "’": "'"})
"""What sentences are written with, of ambiguous width, to what stands for it."""
_TO_ASCII = str.maketrans(
    {sign: getattr(ASCII, name) for name, sign in asdict(UNICODE).items() if name != "ascii"}
    | {"»": ">>", "∙": ".", "·": ".", "→": "->", "–": "-", "—": "-", "“": '"', "”": '"', "’": "'"}
)


_FEW_SIGNS = ("linux", "vt100", "vt102", "vt220", "ansi", "cons25")


def choose_glyphs(environ: Mapping[str, str]) -> Glyphs:
    """ASCII for a C or POSIX locale, a terminal with few signs or ``ROLLCALL_ASCII=1``, else Unicode.

    ``LC_CTYPE=C.UTF-8`` does not count: Python itself sets that when it finds the C locale.
    """
    if environ.get("ROLLCALL_ASCII", "") not in ("", "0"):
        return ASCII
    if environ.get("TERM", "") in _FEW_SIGNS:
        return ASCII
    kind = environ.get("LC_CTYPE", "")
    spoken = environ.get("LC_ALL") or ("" if kind == "C.UTF-8" else kind) or environ.get("LANG", "")
    return ASCII if spoken in ("C", "POSIX") else UNICODE
