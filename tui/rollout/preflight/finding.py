"""The results of checks: how they are made, put together for people, and summed up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tui.expressware.facts import Facts
from tui.model import problems
from tui.model.events import PreflightResult
from tui.model.nodeset import folded
from tui.rollout.preflight.table import CHECKS, CONNECTION_CHECKS

Verdict = Literal["passed", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One result, the node it is about (None: the cluster), and the facts that came with it."""

    node: str | None
    result: PreflightResult
    facts: Facts | None = None


def finding(
    verdict: Verdict, check: str, summary: str, impact: str = "", remedy: str = ""
) -> PreflightResult:
    """A result of a check that stands in the table. Raises ValueError for any other."""
    if check not in CHECKS:
        raise ValueError(f"{check!r} is not in the table of checks")
    words = summary.removesuffix(".")
    return PreflightResult(check=check, verdict=verdict, summary=words, impact=impact, remedy=remedy)


def passed(check: str, summary: str) -> PreflightResult:
    """Nothing stands against the update."""
    return finding("passed", check, summary)


def warning(check: str, summary: str, impact: str, remedy: str) -> PreflightResult:
    """A person should know of it; the run may begin."""
    return finding("warning", check, summary, impact, remedy)


def error(check: str, summary: str, impact: str, remedy: str) -> PreflightResult:
    """The run must not begin."""
    return finding("error", check, summary, impact, remedy)


def about(name: str, result: PreflightResult) -> Finding:
    """A result of a node, whose name stands first in the sentence."""
    said = result.summary
    words = said if said.startswith((f"{name}:", f"{name} ")) else f"{name}: {said}"
    return Finding(name, result.model_copy(update={"summary": words}))


def grouped(results: Iterable[tuple[str, PreflightResult]]) -> tuple[Finding, ...]:
    """(node, result) pairs for people: trouble node by node, what passed with the same words in one line."""
    findings: list[Finding] = []
    alike: dict[tuple[str, str], list[str]] = {}
    for name, result in results:
        if result.verdict == "passed":
            alike.setdefault((result.check, result.summary), []).append(name)
        else:
            findings.append(about(name, result))
    for (check, words), names in alike.items():
        findings.append(Finding(None, passed(check, f"{folded(names)}: {words}")))
    return tuple(findings)


def foremost(findings: Iterable[Finding]) -> PreflightResult | None:
    """The error to be told first, if there is any: what keeps us from the nodes, then what is not allowed."""
    errors = [each.result for each in findings if each.result.verdict == "error"]
    errors.sort(key=lambda result: (result.check not in CONNECTION_CHECKS, result.check != "version"))
    return errors[0] if errors else None


def summary(findings: Iterable[Finding]) -> tuple[str, str, str]:
    """(code, sentence, next action) for people and machines; an empty code when nothing is wrong."""
    found = tuple(findings)
    first = foremost(found)
    if first is None:
        return "", "nothing stands against the update", ""
    others = sum(1 for each in found if each.result.verdict == "error") - 1
    words = f"{first.summary} (and {others} more)" if others else first.summary
    known = {"version": problems.ROLLING_NOT_ALLOWED} | dict.fromkeys(CONNECTION_CHECKS, problems.CONNECTION)
    remedy = first.remedy.partition("\n")[0].rstrip(":")
    again = remedy if "check again" in remedy else "; ".join(filter(None, (remedy, "then check again")))
    return known.get(first.check, problems.PREFLIGHT).code, words, again
