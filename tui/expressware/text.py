"""Text that a node wrote, made fit for matching: no escapes, no carriage returns, no invalid characters.

Result marks come with cursor moves, colours and a trailing carriage return even through a pipe (Red Hat's
init functions do not ask whether they write to a terminal), so every parser here reads through `plain`.
"""

import re

_C1_BYTES = {0xDC00 + byte: byte for byte in range(0x80, 0xA0)}
_OTHER_SURROGATES = {code: 0xFFFD for code in range(0xD800, 0xE000) if code not in _C1_BYTES}
_REPAIR = _C1_BYTES | _OTHER_SURROGATES

# String sequences (OSC, DCS, SOS, PM, APC) count only when they end on their line: an unterminated one must
# not hide the rest of it. Their contents exclude every introducer, which keeps matching linear on any input.
_TOKEN = re.compile(
    r"(?P<csi>(?:\x1b\[|\x9b)(?P<args>[0-?]*)[ -/]*(?P<final>[@-~]))"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\r\n\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
    r"|(?P<move>[\r\b])"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)

_WIDEST = 500
"""Columns up to which a cursor move pads with blanks; beyond it a move counts as one blank."""

_LONGEST = 400


def decode(data: bytes | str) -> str:
    """Return `data` as text, never raising.

    Raw bytes 80 to 9f become the C1 controls they are, any other invalid byte becomes U+FFFD.
    """
    text = data.decode("utf-8", "surrogateescape") if isinstance(data, bytes) else data
    return text if text.isascii() else text.translate(_REPAIR)


def plain(data: bytes | str) -> str:
    r"""Return the text that a person would read on a terminal, line by line.

    Escape sequences (7-bit and 8-bit), other control characters and bidirectional overrides are removed;
    `\r`, `\b`, erase in line and moves along it are applied. Lines end in `\n`; tabs stay. Never raises.
    """
    text = decode(data)
    if not _TOKEN.search(text):
        return text
    return "\n".join(_render(line) if _TOKEN.search(line) else line for line in text.split("\n"))


def inert(text: str) -> str:
    """Return a sentence of ours with foreign words in it, in which no word can touch another.

    Unlike in `plain`, moves and erasures are not applied but only removed. Line ends and tabs stay.
    """
    return _TOKEN.sub("", decode(text))


def words_of(line: str) -> str:
    """Return a line with every run of blanks as one: columns carry no meaning in Dolphin's output."""
    return " ".join(line.split())


def brief(text: str) -> str:
    """Return a text cut to what a person reads in one place: one line may be a megabyte."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def _render(line: str) -> str:
    cells: list[str] = []
    column = 0
    position = 0
    for token in _TOKEN.finditer(line):
        column = _put(cells, column, line[position : token.start()])
        position = token.end()
        if token["move"] == "\r":
            column = 0
        elif token["move"] == "\b":
            column = max(0, column - 1)
        elif token["csi"]:
            column = _control(cells, column, token["final"], token["args"])
    _put(cells, column, line[position:])
    return "".join(cells)


def _put(cells: list[str], column: int, text: str) -> int:
    column = min(column, len(cells))
    cells[column : column + len(text)] = text
    return column + len(text)


def _control(cells: list[str], column: int, final: str, args: str) -> int:
    """Apply one CSI sequence to the line; returns the new column (from 0)."""
    if final == "K" and args in ("", "0"):
        del cells[column:]
    elif final == "K" and args == "2":
        cells.clear()
    elif final in ("G", "C"):
        count = int(args) if re.fullmatch("[0-9]{1,4}", args) else 1
        wanted = min(count - 1 if final == "G" else column + count, _WIDEST)
        # A mark must not hide its own reason: a move never leads to overwriting, only `\r` and `\b` do.
        cells.extend(" " * max(wanted - len(cells), 1))
        return len(cells)
    return column
