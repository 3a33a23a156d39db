import errno
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.journal.helpers import CREATED, payloads, run_script, same, written
from tui.journal import Journal, JournalError, Tail, read_events
from tui.model.events import NodeProgress, NoteAdded, Payload
from tui.model.fold import fold
from tui.model.states import Progress
from tui.model.steps import StepName

NOTE = NoteAdded(text="fan replaced\n[  OK  ] \x1b[31m\u202e px04 → px05")


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def test_an_event_is_one_line_with_the_fields_of_the_contract(tmp_path: Path) -> None:
    now = datetime(2026, 11, 22, 17, 15, tzinfo=UTC)
    journal = Journal.create(tmp_path / "run", clock=lambda: now)
    journal.append(CREATED, actor="anna")
    event = journal.append(NOTE, actor="anna", node="px01", step=StepName.INSTALL, attempt=2)
    journal.close()
    first, second = (tmp_path / "run" / "events.jsonl").read_bytes().splitlines()
    assert list(json.loads(second)) == [
        "seq",
        "time",
        "type",
        "node",
        "step",
        "attempt",
        "actor",
        "data",
        "prev",
    ]
    assert json.loads(second) | {"prev": ""} == {
        "seq": 1,
        "time": "2026-11-22T17:15:00.000000Z",
        "type": "note.added",
        "node": "px01",
        "step": "install",
        "attempt": 2,
        "actor": "anna",
        "data": {"text": NOTE.text},
        "prev": "",
    }
    assert json.loads(second)["prev"] == hashlib.sha256(first).hexdigest()
    assert json.loads(first)["prev"] == hashlib.sha256(b"").hexdigest()
    assert event == read_events(tmp_path / "run")[1]


@given(st.lists(payloads, max_size=4), st.text(max_size=20))
@settings(max_examples=60, deadline=None)
def test_any_payload_comes_back_as_it_was(some: list[Payload], actor: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place) / "run"
        journal = Journal.create(directory)
        step = StepName.INSTALL  # whatever the event is about is named
        appended = [journal.append(p, actor=actor, node="px01", step=step, attempt=1) for p in some]
        appended += journal.append_all([("px01", NOTE), ("px02", NOTE)], actor=actor)
        journal.close()
        back = read_events(directory)
    assert back == appended
    assert all(same(event.payload, payload) for event, payload in zip(back, [*some, NOTE, NOTE], strict=True))


def test_a_run_is_taken_up_where_it_ended(tmp_path: Path) -> None:
    written(tmp_path / "run", "one")
    journal = Journal.open(tmp_path / "run")
    before = list(journal.events)
    journal.append(NodeProgress(progress=Progress.UPDATED), actor="engine", node="px01")
    assert journal.events[:-1] == before
    assert read_events(tmp_path / "run") == journal.events
    assert fold(journal.events).nodes["px01"].progress is Progress.UPDATED
    journal.close()


def test_a_second_run_in_the_same_directory_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "run")
    before = path.read_bytes()
    with pytest.raises(JournalError, match="exists already"):
        Journal.create(tmp_path / "run")
    assert path.read_bytes() == before


def test_only_the_owner_may_read_even_with_a_lax_umask(tmp_path: Path) -> None:
    with umask(0):
        journal = Journal.create(tmp_path / "state" / "runs" / "px" / "run")
        journal.append(CREATED, actor="anna")
        output = journal.output("px01", StepName.INSTALL, 1)
        output.write(b"hello\n")
        journal.close()
    for path in (tmp_path / "state").rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_output_is_kept_byte_for_byte(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "run")
    output = journal.output("px01", StepName.INSTALL, 1)
    assert (output.size, output.read(0, 10), output.sha256()) == (0, b"", hashlib.sha256().hexdigest())
    data = bytes(range(256)) * 3
    output.write(data[:100])
    output.sync()
    output.write(data[100:])
    output.sync()
    journal.close()
    assert output.relative == "output/px01/install-1.log"
    assert output.path == tmp_path / "run" / output.relative
    assert output.path.read_bytes() == data
    assert output.size == len(data)
    assert output.read(250, 10) == data[250:260]
    assert output.read(len(data), 10) == b""
    assert output.sha256() == hashlib.sha256(data).hexdigest()
    assert journal.output("px01", StepName.INSTALL, 1) is output
    later = Journal.open(tmp_path / "run").output("px01", StepName.INSTALL, 1)
    assert later.sha256() == hashlib.sha256(data).hexdigest()
    later.write(b"more")
    assert later.sha256() == hashlib.sha256(data + b"more").hexdigest()


@pytest.mark.parametrize("node", ["..", ".", "", "../../etc", "a/b"])
def test_output_stays_in_the_run(tmp_path: Path, node: str) -> None:
    journal = Journal.create(tmp_path / "run")
    with pytest.raises(JournalError, match="cannot name a directory"):
        journal.output(node, StepName.INSTALL, 1)
    journal.close()


def test_a_disk_that_refuses_leaves_nothing_half_written(tmp_path: Path) -> None:
    """A file-size limit is a full disk that needs no root: write gives a short count, then an error."""
    script = """
import resource, signal, sys
from pathlib import Path
from tui.journal import Journal, JournalError
from tui.model.events import NoteAdded
from tui.model.steps import StepName
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal.open(Path(sys.argv[1]))
output = journal.output("px01", StepName.INSTALL, 1)
output.write(b"x" * 1000)
size = (journal.directory / "events.jsonl").stat().st_size
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, hard))
note = NoteAdded(text="y" * 5000)
two = [("px01", NoteAdded(text="fits")), ("px02", note)]
for write in (
    lambda: journal.append(note, actor="anna"),
    lambda: journal.append_all(two, actor="anna"),
    lambda: output.write(b"z" * 5000),
):
    try:
        write()
    except JournalError as error:
        print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
journal.append(NoteAdded(text="space again"), actor="anna")
output.write(b"w")
"""
    written(tmp_path / "run", "before")
    said = run_script(script, str(tmp_path / "run"))
    first, both, second = said.splitlines()
    assert first == both
    assert "events.jsonl cannot be written at line 4" in first
    assert os.strerror(errno.EFBIG) in first
    assert "install-1.log cannot be written" in second
    events = read_events(tmp_path / "run")
    assert [event.data.get("text") for event in events[2:]] == ["before", "space again"]
    assert (tmp_path / "run" / "output" / "px01" / "install-1.log").read_bytes() == b"x" * 1000 + b"w"


def test_another_writer_is_noticed_before_anything_is_added(tmp_path: Path) -> None:
    path = written(tmp_path / "run")
    first = Journal.open(tmp_path / "run")
    second = Journal.open(tmp_path / "run")
    second.append(NOTE, actor="bert")
    before = path.read_bytes()
    with pytest.raises(JournalError, match="changed by another program"):
        first.append(NOTE, actor="anna")
    assert path.read_bytes() == before
    first.close()
    second.close()


def test_a_reader_follows_a_run_in_progress(tmp_path: Path) -> None:
    path = written(tmp_path / "run")
    tail = Tail(tmp_path / "run")
    assert len(tail.read()) == 2
    assert tail.read() == []
    journal = Journal.open(tmp_path / "run")
    event = journal.append(NOTE, actor="anna")
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    (tmp_path / "run" / "events.head").unlink()
    assert tail.read() == []  # the line is still being written
    path.write_bytes(whole)
    assert tail.read() == [event]
