"""The way of an output through the console, in a process of its own: ``bounds_child SSH_CONFIG BYTES DIR``.

Follows one job of so many bytes through the real follower into the journal's output file, makes the report,
and prints what it took as JSON.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import resource
import sys
import time
from pathlib import Path

from tui.journal import Journal
from tui.model import events as ev
from tui.model.states import PauseMode, StepStatus
from tui.model.steps import StepName
from tui.remote import Fleet, Options, resolve
from tui.report import write_reports

LINE = b"#* Installing node packages: file set of a Dolphin package that is very talkative\n"


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def journal_at(directory: Path) -> Journal:
    """A run in the middle of an installation."""
    journal = Journal.create(directory)
    created = ev.RunCreated(
        run_id="r",
        cluster="c",
        cluster_file="/c",
        target="2",
        nodes=("px01",),
        pause_mode=PauseMode.NONE,
        host="h",
        version="0",
    )
    journal.append(created, actor="a")
    begun = ev.AttemptStarted(
        job_id="big", boot_id="b", command="sh sia", output="output/px01/install-1.log", confirmed_by="a"
    )
    journal.append(begun, actor="a", node="px01", step=StepName.INSTALL, attempt=1)
    return journal


async def follow(ssh_config: str, size: int, directory: Path) -> dict[str, object]:
    """Everything that is done with an output on its way from the node to the report."""
    journal = journal_at(directory)
    output = journal.output("px01", StepName.INSTALL, 1)
    script = f"yes '{LINE.decode().strip()}' | head -c {size}"
    async with Fleet([resolve("px01", ssh_config=ssh_config)], Options()) as fleet:
        client = fleet.client("px01")
        await client.connected(60)
        await client.start_job("warm", "echo warm")
        await client.follow("warm", journal.output("px01", StepName.PACKAGES, 1), lambda _: None)
        before, began = peak(), time.monotonic()
        await client.start_job("big", script)
        status = await client.follow("big", output, lambda _: None)
    took = time.monotonic() - began
    ended = ev.AttemptEnded(
        status=StepStatus.SUCCEEDED, exit_code=status.exit_code, size=output.size, sha256=output.sha256()
    )
    journal.append(ended, actor="a", node="px01", step=StepName.INSTALL, attempt=1)
    journal.close()
    write_reports(directory)
    return {
        "grown": peak() - before,
        "seconds": took,
        "size": output.size,
        "sha256": output.sha256(),
        "exit_code": status.exit_code,
    }


def expected(size: int) -> str:
    """SHA-256 of what the job prints."""
    digest, block = hashlib.sha256(), LINE * 10_000
    for _ in range(size // len(block)):
        digest.update(block)
    digest.update(block[: size % len(block)])
    return digest.hexdigest()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(follow(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))))  # noqa: T201
