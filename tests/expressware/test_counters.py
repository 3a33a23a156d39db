"""What a node counts of its interconnect, read by real shells, and compared between two looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.expressware.node import SHELLS, Tree, looked
from tui.expressware.counters import (
    errors_script,
    grown,
    moved,
    parse_errors,
    parse_use,
    read_diag,
    use_script,
)

STATISTICS = "sys/class/net/dis0/statistics"
DIAG = "/opt/DIS/sbin/dis_diag"


@pytest.mark.parametrize("shell", SHELLS)
def test_one_byte_and_one_reference_that_move_are_use(shell: list[str], tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.file(f"/{STATISTICS}/rx_bytes", "4711\n")
    tree.file(f"/{STATISTICS}/tx_bytes", "12\n")
    tree.file("/sys/module/dis_irm/refcnt", "2\n")
    first = parse_use(looked(use_script("/opt/DIS"), tree.root, shell))
    assert not first.users.in_use
    assert moved(first.counts, parse_use(looked(use_script("/opt/DIS"), tree.root, shell)).counts) == ()
    tree.file(f"/{STATISTICS}/rx_bytes", "4712\n")
    tree.file("/sys/module/dis_irm/refcnt", "3\n")
    assert moved(first.counts, parse_use(looked(use_script("/opt/DIS"), tree.root, shell)).counts) == (
        "dis0 has received, in bytes: 4711, then 4712",
        "the use count of dis_irm: 2, then 3",
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_error_counters_are_read_where_a_node_has_them(shell: list[str], tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    nothing = parse_errors(looked(errors_script("/opt/DIS"), tree.root, shell))
    assert (nothing.counts, nothing.unknown) == ({}, "there is no dis_diag")
    tree.file(f"/{STATISTICS}/rx_errors", "3\n")
    tree.program(DIAG, "echo 'Link 0: ENABLED'; echo '  CRC errors : 7'; exit 1")
    found = parse_errors(looked(errors_script("/opt/DIS"), tree.root, shell))
    assert (found.counts, found.unknown) == ({"dis0 rx errors": 3, "link 0 CRC errors": 7}, "")
    tree.program(DIAG, "kill -9 $$")
    cut = parse_errors(looked(errors_script("/opt/DIS"), tree.root, shell))
    assert (cut.counts, cut.unknown) == ({"dis0 rx errors": 3}, "dis_diag ended by signal 9")
    tree.program(DIAG, "echo 'TEST RESULT: PASSED'")
    silent = parse_errors(looked(errors_script("/opt/DIS").replace("dis0", "dis9"), tree.root, shell))
    assert (silent.counts, silent.unknown) == ({}, "dis_diag names no error counter")


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        (("Link 0: ENABLED", "  Link 0 errors: 3"), {"link 0 errors": 3}),
        (("Link 1 state", "Receiver errors: 3 of 12"), {}),
        (("link #2", "Replay errors     12"), {"link 2 Replay errors": 12}),
        (("Link 0", "2 warnings, 5 errors"), {"in all: errors": 5}),
        (("5.25.2 errors", "x16 Gen4 (16 GT/s)", "no error at all"), {}),
        (("errors " + "9" * 30,), {}),
        (("Link 0", "errors: 4", "Link 1", "errors: 5"), {"link 0 errors": 4, "link 1 errors": 5}),
    ],
)
def test_a_line_that_speaks_of_errors_and_holds_one_number_counts(
    lines: tuple[str, ...], counts: dict[str, int]
) -> None:
    assert read_diag(lines) == counts


def test_growth_is_of_the_same_counter_and_one_that_was_cleared_begins_anew() -> None:
    before = {"link 0 errors": 5, "link 1 errors": 9, "dis0 rx errors": 1, "gone": 1}
    after = {"link 0 errors": 8, "link 1 errors": 2, "dis0 rx errors": 1, "new": 7}
    assert grown(before, after) == {"link 0 errors": 3, "link 1 errors": 2}
