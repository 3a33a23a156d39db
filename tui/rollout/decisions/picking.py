"""Who is proposed next and why, and what picking a node means: all of it from what was recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial

from tui.model.clusterfile import ClusterFile
from tui.model.events import NodeReadiness
from tui.model.run import Attempt, Node, Run
from tui.model.states import Health, Progress, StepStatus
from tui.model.steps import StepName
from tui.rollout.context import RunContext
from tui.rollout.decisions import next_action
from tui.rollout.decisions.estimate import seconds_to_go
from tui.rollout.gate import rule
from tui.rollout.interface import Candidate
from tui.rollout.procedure.packages import package_key, sia_sha256
from tui.text.durations import length

Rows = tuple[tuple[str, str], ...]
"""(word, what there is to say) pairs."""

_TOLD_IN_FULL = ("users", "kernel", "build", "hold")
"""Checks whose findings have words of their own here."""


class Prospects:
    """The nodes that could be next, as the run stands: made anew for each question."""

    def __init__(self, run: Run, config: ClusterFile) -> None:
        self._run, self._config = run, config
        self._p50 = seconds_to_go(run)

    def ranked(self) -> tuple[str, ...]:
        """Those still to be updated, the best pick first: the canary, then the least risk, then the order."""
        names = next_action.remaining(self._run)
        return tuple(sorted(names, key=lambda name: (self._later(name), *self._rank(name))))

    def proposal(self, name: str, among: Collection[str] | None = None) -> str:
        """Why this one before the others (of those that can go), as a sentence without its end."""
        able = next_action.remaining(self._run) if among is None else among
        rivals = [other for other in able if not self._later(other)]
        if name in self._config.canary:
            return f"policy.canary names {name}"
        mine = len(self.risks(name))
        alike = sum(1 for other in rivals if len(self.risks(other)) == mine and not self._first(other))
        least = f"no risk is seen on {name}" if not mine else f"{name} has the fewest risks, {mine}"
        if alike < 2:
            return least + (", the only one left" if len(rivals) < 2 else "")
        return f"{least}, the first of {alike} such nodes in the file's order"

    def line(self, name: str) -> str:
        """The node in one short line: its risks, who is stopped there, what is to be built, and how long."""
        node = self._run.nodes[name]
        found = self.risks(name)
        parts = ["; ".join(found) if found else "no risk seen"]
        if not node.management and node.readiness is not None:
            who = _briefly(node.readiness.users)
            parts.append(f"{who} to stop" if who else "nobody uses it" if node.readiness.users_known else "")
        built = self._built_on(node)
        parts.append("" if node.facts is None else "packages ready" if built else "builds packages")
        parts.append(f"~{length(self._p50)}" if self._p50 is not None else "")
        return "; ".join(filter(None, parts))

    def about(self, name: str) -> Rows:
        """The same in full, with who said it and when; what nobody knows is said to be unknown."""
        node = self._run.nodes[name]
        rows = [*self._uses(node)] if not node.management else []
        rows += [("packages", self._packages(node)), ("before", _before(node)), ("usual time", self._time)]
        return tuple(rows)

    def risks(self, name: str) -> tuple[str, ...]:
        """What may go wrong there, a few words each."""
        return self._risks.get(name) or self._risks.setdefault(name, tuple(self._find(self._run.nodes[name])))

    @cached_property
    def _risks(self) -> dict[str, tuple[str, ...]]:
        return {}

    def _find(self, node: Node) -> Iterator[str]:
        if (failure := _last_failure(node)) is not None:
            step, attempt = failure
            yield f"failed at {step.words} {_time(attempt.ended)}"
        if node.health is not Health.ACTIVE:
            yield f"is {node.health.words}"
        if node.readiness is None:
            yield "was not looked into"
        elif not node.management:
            yield from self._of_users(node.readiness)
            yield from _of_kernel(node, node.readiness)
        if node.readiness is not None and node.readiness.lacks and not self._built_on(node):
            yield f"a build there lacks {', '.join(node.readiness.lacks)}"
        yield from (f"check {check} warns" for check in self._warned.get(node.name, ()))

    def _of_users(self, said: NodeReadiness) -> Iterator[str]:
        if said.kernel_users:
            yield f"kernel module {', '.join(said.kernel_users)} holds a driver"
        if said.users and not self._config.applications.stop:
            yield "applications.stop is empty"
        if not said.users_known:
            yield "its users are not all known"

    @cached_property
    def _warned(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for check in self._run.checks:
            told = check.result.verdict == "passed" or check.result.check in _TOLD_IN_FULL
            if check.node is not None and not told:
                found.setdefault(check.node, []).append(check.result.check)
        return found

    @cached_property
    def _builders(self) -> Mapping[str, str]:
        """Key of packages that lie ready to the node that built them."""
        sha256 = sia_sha256(self._run)
        return {
            package_key(sha256, node): node.name
            for node in reversed(tuple(self._run.nodes.values()))
            if node.facts is not None and _built(node)
        }

    def _built_on(self, node: Node) -> str:
        """Who built packages that fit the node; empty where they are still to be built."""
        if node.facts is None:
            return ""
        return self._builders.get(package_key(sia_sha256(self._run), node), "")

    def _later(self, name: str) -> bool:
        """It is not the node's turn whatever is known of it: the management node goes first or last."""
        return bool(next_action.not_yet(self._run, name))

    def _first(self, name: str) -> bool:
        return name in self._config.canary

    def _rank(self, name: str) -> tuple[int, int]:
        canary = self._config.canary
        return (canary.index(name) if name in canary else len(canary)), len(self.risks(name))

    def _uses(self, node: Node) -> Iterator[tuple[str, str]]:
        said = node.readiness
        if said is None:
            yield "in use by", "not known: it was not looked into in this run"
            return
        who = [*said.users, *(f"kernel module {name}" for name in said.kernel_users)]
        words = "; ".join(who) or "nobody that was heard of"
        words += "" if said.users_known else "; not every witness could be heard"
        by_hand = bool(said.users) and not self._config.applications.stop
        how = "; to be stopped by hand: applications.stop is empty" if by_hand else ""
        yield "in use by", f"{words} (looked at {_time(node.readiness_at)}){how}"
        yield "others lose", _lost(said)
        running = node.facts.kernel if node.facts is not None else ""
        when = {"always": "at its reboot", "never": "at a later reboot"}.get(
            self._config.policy.reboot, "if it has to reboot"
        )
        kernel = f"stays {running}" if said.next_kernel == running else f"becomes {said.next_kernel}"
        yield "kernel", f"{kernel} {when}" if said.next_kernel else "which one it boots next is not known"

    def _packages(self, node: Node) -> str:
        if built := self._built_on(node):
            return f"ready, built on {built}"
        if node.readiness is None or node.facts is None:
            return "built there, as far as is known"
        lacks = ", ".join(node.readiness.lacks)
        return (
            f"to be built there; it lacks {lacks}"
            if lacks
            else "to be built there; compiler and headers are there"
        )

    @property
    def _time(self) -> str:
        if self._p50 is None:
            return "not known: no node is done yet"
        done = sum(1 for node in self._run.nodes.values() if node.progress is Progress.UPDATED)
        return f"about {length(self._p50)}, the median of {done} done"


