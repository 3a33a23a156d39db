"""From events to a report: a pure function, but for the sizes and SHA-256 of the output files."""

from __future__ import annotations

from pathlib import Path

from tui.journal.chain import EVENTS
from tui.journal.errors import JournalError
from tui.journal.fit import fitting
from tui.journal.output import OutputFile
from tui.journal.tail import Tail
from tui.model import events as ev
from tui.model import run as model
from tui.model.fold import fold
from tui.model.states import Progress
from tui.model.steps import StepName
from tui.model.verdict import exit_code, sentence
from tui.report import shapes
from tui.report.decisions import decisions
from tui.report.invariants import invariants
from tui.text.terminal import plain

TAIL_BYTES = 8192
TAIL_LINES = 30

Confirms = dict[tuple[str | None, StepName | None, int | None], tuple[ev.StepOffered | None, ev.Event | None]]


def read_report(run_directory: Path) -> shapes.Report:
    """The report of the run in a directory, as far as its journal can be read. Raises JournalError."""
    tail = Tail(run_directory)
    error = None
    try:
        tail.read()
    except JournalError as problem:
        error = str(problem)
    _, count, misfit = fitting(tail.events, run_directory)
    error = misfit or error
    if not count:
        raise JournalError(error or f"{run_directory / EVENTS} is empty: nothing has happened in this run.")
    return build(tail.events[:count], run_directory, tail.chain.last, error)


def build(
    events: list[ev.Event], run_directory: Path, last_sha256: str, error: str | None = None
) -> shapes.Report:
    """The report that these events make; output files are looked at below ``run_directory``."""
    run = fold(events)
    created = next((event.payload for event in events if event.type == ev.RunCreated.type), None)
    nodes = tuple(_node(node, events, run_directory) for node in run.nodes.values())
    ledger = tuple(_ledger(line) for line in run.ledger)
    return shapes.Report(
        run_id=run.run_id,
        cluster=run.cluster,
        cluster_file=run.cluster_file,
        simulated=run.simulated,
        not_simulated=run.not_simulated,
        target=run.target,
        sia=run.plan.sia if run.plan else "",
        sia_sha256=run.plan.sia_sha256 if run.plan else "",
        created=run.created,
        created_by=run.created_by,
        host=created.host if isinstance(created, ev.RunCreated) else "",
        rollcall=created.version if isinstance(created, ev.RunCreated) else "",
        last_event=events[-1].time,
        status=run.status,
        code=run.code,
        summary=run.summary,
        next_action=run.next_action,
        exit_code=exit_code(run),
        verdict=sentence(run),
        notices=_notices(events),
        nodes=nodes,
        still_out=tuple(line for line in ledger if not line.closed),
        ledger=ledger,
        decisions=tuple(decisions(events)),
        preflight=tuple(_check(check) for check in run.checks),
        invariants=tuple(invariants(events, nodes, error)),
        events=len(events),
        last_sha256=last_sha256,
        journal_error=error,
    )


def _notices(events: list[ev.Event]) -> tuple[str, ...]:
    """What stood in the plan, and in any confirm: the file may have come to waive something on the way."""
    said: dict[str, None] = {}
    for event in events:
        payload = event.payload
        if isinstance(payload, ev.PlanFrozen | ev.StepOffered):
            said.update(dict.fromkeys(payload.notices))
    return tuple(said)


def _node(node: model.Node, events: list[ev.Event], run_directory: Path) -> shapes.Node:
    own = [event for event in events if event.node == node.name]
    facts = [_versions(event) for event in own if event.type == ev.NodeFacts.type]
    picked = [event.time for event in own if event.type == ev.NodeSelected.type]
    updated = node.progress is Progress.UPDATED
    verified = node.steps.get(StepName.VERIFY)
    confirms = _confirms(own)
    return shapes.Node(
        name=node.name,
        management=node.management,
        progress=node.progress,
        reason=node.progress_reason,
        service=node.service,
        health=node.health.value,
        health_detail=node.health_detail,
        before=facts[0] if facts else None,
        after=facts[-1] if facts else None,
        proof=facts[-1] if facts and updated else None,
        proof_words=verified.attempt.summary if updated and verified and verified.attempt else "",
        started=picked[0] if picked else None,
        ended=node.since if picked and node.progress.done else None,
        steps=tuple(_step(node.name, step, confirms, run_directory) for step in node.steps.values()),
    )


