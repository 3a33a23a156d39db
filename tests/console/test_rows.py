"""Rows: nothing hidden to the right, verdicts in sight, and a scrollback right after any history."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.console.look.glyphs import ASCII, UNICODE
from tui.console.panes.rows import Row, cut
from tui.console.panes.scrollback import Scrollback
from tui.text.marks import Verdict
from tui.text.terminal import Line, Span, render_line

words = st.text(st.sampled_from("ab .語é"), max_size=60)


@given(words, st.integers(8, 40), st.sampled_from(["", "  [  OK  ]", " [FAILED]"]))
def test_every_row_fits_and_nothing_is_lost(text: str, width: int, mark: str) -> None:
    line = Line(text + mark)
    rows = cut(line, width)
    assert all(cell_len(row.text) <= width for row in rows)
    assert "".join(row.whole or row.text for row in rows).replace(" ", "") == line.text.replace(" ", "")
    assert [row.first for row in rows] == [True] + [False] * (len(rows) - 1)


def test_a_mark_moves_to_the_edge_of_a_narrow_pane() -> None:
    line = render_line("Stopping Dolphin IRM driver\x1b[60G[\x1b[32m  OK  \x1b[0m]")
    [row] = cut(line, 40)
    assert row.text == "Stopping Dolphin IRM driver".ljust(32) + "[  OK  ]"
    assert row.verdict is Verdict.OK
    assert [row.text[span.start : span.end] for span in row.spans] == ["  OK  "]


def test_what_went_well_stays_on_its_line_cut_before_its_mark_in_its_colour() -> None:
    line = Line("Stopping Dolphin SuperSockets drivers    [  OK  ]")
    [row] = cut(line, 38)
    assert row.text == "Stopping Dolphin SuperSocket… [  OK  ]"
    assert [(row.text[span.start : span.end], span.ink) for span in row.spans] == [("[  OK  ]", "ok")]
    assert row.has("drivers")
    [row] = cut(line, 80)
    assert [(row.text[span.start : span.end], span.ink) for span in row.spans] == [("[  OK  ]", "ok")]
    assert UNICODE.letters("é…") == "é…"
    assert ASCII.letters("é…") == "?~"


def test_no_word_of_a_failure_is_cut() -> None:
    rows = cut(Line("Stopping Dolphin SuperSockets drivers    [FAILED]"), 38)
    assert [row.text for row in rows] == ["Stopping Dolphin SuperSockets drivers", " " * 30 + "[FAILED]"]


def test_words_stay_whole_where_they_can() -> None:
    rows = cut(Line("one two three four five", (Span(4, 13, "red", False),)), 10)
    assert [row.text for row in rows] == ["one two ", "three four", "five"]
    assert [row.text[s.start : s.end] for row in rows for s in row.spans] == ["two ", "three"]


@given(
    st.lists(st.tuples(st.lists(words, max_size=8), st.one_of(st.none(), words)), max_size=12),
    st.integers(8, 20),
    st.sampled_from(["", "a", " ."]),
)
def test_rows_kept_up_equal_rows_made_anew(
    steps: list[tuple[list[str], str | None]], width: int, needle: str
) -> None:
    kept = Scrollback(limit=10, width=width)
    kept.search(needle, 0)
    everything: list[Row] = []
    for lines, partial in steps:
        kept.extend([Line(text) for text in lines])
        everything += [row for text in lines for row in cut(Line(text), width)]
        kept.partial = Line(partial) if partial else None
    tail = cut(kept.partial, width) if kept.partial else []
    assert kept.rows == everything[kept.rows_dropped :] + tail
    assert kept.at < len(kept.found)
    rows, found = kept.rows, kept.found
    kept.wrap(width + 3)
    kept.wrap(width)
    assert (kept.rows, kept.found) == (rows, found)
    kept.search(needle, 0)
    assert kept.found == found


def test_the_scrollback_is_bounded_and_counts_what_it_dropped() -> None:
    kept = Scrollback(limit=100)
    for number in range(1000):
        kept.extend([Line(str(number))])
    assert len(kept.entries) <= 110
    assert kept.dropped + len(kept.entries) == 1000
    assert kept.entries[-1].line.text == "999"
    assert kept.entries[0].line.text == str(kept.dropped)


def test_finds_are_walked_around_both_ends() -> None:
    kept = Scrollback(width=20)
    kept.extend([Line(text) for text in ("Pack one", "x", "pack two", "y", "PACK three")])
    kept.search("pack", bottom=3)
    assert (kept.found, kept.here) == ([0, 2, 4], 2)
    seen = []
    for _ in range(3):
        kept.step(1)
        seen.append(kept.here)
    assert seen == [4, 0, 2]
    kept.step(-1)
    assert kept.here == 0
    kept.search("nothing", bottom=3)
    kept.step(1)
    assert kept.here is None