def candidates(context: RunContext) -> tuple[Candidate, ...]:
    """Every node that is still to be updated, with whether the gate lets it go: those that can go first."""
    run, config = context.run, context.config
    survey = rule.not_in_service(run, config, context.monitor)
    prospects, found = Prospects(run, config), []
    for name in prospects.ranked():
        sample = context.verdict(name, "pick", survey)
        blocked = next_action.not_yet(run, name) or "; ".join(sample.reasons)
        about = partial(prospects.about, name)
        found.append(Candidate(name, not blocked, blocked or prospects.line(name), about=about))
    found.sort(key=lambda candidate: not candidate.eligible)
    if found and found[0].eligible:
        able = [candidate.node for candidate in found if candidate.eligible]
        found[0] = replace(found[0], proposal=prospects.proposal(able[0], able))
    held = [Candidate(n.name, False, f"on hold: {n.hold}") for n in run.nodes.values() if n.hold]
    return (*found, *held) if found else ()


def _of_kernel(node: Node, said: NodeReadiness) -> Iterator[str]:
    running = node.facts.kernel if node.facts is not None else ""
    if not said.next_kernel:
        yield "its next kernel is not known"
    elif said.next_kernel != running:
        yield f"boots kernel {said.next_kernel} next"


def _built(node: Node) -> bool:
    step = node.steps.get(StepName.PACKAGES)
    return step is not None and step.status is StepStatus.SUCCEEDED


def _briefly(users: tuple[str, ...]) -> str:
    more = len(users) - 1
    return f"{users[0]} and {more} more" if more > 0 else "".join(users)


def _lost(said: NodeReadiness) -> str:
    """What its users on other nodes notice while it is out."""
    memory = "; its SISCI memory is gone" if any("SISCI" in user for user in said.users) else ""
    if said.sockets is None:
        return f"PCI Express to it; how many SuperSockets are open there is not known{memory}"
    if not said.sockets:
        return f"PCI Express to it; no SuperSocket is open there{memory}"
    plural = "s go" if said.sockets > 1 else " goes"
    return f"PCI Express to it: {said.sockets} SuperSocket{plural} over Ethernet{memory}"


def _last_failure(node: Node) -> tuple[StepName, Attempt] | None:
    broken = [
        (attempt.ended, step.name, attempt)
        for step in node.steps.values()
        for attempt in step.attempts
        if attempt.ended is not None and attempt.status is not None and attempt.status.broken
    ]
    return max(broken, key=lambda found: found[0])[1:] if broken else None


def _before(node: Node) -> str:
    failure = _last_failure(node)
    if failure is None:
        return "no step of it has failed in this run"
    step, attempt = failure
    return f"{step.words} failed at {_time(attempt.ended)}: {attempt.summary or attempt.code}"


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone():%H:%M}" if moment is not None else "an unknown time"
