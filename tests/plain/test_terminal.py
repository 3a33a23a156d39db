import asyncio
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui.plain.terminal import Terminal


def written(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)


def content(stream: io.TextIOWrapper) -> bytes:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


@contextmanager
def pipe(data: bytes) -> Iterator[int]:
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    yield reader
    os.close(reader)


def test_an_ascii_terminal_gets_ascii() -> None:
    out = written("ascii")
    Terminal(out).line("5.19.0 → 5.21.2 \x1b]0;x\x07é")
    assert content(out) == b"5.19.0 \\u2192 5.21.2 \\xe9\n"


def test_no_text_can_begin_a_line_of_its_own() -> None:
    out = written("utf-8")
    Terminal(out).line("a reason\n17:15:02 px01: confirmed")
    assert content(out) == b"a reason\n    17:15:02 px01: confirmed\n"


async def test_answers_come_line_by_line_and_end() -> None:
    with pipe(b"  yes \nq\nlast") as source:
        terminal = Terminal(written("utf-8"), source=source)
        assert [await terminal.ask("? ") for _ in range(4)] == ["yes", "q", "last", None]


async def test_a_file_and_nothing_at_all_can_answer(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("y\nn\n")
    for path, answers in ((tmp_path / "answers", ["y", "n", None]), (Path("/dev/null"), [None, None, None])):
        source = os.open(path, os.O_RDONLY)
        terminal = Terminal(written("utf-8"), source=source)
        assert [await terminal.ask("? ") for _ in range(3)] == answers
        os.close(source)


async def test_a_question_that_was_given_up_does_not_eat_the_next_answer() -> None:
    reader, writer = os.pipe()
    terminal = Terminal(written("utf-8"), source=reader)
    asking = asyncio.create_task(terminal.ask("first? "))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait([asking])
    os.write(writer, b"second\n")
    assert await terminal.ask("second? ") == "second"
    os.close(reader)
    os.close(writer)


def test_a_reader_that_left_is_noticed() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering=1) as out:
        terminal = Terminal(out)
        terminal.line("anyone?")
        assert terminal.gone
        terminal.line("nothing more is tried")
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)
