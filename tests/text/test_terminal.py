"""What a node wrote is what a person would read on a terminal, whatever bytes it came in; nothing steers."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text.sanitize import LINE_LIMIT
from tui.text.terminal import CUT, Line, LineReader, plain, render_line

STEERING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
PIECES = [
    b"\x1b[31m",
    b"\x1b]0;own\x07",
    b"\x1b]8;;x\x1b\\",
    b"\x1b[2J",
    b"\x1b[2K",
    b"\x1b[K",
    b"\x1b[60G",
    b"\x1b[3C",
    b"\xc2\x9b2J",
    b"\xc2\x9d",
    b"\xe2\x80\xae",
    b"\r",
    b"\r\n",
    b"\n",
    b"\x08",
    b"\x08\x08",
    b"\t",
    b"[  OK  ]",
    "é語e\u0301".encode(),
    "\u0301".encode(),
    b"x" * (LINE_LIMIT - 1),
]
hostile = st.lists(st.one_of(st.binary(max_size=12), st.sampled_from(PIECES)), max_size=30).map(b"".join)


def steering(text: str) -> set[str]:
    return {character for character in text if unicodedata.category(character) in STEERING}


def read(*chunks: bytes) -> list[Line]:
    reader = LineReader()
    return [line for chunk in chunks for line in reader.feed(chunk)] + reader.end()


CASES = {
    "as it is": ("Stopping Dolphin IRM driver    [  OK  ]", "Stopping Dolphin IRM driver    [  OK  ]"),
    "brackets": ("[/opt/x] [bold]", "[/opt/x] [bold]"),
    "colour": ("\x1b[0;32m  OK  \x1b[0;39m", "  OK  "),
    "conceal": ("\x1b[8mhidden\x1b[0m", "hidden"),
    "column": ("driver\x1b[12G[  OK  ]\r", "driver     [  OK  ]"),
    "column after a return": ("driver\r\x1b[12G[  OK  ]", "driver     [  OK  ]"),
    "column on text": ("a long reason\x1b[4G[FAILED]", "a long reason [FAILED]"),
    "column right behind": ("text\x1b[5G[  OK  ]", "text[  OK  ]"),
    "column out of sight": ("x\x1b[999999Gy", "x y"),
    "forward": ("a\x1b[3Cb", "a   b"),
    "8-bit CSI": ("a\x9b31mb", "ab"),
    "OSC with BEL": ("\x1b]0;title\x07text", "text"),
    "OSC with ST": ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
    "8-bit OSC": ("\x9d0;title\x9ctext", "text"),
    "DCS": ("\x1bPq#0\x1b\\text", "text"),
    "unterminated OSC": ("\x1b]0;text [FAILED]\nnext", "0;text [FAILED]\nnext"),
    "unterminated CSI": ("\x1b[12;", "12;"),
    "other CSI": ("a\x1b[2Jb\x1b[10;20Hc", "abc"),
    "charset": ("\x1b(Btext", "text"),
    "lone ESC": ("text \x1b", "text "),
    "CR LF": ("text\r\nnext\r\r\n", "text\nnext\n"),
    "progress": ("10%\r50%\r100%\n", "100%\n"),
    "overwritten in part": ("[....] Stopping\r[ ok ]", "[ ok ] Stopping"),
    "overwritten by less": ("abc\rX", "Xbc"),
    "erased": ("old text\r\x1b[Knew", "new"),
    "erased to the end": ("50% of it\b\b\b\b\b\b\x1b[0K", "50%"),
    "whole line erased": ("old text\x1b[2K\rnew", "new"),
    "backspaces": ("50%\b\b\b75%", "75%"),
    "backspaces that step back": ("word\b\brm, x\b\b", "worm, x"),
    "backspaces too many": ("\b\bx", "x"),
    "controls": ("a\0b\x07c\x7fd\x85e\x0cf", "abcdef"),
    "bidi": ("\u202eevil\u202c \u2066x\u2069", "evil x"),
    "no width": ("zero\u200bwidth\ufeff \u00ad", "zerowidth "),
    "invisible": ("braille\u2800 hangul\u3164 tag\U000e0041", "braille hangul tag"),
    "private": ("private \ue000 lone \ud800", "private \ufffd lone \ufffd"),
    "other blanks": ("no\u00a0break\u2028line", "no break line"),
    "marks": ("e\u0301\u0301\u0301\u0301", "e\u0301\u0301"),
    "marks after a return": ("e\r\u0301x", "x"),
    "a mark first": ("\u0301starts", "starts"),
    "tab": ("a\tb", "a       b"),
    "tab over text": ("aaaaaaaaaaaa\r\tb", "aaaaaaaabaaa"),
    "trailing blanks": ("text   ", "text   "),
}


@pytest.mark.parametrize(("written", "shown"), CASES.values(), ids=CASES.keys())
def test_what_a_person_reads(written: str, shown: str) -> None:
    assert plain(written) == shown
    assert [line.text for line in read(written.encode(errors="replace"))] == (
        shown.replace("lone \ufffd", "lone ?").splitlines()
    )


def test_invalid_bytes_are_visible_as_such() -> None:
    assert plain(b"\xff\xfe x \x9b2J caf\xc3\xa9") == "\ufffd\ufffd x \ufffd2J caf\u00e9"
    assert [line.text for line in read(b"\xff\xfe x \x9b2J\n")] == ["\ufffd\ufffd x \ufffd2J"]


@given(hostile)
def test_nothing_that_steers_gets_through(data: bytes) -> None:
    for line in read(data):
        assert not steering(line.text)
        assert len(line.text) <= 3 * LINE_LIMIT + len(CUT)
        edges = [0, *(edge for span in line.spans for edge in span[:2]), len(line.text)]
        assert edges == sorted(edges)


@given(st.binary() | st.text(st.characters(codec=None)))
def test_anything_becomes_plain(data: bytes | str) -> None:
    text = plain(data)
    assert plain(text) == text
    assert not steering(text.replace("\n", ""))
    text.encode("utf-8")


@given(hostile, st.lists(st.integers(0, 400), max_size=6))
def test_it_does_not_matter_where_the_stream_is_cut(data: bytes, cuts: list[int]) -> None:
    ends = sorted(min(cut, len(data)) for cut in cuts)
    chunks = [data[begin:end] for begin, end in zip([0, *ends], [*ends, len(data)], strict=True)]
    assert read(*chunks) == read(data)
    assert read(*(data[at : at + 1] for at in range(min(200, len(data))))) == read(data[:200])


@given(hostile)
def test_the_stream_reads_as_the_whole_and_so_does_the_line_without_an_end(data: bytes) -> None:
    raw = data.decode("utf-8", "replace")
    *whole, rest = raw.split("\n")
    reader = LineReader()
    assert reader.feed(data) == [render_line(line) for line in whole]
    partial = reader.partial
    assert reader.end() == ([render_line(rest)] if rest else [])
    if data.isascii():
        assert partial == (render_line(rest) if rest else None)
    short = [line for line in whole if len(render_line(line).text) < LINE_LIMIT]
    assert plain("\n".join(short)) == "\n".join(render_line(line).text for line in short)


@given(st.text(st.sampled_from("ab \x1b\x9b\x9d[]0;2KGCm\x07\\\r\b\n")))
def test_any_mix_of_escapes_keeps_the_lines(text: str) -> None:
    assert plain(text).count("\n") == text.count("\n")
    assert "\x1b" not in plain(text)


@pytest.mark.parametrize(
    "piece",
    ["x\r", "\x9d", "\x1b]", "\x1b[", "\x1b[500G", "\x1b[500C", "a\x1b[2K", "\b", "\t", "\x1b[1", "\u0301"],
)
def test_a_megabyte_of_escapes_in_one_line_takes_no_quadratic_time(piece: str) -> None:
    size = 1_000_000
    started = time.process_time()
    plain("x" * (size // 2) + piece * (size // 2 // len(piece)))
    assert time.process_time() - started < 10


def test_colours_become_spans_and_black_on_black_is_impossible() -> None:
    line = render_line("a\x1b[31mred\x1b[0m \x1b[1;32mok\x1b[m \x1b[38;5;196mx\x1b[0m \x1b[30;40mdark")
    assert line.text == "ared ok x dark"
    assert [(line.text[s.start : s.end], s.ink, s.bold) for s in line.spans] == [
        ("red", "red", False),
        ("ok", "green", True),
        ("dark", "grey", False),
    ]


def test_what_is_overwritten_takes_its_colour_along() -> None:
    line = render_line("\x1b[31me\u0301rror\x1b[m of 9\r\x1b[32mfine")
    assert line.text == "finer of 9"
    assert [(line.text[s.start : s.end], s.ink) for s in line.spans] == [("fine", "green"), ("r", "red")]


def test_red_hats_mark_keeps_its_column_and_its_colour() -> None:
    [line] = read(b"Stopping Dolphin IRM driver\x1b[60G[\x1b[0;32m  OK  \x1b[0;39m]\r\n")
    assert line.text == "Stopping Dolphin IRM driver".ljust(59) + "[  OK  ]"
    assert [span.ink for span in line.spans] == ["green"]


def test_a_character_cut_in_two_is_one_character() -> None:
    assert [line.text for line in read("København\n".encode()[:2], "København\n".encode()[2:])] == [
        "København"
    ]


def test_a_megabyte_without_a_line_end_is_bounded_and_says_so() -> None:
    reader = LineReader()
    for _ in range(16):
        assert reader.feed(b"x" * 65_536) == []
    assert reader.partial == Line("x" * LINE_LIMIT + CUT)
    [line] = reader.feed(b"\nnext")
    assert line == Line("x" * LINE_LIMIT + CUT)
    assert reader.partial == Line("next")


def test_a_mark_on_a_letter_that_is_left_out_is_left_out_wherever_the_stream_is_cut() -> None:
    mark = "\u0301".encode()
    for before in (LINE_LIMIT, LINE_LIMIT + 1):
        assert read(b"x" * before + mark) == read(b"x" * before, mark)
    assert not read(b"x" * (LINE_LIMIT + 1), mark)[0].text.startswith("x" * (LINE_LIMIT - 1) + "x\u0301")


def test_a_progress_bar_of_a_megabyte_keeps_its_last_word() -> None:
    reader = LineReader()
    reader.feed(b"".join(b"\r%d of 99999" % count for count in range(100_000)))
    assert reader.partial == Line("99999 of 99999")


@pytest.mark.parametrize("piece", [b"\x1b]", b"\x1b[1;", b"\x9d", b"1;" * 500, "\u0301".encode(), b"\t"])
def test_what_is_kept_of_a_line_that_never_ends_is_bounded(piece: bytes) -> None:
    reader = LineReader()
    reader.feed(b"begin\x1b]")
    for _ in range(10_000):
        reader.feed(piece)
    assert reader._row is not None
    assert len(reader._held) < 10_000
    assert sum(map(len, reader._row._cells)) <= 3 * LINE_LIMIT
