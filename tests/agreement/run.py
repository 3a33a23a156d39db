"""Rows handed out to workers, each in a world of its own."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.agreement.result import Result
from tests.agreement.rows import ROWS
from tests.agreement.world import made

Which = tuple[str, str]
"""A class and the name of one of its rows."""


def chosen(word: str = "") -> list[Which]:
    """All rows whose class or name holds ``word``."""
    return [
        (group, row.name)
        for group, rows in ROWS.items()
        for row in rows
        if word.lower() in f"{group}: {row.name}".lower()
    ]


def tried(
    which: Sequence[Which], workers: int, each: Callable[[Result], None] = lambda _: None
) -> list[Result]:
    """Try these rows, so many at a time; their results in the order of ``which``."""
    todo: queue.SimpleQueue[Which] = queue.SimpleQueue()
    for one in which:
        todo.put(one)
    found: dict[Which, Result] = {}

    def work() -> None:
        for result in _worker(todo):
            found[result.group, result.name] = result
            each(result)

    threads = [threading.Thread(target=work) for _ in range(min(workers, len(which)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found.get(one) or Result(*one, "broken", "its worker ended") for one in which]


def _worker(todo: queue.SimpleQueue[Which]) -> Iterator[Result]:
    directory = Path(tempfile.mkdtemp(prefix="rollcall-agreement-"))
    directory.chmod(0o755)  # the accounts of this world have their homes in it
    try:
        command = [*made(directory), sys.executable, "-m", "tests.agreement.worker", str(directory)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            while True:
                try:
                    one = todo.get_nowait()
                except queue.Empty:
                    break
                process.stdin.write(json.dumps(one) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
                yield Result(**json.loads(line)) if line else Result(*one, "broken", "its worker ended")
                if not line:
                    break
            process.stdin.close()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
