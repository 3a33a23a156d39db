"""Text that a node wrote is what a person would read, whatever bytes it came in."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.expressware.text import decode, plain

CASES = {
    "colour": ("\x1b[0;32m  OK  \x1b[0;39m", "  OK  "),
    "column": ("driver\x1b[12G[  OK  ]\r", "driver     [  OK  ]"),
    "column on text": ("a long reason\x1b[4G[FAILED]", "a long reason [FAILED]"),
    "forward": ("a\x1b[3Cb", "a   b"),
    "8-bit CSI": ("a\x9b31mb", "ab"),
    "OSC with BEL": ("\x1b]0;title\x07text", "text"),
    "OSC with ST": ("\x1b]8;;http://x\x1b\\link", "link"),
    "8-bit OSC": ("\x9d0;title\x9ctext", "text"),
    "DCS": ("\x1bPq#0\x1b\\text", "text"),
    "unterminated OSC": ("\x1b]0;text [FAILED]\nnext", "0;text [FAILED]\nnext"),
    "unterminated CSI": ("\x1b[12;", "12;"),
    "charset": ("\x1b(Btext", "text"),
    "lone ESC": ("text\x1b", "text"),
    "CR LF": ("text\r\nnext\r\r\n", "text\nnext\n"),
    "progress": ("10%\r50%\r100%\n", "100%\n"),
    "overwritten in part": ("[....] Stopping\r[ ok ]", "[ ok ] Stopping"),
    "erased": ("old text\r\x1b[Knew", "new"),
    "whole line erased": ("old text\x1b[2K\rnew", "new"),
    "backspace": ("50%\b\b\b75%", "75%"),
    "controls": ("a\0b\x07c\x7fd\x85e\x0cf", "abcdef"),
    "bidi": ("a\u202eb\u2066c", "abc"),
    "tab": ("a\tb", "a\tb"),
    "trailing blanks": ("text   ", "text   "),
}


@pytest.mark.parametrize(("written", "read"), CASES.values(), ids=CASES.keys())
def test_read_as_on_a_terminal(written: str, read: str) -> None:
    assert plain(written) == read


def test_raw_bytes() -> None:
    assert plain(b"a\x9b31mb \xff\xfe caf\xc3\xa9") == "ab \ufffd\ufffd caf\u00e9"
    assert decode("\udcff\ud800") == "\ufffd\ufffd"


@given(st.binary() | st.text(st.characters(codec=None)))
def test_anything_becomes_plain(data: bytes | str) -> None:
    text = plain(data)
    assert plain(text) == text
    assert not any((ord(char) < 32 and char not in "\n\t") or 0x7F <= ord(char) < 0xA0 for char in text)
    text.encode("utf-8")


@given(st.text(st.sampled_from("ab \x1b\x9b\x9d[]0;2KGCm\x07\\\r\b\n")))
def test_any_mix_of_escapes_keeps_the_lines(text: str) -> None:
    assert plain(text).count("\n") == text.count("\n")
    assert "\x1b" not in plain(text)


@pytest.mark.parametrize(
    "piece", ["x\r", "\x9d", "\x1b]", "\x1b[", "\x1b[500G", "\x1b[500C", "a\x1b[2K", "\b", "\x1b[1"]
)
def test_a_megabyte_of_escapes_in_one_line_takes_no_quadratic_time(piece: str) -> None:
    size = 1_000_000
    started = time.process_time()
    plain("x" * (size // 2) + piece * (size // 2 // len(piece)))
    assert time.process_time() - started < 10
