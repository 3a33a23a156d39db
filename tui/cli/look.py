"""Commands that only look at the nodes: ``check`` (preflight) and ``status`` (one sweep)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.expressware.facts import FactsError, facts_script, parse_facts
from tui.expressware.tagged import Answer, read_answer
from tui.expressware.users import parse_users, users_shell
from tui.model import problems, verdict
from tui.model.clusterfile import ClusterFile
from tui.model.states import Health
from tui.plain.terminal import Terminal
from tui.remote import AskPerson, Fleet, RemoteError, Sample
from tui.rollout.asking import connected
from tui.rollout.gate.health import Look
from tui.rollout.gate.monitor import Monitor
from tui.rollout.opening.connections import make_fleet
from tui.text.counted import counted
from tui.text.durations import time_of_day

if TYPE_CHECKING:
    from tui.rollout.preflight import Finding

FACTS_TIMEOUT_S = 60.0


@asynccontextmanager
async def _looking(
    config: ClusterFile, ask_person: AskPerson | None, *, by_itself: bool = False
) -> AsyncIterator[tuple[Fleet, Monitor]]:
    async with make_fleet(config, ask_person) as fleet:
        monitor = Monitor(fleet, config, lambda _node, _health, _detail: None)
        monitor.start(by_itself=by_itself)
        try:
            yield fleet, monitor
        finally:
            await monitor.close()


async def check(
    config: ClusterFile, terminal: Terminal, ask_person: AskPerson | None, as_json: bool, state_dir: Path
) -> int:
    """Preflight; 0 when no check failed, 2 when one did, 6 when nodes cannot be reached or are others."""
    from tui.rollout.preflight import preflight, summary  # noqa: PLC0415  # `status` has no use for it

    findings: list[Finding] = []
    async with _looking(config, ask_person, by_itself=True) as (fleet, monitor):
        async for finding in preflight(config, fleet, monitor, own_places=(state_dir,)):
            _say_finding(terminal, finding, as_json, findings[-1] if findings else None)
            findings.append(finding)
    errors = sum(1 for finding in findings if finding.result.verdict == "error")
    warnings = sum(1 for finding in findings if finding.result.verdict == "warning")
    code, words, _ = summary(findings)
    exit_code = verdict.ALL_UPDATED
    if errors:
        exit_code = verdict.CONNECTION if code == problems.CONNECTION.code else verdict.BLOCKED
    if as_json:
        result = {"errors": errors, "warnings": warnings, "code": code, "summary": words}
        terminal.data({"type": "result", "exit": exit_code, **result})
    else:
        counts = (counted(len(findings), "check"), counted(errors, "error"), counted(warnings, "warning"))
        terminal.line(f"{', '.join(counts)}: {words}")
    return exit_code


def _say_finding(terminal: Terminal, finding: Finding, as_json: bool, before: Finding | None) -> None:
    """One finding; what it has in common with the one ``before`` is not told again node by node."""
    result = finding.result
    if as_json:
        terminal.data({"type": "check", "node": finding.node, **result.model_dump(mode="json")})
        return
    terminal.line(f"{result.verdict:<8} {finding.node or 'cluster':<12} {result.check:<15} {result.summary}")
    if result.verdict != "passed":
        told = before.result if before is not None else None
        if told is not None and (told.impact, told.remedy) == (result.impact, result.remedy):
            terminal.line(f"{'':<8} impact and remedy: as above")
            return
        for name, words in (("impact", result.impact), ("remedy", result.remedy)):
            if words:
                terminal.line(f"{'':<8} {name}: {words}")


async def status(config: ClusterFile, terminal: Terminal, ask_person: AskPerson | None, as_json: bool) -> int:
    """One sweep; 0 when all nodes are active, 6 when one cannot be reached, else 4."""
    async with _looking(config, ask_person) as (fleet, monitor):
        await _tried(fleet)
        sweep = await _sweep(config, fleet, monitor)
    for row in sweep.rows:
        found = sweep.in_the_way.get(row["node"], ())
        _say_row(terminal, {**row, "in_the_way": found} if as_json else row, as_json)
        if found and not as_json:
            terminal.line(f"{'':<12} in the way: {'; '.join(found)}")
    if as_json:
        terminal.data({"type": "result", "exit": sweep.code, "view_unreachable": sweep.unreachable})
    elif config.view is not None:
        terminal.line(_view(sweep.unreachable))
    return sweep.code


async def watch_status(
    config: ClusterFile, terminal: Terminal, ask_person: AskPerson | None, as_json: bool, every: float
) -> int:
    """Sweep after sweep until Ctrl-C or until nobody reads, a line for each change; the last sweep's code."""
    before: _Sweep | None = None
    async with _looking(config, ask_person) as (fleet, monitor):
        await _tried(fleet)
        try:
            while not terminal.gone:
                sweep = await _sweep(config, fleet, monitor)
                _say_changes(config, terminal, before, sweep, as_json)
                before = sweep
                await asyncio.sleep(every)
        except asyncio.CancelledError:  # Ctrl-C: how one ends it, once there is something to tell
            if before is None:
                raise
    code = before.code if before is not None else verdict.INCOMPLETE
    if as_json:
        terminal.data({"type": "result", "exit": code})
    return code


