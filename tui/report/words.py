"""Small formatting that the drawn reports share; foreign text is made harmless here, once."""

from __future__ import annotations

from tui.model.states import StepStatus
from tui.model.steps import StepName
from tui.report.shapes import NodeReport, Versions
from tui.text.durations import moment
from tui.text.sanitize import sanitize

MARKS = {True: "ok", False: "BROKEN"}


def clean(value: object) -> object:
    """Strings without escapes, control characters and bidirectional overrides; anything else as it is."""
    return sanitize(value) if type(value) is str else value


def versions(facts: Versions | None) -> str:
    """``5.19.0``, or both versions where the loaded one is not the one on disk."""
    if facts is None:
        return "not read"
    if facts.active == facts.installed:
        return facts.installed or "none"
    return f"{facts.installed or 'none'} on disk, {facts.active or 'none'} loaded"


def proof(node: NodeReport) -> str:
    """The facts that show an updated node to be one."""
    if node.proof is None:
        return ""
    facts = node.proof
    loaded = "" if node.management else f", {facts.active or 'none'} loaded"
    return f"{facts.installed} on disk{loaded} at {moment(facts.time)}; {node.proof_words}"


def detours(node: NodeReport) -> str:
    """What did not go straight: ``install failed; rebooted``. Empty for a node that had no trouble."""
    tried = [
        (step, attempt) for step in node.steps for attempt in step.attempts if attempt.status is not None
    ]
    tried.sort(key=lambda pair: pair[1].started)
    said = []
    for step, attempt in tried:
        if attempt.status is not StepStatus.SUCCEEDED:
            said.append(f"{step.words} {attempt.status.value if attempt.status else 'not ended'}")
        elif step.name is StepName.REBOOT:
            said.append("rebooted")
    said += [f"{step.words} {step.result}" for step in node.steps if step.gone_past]
    return "; ".join(said)
