"""The report as Markdown, for a change ticket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui.model.verdict import REHEARSAL
from tui.report.shapes import AttemptReport, NodeReport, Report
from tui.report.words import MARKS, detours, overrides, proof, versions
from tui.text.counted import counted
from tui.text.durations import exact, moment
from tui.text.markdown import code, text


def render_markdown(report: Report) -> str:
    """The whole report; foreign text cannot become a link, a heading or HTML."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield from _opening(report)
    yield from ("", "## Nodes", "")
    yield from _table(
        ("Node", "Result", "Before", "After", "Why, or what shows it", "Working", "Waiting"),
        (
            (
                text(node.name),
                node.progress.words,
                text(versions(node.before)),
                text(versions(node.after)),
                text("; on the way: ".join(filter(None, (proof(node) or node.reason, detours(node))))),
                exact(node.working),
                exact(node.waiting),
            )
            for node in report.nodes
        ),
    )
    yield from ("", "## Promises, recomputed from the journal", "")
    yield from (
        f"- {MARKS[promise.holds]}: {text(promise.words)} ({text(promise.evidence)})"
        for promise in report.invariants
    )
    yield from ("", "## Decisions", "")
    yield from _table(
        ("Time", "Who", "Node", "Step", "What", "Why"),
        (
            (
                moment(decision.time),
                text(decision.who),
                text(decision.node or ""),
                decision.step.words if decision.step else "",
                code(decision.what, in_table=True),
                text(decision.why),
            )
            for decision in report.decisions
        ),
    )
    yield from ("", "## Steps and attempts")
    for node in report.nodes:
        yield from _attempts(node)
    yield ""
    yield f"{counted(report.events, 'event')}; SHA-256 of the journal's last line: {code(report.last_sha256)}"


def _opening(report: Report) -> Iterator[str]:
    """What a reader has to know first: what it was, how it stands, what is not proven, what is still out."""
    of_what = f"{REHEARSAL}: " if report.simulated else ""
    yield f"# {of_what}{text(report.cluster)} to {text(report.target)}: {report.status.words}"
    yield ""
    yield text(report.verdict)
    yield ""
    yield (
        f"Run {text(report.run_id)}, begun by {text(report.created_by)} on {text(report.host)} at "
        f"{moment(report.created)}, last event {moment(report.last_event)}. Times are UTC."
    )
    for lacking in report.not_simulated:
        yield from ("", f"**Not simulated:** {text(lacking)}")
    for notice in report.notices:
        yield from ("", f"**Note:** {text(notice)}")
    if report.journal_error:
        yield from ("", f"**The record is damaged:** {text(report.journal_error)}")
    for override in overrides(report):
        yield from ("", f"**Override:** {text(override)}")
    for out in report.still_out:
        yield from (
            "",
            f"**Still out:** {text(out.what)} on {text(out.node)}; to put it back: {code(out.undo)}",
        )
    if report.to_do:
        yield from ("", f"**Next:** {text(report.to_do)}")


def _attempts(node: NodeReport) -> Iterator[str]:
    tried = [(step.words, attempt) for step in node.steps for attempt in step.attempts]
    past = [step for step in node.steps if step.gone_past]
    if not tried and not past:
        return
    yield from ("", f"### {text(node.name)}", "")
    yield from _table(
        ("Step", "Result", "Began", "Time", "Exit", "Command", "Output"),
        (_attempt(words, attempt) for words, attempt in tried),
    )
    for step in past:
        yield from ("", f"{step.words}: {text(step.result)}")


def _attempt(words: str, attempt: AttemptReport) -> tuple[str, ...]:
    output = attempt.output
    size = counted(output.size, "byte")
    kept = f"{text(output.path)}, {size}, SHA-256 {output.sha256[:16]}" if output.size else ""
    return (
        f"{words} {attempt.number}",
        attempt.status.words if attempt.status else "not ended",
        moment(attempt.started),
        exact(attempt.seconds),
        "" if attempt.exit_code is None else str(attempt.exit_code),
        code(attempt.command, in_table=True),
        kept,
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
