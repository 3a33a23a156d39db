"""Which runs there are, and where they lie: ``<state-dir>/runs/<cluster>/<run-id>/``."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tui.journal.files import EVENTS, run_directories
from tui.journal.fit import read_fitting
from tui.journal.tail import Tail
from tui.model.run import Run

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_LONGEST_FIRST = 1_000_000
"""Bytes of a journal's first line, which names a thousand nodes at the most."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run found on disk."""

    run_id: str
    cluster: str
    directory: Path
    run: Run
    """As far as the journal could be read."""
    error: str | None = None
    """Why the journal cannot be used; None when it can."""


def run_directory(state_dir: Path, cluster: str, run_id: str) -> Path:
    """Where a run lies."""
    return state_dir / "runs" / cluster / run_id


def new_run_id(now: datetime) -> str:
    """A name that sorts by time and is safe in file names and job ids: ``20261122-171500-9f3c``."""
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def is_run_id(words: str) -> bool:
    """Whether a word from elsewhere can name a run's directory."""
    return bool(_RUN_ID.fullmatch(words))


def find_runs(state_dir: Path, cluster: str | None = None) -> list[RunRecord]:
    """Every run (of one cluster), newest first; one with a broken journal is listed with its error."""
    return [record_of(directory) for directory in run_directories(state_dir, cluster)]


def unfinished_run(
    state_dir: Path, cluster: str | None, cluster_file: Path | None = None
) -> RunRecord | None:
    """The run that has not ended, of a cluster or begun with a file; first one that has something out, else
    the latest.
    """
    records = {record.directory: record for record in find_runs(state_dir, cluster)} if cluster else {}
    if cluster_file is not None:  # the cluster may have had another name then
        name, paths = str(cluster_file.resolve()), (state_dir / "runs").glob(f"*/*/{EVENTS}")
        records |= {path.parent: record_of(path.parent) for path in paths if _begun_with(path) == name}
    # a journal without its first event belongs to a console that died before anything was said; but of
    # one that cannot be read nobody knows what that run has taken out of service
    open_runs = [r for r in records.values() if (r.run.run_id or r.error) and not r.run.status.final]
    return max(open_runs, key=lambda r: (r.run.anything_out or bool(r.error), r.run_id), default=None)


def _begun_with(journal: Path) -> str:
    """The cluster file that a journal's first event names; empty when that cannot be read."""
    try:
        with journal.open("rb") as file:
            first = json.loads(file.readline(_LONGEST_FIRST))
        return str(first["data"]["cluster_file"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def record_of(directory: Path) -> RunRecord:
    """A run, from the whole of its journal."""
    run, _, error = read_fitting(Tail(directory))
    return RunRecord(directory.name, directory.parent.name, directory, run, error)
