"""A journal whose chain is whole and whose content is somebody else's: every reader says so or reads on."""

from __future__ import annotations

import asyncio
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hostile.chains import RUN, chained
from tests.hostile.transcripts import NASTY
from tests.journal.story import Story
from tui.cli.main import main
from tui.cli.runs import replay
from tui.journal import Journal, JournalError, Tail, find_runs, run_directory, unfinished_run
from tui.journal.files import EVENTS, HEAD
from tui.journal.listed import listed
from tui.model.fold import fold
from tui.plain.terminal import Terminal
from tui.report import read_report, render_html, render_json, render_markdown

WORDS = [
    "\x1b]0;owned\x07",
    "\u202e",
    "\x9b2J",
    "a\nb",
    "..",
    "../../x",
    "/etc",
    "\0",
    "",
    "[bold]",
    "\U0001f600",
    *(nasty.decode("latin-1") for nasty in NASTY[:6]),
]
ODD: list[Any] = [None, True, -1, 0, 10**30, 1e308, [], {}, [[]], {"a": {"b": []}}, *WORDS]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """A run with everything in it: one node updated, one failed."""
    story = Story(tmp_path_factory.mktemp("story") / "run")
    story.update("px01")
    story.fail_install("px02")
    return (story.close() / EVENTS).read_bytes().splitlines()


def place_of(value: Any, chance: random.Random) -> Iterator[tuple[Any, Any]]:
    """(container, key) of everything inside."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from place_of(value[key], chance)


def damaged(lines: list[bytes], chance: random.Random) -> list[dict[str, Any]]:
    """The events with some of their values, and some of themselves, changed."""
    events: list[dict[str, Any]] = [json.loads(line) for line in lines]
    for _ in range(chance.randint(1, 3)):
        match chance.randint(0, 4):
            case 0:
                events.insert(chance.randrange(len(events)), chance.choice(events))
            case 1:
                del events[chance.randrange(1, len(events))]
            case _:
                container, key = chance.choice(list(place_of(chance.choice(events), chance)))
                container[key] = chance.choice(ODD)
    return events


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_foreign_event_is_a_sentence_or_read_and_nothing_is_written(
    lines: list[bytes], tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    state = tmp_path_factory.mktemp("state")
    directory = run_directory(state, "px-prod", RUN)
    directory.mkdir(parents=True)
    journal, head = chained(damaged(lines, random.Random(seed)))
    (directory / EVENTS).write_bytes(journal)
    (directory / HEAD).write_bytes(head)
    (found,) = find_runs(state)
    said = io.StringIO()
    terminal = Terminal(said)
    row, words = listed(directory)
    terminal.data(row)
    terminal.line(words)
    for use in (lambda: asyncio.run(replay(directory, terminal, 1e12)), lambda: reports(directory, said)):
        try:
            use()
        except JournalError as error:
            assert "\n" not in str(error)
            said.write(f"{error.__class__.__name__}\n")
    assert not set(said.getvalue()) & set("\x1b\x9b\x07\u202e\0")
    if found.error is None:
        fold(Tail(directory).read())
    else:
        # never passed over: nobody knows what such a run has taken out of service
        taken_up = unfinished_run(state, "px-prod")
        assert found.run.status.final if taken_up is None else taken_up.error == found.error
    assert (directory / EVENTS).read_bytes() == journal
    assert (directory / HEAD).read_bytes() == head


def reports(directory: Path, said: io.StringIO) -> None:
    report = read_report(directory)
    said.write(render_html(report) + render_markdown(report) + render_json(report))


@given(st.lists(st.binary(max_size=30) | st.sampled_from(NASTY), min_size=1, max_size=3), st.data())
@settings(max_examples=60, deadline=None)
def test_foreign_lines_anywhere_are_named_and_left_alone(
    lines: list[bytes],
    tmp_path_factory: pytest.TempPathFactory,
    foreign: list[bytes],
    data: st.DataObject,
) -> None:
    directory = tmp_path_factory.mktemp("run")
    where = data.draw(st.integers(0, len(lines)))
    journal = b"".join(line + b"\n" for line in [*lines[:where], *foreign, *lines[where:]])
    (directory / EVENTS).write_bytes(journal)
    with pytest.raises(JournalError, match=rf"line {where + 1} is not an event"):
        Journal.open(directory)
    assert [path.name for path in directory.iterdir()] == [EVENTS]
    assert (directory / EVENTS).read_bytes() == journal


DEEP = b'{"a":' * 50_000
HUGE = b'{"seq":' + b"9" * 5000 + b"}"


@pytest.mark.parametrize("line", [DEEP, HUGE, b"\xff\xfe{\0}\0", b"[]", b"null", b"1e999", b""])
def test_a_line_that_no_reader_can_hold(
    tmp_path: Path, line: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = run_directory(tmp_path, "px", RUN)
    directory.mkdir(parents=True)
    (directory / EVENTS).write_bytes(line + b"\n")
    with pytest.raises(JournalError, match="line 1 is not an event"):
        Journal.open(directory)
    for words in (["runs"], ["watch"], ["replay", RUN], ["report", RUN]):
        main([*words, "--state-dir", str(tmp_path)])
        out, err = capsys.readouterr()
        assert "is not an event" in out + err or words[0] == "report"  # which tells it in what it writes
        assert "fault" not in err
    assert (directory / EVENTS).read_bytes() == line + b"\n"
