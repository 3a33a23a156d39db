"""The one door: nothing that steers a terminal gets through, and no verdict is lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.console.foreign import LINE_LIMIT, Line, LineReader, clean_line, paragraph, sanitize_line

STEERING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
PIECES = [
    b"\x1b[31m",
    b"\x1b]0;own\x07",
    b"\x1b[2J",
    b"\xc2\x9b2J",
    b"\xe2\x80\xae",
    b"\r",
    b"\n",
    b"\x08",
    b"\t",
]
hostile = st.lists(st.one_of(st.binary(max_size=12), st.sampled_from(PIECES)), max_size=30)


def steering(text: str) -> set[str]:
    return {character for character in text if unicodedata.category(character) in STEERING}


def read(*chunks: bytes) -> list[Line]:
    reader = LineReader()
    lines = [line for chunk in chunks for line in reader.feed(chunk)]
    return [*lines, reader.partial] if reader.partial else lines


@given(hostile)
def test_no_control_gets_through(chunks: list[bytes]) -> None:
    for line in read(*chunks):
        assert not steering(line.text)
        assert len(line.text) <= LINE_LIMIT + 60
        assert all(0 <= span.start < span.end <= len(line.text) for span in line.spans)


@given(st.text())
def test_names_and_reasons_are_safe(text: str) -> None:
    assert not steering(sanitize_line(text))
    assert "\n" not in sanitize_line(text)
    assert all(not steering(line) for line in paragraph(text).split("\n"))


@given(hostile, st.data())
def test_it_does_not_matter_where_the_stream_is_cut(chunks: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(chunks)
    cut = data.draw(st.integers(0, len(whole)))
    assert read(whole[:cut], whole[cut:]) == read(whole)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Stopping Dolphin IRM driver    [  OK  ]", "Stopping Dolphin IRM driver    [  OK  ]"),
        ("[/opt/x] [bold]", "[/opt/x] [bold]"),
        ("\x1b]0;your title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ended, then words", "0;never ended, then words"),
        ("a\x1b[2Jb\x1b[10;20Hc", "abc"),
        ("a\x9b2Jb", "ab"),
        ("a\x9dtitle\x9cb", "ab"),
        ("\x1bPdevice control\x1b\\x", "x"),
        ("10%\r20%\r30%", "30%"),
        ("done\r\n", "done"),
        ("word\x08\x08rm", "worm"),
        ("\x08\x08x", "x"),
        ("a\tb", "a       b"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("zero\u200bwidth\ufeff \u00ad", "zerowidth "),
        ("braille\u2800 hangul\u3164 tag\U000e0041", "braille hangul tag"),
        ("private \ue000 lone \ud800", "private \ufffd lone \ufffd"),
        ("no\u00a0break\u2028line", "no break line"),
        ("e\u0301\u0301\u0301\u0301", "e\u0301\u0301"),
        ("\u0301starts", "starts"),
        ("\x1b[8mhidden\x1b[0m", "hidden"),
        ("text\x1b[60G[  OK  ]\r", "text".ljust(59) + "[  OK  ]"),
        ("x\x1b[999999Gy", "xy"),
        ("a\x1b[3Cb", "a   b"),
        ("trailing escape \x1b", "trailing escape "),
    ],
)
def test_what_a_person_reads(raw: str, text: str) -> None:
    assert clean_line(raw).text == text


def test_colours_become_spans_and_black_on_black_is_impossible() -> None:
    line = clean_line("a\x1b[31mred\x1b[0m \x1b[1;32mok\x1b[m \x1b[38;5;196mx\x1b[0m \x1b[30;40mdark")
    assert line.text == "ared ok x dark"
    assert [(line.text[s.start : s.end], s.ink, s.bold) for s in line.spans] == [
        ("red", "red", False),
        ("ok", "green", True),
        ("dark", "grey", False),
    ]


def test_red_hats_mark_keeps_its_column_and_its_colour() -> None:
    [line] = read(b"Stopping Dolphin IRM driver\x1b[60G[\x1b[0;32m  OK  \x1b[0;39m]\r\n")
    assert line.text == "Stopping Dolphin IRM driver".ljust(59) + "[  OK  ]"
    assert [span.ink for span in line.spans] == ["green"]


def test_a_character_cut_in_two_is_one_character() -> None:
    assert [line.text for line in read("København\n".encode()[:2], "København\n".encode()[2:])] == [
        "København"
    ]


def test_invalid_utf8_is_visible_as_such() -> None:
    assert [line.text for line in read(b"\xff\xfe x \x9b2J\n")] == ["\ufffd\ufffd x \ufffd2J"]


def test_a_megabyte_without_a_line_end_is_bounded_and_says_so() -> None:
    reader = LineReader()
    for _ in range(16):
        assert reader.feed(b"x" * 65_536) == []
    assert reader.partial is not None
    [line] = reader.feed(b"\nnext")
    assert line.text.startswith("x" * 100)
    assert line.text.endswith("(the rest of this line is in the output file)")
    assert reader.partial == Line("next")


def test_a_progress_bar_of_a_megabyte_keeps_its_last_word() -> None:
    reader = LineReader()
    reader.feed(b"".join(b"\r%d of 99999" % count for count in range(100_000)))
    assert reader.partial == Line("99999 of 99999")


def test_long_names_are_cut() -> None:
    assert sanitize_line("n" * 100, 10) == "n" * 9 + "…"
    assert paragraph("\n".join("abc"), 2) == "a\nb\n…"
