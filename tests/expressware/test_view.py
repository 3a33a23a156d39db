"""The cluster view command's answer."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.expressware.view import UNREACHABLE, Interconnect, parse_interconnect, parse_view


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
    assert parse_view(output, pattern) == count
    assert parse_view(output.encode(), pattern) == count


def test_a_pattern_that_is_none_is_not_hidden() -> None:
    with pytest.raises(re.error):
        parse_view("x", "(")


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
    count = parse_view(output)
    assert count is None or count >= 0
    assert parse_interconnect(output) in (None, *Interconnect)


@given(
    st.integers(0, 10**8), st.sampled_from([": ", " ", "\t:\t", " = "]), st.sampled_from(["\n", "\r\n", ""])
)
def test_any_count_reads_back(count: int, gap: str, ending: str) -> None:
    assert parse_view(f"Number of unreachable nodes{gap}{count}{ending}") == count
