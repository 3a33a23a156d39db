"""A console that kills itself (SIGKILL) at a chosen event boundary: ``crash_child CLUSTER STATE WHERE``.

It picks, confirms and resumes by itself. WHERE says where it dies:

``before:FILE``  before an event is written whose name stands in FILE; that name is then taken out of FILE
``after:FILE``   when it is on disk, but nobody has seen it
``effect:N``     when the N-th call that changes a node has returned, but nothing of it was written down
``opening-before:N``, ``opening-after:N``   at the N-th event of any kind
``never``        it runs to the end; ``ready``: to the first pick
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tui.journal import Journal
from tui.model import intents as it
from tui.model.events import Event, Payload
from tui.model.states import PauseMode, RunStatus, StepName
from tui.remote import Link
from tui.rollout import conductor
from tui.rollout.session import Session, Wish

PATIENCE = 120.0


def name_of(payload: Payload, node: str | None, step: StepName | None) -> str:
    """What an event is about, the same in a disturbed and in an undisturbed run."""
    said = (getattr(payload, key, "") for key in ("status", "progress", "line", "moment", "check"))
    return "|".join([payload.type, node or "", step or "", *(str(word) for word in said)])


def die() -> None:
    """As if the power had gone: no clean-up, no last word."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(where: str) -> None:
    """Wrap the two doors through which things happen: the journal, and calls that change a node."""
    mode, _, detail = where.partition(":")
    left = int(detail) if detail.isdigit() else 0
    append = Journal.append

    def dies_here(payload: Payload, more: dict[str, Any]) -> bool:
        nonlocal left
        if mode.startswith("opening-"):
            left -= 1
            return left == 0
        if mode not in ("before", "after"):
            return False
        names = Path(detail).read_text().splitlines()
        name = name_of(payload, more.get("node"), more.get("step"))
        if name not in names:
            return False
        names.remove(name)
        Path(detail).write_text("\n".join(names))
        return True

    def armed(self: Journal, payload: Payload, **more: Any) -> Event:
        dies = dies_here(payload, more)
        if dies and mode.endswith("before"):
            die()
        event = append(self, payload, **more)
        if dies:
            die()
        return event

    def effective(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wrapped(*words: Any, **more: Any) -> Any:
            nonlocal left
            result = await call(*words, **more)
            left -= mode == "effect"
            if mode == "effect" and left == 0:
                die()
            return result

        return wrapped

    Journal.append = armed  # type: ignore[method-assign]
    for name in ("start_job", "upload", "download"):
        setattr(Link, name, effective(getattr(Link, name)))


async def no_clean_up(*_: object) -> tuple[str, ...]:
    """Leave the nodes' files: the test compares them with what was kept here."""
    return ()


async def console(cluster: Path, state: Path, where: str) -> int:
    """Open or take up the run and see it to its end; 1 when a person would have been needed."""
    pause = PauseMode.EVERY_NODE if where == "ready" or where.startswith("opening") else PauseMode.NONE
    wish = Wish(state_dir=state, front_end="crash", pause=pause)
    async with await Session.open(cluster, wish) as session:
        engine = session.engine
        async with asyncio.timeout(PATIENCE):
            while not engine.state.status.final:
                await engine.idle()
                run = engine.state
                if run.status is RunStatus.RUNNING and pause is PauseMode.EVERY_NODE:
                    return 0
                if engine.broken or run.status in (RunStatus.BLOCKED, RunStatus.PAUSED_ON_ERROR):
                    sys.stderr.write(engine.broken or run.summary)
                    return 1
                if run.offer is not None:
                    engine.submit(it.ConfirmStep(token=run.offer.offered.token, typed=run.offer.node))
                elif run.status is RunStatus.PAUSED_BY_USER:
                    engine.submit(it.Resume())
                await asyncio.sleep(0.01)
    return 0


if __name__ == "__main__":
    arm(sys.argv[3])
    setattr(conductor, "clean_up", no_clean_up)  # noqa: B010
    sys.exit(asyncio.run(console(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
