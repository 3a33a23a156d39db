"""Signs that every terminal draws one column wide, or plain ASCII."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict

import pytest

from tui.console.look.glyphs import ASCII, UNICODE, Glyphs

FRAMES = ("more", "rule", "bar", "tick")
"""Of ambiguous width, as the lines of frames are."""


def signs(glyphs: Glyphs) -> dict[str, str]:
    return {name: sign for name, sign in asdict(glyphs).items() if isinstance(sign, str)}


def test_no_sign_is_of_ambiguous_width() -> None:
    found = {name for name, sign in signs(UNICODE).items() if unicodedata.east_asian_width(sign) in "AWF"}
    assert found == set(FRAMES)


def test_signs_of_a_state_are_one_column_and_ascii_where_it_must_be() -> None:
    assert all(sign.isascii() for sign in signs(ASCII).values())
    for glyphs in (UNICODE, ASCII):
        states = {name: sign for name, sign in signs(glyphs).items() if name not in ("arrow", "more", "dot")}
        assert {len(sign) for sign in states.values()} == {1}


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_your_turn_looks_like_nothing_else(glyphs: Glyphs) -> None:
    assert [name for name, sign in signs(glyphs).items() if sign == glyphs.turn] == ["turn"]


def test_sentences_are_told_in_signs_that_are_narrow() -> None:
    assert UNICODE.plain("a · b → “c” 1–2") == 'a ∙ b ➜ "c" 1-2'
    assert ASCII.plain("a · b → “c” 1–2 ✔ ü") == 'a . b -> "c" 1-2 + ?'
