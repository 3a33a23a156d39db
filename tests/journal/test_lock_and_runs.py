import os
import re
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.journal.helpers import written
from tui.journal import ClusterLock, LockHeldError, find_runs, new_run_id, run_directory

HOLDER = """
import sys
from pathlib import Path
from tui.journal import ClusterLock
lock = ClusterLock(Path(sys.argv[1]), "px")
lock.acquire("bert")
print("held", flush=True)
sys.stdin.read()
"""


def holding_process(state: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_a_held_lock_says_who_where_and_since_when(tmp_path: Path) -> None:
    process = holding_process(tmp_path)
    lock = ClusterLock(tmp_path, "px")
    try:
        with pytest.raises(LockHeldError) as caught:
            lock.acquire("anna")
    finally:
        end(process)
    sentence = str(caught.value)
    assert f"px is led by bert on {socket.gethostname()}, process {process.pid}, since 20" in sentence
    assert "rollcall unlock" in sentence


def test_a_crash_frees_the_lock(tmp_path: Path) -> None:
    end(holding_process(tmp_path))
    lock = ClusterLock(tmp_path, "px")
    assert lock.holder() is None
    with lock:
        lock.acquire("anna")
        assert lock.still_held()
        holder = lock.holder()
        assert holder is not None
        assert (holder.who, holder.host, holder.pid) == ("anna", socket.gethostname(), os.getpid())
    assert not lock.still_held()
    assert lock.holder() is None


def test_clusters_do_not_lock_each_other(tmp_path: Path) -> None:
    with ClusterLock(tmp_path, "px") as one, ClusterLock(tmp_path, "mx") as other:
        one.acquire("anna")
        other.acquire("anna")
        assert one.still_held()
        assert other.still_held()


def test_a_broken_lock_goes_to_the_breaker_and_the_old_holder_knows(tmp_path: Path) -> None:
    with ClusterLock(tmp_path, "px") as old, ClusterLock(tmp_path, "px") as new:
        old.acquire("bert")
        broken = new.break_lock()
        assert broken is not None
        assert broken.who == "bert"
        new.acquire("anna")
        assert new.still_held()
        assert not old.still_held()


def test_an_unreadable_lock_file_still_locks(tmp_path: Path) -> None:
    with ClusterLock(tmp_path, "px") as old, ClusterLock(tmp_path, "px") as new:
        old.acquire("bert")
        old.path.write_bytes(b"\xff{")
        with pytest.raises(LockHeldError, match="someone who left no name"):
            new.acquire("anna")


def test_run_ids_sort_by_time_and_are_safe_names() -> None:
    now = datetime(2026, 11, 22, 17, 15, tzinfo=UTC)
    ids = [new_run_id(now + timedelta(seconds=seconds)) for seconds in range(50)]
    assert ids == sorted(ids)
    assert ids[0].startswith("20261122-171500-")
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in ids)


def test_runs_are_found_newest_first_and_broken_ones_are_listed(tmp_path: Path) -> None:
    names = ["20261120-010000-aaaa", "20261122-010000-bbbb", "20261121-010000-cccc"]
    for cluster, name in zip(("px", "mx", "px"), names, strict=True):
        written(run_directory(tmp_path, cluster, name))
    ClusterLock(tmp_path, "px").acquire("anna")
    broken = run_directory(tmp_path, "px", names[0]) / "events.jsonl"
    broken.write_bytes(broken.read_bytes() + b"nonsense\n")
    found = find_runs(tmp_path)
    assert [record.run_id for record in found] == [names[1], names[2], names[0]]
    assert [record.cluster for record in found] == ["mx", "px", "px"]
    assert [record.run.created_by for record in found] == ["anna"] * 3
    assert [bool(record.error) for record in found] == [False, False, True]
    assert "line 3 is not an event" in str(found[2].error)
    assert [record.run_id for record in find_runs(tmp_path, "mx")] == [names[1]]
    assert find_runs(tmp_path / "nowhere") == []
