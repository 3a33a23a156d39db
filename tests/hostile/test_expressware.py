"""Every parser of Dolphin's output on damaged text: none raises, none hangs, none says that all is well."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.expressware.node import answered
from tests.hostile.transcripts import ANSWER, ANYTHING, MARKED_FAILURES, NASTY, RUNNING, SUCCESSES, VIEW
from tui.expressware import dishosts, facts, probe, readiness, services, sia, status, users, versions, view
from tui.text.sanitize import brief, words_of
from tui.text.terminal import LineReader, decode, plain

Read = Callable[[bytes | str], object]


def _facts(data: bytes | str) -> object:
    try:
        found = facts.parse_facts(answered(data))
    except facts.FactsError as refused:
        return str(refused)
    return (found.node_packages, found.installed, found.disagreeing, found.active, found.stale)


def _dishosts(data: bytes | str) -> object:
    try:
        return dishosts.parse_dishosts(data)
    except dishosts.DisHostsError as refused:
        assert "\n" not in str(refused)
        return str(refused)


def _ready(data: bytes | str) -> object:
    found = readiness.parse_readiness(answered(data))
    return (found.lacking, found.kernels.installed, found.users.sentences(), found.packaging.unfinished)


def _versions(data: bytes | str) -> object:
    text = decode(data)
    half = len(text) // 2
    a, b = text[:half], text[half : half + 100]  # a pattern comes from the cluster file, which bounds it
    found = (versions.extract(text), versions.compare(a, b))
    return (found, versions.rolling_allowed(a, [b]), versions.needs_enforce(a, b))


def _lines(data: bytes | str) -> object:
    stream = LineReader()
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return (stream.feed(raw), stream.partial, stream.end())


PARSERS: dict[str, Read] = {
    "plain": plain,
    "words": lambda data: brief(words_of(decode(data))),
    "facts": _facts,
    "services": services.parse_report,
    "status": status.parse_status,
    "view": view.unreachable,
    "interconnect": view.parse_interconnect,
    "dishosts": _dishosts,
    "probe": lambda data: probe.parse_probe(answered(data)).services_running,
    "users": lambda data: users.parse_users(answered(data)).sentences(),
    "sia": sia.explain,
    "readiness": _ready,
    "versions": _versions,
    "lines": _lines,
}


@given(ANYTHING)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_parser_raises(data: bytes | str) -> None:
    for read in PARSERS.values():
        read(data)


PUMPED = (
    "Number of unreachable nodes ",
    "nbr-dead-nodes",
    "Dolphin already installed ",
    "rmmod ",
    "1 stream ",
    "\x1b[",
    "\x1b[C",
    "\x1b]0;",
    "\r\b",
    "[ ",
    "ERROR: ",
    "5.21.2-rc",
    "0123456_abcdef0",
    "(pid 1,",
    "Dolphin IRM is stopped ",
    "@space /a: 1 1 ",
    "@df  1 2 ",
    "@watchdog systemd /systemd/system/dis_a",
    "HOSTNAME: a ",
)


@pytest.mark.parametrize("name", PARSERS)
def test_no_parser_takes_longer_than_the_text_is_long(name: str) -> None:
    """The same words again and again, as one line and as many: what tries all ways would take minutes."""
    for words in PUMPED:
        for end in ("", "\n"):
            before = time.process_time()
            PARSERS[name]((words + end) * (80_000 // len(words)) + "\n")
            assert time.process_time() - before < 2, (words, end)


@given(st.sampled_from(MARKED_FAILURES), st.data())
@settings(max_examples=150, deadline=None)
def test_a_failure_stays_one_whatever_bit_is_damaged(text: str, data: st.DataObject) -> None:
    raw = bytearray(text.encode())
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    assert not services.parse_report(bytes(raw)).all_ok


@given(st.sampled_from(SUCCESSES), st.data())
@settings(max_examples=150, deadline=None)
def test_a_success_that_was_cut_short_in_a_line_is_none(text: str, data: st.DataObject) -> None:
    lines = text.splitlines(keepends=True)
    index = data.draw(st.integers(0, len(lines) - 1))
    cut = data.draw(st.integers(0, max(0, lines[index].rfind("]") - 1)))
    shown = services.parse_report("".join(lines[:index]) + lines[index][:cut])
    whole = services.parse_report("".join(lines[:index]))
    assert len(shown.lines) == len(whole.lines) or not shown.all_ok


def test_an_answer_that_was_cut_short_is_never_taken_for_a_whole_one() -> None:
    """At every byte, the last one that matters included."""
    for end in range(len(ANSWER.rstrip())):
        cut = ANSWER[:end]
        assert not probe.parse_probe(answered(cut)).services_running
        assert not users.parse_users(answered(cut)).certain
        assert not readiness.parse_readiness(answered(cut)).complete
        with pytest.raises(facts.FactsError):
            facts.parse_facts(answered(cut))


def test_the_whole_answer_is_good_news() -> None:
    """So that the tests above tell something."""
    assert probe.parse_probe(answered(ANSWER)).services_running
    assert facts.parse_facts(answered(ANSWER)).installed == "5.19.0"
    assert readiness.parse_readiness(answered(ANSWER)).complete
    assert all(services.parse_report(text).all_ok for text in SUCCESSES)
    assert not any(services.parse_report(text).all_ok for text in MARKED_FAILURES)


DOWN = (" driver is stopped.", " is stopped.", " not running, but /var/lock/subsys/x exists")
# A line end or an erased line makes another line of it, which is no damage to this one.
WITHIN = [nasty for nasty in NASTY if nasty not in (b"\n", b"\r", b"\x1b[2K")]


@given(st.integers(0, 4), st.sampled_from(DOWN), st.sampled_from(WITHIN), st.data())
@settings(max_examples=150, deadline=None)
def test_what_is_down_stays_so_with_foreign_bytes_in_its_name(
    index: int, down: str, nasty: bytes, data: st.DataObject
) -> None:
    lines = RUNNING.encode().splitlines(keepends=True)
    assert status.all_running(status.parse_status(b"".join(lines)))
    name = b" ".join(lines[index].split()[:2])
    place = data.draw(st.integers(len("Dolphin "), len(name)))
    lines[index] = name[:place] + nasty + name[place:] + down.encode() + b"\n"
    assert not status.all_running(status.parse_status(b"".join(lines)))


@pytest.mark.parametrize("nasty", NASTY)
def test_a_count_with_foreign_bytes_in_it_is_not_known(nasty: bytes) -> None:
    """The cluster's own count of what it cannot reach: a wrong 0 would open the gate."""
    before, after = VIEW.split("\n")[1].split("0")
    for count in (b"1", b"12"):
        for place in range(len(count) + 1):
            line = before.encode() + count[:place] + nasty + count[place:] + after.encode()
            assert view.unreachable(line)[0] != 0
