"""The cluster view command's answer."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressware.node import SHELLS, Tree, answered, looked, run
from tui.expressware.commands import ShellText
from tui.expressware.view import (
    UNREACHABLE,
    Interconnect,
    parse_interconnect,
    parse_view,
    unreachable,
    view_script,
)


@pytest.mark.parametrize(
    ("output", "pattern", "count"),
    [
        ("Fabric 0\nNumber of unreachable nodes     : 0\n", UNREACHABLE, 0),
        ("Number of unreachable nodes: 2\r\n", r"Number of unreachable nodes\D*(\d+)", 2),
        ("\x1b[1mNumber of unreachable nodes\x1b[0m 14\n", UNREACHABLE, 14),
        ("nbr-dead-nodes 3\n", UNREACHABLE, 3),
        ("x Number of unreachable nodes = 5", "unreachable", 5),
        ("Number of unreachable nodes: 0\nNumber of unreachable nodes: 3\n", UNREACHABLE, 3),
        ("", UNREACHABLE, None),
        ("Cannot connect to the Network Manager\n", UNREACHABLE, None),
        ("Number of unreachable nodes: unknown\n", "unreachable", None),
        ("unreachable 0\nunreachable ?\n", "unreachable", None),
        ("unreachable\n", "unreachable( [0-9]+)?", None),
        ("", "", None),
    ],
)
def test_count(output: str, pattern: str, count: int | None) -> None:
    assert unreachable(output, pattern)[0] == count
    assert unreachable(output.encode(), pattern)[0] == count


def test_a_pattern_that_is_none_is_not_hidden() -> None:
    with pytest.raises(re.error):
        unreachable("x", "(")


@pytest.mark.parametrize(
    ("output", "state"),
    [
        ("Interconnect status             : UP\n", Interconnect.UP),
        ("Cluster Status: REDUCED", Interconnect.REDUCED),
        ("state = DEGRADED\n", Interconnect.DEGRADED),
        ("status: UP\nstatus: FAILED\nstatus: REDUCED\n", Interconnect.FAILED),
        ("status UNSTABLE", Interconnect.UNSTABLE),
        ("status: UPSIDE", None),
        ("Link UP\n", None),
        ("Status of FAILED attempts", None),
        ("", None),
    ],
)
def test_interconnect(output: str, state: Interconnect | None) -> None:
    assert parse_interconnect(output) is state


@given(st.binary() | st.text())
def test_never_raises(output: bytes | str) -> None:
    count, names = unreachable(output)
    assert not names
    assert count is None or count >= 0
    assert parse_interconnect(output) in (None, *Interconnect)


@given(
    st.integers(0, 10**8), st.sampled_from([": ", " ", "\t:\t", " = "]), st.sampled_from(["\n", "\r\n", ""])
)
def test_any_count_reads_back(count: int, gap: str, ending: str) -> None:
    assert unreachable(f"Number of unreachable nodes{gap}{count}{ending}") == (count, frozenset())


NAMING = r"Number of unreachable nodes\D*(?P<count>\d+)|^Node (?P<node>\S+) is unreachable"


@pytest.mark.parametrize(
    ("output", "seen"),
    [
        ("Number of unreachable nodes: 1\nNode px02 is unreachable\n", (1, {"px02"})),
        ("Number of unreachable nodes: 2\nNode px02 is unreachable\n", (2, {"px02"})),
        ("Number of unreachable nodes: 0\nNode px02 is unreachable\n", (1, {"px02"})),
        ("Number of unreachable nodes: 0\n", (0, set())),
        ("Node px02 is unreachable\n", (None, set())),
        ("Node px02 is active\n", (None, set())),
    ],
)
def test_names_beside_the_count(output: str, seen: tuple[int | None, set[str]]) -> None:
    assert unreachable(output, NAMING) == (seen[0], frozenset(seen[1]))


WELL = "echo 'Number of unreachable nodes: 0'"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("program", "count", "why"),
    [
        (WELL, 0, ""),
        (f"{WELL}; exit 1", None, "its command ended with exit code 1"),
        (f"{WELL}; kill -SEGV $$", None, "its command ended by signal 11"),
        (f"{WELL} | cat; exit 127", None, "its command could not be run (exit code 127)"),
        ("", None, "no count is found where view.unreachable looks for it"),
        ("echo busy", None, "no count is found where view.unreachable looks for it"),
    ],
)
def test_a_command_that_failed_has_no_answer(
    tmp_path: Path, shell: list[str], program: str, count: int | None, why: str
) -> None:
    Tree(tmp_path).program("/opt/look", program)
    view = parse_view(looked(view_script(ShellText("/opt/look")), tmp_path, shell))
    assert (view.count, view.why) == (count, why)


def test_a_view_that_was_cut_has_told_nothing(tmp_path: Path) -> None:
    """At every byte before our end mark, and with anything after it."""
    Tree(tmp_path).program("/opt/look", WELL)
    whole = run(view_script(ShellText("/opt/look")), tmp_path, ["/bin/sh"]).stdout
    assert parse_view(answered(whole)).count == 0
    for end in range(len(whole.rstrip())):
        assert parse_view(answered(whole[:end])).count is None, end
    assert parse_view(answered(whole + b"more\n")).count is None
    assert parse_view(answered(whole, 1)).count is None
    assert parse_view(answered(whole, None)).count is None