async def _tried(fleet: Fleet) -> None:
    """Every node is reached or has failed once: a sweep does not wait while a person is asked something."""

    async def tried(name: str) -> None:
        with contextlib.suppress(RemoteError):
            await connected(fleet.client(name), lambda _seconds: True)

    await asyncio.gather(*map(tried, fleet.nodes))


@dataclass(frozen=True)
class _Sweep:
    """How all nodes stood at one time."""

    rows: list[dict[str, Any]]
    unreachable: int | None
    """What the cluster view counts; None where it says nothing, or there is none."""
    in_the_way: dict[str, tuple[str, ...]]
    """What would keep each Cluster Node from being taken out now, by name."""

    @property
    def code(self) -> int:
        healths = {row["health"] for row in self.rows}
        if healths == {Health.ACTIVE}:
            return verdict.ALL_UPDATED
        return verdict.CONNECTION if Health.UNREACHABLE in healths else verdict.INCOMPLETE


async def _sweep(config: ClusterFile, fleet: Fleet, monitor: Monitor) -> _Sweep:
    await monitor.look_now()
    there = [name for name in config.machines if not _unreached(monitor.last(name))]
    # no archive: hashing it takes long
    script = facts_script(config.paths.dis, None, config.paths.state, users_shell(config.paths.dis))
    answers = await fleet.ask_now(there, script, FACTS_TIMEOUT_S)
    told = {name: _told(answer) for name, answer in answers.items()}
    rows = [_row(name, monitor.last(name), told.get(name)) for name in config.machines]
    found = {name: _uses(told.get(name)) for name in config.nodes}
    for name, entry in config.node.items():
        if entry.hold and name in found:
            found[name] = (*found[name], f"on hold: {entry.hold}")
    return _Sweep(rows, monitor.unreachable, found)


def _told(sample: Sample) -> Answer | str:
    """What a node said of itself; why there is nothing, as words."""
    if sample.text is None:
        return sample.error or "no answer"
    return read_answer(sample.text, exit_code=sample.exit_code, asked_at=sample.asked_at)


def _uses(told: Answer | str | None) -> tuple[str, ...]:
    if not isinstance(told, Answer):
        return ("it is not known who uses PCI Express",)
    return parse_users(told).sentences()


def _say_row(terminal: Terminal, row: dict[str, Any], as_json: bool, prefix: str = "") -> None:
    if as_json:
        terminal.data({"type": "node", **row})
        return
    versions = f"{row['installed'] or 'nothing'} on disk, {row['active'] or 'no driver'} loaded"
    if row["installed"] is None and row["active"] is None:
        versions = "versions not read"
    terminal.line(f"{prefix}{row['node']:<12} {row['health']:<13} {versions:<34} {row['detail']}")


def _view(count: int | None) -> str:
    said = "gives no answer" if count is None else f"counts {counted(count, 'unreachable node')}"
    return f"The cluster view {said}."


def _say_changes(
    config: ClusterFile, terminal: Terminal, before: _Sweep | None, now: _Sweep, as_json: bool
) -> None:
    """What is not as it was at the sweep before; all of the first."""
    at = datetime.now(UTC)
    prefix = f"{time_of_day(at)} "
    for row in now.rows:
        if before is None or row not in before.rows:
            _say_row(terminal, {**row, "time": at.isoformat()} if as_json else row, as_json, prefix)
    if config.view is None or (before is not None and before.unreachable == now.unreachable):
        return
    if as_json:
        terminal.data({"type": "view", "unreachable": now.unreachable, "time": at.isoformat()})
    else:
        terminal.line(f"{prefix}{_view(now.unreachable)}")


def _unreached(look: Look | None) -> bool:
    return look is None or look.health is Health.UNREACHABLE


def _row(name: str, look: Look | None, told: Answer | str | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "node": name,
        "health": look.health if look else Health.UNKNOWN,
        "detail": look.detail if look else "not looked at",
        "installed": None,
        "active": None,
    }
    if told is None:
        return row
    try:
        if isinstance(told, str):
            raise FactsError(told)
        facts = parse_facts(told)
    except FactsError as error:
        return row | {"health": Health.UNKNOWN, "detail": str(error)}
    return row | {"installed": facts.installed, "active": facts.active}
