"""An attempt's output is followed to its last byte, in bounded chunks, in whole lines."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tui.journal.follow import CHUNK_SIZE, OutputFollower
from tui.journal.output import OutputFile
from tui.model.steps import StepName
from tui.text.terminal import Line, LineReader


def follow(data: bytes, offset: int = 0) -> OutputFollower:
    return OutputFollower(lambda at, limit: data[at : at + limit], offset)


def everything(output: OutputFollower, until: int | None = None) -> list[Line]:
    found = []
    while (lines := output.read(until)) is not None:
        found += lines
    return found


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5).map(sorted))
def test_stopping_on_the_way_changes_nothing(data: bytes, stops: list[int]) -> None:
    output = follow(data)
    lines = []
    for stop in stops:
        lines += everything(output, stop)
        assert output.offset == min(stop, len(data))
    lines += everything(output) + output.end()
    reader = LineReader()
    assert lines == reader.feed(data) + reader.end()
    assert output.offset == len(data)


def test_a_long_output_comes_in_bounded_bites() -> None:
    data = b"line\n" * 100_000
    asked: list[int] = []

    def read(offset: int, limit: int) -> bytes:
        asked.append(limit)
        return data[offset : offset + limit]

    output = OutputFollower(read)
    assert len(everything(output, until=CHUNK_SIZE + 10)) == (CHUNK_SIZE + 10) // 5
    assert len(everything(output)) == 100_000 - (CHUNK_SIZE + 10) // 5
    assert asked == [CHUNK_SIZE, 10, *[CHUNK_SIZE] * (len(asked) - 2)]


def test_only_the_last_part_of_a_long_output_is_read_back_from_a_whole_line_on() -> None:
    data = b"".join(b"line %d\n" % number for number in range(1000))
    output = follow(data)
    skipped = output.skip_to_last(len(data), 100)
    assert skipped == len(data) - 100
    lines = everything(output)
    assert lines[-1] == Line("line 999")
    assert all(line.text.startswith("line ") for line in lines)
    assert 9 <= len(lines) <= 100 // 9
    assert follow(data).skip_to_last(50, 100) == 0


def test_what_grows_is_followed_and_half_a_line_is_told(tmp_path: Path) -> None:
    file = OutputFile(tmp_path, "px01", StepName.INSTALL, 1)
    output = OutputFollower(file.read)
    assert output.read() is None
    file.write(b"first\nContinue? ")
    assert (output.read(), output.partial) == ([Line("first")], Line("Continue? "))
    file.write(b"yes")
    assert (output.read(), output.partial) == ([], Line("Continue? yes"))
    assert output.end() == [Line("Continue? yes")]
    assert output.partial is None


def test_what_an_earlier_console_wrote_is_summed_up_by_and_by(tmp_path: Path) -> None:
    earlier = OutputFile(tmp_path, "px01", StepName.INSTALL, 1)
    prefix = os.urandom(10_000_000)
    earlier.write(prefix)
    output = OutputFile(tmp_path, "px01", StepName.INSTALL, 1)
    for _ in range(2):
        output.write(b"a")
    assert OutputFile(tmp_path, "px01", StepName.INSTALL, 1).sha256() == output.sha256()
    output.write(b"b")
    output.sync()
    assert output.sha256() == hashlib.sha256(prefix + b"aab").hexdigest()
    goes_on = OutputFile(tmp_path, "px01", StepName.INSTALL, 1)
    for _ in range(5):  # by the third of them all has been taken in
        goes_on.write(b"c")
    assert goes_on.sha256() == hashlib.sha256(prefix + b"aabccccc").hexdigest()


def test_what_is_far_behind_is_left_out_up_to_a_whole_line() -> None:
    data = b"".join(b"line %04d\n" % number for number in range(1000))
    output = follow(data)
    assert output.read(100)
    skipped = output.catch_up(1000)
    assert 0 < len(data) - output.offset <= 2000
    assert output.offset == 100 + skipped
    assert output.catch_up(1000) == 0
    lines = output.read()
    assert lines is not None
    assert lines[0].text == f"line {1000 - len(lines):04}"
