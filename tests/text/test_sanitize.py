"""Names, reasons and commands: nothing in them steers a terminal or touches the words beside them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.test_terminal import steering
from tui.text.sanitize import paragraph, sanitize, sanitize_line

anything = st.text(st.characters(codec=None) | st.sampled_from("\x1b\x9b\x9d[]0;2KGm\x07\\\r\b\n\t\u0301"))


@given(anything)
def test_names_and_reasons_are_safe(text: str) -> None:
    assert not steering(sanitize_line(text))
    assert "\n" not in sanitize_line(text)
    assert all(not steering(line) for line in paragraph(text).split("\n"))
    assert not steering(sanitize(text).replace("\n", "").replace("\t", ""))


@given(anything)
def test_what_is_safe_stays_as_it_is(text: str) -> None:
    assert sanitize(sanitize(text)) == sanitize(text)
    assert sanitize_line(sanitize_line(text)) == sanitize_line(text)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("ours: \x1b[2Ktheirs\b\b\b\rx", "ours: theirsx"),
        ("a\x1b[60Gb", "ab"),
        ("\x1b\x1b[0m[31mred", "[31mred"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b]0;title\x07name", "name"),
        ("e\u0301\u0301\u0301", "e\u0301\u0301"),
    ],
)
def test_moves_are_not_applied_but_removed(raw: str, text: str) -> None:
    assert sanitize(raw) == text
    assert sanitize_line(raw.replace("\r", "")) == text.replace("\n", " ").replace("\t", " ")


def test_long_names_are_cut() -> None:
    assert sanitize_line("n" * 100, 10) == "n" * 9 + "…"
    assert paragraph("\n".join("abc"), 2) == "a\nb\n…"
    assert len(sanitize_line("\u0301x" * 1_000_000, 10)) == 10
    assert unicodedata.category(sanitize_line("\x1b" * 100_000 + "x") or " ") == "Zs"
