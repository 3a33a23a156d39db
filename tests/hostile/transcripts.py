"""What Dolphin's programs and our scripts are known to print, and ways to damage it."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from tests.expressware import test_dishosts, test_services, test_status
from tests.expressware.test_kernels import GRUB_CFG

MARKED_FAILURES = (
    test_services.RED_HAT_BUSY,
    test_services.DEBIAN_BUSY,
)
"""A service did not stop, and a mark says so."""
SUCCESSES = (test_services.RED_HAT_STOP, test_services.DX_STOP)
RUNNING = test_status.DX_36
ANSWER = """Last login: Fri Nov 27 from 10.0.0.7
@hostname px01
@uid 0
@epoch 1795788000
@kernel 5.14.0-427.el9.x86_64
@arch x86_64
@boot_id 0b1c2d3e-0000-4000-8000-000000000001
@machine_id 00112233445566778899aabbccddeeff
@os ID="rocky"
@os VERSION_ID="9.4"
@package Dolphin-PX 5.19.0
@module dis_irm
@loaded.version dis_irm Dolphin IRM 5.19.0 ( November 13th 2007 )
@loaded.refcnt dis_sisci 3
@disk.version dis_irm 5.19.0
@services yes
@status Dolphin IRM 5.19.0 is running.
@status Dolphin Node Manager is running (pid 812).
@status.exit 0
@df /dev/sda1 1000 10 990 1% /
@ssocks STREAM: 0 DGRAM: 0
@process 812 libsisci dis_nodemgr
@process 4711 libsisci mysqld
@space /opt/DIS:/dev/sda1 1000 10 990 1% /
@clock.begin 1795788000.123456789
@kernel.running 5.14.0-427.el9.x86_64
@kernel.image vmlinuz-5.14.0-427.el9.x86_64
@kernel.tree 5.14.0-427.el9.x86_64
@watchdog monit /etc/monitrc:start program = "/etc/init.d/dis_nodemgr start"
@manager.first 9 dnf
@manager.second 9 dnf
@half iF :dolphin-px
@unfinished yum transaction-all.1
@clock.end 1795788001.000000001
@end
"""
"""A node's answer with a line of every kind; keys of all looking scripts together."""
VIEW = "Fabric 0 status: UP\nNumber of unreachable nodes: 0\nnbr-dead-nodes = 2\n"
EVERY = (
    *MARKED_FAILURES,
    *SUCCESSES,
    RUNNING,
    test_services.NO_MARKS_START,
    test_services.SYSTEMD,
    test_services.NETWORK_MANAGER,
    test_dishosts.VERSION_3,
    test_dishosts.VERSION_4,
    "\n".join(f"@grub {line}" for line in GRUB_CFG.splitlines()),
    ANSWER,
    VIEW,
)

NASTY = (
    b"\x00",
    b"\n",
    b"\r",
    b"\x1b[2K",
    b"\x1b]0;owned\x07",
    b"\x9b31m",
    b"\xff\xfe",
    "\u202e\u2066\u061c".encode(),
    b"9" * 5000,
    b"[",
    b"@",
    b"=",
    b" " * 50,
    b"\xed\xa0\x80",
)


def mutated(text: str | bytes) -> st.SearchStrategy[bytes]:
    """The text with a few bytes flipped, cut, doubled, or nasty ones put in."""
    data = text.encode() if isinstance(text, str) else text
    places = st.integers(0, max(0, len(data) - 1))
    edit = st.one_of(
        st.builds(_flip, places, st.integers(0, 7)),
        st.builds(_cut, places, places),
        st.builds(_double, places, places),
        st.builds(_insert, places, st.sampled_from(NASTY) | st.binary(max_size=4)),
    )
    return st.lists(edit, max_size=4).map(lambda edits: _apply(data, edits))


Edit = Callable[[bytes], bytes]


def _apply(data: bytes, edits: list[Edit]) -> bytes:
    for edit in edits:
        data = edit(data)
    return data


def _flip(place: int, bit: int) -> Edit:
    def edit(data: bytes) -> bytes:
        flipped = bytes(byte ^ 1 << bit for byte in data[place : place + 1])
        return data[:place] + flipped + data[place + 1 :]

    return edit


def _cut(start: int, end: int) -> Edit:
    return lambda data: data[: min(start, end)] + data[max(start, end) :]


def _double(start: int, end: int) -> Edit:
    return lambda data: data[: max(start, end)] + data[min(start, end) :]


def _insert(place: int, what: bytes) -> Edit:
    return lambda data: data[:place] + what + data[place:]


ANYTHING: st.SearchStrategy[bytes | str] = (
    st.sampled_from(EVERY).flatmap(mutated) | st.binary() | st.text(st.characters(codec=None))
)
"""Damaged transcripts, bytes, and text with surrogates."""
