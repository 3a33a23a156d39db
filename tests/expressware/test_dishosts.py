"""`dishosts.conf`, versions 3 and 4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.expressware.dishosts import Adapter, DisHost, DisHostsError, parse_dishosts

VERSION_4 = """\
#IX-HARDWARE
# The first line is not a comment, but says what type of
# hardware that will be used.
DISHOSTVERSION 4
HOSTNAME: scipe18
#Keyword name nodeid adapter link_width [serial_no]
ADAPTER:  scipe18_a0 8 0 8
ADAPTER:\tscipe18_a1\t12 1 16 IX-4711
HOSTNAME: scipe19
ADAPTER:  scipe19_a0 12 0 8
SOCKETADAPTER: sockad_0 SINGLE 0
SOCKET: scipe18 scipe18_a0
SOCKET: scipe19 scipe19_a0
"""
VERSION_3 = """\
#DX-HARDWARE
# This file was created with Dishostseditor version 4.4.3 ( rev 35670 )
DISHOSTVERSION 3
HOSTNAME: l1lsc0
ADAPTER:  l1lsc0_a0 8 0 4
"""


def test_version_4() -> None:
    read = parse_dishosts(VERSION_4)
    assert (read.version, read.family) == (4, "IX")
    assert read.hosts == (
        DisHost("scipe18", (Adapter("scipe18_a0", 8, 0, 8), Adapter("scipe18_a1", 12, 1, 16, "IX-4711"))),
        DisHost("scipe19", (Adapter("scipe19_a0", 12, 0, 8),)),
    )


@pytest.mark.parametrize("content", [VERSION_3, VERSION_3.replace("\n", "\r\n"), "\ufeff" + VERSION_3])
def test_version_3(content: str) -> None:
    read = parse_dishosts(content.encode())
    assert (read.version, read.family) == (3, "DX")
    assert read.hosts == (DisHost("l1lsc0", (Adapter("l1lsc0_a0", 8, 0, 4),)),)


def test_a_first_line_that_names_no_family() -> None:
    assert parse_dishosts(VERSION_3.replace("#DX-HARDWARE", "# hosts")).family is None


def test_what_is_not_known_is_passed_over() -> None:
    assert len(parse_dishosts(VERSION_4 + "STRIPE: a b c\nNEWWORD 5\n").hosts) == 2


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("", 1, "without a DISHOSTVERSION"),
        ("DISHOSTVERSION 4\n", 2, "without a single HOSTNAME:"),
        ("DISHOSTVERSION 2\n", 1, "file version 2 is not known"),
        ("DISHOSTVERSION four\n", 1, "the file version 'four' is not a number"),
        ("DISHOSTVERSION\n", 1, "the file version '' is not a number"),
        ("DISHOSTVERSION 4\n\nADAPTER: a 8 0 8\n", 3, "before the first HOSTNAME:"),
        (VERSION_3 + "ADAPTER: b 8 0\n", 6, "has 3 of its 4 fields"),
        (VERSION_3 + "ADAPTER: b eight 0 4\n", 6, "the node id 'eight' is not a number"),
        (VERSION_3 + "ADAPTER: b 8 x 4\n", 6, "the adapter number 'x' is not a number"),
        (VERSION_3 + "ADAPTER: b 8 0 x4\n", 6, "the link width 'x4' is not a number"),
        (VERSION_3 + "HOSTNAME: l1lsc0\n", 6, "host l1lsc0 appears twice"),
        (VERSION_3 + "HOSTNAME:\n", 6, "HOSTNAME: names no host"),
        (VERSION_3 + "HOSTNAME: bare\n", 7, "host bare has no ADAPTER: record"),
        ("\x7fELF\x00\x00", 1, "without a DISHOSTVERSION"),
    ],
)
def test_errors_name_the_line(content: str, line: int, words: str) -> None:
    with pytest.raises(DisHostsError) as refused:
        parse_dishosts(content)
    assert str(refused.value).startswith(f"dishosts.conf, line {line}: ")
    assert words in str(refused.value)


@given(st.binary() | st.text() | st.lists(st.sampled_from(VERSION_4.split())).map("\n".join))
def test_any_content_is_read_or_refused(content: bytes | str) -> None:
    try:
        told = [host.name for host in parse_dishosts(content).hosts]
    except DisHostsError as refused:
        told = str(refused).removeprefix("dishosts.conf, line ").split(":")
    assert told
    assert told[0]


_NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), min_size=1, max_size=6, unique=True)
_ADAPTERS = st.lists(
    st.builds(
        Adapter,
        st.from_regex(r"[a-z_0-9]{1,8}", fullmatch=True),
        st.integers(0, 999),
        st.integers(0, 9),
        st.integers(1, 16),
        st.none() | st.from_regex(r"[A-Z0-9-]{1,8}", fullmatch=True),
    ),
    min_size=1,
    max_size=3,
)


@given(
    _NAMES.flatmap(
        lambda names: st.tuples(*(st.builds(DisHost, st.just(n), _ADAPTERS.map(tuple)) for n in names))
    )
)
def test_any_file_reads_back(hosts: tuple[DisHost, ...]) -> None:
    lines = ["#PX-HARDWARE", "DISHOSTVERSION 4"]
    for host in hosts:
        lines.append(f"HOSTNAME: {host.name}")
        lines.extend(
            f"ADAPTER: {a.name}  {a.node_id} {a.number}\t{a.width} {a.serial or ''}" for a in host.adapters
        )
    assert parse_dishosts("\n".join(lines)).hosts == hosts
