"""What a list says of a run; of a long journal it is kept beside that.

The kept words are believed only of the very bytes that they were made of; whoever doubts removes the file.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import tui
from tui.journal.files import EVENTS, HEAD, replace_file

LISTED = "listed.json"
KEPT_FROM = 1 << 16
"""Bytes of a journal of which words are kept; a shorter one is read in no time."""
_FORMAT = 1

Row = dict[str, Any]


def listed(directory: Path) -> tuple[Row, str]:
    """A run as data, and what there is to say of it in words."""
    made_of = _made_of(directory)
    kept = _kept(directory)
    if made_of is None or kept is None or kept.get("made_of") != made_of:
        kept = {"made_of": made_of, **_read(directory)}
        if made_of is not None and made_of == _made_of(directory):  # nothing was added meanwhile
            _keep(directory, kept)
    where = {"run": directory.name, "cluster": directory.parent.name, "directory": str(directory)}
    return {**kept["row"], **where}, str(kept["words"])


def _read(directory: Path) -> dict[str, Any]:
    """From the journal itself."""
    from tui.journal.runs import record_of  # noqa: PLC0415  heavy, and seldom needed
    from tui.model.verdict import REHEARSAL, exit_code, sentence, tally  # noqa: PLC0415  as above

    record = record_of(directory)
    run = record.run
    row = {
        "run": record.run_id,
        "cluster": record.cluster,
        "simulated": run.simulated,
        "status": run.status.value,
        "target": run.target,
        "exit": exit_code(run),
        "sentence": sentence(run),
        "directory": str(directory),
        "error": record.error,
    }
    of_what = f"{REHEARSAL}  " if run.simulated else ""
    return {"row": row, "words": of_what + (record.error or tally(run))}


def _made_of(directory: Path) -> list[str | int] | None:
    """What has to be the same for kept words to hold: every byte of the journal, and who made them."""
    try:
        head = (directory / HEAD).read_bytes().hex()
        with (directory / EVENTS).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError:
        return None
    return [_FORMAT, tui.__version__, size, digest, head] if size >= KEPT_FROM else None


def _kept(directory: Path) -> dict[str, Any] | None:
    try:
        kept = json.loads((directory / LISTED).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    row = kept.get("row") if isinstance(kept, dict) and "words" in kept else None
    return kept if isinstance(row, dict) and "status" in row else None


def _keep(directory: Path, words: dict[str, Any]) -> None:
    try:
        replace_file(directory / LISTED, json.dumps(words).encode())
    except OSError:
        return  # another's runs, a full disk: it is read again, then
