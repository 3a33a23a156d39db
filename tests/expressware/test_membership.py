"""Names in a node's own `dishosts.conf` against the names that are meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressware.test_dishosts import VERSION_4
from tui.expressware.membership import Difference, Membership, compare, read_membership
from tui.expressware.tagged import Answer

MEANT = {
    "px01": {"px01", "10.1.2.1", "px01.east.example"},
    "px02": {"px02", "10.1.2.2"},
    "n1.east.example": {"n1.east.example", "n1"},
    "n1.west.example": {"n1.west.example", "n1"},
}
EVERYONE = ["px01", "px02", "n1.east.example", "n1.west.example"]


@pytest.mark.parametrize(
    ("hosts", "missing", "unknown"),
    [
        (EVERYONE, (), ()),
        (["PX01", "px02"], (), ()),
        (["px01", "px03"], ("px03",), ()),
        (["px01.east.example"], (), ()),
        (["px02.east.example"], (), ()),
        (["n1.south.example"], (), ("n1.south.example",)),
        (["10.1.2.1", "10.1.2.9"], (), ("10.1.2.9",)),
        (["LOCALHOST"], (), ("LOCALHOST",)),
        (["DIS_LOCAL"], (), ("DIS_LOCAL",)),
    ],
)
def test_what_is_not_meant_and_what_cannot_be_told(
    hosts: list[str], missing: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    assert compare(hosts, {name: frozenset(called) for name, called in MEANT.items()}) == Difference(
        missing, unknown
    )


def test_more_addresses_than_nodes_are_missing_for_sure() -> None:
    found = compare(["10.9.9.1", "10.9.9.2", "LOCALHOST"], {"px01": frozenset({"px01"})})
    assert (found.missing, found.too_many) == ((), 1)


@given(st.lists(st.sampled_from([*EVERYONE, "px03", "10.1.2.1", "10.7.7.7", "LOCALHOST", "n1"])))
def test_no_host_is_lost(hosts: list[str]) -> None:
    """Each host is missing or not comparable, or else one of those that are meant."""
    found = compare(hosts, {name: frozenset(called) for name, called in MEANT.items()})
    left = set(hosts) - set(found.missing) - set(found.unknown)
    assert left <= {name for called in MEANT.values() for name in called}
    assert set(found.missing) <= {"px03"}


def test_the_file_is_read_or_it_is_said_why_not() -> None:
    def answer(*lines: str) -> Answer:
        said = [("dishosts.there", "yes"), *(("dishosts", line) for line in lines)]
        return Answer(tuple(said), 0, 0.0, ended=True)

    assert read_membership(Answer((), 0, 0.0, ended=True)) == Membership()
    assert read_membership(answer(*VERSION_4.split("\n"))).hosts
    spaced = VERSION_4.replace(" ", "   ") + "# and a word\n\n"
    records = read_membership(answer(*spaced.split("\n"))).records
    assert records == read_membership(answer(*VERSION_4.split("\n"))).records
    assert records[0].endswith("-HARDWARE")
    assert "dishosts.conf" in read_membership(answer("HOSTNAME: px01")).error