def _versions(event: ev.Event) -> shapes.Versions:
    facts = event.payload
    assert isinstance(facts, ev.NodeFacts)
    return shapes.Versions(
        time=event.time,
        installed=facts.installed,
        active=facts.active,
        active_is_installed=facts.active_is_installed,
        kernel=facts.kernel,
        boot_id=facts.boot_id,
    )


def _confirms(events: list[ev.Event]) -> Confirms:
    """For each attempt, the offer it came from and the event that confirmed it."""
    found: Confirms = {}
    for event in events:
        key = (event.node, event.step, event.attempt)
        payload = event.payload
        if isinstance(payload, ev.StepOffered):
            found[key] = (payload, None)
        elif isinstance(payload, ev.StepConfirmed):
            found[key] = (found.get(key, (None, None))[0], event)
    return found


def _step(node: str, step: model.Step, confirms: Confirms, run_directory: Path) -> shapes.Step:
    return shapes.Step(
        name=step.name,
        words=step.name.words,
        status=step.status,
        reason=step.reason,
        remedy=step.remedy,
        gone_past=step.gone_past,
        attempts=tuple(
            _attempt(node, step.name, attempt, confirms, run_directory) for attempt in step.attempts
        ),
    )


def _attempt(
    node: str, step: StepName, attempt: model.Attempt, confirms: Confirms, run_directory: Path
) -> shapes.Attempt:
    offer, confirm = confirms.get((node, step, attempt.number), (None, None))
    return shapes.Attempt(
        number=attempt.number,
        command=attempt.begun.command,
        target=offer.target if offer else "",
        job_id=attempt.begun.job_id,
        boot_id=attempt.begun.boot_id,
        confirmed_by=attempt.begun.confirmed_by,
        confirmed_at=confirm.time if confirm else None,
        started=attempt.started,
        ended=attempt.ended,
        seconds=attempt.seconds,
        status=attempt.status,
        exit_code=attempt.exit_code,
        summary=attempt.summary,
        overrides=attempt.overrides,
        output=_output(node, step, attempt, run_directory),
    )


def _output(node: str, step: StepName, attempt: model.Attempt, run_directory: Path) -> shapes.Output:
    file = OutputFile(run_directory, node, step, attempt.number)
    size = file.size
    sha256 = file.sha256() if size else ""
    intact = (size, sha256) == (attempt.size, attempt.sha256)
    broken = attempt.status is not None and attempt.status.broken
    return shapes.Output(
        path=file.relative,
        recorded_size=attempt.size,
        recorded_sha256=attempt.sha256,
        size=size,
        sha256=sha256,
        intact=intact if attempt.sha256 or (attempt.ended and not size) else None,
        tail=_tail(file, size) if broken and size else "",
    )


def _tail(file: OutputFile, size: int) -> str:
    """The last lines as a person would have read them."""
    lines = plain(file.read(max(0, size - TAIL_BYTES), TAIL_BYTES)).splitlines()
    return "\n".join(lines[-TAIL_LINES:])


def _ledger(line: model.LedgerLine) -> shapes.LedgerLine:
    return shapes.LedgerLine(
        line=line.line,
        node=line.node,
        what=line.added.what,
        before=line.added.before,
        undo=line.added.undo,
        added=line.time,
        closed=line.closed,
    )


def _check(check: model.Check) -> shapes.Check:
    result = check.result
    return shapes.Check(
        node=check.node,
        check=result.check,
        verdict=result.verdict,
        summary=result.summary,
        impact=result.impact,
        remedy=result.remedy,
    )
