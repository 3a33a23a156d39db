"""What happens to a journal that something else has touched: found, named, left alone."""

import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.journal.helpers import written
from tui.journal import Journal, JournalError, Tail, read_events
from tui.model.events import NoteAdded


def snapshot(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("pristine") / "run", "first note", "second note").parent


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_flipped_bit_is_found_and_nothing_is_written(pristine: Path, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as place:
        directory = Path(shutil.copytree(pristine, Path(place) / "run"))
        name = data.draw(st.sampled_from(["events.jsonl", "events.head"]))
        content = bytearray((directory / name).read_bytes())
        bit = data.draw(st.integers(0, len(content) * 8 - 1))
        content[bit // 8] ^= 1 << (bit % 8)
        (directory / name).write_bytes(content)
        before = snapshot(directory)
        for use in (read_events, Journal.open):
            with pytest.raises(JournalError) as caught:
                use(directory)
            assert "\n" not in str(caught.value)
            assert "line" in str(caught.value) or "events.head" in str(caught.value)
        assert snapshot(directory) == before


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_cut_at_any_byte_is_named_or_recovered_and_loses_nothing(
    pristine: Path, data: st.DataObject
) -> None:
    """A shortened journal is refused where the head tells; without a head (a crash) it is recovered."""
    whole = (pristine / "events.jsonl").read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    with tempfile.TemporaryDirectory() as place:
        directory = Path(shutil.copytree(pristine, Path(place) / "run"))
        (directory / "events.jsonl").write_bytes(whole[:cut])
        before = snapshot(directory)
        with pytest.raises(JournalError, match="is cut off or damaged from line"):
            Journal.open(directory)
        assert snapshot(directory) == before

        (directory / "events.head").unlink()
        good = whole[:cut].rfind(b"\n") + 1
        assert len(read_events(directory)) == whole[:good].count(b"\n")
        assert (directory / "events.jsonl").read_bytes() == whole[:cut]
        journal = Journal.open(directory)
        event = journal.append(NoteAdded(text="going on"), actor="anna")
        journal.close()
        assert read_events(directory)[-1] == event
        assert (directory / "events.jsonl").read_bytes().startswith(whole[:good])
        aside = directory / "events.torn-1"
        assert (aside.read_bytes() if aside.exists() else b"") == whole[good:cut]


def test_torn_lines_are_kept_apart(tmp_path: Path) -> None:
    path = written(tmp_path / "run")
    for torn in (b'{"seq":2,"ti', b'{"seq":2,"time":"20'):
        with path.open("ab") as file:
            file.write(torn)
        Journal.open(tmp_path / "run").close()
    assert (tmp_path / "run" / "events.torn-1").read_bytes() == b'{"seq":2,"ti'
    assert (tmp_path / "run" / "events.torn-2").read_bytes() == b'{"seq":2,"time":"20'
    assert len(read_events(path)) == 2


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def test_missing_foreign_and_swapped_lines_are_named(tmp_path: Path) -> None:
    path = written(tmp_path / "run", "a", "b", "c")
    lines = lines_of(path)
    cases = {
        "line 1 is not the first line": lines[1:],
        "line 2 was changed after it was written, or lines after it are missing": [*lines[:2], *lines[3:]],
        "line 3 is not an event": [*lines[:2], b"hello\n", *lines[2:]],
        "line 3 was changed": [*lines[:2], lines[2].replace(b'"a"', b'"A"'), *lines[3:]],
        "line 5 was changed after it was written .its SHA-256 is not the one in events.head": [
            *lines[:4],
            lines[4].replace(b'"c"', b'"C"'),
        ],
        "cut off or damaged from line 4 on: events.head vouches for 5 lines": lines[:3],
    }
    for sentence, changed in cases.items():
        path.write_bytes(b"".join(changed))
        with pytest.raises(JournalError, match=sentence):
            read_events(path)
    tail = Tail(path.parent)
    with pytest.raises(JournalError):
        tail.read()
    assert len(tail.events) == 3  # what stands before the damage can still be shown


def test_a_run_of_another_version_says_so(tmp_path: Path) -> None:
    path = written(tmp_path / "run", "a")
    (tmp_path / "run" / "events.head").unlink()
    *before, last = lines_of(path)
    path.write_bytes(b"".join([*before, last.replace(b"note.added", b"note.sealed")]))
    with pytest.raises(
        JournalError, match=r"line 3 holds a 'note.sealed' event .* written by Rollcall 0\.1\.0"
    ):
        read_events(path)


def test_a_missing_journal_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"events\.jsonl cannot be read: No such file"):
        read_events(tmp_path)
    with pytest.raises(JournalError, match=r"events\.jsonl cannot be read: No such file"):
        Journal.open(tmp_path)


APPENDER = """
import sys
from pathlib import Path
from tui.journal import Journal
from tui.model.events import NoteAdded
journal = Journal.create(Path(sys.argv[1]))
number = 0
while True:
    journal.append(NoteAdded(text=f"{number} " + "x" * 3000), actor="anna")
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize("after", [0, 7, 23])
def test_a_killed_writer_leaves_every_event_that_it_reported(tmp_path: Path, after: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", APPENDER, str(tmp_path / "run")], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    reported = [int(process.stdout.readline()) for _ in range(after + 1)]
    process.send_signal(signal.SIGKILL)
    reported += [int(line) for line in process.stdout.read().splitlines()]
    process.stdout.close()
    process.wait()
    journal = Journal.open(tmp_path / "run")
    found = [int(str(event.data["text"]).split()[0]) for event in journal.events]
    assert found[: len(reported)] == reported
    assert found == list(range(len(found)))
    journal.append(NoteAdded(text="going on"), actor="anna")
    journal.close()
    assert len(read_events(tmp_path / "run")) == len(found) + 1
