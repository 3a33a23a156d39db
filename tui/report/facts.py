"""From events to a report: a pure function, but for the sizes and SHA-256 of the output files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from tui.journal.errors import JournalError
from tui.journal.files import EVENTS
from tui.journal.fit import read_fitting
from tui.journal.output import OutputFile
from tui.journal.tail import Tail
from tui.model import events as ev
from tui.model import run as model
from tui.model.states import Progress
from tui.model.steps import StepName
from tui.model.verdict import exit_code, sentence
from tui.report import shapes
from tui.report.decisions import decisions
from tui.report.invariants import invariants
from tui.report.shapes import Report
from tui.text.terminal import plain

TAIL_BYTES = 8192
TAIL_LINES = 30
SUMMED_BYTES = 1 << 27
"""Of output, whose SHA-256 is computed anew in an ordinary report; of more, the recorded one is quoted."""

Confirms = dict[tuple[StepName | None, int | None], tuple[ev.StepOffered | None, datetime | None]]
S = TypeVar("S", bound=shapes.Shape)


def read_report(run_directory: Path, *, verify: bool = False) -> Report:
    """The report of the run in a directory, as far as its journal can be read. Raises JournalError.

    ``verify``: every byte of output is read, however much that is.
    """
    tail = Tail(run_directory)
    run, count, error = read_fitting(tail)
    if not count:
        raise JournalError(error or f"{run_directory / EVENTS} is empty: nothing has happened in this run.")
    outputs = _Outputs(run_directory, None if verify else SUMMED_BYTES)
    return build(run, tail.events[:count], outputs, tail.chain.last, error)


def build(
    run: model.Run, events: list[ev.Event], outputs: _Outputs, last_sha256: str, error: str | None
) -> Report:
    """The report of ``run``, which these events make."""
    created = next((event.payload for event in events if isinstance(event.payload, ev.RunCreated)), None)
    own: dict[str | None, list[ev.Event]] = {}
    for event in events:
        own.setdefault(event.node, []).append(event)
    nodes = tuple(_node(node, own.get(node.name, []), outputs) for node in run.nodes.values())
    ledger = tuple(_of(shapes.LedgerReport, line, line.added, added=line.time) for line in run.ledger)
    return _of(
        shapes.Report,
        run,
        sia=run.plan.sia if run.plan else "",
        sia_sha256=run.plan.sia_sha256 if run.plan else "",
        host=created.host if created else "",
        rollcall=created.version if created else "",
        last_event=events[-1].time,
        exit_code=exit_code(run),
        verdict=sentence(run),
        notices=_notices(events),
        nodes=nodes,
        still_out=tuple(line for line in ledger if not line.closed),
        ledger=ledger,
        decisions=tuple(decisions(events)),
        preflight=tuple(_of(shapes.CheckReport, check, check.result) for check in run.checks),
        invariants=tuple(invariants(events, nodes, error)),
        events=len(events),
        last_sha256=last_sha256,
        journal_error=error,
        format=1,
    )


def _of(shape: type[S], *sources: object, **more: Any) -> S:
    """A part of the report: what is not in ``more`` is called there as in the first source that has it."""
    for name in shape.model_fields.keys() - more.keys():
        more[name] = getattr(next(source for source in sources if hasattr(source, name)), name)
    return shape(**more)


def _notices(events: list[ev.Event]) -> tuple[str, ...]:
    """What stood in the plan, and in any confirm: the file may have come to waive something on the way."""
    said: dict[str, None] = {}
    for event in events:
        payload = event.payload
        if isinstance(payload, ev.PlanFrozen | ev.StepOffered):
            said.update(dict.fromkeys(payload.notices))
    return tuple(said)


def _node(node: model.Node, own: list[ev.Event], outputs: _Outputs) -> shapes.NodeReport:
    facts = [_of(shapes.Versions, event, event.payload) for event in own if event.type == ev.NodeFacts.type]
    picked = [event.time for event in own if event.type == ev.NodeSelected.type]
    updated = node.progress is Progress.UPDATED
    verified = node.steps.get(StepName.VERIFY)
    confirms = _confirms(own)

    def attempt_of(step: model.Step, attempt: model.Attempt) -> shapes.AttemptReport:
        offer, confirmed_at = confirms.get((step.name, attempt.number), (None, None))
        return _of(
            shapes.AttemptReport,
            attempt,
            attempt.begun,
            target=offer.target if offer else "",
            confirmed_at=confirmed_at,
            output=outputs.told(node.name, step.name, attempt),
        )

    return _of(
        shapes.NodeReport,
        node,
        reason=node.progress_reason,
        health=node.health.value,
        before=facts[0] if facts else None,
        after=facts[-1] if facts else None,
        proof=facts[-1] if facts and updated else None,
        proof_words=verified.attempt.summary if updated and verified and verified.attempt else "",
        started=picked[0] if picked else None,
        ended=node.since if picked and node.progress.done else None,
        steps=tuple(
            _of(
                shapes.StepReport,
                step,
                words=step.name.words,
                attempts=tuple(attempt_of(step, attempt) for attempt in step.attempts),
            )
            for step in node.steps.values()
        ),
    )


def _confirms(events: list[ev.Event]) -> Confirms:
    """For each attempt, the offer it came from and when that was confirmed."""
    found: Confirms = {}
    for event in events:
        key = (event.step, event.attempt)
        payload = event.payload
        if isinstance(payload, ev.StepOffered):
            found[key] = (payload, None)
        elif isinstance(payload, ev.StepConfirmed):
            found[key] = (found.get(key, (None, None))[0], event.time)
    return found


class _Outputs:
    """The output files of a run, summed up as long as ``left`` bytes last (None: for ever)."""

    def __init__(self, run_directory: Path, left: int | None) -> None:
        self._directory = run_directory
        self._left = left

    def told(self, node: str, step: StepName, attempt: model.Attempt) -> shapes.OutputReport:
        """One attempt's output; one of another size than recorded is not intact, whatever its sum."""
        file = OutputFile(self._directory, node, step, attempt.number)
        size = file.size
        quoted = bool(attempt.sha256) and size == attempt.size and not self._spend(size)
        sha256 = attempt.sha256 if quoted else file.sha256() if size else ""
        intact = (size, sha256) == (attempt.size, attempt.sha256)
        known = not quoted and bool(attempt.sha256 or (attempt.ended and not size))
        broken = attempt.status is not None and attempt.status.broken
        return shapes.OutputReport(
            path=file.relative,
            recorded_size=attempt.size,
            recorded_sha256=attempt.sha256,
            size=size,
            sha256=sha256,
            quoted=quoted,
            intact=intact if known else None,
            tail=_tail(file, size) if broken and size else "",
        )

    def _spend(self, size: int) -> bool:
        """Whether as much may be read yet."""
        if self._left is not None and (allowed := size <= self._left):
            self._left -= size
        return self._left is None or allowed


def _tail(file: OutputFile, size: int) -> str:
    """The last lines as a person would have read them."""
    lines = plain(file.read(max(0, size - TAIL_BYTES), TAIL_BYTES)).splitlines()
    return "\n".join(lines[-TAIL_LINES:])
