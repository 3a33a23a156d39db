"""Files that only their owner may read, and that are on the disk before the caller goes on."""

from __future__ import annotations

import os
from pathlib import Path

EVENTS = "events.jsonl"
HEAD = "events.head"
"""A journal, and what vouches for its last line, in the directory of a run."""


def run_directories(state_dir: Path, cluster: str | None = None) -> list[Path]:
    """Where every run (of one cluster) lies, newest first; none of them is read."""
    found = (path.parent for path in (state_dir / "runs").glob(f"{cluster or '*'}/*/{EVENTS}"))
    return sorted(found, key=lambda directory: directory.name, reverse=True)


def make_private(directory: Path) -> None:
    """Create ``directory`` and every missing parent as 0700, and make the new entries durable."""
    if directory.is_dir():
        return
    make_private(directory.parent)
    directory.mkdir(mode=0o700, exist_ok=True)
    sync_path(directory.parent)


def sync_path(path: Path) -> None:
    """Make the bytes of a file, or new names in a directory, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes, *, sync: bool = False) -> None:
    """Write (and sync) every byte or, on an error, none: the file is cut back to the length it had."""
    size = os.fstat(descriptor).st_size
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if sync:
            os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def replace_file(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` as 0600, so that a reader meets the old file or the whole new one."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(descriptor, data, sync=True)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    sync_path(path.parent)
