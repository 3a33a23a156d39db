"""Has a console that is lost left something out of service? The nodes themselves say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tui.expressware.facts import Facts
from tui.rollout.preflight.finding import Finding, about, passed, warning
from tui.rollout.procedure.left_out import event_of, sentence


def judge(facts: Mapping[str, Facts], run_id: str) -> Iterable[Finding]:
    """What other runs have left out, node by node."""
    found = False
    for name, fact in facts.items():
        for left in fact.left_out:
            if left.run and left.run == run_id:
                continue
            found = True
            impact = "the node counts as out, so no other may go, until that is settled"
            remedy = "take up that run, or begin a new one and adopt it there or sign it off"
            yield about(name, warning("left-out", sentence(event_of(left)), impact, remedy))
    if facts and not found:
        yield Finding(None, passed("left-out", "nothing was left out of service by another run"))
