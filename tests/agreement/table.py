"""The results as text: a row each, or for the README the sums by class."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from tests.agreement.result import Result
from tests.agreement.verdict import BAD

_WORDS = {"same": "same", "stricter": "stricter on purpose", "unnamed": "refused without a keyword"}
_ORDER = ("same", "stricter", "refused", "unnamed", "weaker", "broken")


def line(result: Result) -> str:
    """One row: what both programs did, the verdict, and why it is not the same."""
    both = f"{_did(result.ssh_entered):5} {_did(result.rollcall_entered):8}"
    text = f"{result.group:17} {result.name:72} {both} {_WORDS.get(result.verdict, result.verdict)}"
    if result.verdict == "same":
        return text
    why = result.why
    if not result.rollcall_entered and result.rollcall_words not in why:
        why += f"\nRollcall: {result.rollcall_words}"
    if not result.ssh_entered:
        why += f"\nssh: {result.ssh_words}"
    return "\n".join(
        [text, *(textwrap.indent(textwrap.fill(each, 130), 15 * " ") for each in why.splitlines())]
    )


def sums(results: Sequence[Result]) -> str:
    """How many of each verdict."""
    counts = {verdict: sum(result.verdict == verdict for result in results) for verdict in _ORDER}
    return ", ".join(f"{count} {_WORDS.get(verdict, verdict)}" for verdict, count in counts.items() if count)


def bad(result: Result) -> bool:
    """Whether the whole fails for it."""
    return result.verdict in BAD or result.verdict == "broken"


def markdown(results: Sequence[Result]) -> str:
    """By class: set-ups, and how many of each verdict that is wanted; the other columns have to be 0."""
    shown = [verdict for verdict in _ORDER if verdict not in ("unnamed", "broken")]
    lines = [
        f"| class | set-ups | {' | '.join(_WORDS.get(v, v) for v in shown)} |",
        "| --- |" + " ---: |" * 5,
    ]
    groups = list(dict.fromkeys(result.group for result in results))
    for group in [*groups, ""]:
        part = [result for result in results if group in ("", result.group)]
        counts = [sum(result.verdict == verdict for result in part) for verdict in shown]
        lines.append(f"| {group or 'all'} | {len(part)} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


def _did(entered: bool) -> str:
    return "in" if entered else "out"
