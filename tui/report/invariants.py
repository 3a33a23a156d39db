"""The promises, recomputed from the events alone: what the engine claims is not taken for granted here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tui.expressware.versions import package_may_be, same
from tui.model import events as ev
from tui.model.actors import is_person
from tui.model.states import Confirm, Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.report.shapes import Invariant, NodeReport
from tui.text.counted import counted

Findings = tuple[list[str], str]
"""What is wrong (empty when the promise holds), and what was counted."""


def invariants(events: Sequence[ev.Event], nodes: Sequence[NodeReport], error: str | None) -> list[Invariant]:
    """Each promise with its evidence, in the order of importance."""
    promises = (
        (
            "never-two",
            "Never two: no node was taken out while another one was out by the run",
            never_two(events),
        ),
        ("gate-before-stop", "The gate was open in the moment before each node was taken out", gated(events)),
        ("tokens-once", "Every step was offered first, and each confirmation fired once", tokens(events)),
        ("persons-word", "What only a person may say was said by one", persons_words(events)),
        ("never-twice", "Never twice: each attempt was begun once, under a job id of its own", jobs(events)),
        ("verified", "No node is called updated without facts that show it", verified(events)),
        ("holds-kept", "Nothing was run on a node while it was skipped or on hold", holds(events)),
        ("ledger-closed", "The run did not complete with something still out of service", ledger(events)),
        ("output-intact", "Nothing lost: output files are what the nodes' jobs wrote", outputs(nodes)),
        ("chain-intact", "Nothing lost: every line of the journal fits the one before", chain(events, error)),
    )
    return [
        Invariant(name=name, words=words, holds=not wrong, evidence="; ".join(wrong) or found)
        for name, words, (wrong, found) in promises
    ]


def never_two(events: Iterable[ev.Event]) -> Findings:
    """Open ledger lines are what is out; the management node carries no traffic and does not count."""
    out: dict[str, str] = {}
    management = ""
    allowed = 1
    wrong: list[str] = []
    most = 0
    for event in events:
        match event.payload:
            case ev.RunCreated(management_node=str(name)):
                management = name
            case ev.PlanFrozen(allowed_down=number):
                allowed = number
            case ev.LedgerAdded(line=line) if event.node != management:
                others = set(out.values()) - {event.node}
                if len(others) >= allowed:
                    wrong.append(
                        f"{event.node} was taken out at event {event.seq} while {_names(others)} was out"
                    )
                out[line] = event.node or ""
            case ev.LedgerUndone(line=line):
                out.pop(line, None)
        most = max(most, len(set(out.values())))
    return wrong, f"at most {most} at a time"


def gated(events: Iterable[ev.Event]) -> Findings:
    """The node's latest gate sample before its services are stopped must be one of that moment, and open."""
    latest: dict[str | None, ev.GateSample] = {}
    wrong: list[str] = []
    count = 0
    for event in events:
        payload = event.payload
        if isinstance(payload, ev.GateSample):
            latest[event.node] = payload
        elif isinstance(payload, ev.AttemptStarted) and event.step is StepName.STOP_SERVICES:
            count += 1
            sample = latest.pop(event.node, None)
            if sample is None or sample.moment != "stop" or not sample.open:
                wrong.append(f"{event.node} at event {event.seq}")
    return wrong, counted(count, "time")


def tokens(events: Iterable[ev.Event]) -> Findings:
    """A token belongs to one (node, step, attempt), is handed back once, and opens that attempt only."""
    offered: dict[str, tuple[str | None, StepName | None, int | None]] = {}
    spent: set[str] = set()
    confirmed: set[tuple[str | None, StepName | None, int | None]] = set()
    wrong: list[str] = []
    for event in events:
        key = (event.node, event.step, event.attempt)
        match event.payload:
            case ev.StepOffered(token=token):
                if token in offered:
                    wrong.append(f"a token was offered twice at event {event.seq}")
                offered[token] = key
            case ev.StepConfirmed(token=token) | ev.StepDeclined(token=token):
                if token in spent or offered.get(token) != key:
                    wrong.append(f"a stale or foreign token at event {event.seq}")
                spent.add(token)
                if event.type == ev.StepConfirmed.type:
                    confirmed.add(key)
            case ev.AttemptStarted() if key not in confirmed:
                wrong.append(f"{_attempt(event)} began unconfirmed at event {event.seq}")
    return wrong, f"{len(confirmed)} of {counted(len(offered), 'offer')} confirmed"


def persons_words(events: Iterable[ev.Event]) -> Findings:
    """What only a person may say, and that the event's actor is one; then how much of it was said."""
    offers: dict[str, ev.StepOffered] = {}
    wrong: list[str] = []
    count = 0
    for event in events:
        match event.payload:
            case ev.StepOffered(token=token) as offer:
                offers[token] = offer
                continue
            case ev.StepConfirmed(token=token) if _persons(offers.get(token)):
                what = "confirmed"
            case ev.OverrideUsed(check=check):
                what = f"{check} gone past"
            case ev.LedgerUndone(how="signed-off", line=line):
                what = f"{line} signed off"
            case ev.LockBroken():
                what = "lock broken"
            case _:
                continue
        count += 1
        if not is_person(event.actor):
            wrong.append(f"{what} by {event.actor} at event {event.seq}")
    return wrong, counted(count, "time")


