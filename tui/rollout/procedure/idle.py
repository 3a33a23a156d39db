"""Whether a node is idle: nobody is seen to use PCI Express, and nothing that counts its use moves.

One look finds only whom the witnesses name. What is used without a name (an address of the interface, a
kernel client) shows in counts that differ between two looks.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from tui.expressware.counters import Use, moved, parse_use, use_script
from tui.model import problems
from tui.model.events import NodeProgress
from tui.model.problems import Problem
from tui.rollout.asking import ask
from tui.rollout.procedure.step import Outcome, StepContext, failed
from tui.text.durations import exact

PATIENCE = 6
"""After so many times ``policy.idle_for`` a person is asked."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What keeps a node from being idle, and by which name a person may go past it."""

    problem: Problem
    why: str


async def look(context: StepContext) -> tuple[Use, Finding | None]:
    """One look, compared with the one before; None: nobody uses it, and nothing has moved since."""
    use = parse_use(await ask(context.client, use_script(context.config.paths.dis), 60.0))
    last = context.run_context.last_use.get(context.node_name)
    context.run_context.last_use[context.node_name] = use
    if use.users.in_use:
        return use, Finding(
            problems.APPS_STILL_RUNNING, f"PCI Express is still used: {'; '.join(use.users.sentences())}"
        )
    if not use.users.complete or use.users.unheard:
        said = "; ".join(use.users.unheard) or "the answer broke off"
        return use, Finding(problems.USERS_UNKNOWN, f"it is not known who uses PCI Express: {said}")
    if last is not None and (changed := moved(last.counts, use.counts)):
        ago = exact(use.asked_at - last.asked_at)
        return use, Finding(problems.NOT_IDLE, f"PCI Express is not idle: {'; '.join(changed)}, within {ago}")
    return use, None


async def until_idle(context: StepContext, at_once: bool) -> Outcome | str:
    """Look until nobody has used it for ``policy.idle_for``; ``at_once``: one look decides.

    What is in the way is said within one look. An outcome is a failure, a text what to say of success.
    """
    wanted = 0.0 if at_once else context.config.policy.idle_for
    every = min(context.monitor.every, max(wanted / 3, 0.01))
    context.run_context.last_use.pop(context.node_name, None)
    begun, looks, since, told = time.monotonic(), 0, None, ""
    while True:
        use, found = await look(context)
        looks += 1
        if found is None:
            since = use.asked_at if since is None else since
            if use.asked_at - since >= wanted:
                held = f"nobody has used PCI Express for {exact(use.asked_at - since)}"
                words = held if wanted else "nobody uses PCI Express"
                return "; ".join((words, *use.users.sentences(), *_uncounted(use)))
            reason = f"idle for {use.asked_at - since:.0f} of {wanted:.0f} s"
        else:
            since, reason = None, found.why
            if time.monotonic() - begun > PATIENCE * wanted and (looks > 2 or not wanted):
                return failed(found.problem, f"{context.node_name}: {found.why}")
        if reason != told:
            context.say(NodeProgress(progress=context.node.progress, reason=reason))
            told = reason
        await asyncio.sleep(every)


def _uncounted(use: Use) -> tuple[str, ...]:
    """What the node could not say of what moves."""
    name = use.users.ip_interface
    counted = any(counter.startswith(f"{name} ") for counter in use.counts)
    return (f"whether bytes move over {name} is not known",) if name and not counted else ()


async def used_again(context: StepContext) -> Outcome | None:
    """The last look before services are stopped: still as it was when the applications had ended.

    Where another console saw them end, what has moved since is not known: then it has to be idle anew.
    """
    if not context.config.policy.idle_for:
        return None
    if context.node_name not in context.run_context.last_use:
        anew = await until_idle(context, at_once=False)
        return failed(problems.USED_AGAIN, anew.reason) if isinstance(anew, Outcome) else None
    _, found = await look(context)
    return None if found is None else failed(problems.USED_AGAIN, f"{context.node_name}: {found.why}")
