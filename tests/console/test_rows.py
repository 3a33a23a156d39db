"""Rows: nothing hidden to the right, verdicts in sight, and the book of rows right after any history."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.console.panes.ring import Scrollback
from tui.console.panes.rowbook import WrappedLines
from tui.console.panes.rows import Row, cut
from tui.text.marks import Verdict
from tui.text.terminal import Line, Span, render_line

words = st.text(st.sampled_from("ab .語é"), max_size=60)


@given(words, st.integers(8, 40), st.sampled_from(["", "  [  OK  ]", " [FAILED]"]))
def test_every_row_fits_and_nothing_is_lost(text: str, width: int, mark: str) -> None:
    line = Line(text + mark)
    rows = cut(line, width)
    assert all(cell_len(row.text) <= width for row in rows)
    assert "".join(row.text for row in rows).replace(" ", "") == line.text.replace(" ", "")
    assert [row.first for row in rows] == [True] + [False] * (len(rows) - 1)


def test_a_mark_moves_to_the_edge_of_a_narrow_pane() -> None:
    line = render_line("Stopping Dolphin IRM driver\x1b[60G[\x1b[32m  OK  \x1b[0m]")
    [row] = cut(line, 40)
    assert row.text == "Stopping Dolphin IRM driver".ljust(32) + "[  OK  ]"
    assert row.verdict is Verdict.OK
    assert [row.text[span.start : span.end] for span in row.spans] == ["  OK  "]


def test_a_mark_without_room_beside_the_words_gets_its_own_row() -> None:
    rows = cut(Line("Stopping Dolphin SuperSockets drivers    [  OK  ]"), 38)
    assert [row.text for row in rows] == ["Stopping Dolphin SuperSockets drivers", " " * 30 + "[  OK  ]"]


def test_words_stay_whole_where_they_can() -> None:
    rows = cut(Line("one two three four five", (Span(4, 13, "red", False),)), 10)
    assert [row.text for row in rows] == ["one two ", "three four", "five"]
    assert [row.text[s.start : s.end] for row in rows for s in row.spans] == ["two ", "three"]


@given(
    st.lists(st.tuples(st.lists(words, max_size=8), st.one_of(st.none(), words)), max_size=12),
    st.integers(8, 20),
    st.sampled_from(["", "a", " ."]),
)
def test_a_book_kept_up_equals_one_made_anew(
    steps: list[tuple[list[str], str | None]], width: int, needle: str
) -> None:
    ring = Scrollback(limit=10)
    kept = WrappedLines(ring, width)
    kept.search(needle, 0)
    rows_gone = 0
    everything: list[Row] = []
    for lines, partial in steps:
        ring.extend([Line(text) for text in lines])
        everything += [row for text in lines for row in cut(Line(text), width)]
        ring.partial = Line(partial) if partial else None
        rows_gone += kept.pull()
    fresh = WrappedLines(ring, width)
    fresh.pull()
    fresh.search(needle, 0)
    assert (kept.rows, kept.found) == (fresh.rows, fresh.found)
    tail = cut(ring.partial, width) if ring.partial else []
    assert kept.rows == everything[rows_gone:] + tail
    assert kept.at < len(kept.found)


def test_the_ring_is_bounded_and_counts_what_it_dropped() -> None:
    ring = Scrollback(limit=100)
    for number in range(1000):
        ring.extend([Line(str(number))])
    assert len(ring.entries) <= 110
    assert ring.seen == 1000
    assert ring.entries[-1].line.text == "999"
    assert ring.entries[0].line.text == str(ring.dropped)


def test_finds_are_walked_around_both_ends() -> None:
    ring = Scrollback()
    ring.extend([Line(text) for text in ("Pack one", "x", "pack two", "y", "PACK three")])
    book = WrappedLines(ring, 20)
    book.pull()
    book.search("pack", bottom=3)
    assert (book.found, book.here) == ([0, 2, 4], 2)
    seen = []
    for _ in range(3):
        book.step(1)
        seen.append(book.here)
    assert seen == [4, 0, 2]
    book.step(-1)
    assert book.here == 0
    book.search("nothing", bottom=3)
    book.step(1)
    assert book.here is None
