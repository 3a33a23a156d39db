"""The known risks of a run that no person has said yet to know of."""

from __future__ import annotations

from tui.model.nodeset import folded
from tui.model.run import Check, Run


def open_risks(run: Run) -> tuple[str, ...]:
    """Those that apply, or may apply, as their checks have them: node by node."""
    return tuple(check.result.summary for check in _open(run))


def risk_words(run: Run) -> str:
    """The same for a person, each risk once."""
    of_whom: dict[str, list[str]] = {}
    for check in _open(run):
        words = check.result.summary.removeprefix(f"{check.node}: ")
        of_whom.setdefault(words, []).append(check.node or "cluster")
    return "; ".join(f"{folded(names)}: {words}" for words, names in of_whom.items())


def _open(run: Run) -> tuple[Check, ...]:
    found = (check for check in run.checks if check.result.check == "risks")
    warned = (check for check in found if check.result.verdict == "warning")
    return tuple(check for check in warned if check.result.summary not in run.risks_known)
