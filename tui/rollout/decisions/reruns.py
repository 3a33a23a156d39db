"""Which steps of a node can be done again, the one that broke first."""

from __future__ import annotations

from tui.model.intents import RerunStep
from tui.model.run import Node, Step
from tui.model.states import RerunScope
from tui.rollout.interface import Choice


def reruns(node: Node) -> tuple[Choice, ...]:
    """Nothing as long as nothing has run on the node."""
    tried = [step for step in node.steps.values() if step.attempts]
    if not tried:
        return ()
    broken = next((step for step in tried if step.status.broken), tried[-1])
    offers: list[tuple[Step, RerunScope, str, str]] = [
        (broken, RerunScope.STEP, broken.name.words, "this step alone, as a new attempt"),
        (broken, RerunScope.FROM_HERE, f"from {broken.name.words} on", "this step and every one after it"),
        (tried[0], RerunScope.NODE, "the whole node", "every step from the first one"),
    ]
    earlier = (step for step in tried if step is not broken)
    offers += [(step, RerunScope.STEP, step.name.words, "this earlier step alone") for step in earlier]
    return tuple(
        Choice(word, sentence, RerunStep(node=node.name, step=step.name, scope=scope))
        for step, scope, word, sentence in offers
    )
