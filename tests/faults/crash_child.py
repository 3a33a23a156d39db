"""A console that kills itself (SIGKILL) at a chosen boundary: ``crash_child CLUSTER STATE MODE WHERE``.

It picks, confirms and resumes by itself. MODE says at which boundary it dies, of those whose names stand in
the file WHERE; that name is then taken out of the file:

``before-event``   before an event is written
``after-event``    when it is on disk, but nobody has seen it
``before-effect``  when a call that changes a node is about to leave
``after-effect``   when it has returned, but nothing of it was written down

``note-effects`` only writes the names of all effects into the file, ``never`` just runs to the end, ``ready``
to the first pick. ``opening-before`` and ``opening-after`` die at the event whose number is WHERE.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.rigs.reading import yes
from tests.rigs.waiting import patience
from tui.journal import Journal
from tui.model import intents as it
from tui.model.events import Event, Payload
from tui.model.states import PauseMode, RunStatus
from tui.model.steps import StepName
from tui.remote import NodeClient
from tui.rollout.execution import completion
from tui.rollout.open_run import OpenRun, RunOptions

PATIENCE = 900.0
"""Seconds: longer than a test lets the console sleep."""
EFFECTS = ("start_job", "upload_all", "download_all", "cancel")
"""Calls of a link that change something: on the node, or in the packages kept here."""


def name_of(payload: Payload, node: str | None, step: StepName | None) -> str:
    """What an event is about, the same in a disturbed and in an undisturbed run."""
    said = (getattr(payload, key, "") for key in ("status", "progress", "line", "moment", "check"))
    return "|".join([payload.type, node or "", step or "", *(str(word) for word in said)])


def effect_name(call: str, client: NodeClient, about: str) -> str:
    """The same for a call: a job without its run, a file without its directory."""
    return "|".join(
        [call, client.node, about.rpartition("/")[2] if "/" in about else about.partition(".")[2]]
    )


def die() -> None:
    """As if the power had gone: no clean-up, no last word."""
    os.kill(os.getpid(), signal.SIGKILL)


def struck(file: Path, name: str) -> bool:
    """Whether the name stands in the file; it is taken out."""
    names = file.read_text().splitlines()
    if name not in names:
        return False
    names.remove(name)
    file.write_text("\n".join(names))
    return True


def arm_events(mode: str, detail: str) -> None:
    """Wrap the door through which every event goes."""
    append = Journal.append
    seen = 0

    def dies_here(payload: Payload, more: dict[str, Any]) -> bool:
        nonlocal seen
        seen += 1
        if mode.startswith("opening"):
            return seen == int(detail)
        return struck(Path(detail), name_of(payload, more.get("node"), more.get("step")))

    def armed(self: Journal, payload: Payload, **more: Any) -> Event:
        dies = dies_here(payload, more)
        if dies and "before" in mode:
            die()
        event = append(self, payload, **more)
        if dies:
            die()
        return event

    Journal.append = armed  # type: ignore[method-assign]


def arm_effects(mode: str, file: Path) -> None:
    """Wrap the calls that change a node."""

    def effective(name: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wrapped(client: NodeClient, about: str, *words: Any, **more: Any) -> Any:
            effect = effect_name(name, client, about)
            if mode == "note-effects":
                with file.open("a") as noted:
                    noted.write(f"{effect}\n")
                return await call(client, about, *words, **more)
            dies = struck(file, effect)
            if dies and mode == "before-effect":
                die()
            result = await call(client, about, *words, **more)
            if dies:
                die()
            return result

        return wrapped

    for name in EFFECTS:
        setattr(NodeClient, name, effective(name, getattr(NodeClient, name)))


async def no_clean_up(*_: object) -> tuple[str, ...]:
    """Leave the nodes' files: the test compares them with what was kept here."""
    return ()


async def console(cluster: Path, state: Path, mode: str) -> int:
    """Open or take up the run and see it to its end; 1 when a person would have been needed."""
    pause = PauseMode.EVERY_NODE if mode == "ready" or mode.startswith("opening") else PauseMode.NONE
    options = RunOptions(state_dir=state, front_end="crash", pause=pause)
    async with await OpenRun.open(cluster, options) as session:
        engine = session.engine
        async with asyncio.timeout(PATIENCE * patience()):
            while not engine.state.status.final:
                await engine.idle()
                run = engine.state
                if run.status is RunStatus.RUNNING and pause is PauseMode.EVERY_NODE:
                    return 0
                if engine.broken or run.status in (RunStatus.BLOCKED, RunStatus.PAUSED_ON_ERROR):
                    sys.stderr.write(engine.broken or run.summary)
                    return 1
                if run.offer is not None:
                    engine.submit(yes(engine))
                elif run.status is RunStatus.PAUSED_BY_USER:
                    engine.submit(it.Resume())
                await asyncio.sleep(0.01)
    return 0


def main(cluster_file: str, state_dir: str, mode: str, where: str) -> int:
    if "effect" in mode:
        arm_effects(mode, Path(where))
    elif mode not in ("never", "ready"):
        arm_events(mode, where)
    setattr(completion, "clean_up", no_clean_up)  # noqa: B010
    return asyncio.run(console(Path(cluster_file), Path(state_dir), mode))


def forked(errors: str, *words: str) -> None:
    """The same in a process that was forked after the imports; what it complains of goes into a file."""
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    sys.exit(main(*words))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
