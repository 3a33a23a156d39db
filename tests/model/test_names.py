"""Whether a machine is the one that is meant, by the names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.names import alike, is_address, label, mistaken, plain

FILE = ("n1.east.example", "n1.west.example", "n2.east.example", "px03", "px04")


@pytest.mark.parametrize(
    ("meant", "found"),
    [
        ("n1.east.example", "n1.east.example"),
        ("n1.east.example", "N1.East.Example."),
        ("n2.east.example", "n2"),
        ("px03", "px03"),
        ("PX03", "px03"),
        ("px03", "px03.cluster.example"),
        ("px03.", "px03"),
    ],
)
def test_the_machine_that_is_meant(meant: str, found: str) -> None:
    assert mistaken(meant, found, FILE) == ""


@pytest.mark.parametrize(
    ("meant", "found", "words"),
    [
        ("n1.east.example", "n1.west.example", "calls itself n1.west.example, another full name"),
        ("n1.east.example", "n1", "calls itself n1, and so could n1.west.example"),
        ("n2.east.example", "n2.west.example", "another full name"),
        ("px03", "px04", "calls itself px04; check host and port"),
        ("px03", "px030", "calls itself px030"),
        ("px03", "localhost", "has no host name of its own"),
        ("px03", "localhost.localdomain", "has no host name of its own"),
        ("px03", "", "has no host name of its own"),
        ("10.1.2.3", "px03", 'host = "10.1.2.3" below [node.NAME]'),
        ("fe80::1%eth0", "px03", "cannot be compared"),
    ],
)
def test_another_machine_is_named_in_one_sentence(meant: str, found: str, words: str) -> None:
    told = mistaken(meant, found, FILE)
    assert words in told
    assert "\n" not in told


def test_a_short_name_that_two_nodes_share_tells_nothing() -> None:
    both = ("px01", "px01.other.example")
    assert "and so could px01.other.example" in mistaken("px01", "px01", both)
    assert "and so could px01.other.example" in mistaken("px01", "px01.cluster.example", both)
    assert mistaken("px01.other.example", "px01.other.example", both) == ""


@pytest.mark.parametrize("text", ["10.1.2.3", "::1", "[fe80::1]", "fe80::1%eth0", "2001:db8::7"])
def test_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize("text", ["px01", "10", "a.b", "10.1.2", "", "1.2.3.4.example"])
def test_no_addresses(text: str) -> None:
    assert not is_address(text)


labels = st.from_regex(r"[a-z][a-z0-9-]{0,5}", fullmatch=True)
names = st.lists(labels, min_size=1, max_size=3).map(".".join)


@given(names, names)
def test_alike_is_for_one_first_label_only(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)
    assert alike(one, one.upper() + ".")
    if alike(one, other):
        assert label(one) == label(other)
        assert plain(one) == plain(other) or "." not in one or "." not in other


@given(st.lists(names, min_size=1, max_size=5, unique=True), names)
def test_one_machine_answers_for_one_name_of_the_file_at_most(nodes: list[str], found: str) -> None:
    """Whatever a machine calls itself, no two nodes of the file take it for themselves."""
    takers = [name for name in nodes if not mistaken(name, found, nodes)]
    assert len(takers) <= 1


@given(st.text(), st.text(), st.lists(st.text()))
def test_any_text_is_judged(meant: str, found: str, nodes: list[str]) -> None:
    assert isinstance(mistaken(meant, found, nodes), str)
