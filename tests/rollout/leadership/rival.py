"""A console in a process of its own that opens a run when it is told to: ``rival CLUSTER``.

Reads ``STATE_DIR`` lines; answers ``led`` and holds the run until the next line, or ``CODE SENTENCE`` when it
was refused, with the exit code that the command line gives for that.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tui.cli.errors import told
from tui.journal import LockHeldError
from tui.rollout.open_run import OpenRun, RunOptions


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def contend(cluster: Path) -> None:
    while state := (await asyncio.to_thread(sys.stdin.readline)).strip():
        try:
            session = await OpenRun.open(cluster, RunOptions(state_dir=Path(state), front_end="rival"))
        except LockHeldError as error:
            sentence, code = told(error)
            say(code, sentence)
            continue
        say("led")
        await asyncio.to_thread(sys.stdin.readline)
        await session.close()
        say("left")


if __name__ == "__main__":
    say("ready")
    asyncio.run(contend(Path(sys.argv[1])))
