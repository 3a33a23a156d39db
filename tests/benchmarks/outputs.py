"""A run with a huge output: its report, and how soon what follows is written; beside a SHA-256 of it all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from tests.benchmarks.commands import ROLLCALL, ROOT
from tests.benchmarks.figure import Figure
from tui.journal import OutputFile
from tui.journal.chain import Head, digest, encode
from tui.journal.files import EVENTS, HEAD
from tui.model.events import Event
from tui.model.steps import StepName

RECORDED = ROOT / "tests" / "recorded" / "completed"
RUN = Path("runs", "demo", "20261130-224354-a6e2")
NODE, STEP = "px01", StepName.INSTALL


def write(directory: Path, size: int) -> Path:
    """The recorded run, as if its installation had printed so many bytes; returns the output."""
    shutil.copytree(RECORDED, directory)
    output = OutputFile(directory, NODE, STEP, 1).path
    os.truncate(output, size)
    last, lines = digest(b""), []
    for line in (directory / EVENTS).read_bytes().splitlines():
        event = json.loads(line)
        if (event["type"], event["node"], event["step"]) == ("attempt.ended", NODE, STEP):
            event["data"]["size"] = size
        lines.append(encode(Event.model_validate(event | {"prev": last})))
        last = digest(lines[-1])
    (directory / EVENTS).write_bytes(b"".join(line + b"\n" for line in lines))
    (directory / HEAD).write_bytes(Head(len(lines) - 1, last).encode())
    return output


def taken(*command: str) -> float:
    """Milliseconds that it takes."""
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return 1000 * (time.monotonic() - begun)


def figures(state: Path, size: int) -> tuple[Figure, ...]:
    """Of an output of ``size`` bytes, written below ``state``."""
    directory = state / RUN
    output = write(directory, size)

    def report() -> float:
        return taken(*ROLLCALL, "report", "--state-dir", str(state), "--json", "-")

    def resume() -> float:
        begun = time.monotonic()
        OutputFile(directory, NODE, STEP, 1).write(b"and on\n")
        return 1000 * (time.monotonic() - begun)

    def peer() -> float:
        return taken("sha256sum", str(output))

    told = f"{size / 1e9:.3g} GB of output"
    return (
        Figure(f"{told}: `rollcall report`", "ms", report, "`sha256sum` of it", peer, rounds=1),
        Figure(
            f"{told}: taken up, until what follows is written",
            "ms",
            resume,
            "`sha256sum` of it",
            peer,
            rounds=1,
        ),
    )
