"""The watched files of every node, in the moment before a critical step: nothing may have changed unseen.

What changed, or cannot be told, pauses the run; only a person goes on. A node that does not answer at all is
the gate's affair; it is compared when it answers again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.expressware.tagged import read_answer
from tui.expressware.watched import Watched, parse_watched, watched_script
from tui.model import events as ev
from tui.model import problems
from tui.model.states import RunStatus, StepStatus
from tui.rollout.context import RunContext
from tui.rollout.gate.monitor import FRESH_FOR
from tui.rollout.procedure.step import StepContext
from tui.rollout.procedure.watched_files import (
    ANSWER_TIMEOUT_S,
    Seen,
    first_seen,
    other_than_known,
    told,
)
from tui.text.sanitize import brief

if TYPE_CHECKING:
    from tui.remote import Sample


class FilesGate:
    """Asks all nodes at once, beside the gate's own looks, and remembers when all was as known."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._good: dict[str, float] = {}
        """Node to the moment at which its files were last asked for and as known."""

    def fresh(self, node: str) -> bool:
        """Whether the node's own files were seen to be as known, and that is not too long ago."""
        return asyncio.get_running_loop().time() - self._good.get(node, -FRESH_FOR) < FRESH_FOR

    async def look(self) -> Seen:
        """The watched files of every machine that answers."""
        self._good.clear()
        run = self._context.run
        names = [
            name for name in self._context.config.machines if name in run.nodes and not run.nodes[name].left
        ]
        up = [name for name in names if self._up(name)]
        asked_at = asyncio.get_running_loop().time()
        script = watched_script(self._context.config.paths.dis)
        answers = await self._context.fleet.ask_now(up, script, ANSWER_TIMEOUT_S)
        seen = {name: read(answers[name]) for name in up if not answers[name].error or self._up(name)}
        self._good |= {name: asked_at for name in seen if answers[name].text is not None}
        return seen

    def _up(self, name: str) -> bool:
        return self._context.fleet.client(name).state.phase == "up"

    async def compare(self, seen: Seen) -> dict[str, ev.NodeFiles]:
        """What stands against a step, node by node; empty where all is as known."""
        nodes = self._context.run.nodes
        fresh = {name: each.files for name, each in seen.items() if each.files is not None}
        fresh = {name: files for name, files in fresh.items() if nodes[name].files is None}
        await first_seen(self._context, fresh)
        known = {name: files for name, files in seen.items() if name not in fresh}
        return {name: event for name, files in known.items() if (event := await self._compared(name, files))}

    def pause(self, context: StepContext, found: Mapping[str, ev.NodeFiles]) -> None:
        """The step is not begun, and a person has to look."""
        self._good.clear()
        for name, event in found.items():
            self._context.publisher.publish(event, node=name)
        why = "; ".join(f"{name}: {in_words(event)}" for name, event in found.items())
        reason = brief(f"{context.step_name.words} on {context.node_name} was not started: {why}")
        code = problems.FILES_CHANGED.code
        context.say(ev.StepState(status=StepStatus.PENDING, code=code, reason=reason))
        self._context.set_status(RunStatus.PAUSED_ON_ERROR, problems.FILES_CHANGED, reason)

    async def _compared(self, name: str, seen: Watched) -> ev.NodeFiles | None:
        """What stands against the step; None where all is as known."""
        node = self._context.run.nodes[name]
        if seen.files is None:
            excused = name in self._context.run.unseen_files
            return None if excused else ev.NodeFiles(how="found", files=None, unknown=seen.unknown)
        lost = node.files if node.files is not None and node.files_agreed is None else None
        if lost is not None and lost.files is None:
            why = f"what the installation changed could not be told: {lost.unknown}"
            return ev.NodeFiles(how="found", files=seen.files, unknown=why)
        changes = other_than_known(node, seen.files)
        if not changes:
            return None
        changes = await told(self._context, name, seen.files, changes)
        return ev.NodeFiles(how="found", files=seen.files, changes=changes)


def read(sample: Sample) -> Watched:
    """What a node has told of its files."""
    if sample.text is None:
        return Watched(None, f"it has not told them: {sample.error}")
    answer = read_answer(sample.text, exit_code=sample.exit_code, asked_at=sample.asked_at)
    return parse_watched(answer)


def in_words(found: ev.NodeFiles) -> str:
    """What was found, short: the whole difference stands in the event."""
    if not found.changes:
        return found.unknown
    first, *more = found.changes
    lines = [line for line in first.difference if not line.startswith(("@@", " "))]
    others = f" and {len(more)} more" if more else ""
    return f"{first.path} {first.how}{others}" + (f": {'; '.join(lines)}" if first.how == "changed" else "")