def _persons(offer: ev.StepOffered | None) -> bool:
    asked = offer is not None and offer.confirm is not Confirm.NONE
    return offer is not None and asked and offer.stands_for.person_only


def jobs(events: Iterable[ev.Event]) -> Findings:
    """Attempts and job ids are unique, and each attempt ends at most once."""
    begun: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    ids: Counter[str] = Counter()
    for event in events:
        payload = event.payload
        if isinstance(payload, ev.AttemptStarted):
            begun[_attempt(event)] += 1
            if payload.job_id is not None:
                ids[payload.job_id] += 1
        elif isinstance(payload, ev.AttemptEnded):
            ended[_attempt(event)] += 1
    wrong = [f"{name} began {count} times" for name, count in begun.items() if count > 1]
    wrong += [f"{name} ended {count} times" for name, count in ended.items() if count > 1]
    wrong += [f"job id {name} was used {count} times" for name, count in ids.items() if count > 1]
    return wrong, f"{counted(sum(begun.values()), 'attempt')}, {counted(len(ids), 'job')}"


def verified(events: Iterable[ev.Event]) -> Findings:
    """After the last attempt that changed the node: verify succeeded, and its facts show the target."""
    facts: dict[str | None, ev.NodeFacts] = {}
    passed: set[str | None] = set()
    created: ev.RunCreated | None = None
    wrong: list[str] = []
    count = 0
    for event in events:
        match event.payload:
            case ev.RunCreated() as payload:
                created = payload
            case ev.NodeFacts() as payload:
                facts[event.node] = payload
            case ev.AttemptStarted() if event.step is not None and event.step.row.unproves:
                passed.discard(event.node)
                facts.pop(event.node, None)
            case ev.AttemptEnded(status=StepStatus.SUCCEEDED) if event.step is StepName.VERIFY:
                passed.add(event.node)
            case ev.NodeProgress(progress=Progress.UPDATED):
                count += 1
                why = _unproven(event.node, event.node in passed, facts.get(event.node), created)
                if why:
                    wrong.append(f"{event.node}: {why}")
    return wrong, f"{counted(count, 'node')}, each with its facts"


def _unproven(
    node: str | None, passed: bool, facts: ev.NodeFacts | None, created: ev.RunCreated | None
) -> str:
    """Why ``updated`` is not shown by what was observed; empty when it is."""
    if not passed or facts is None or created is None:
        return "no successful verification after the last change"
    management = node == created.management_node
    if not (package_may_be if management else same)(facts.installed, created.target):
        return f"{facts.installed} is installed"
    if not management and not (same(facts.active, created.target) and facts.active_is_installed):
        return f"{facts.active} is active"
    return ""


def holds(events: Iterable[ev.Event]) -> Findings:
    """No attempt begins on a node that a person has taken out of the run."""
    kept: set[str | None] = set()
    wrong: list[str] = []
    for event in events:
        match event.payload:
            case ev.RunCreated(held=held):
                kept |= set(held)
            case ev.NodeSkipped():
                kept.add(event.node)
            case ev.NodeHeld(released=released):
                (kept.discard if released else kept.add)(event.node)
            case ev.NodeSelected():
                kept.discard(event.node)
            case ev.AttemptStarted() if event.node in kept:
                wrong.append(f"{_attempt(event)} at event {event.seq}")
    return wrong, f"{counted(len(kept), 'node')} skipped or held"


def ledger(events: Iterable[ev.Event]) -> Findings:
    """Lines open at the moment of completion."""
    out: set[str] = set()
    count = 0
    wrong: list[str] = []
    for event in events:
        match event.payload:
            case ev.LedgerAdded(line=line):
                out.add(line)
                count += 1
            case ev.LedgerUndone(line=line):
                out.discard(line)
            case ev.RunState(status=RunStatus.COMPLETED | RunStatus.COMPLETED_WITH_EXCEPTIONS) if out:
                wrong.append(f"{_names(out)} still open")
    return wrong, f"{counted(count, 'line')}, {len(out)} open"


def outputs(nodes: Iterable[NodeReport]) -> Findings:
    """Recorded size and SHA-256 against the files."""
    files = [attempt.output for node in nodes for step in node.steps for attempt in step.attempts]
    wrong = [f"{file.path} is not what was recorded" for file in files if file.intact is False]
    good = [file for file in files if file.intact and file.recorded_size]
    size = counted(sum(file.size for file in good), "byte")
    quoted = [file for file in files if file.quoted]
    words = f"; {counted(len(quoted), 'file')} of the recorded size (report --verify reads what is in them)"
    more = words if quoted else ""
    return wrong, f"{counted(len(good), 'file')}, {size}, SHA-256 equal{more}"


def chain(events: Sequence[ev.Event], error: str | None) -> Findings:
    """The reader has verified the chain; this says so."""
    return ([error] if error else []), counted(len(events), "event")


def _attempt(event: ev.Event) -> str:
    return f"{event.node} {event.step} attempt {event.attempt}"


def _names(names: Iterable[str | None]) -> str:
    return ", ".join(sorted(str(name) for name in names))
