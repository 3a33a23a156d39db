"""What one look says of a node's health: half an answer, or one that contradicts itself, is no good news."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.expressware.probe import Probe, parse_probe
from tui.expressware.services import service_in
from tui.expressware.status import EXITED, ServiceStatus
from tui.expressware.tagged import read_answer
from tui.model.events import NodeBaseline
from tui.model.states import Health

if TYPE_CHECKING:
    from tui.remote import Sample


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one node: what was seen, and when it was asked for (monotonic seconds)."""

    at: float
    health: Health
    detail: str
    probe: Probe | None


@dataclass(frozen=True, slots=True)
class Standard:
    """What a node has to be like to count as active.

    `driver`: it has drivers of its own (the management node has none). `status_exit`: how its
    `dis_services status` ends when all is well. `baseline`: how it was seen to be well; it says nothing of
    another version than its own.
    """

    driver: bool = True
    status_exit: int = 0
    baseline: NodeBaseline | None = None


def judge(sample: Sample, standard: Standard) -> Look:
    """What a sample says of a node's health. No answer is never read as good news."""
    at = sample.asked_at
    if sample.error or sample.text is None:
        return Look(at, Health.UNREACHABLE, sample.error or "no answer", None)
    probe = parse_probe(read_answer(sample.text, exit_code=sample.exit_code, asked_at=at))
    health, detail = assess(probe, standard)
    return Look(at, health, detail, probe)


def assess(probe: Probe, standard: Standard) -> tuple[Health, str]:
    """The health that a probe shows, and why in words."""
    if probe.unknown:
        return Health.UNKNOWN, probe.unknown
    if not probe.services:
        return Health.MISCONFIGURED, "dis_services reports no service"
    if stopped := [status for status in probe.services if status.running is not True]:
        all_stopped = all(status.running is False for status in probe.services)
        return Health.DISABLED if all_stopped else Health.DEGRADED, f"not running: {_names(stopped)}"
    known = standard.baseline
    baseline = known if known is not None and known.version == probe.active else None
    gone = [name for name in baseline.services if name not in services_of(probe)] if baseline else []
    if gone:
        return Health.DEGRADED, f"not listed any more: {', '.join(gone)}"
    if probe.status_exit != (baseline.exit_code if baseline else standard.status_exit):
        words = f"dis_services status ended with exit code {probe.status_exit} beside running services"
        return Health.UNKNOWN, words
    return _drivers(probe, baseline) if standard.driver else (Health.ACTIVE, "all services running")


def services_of(probe: Probe) -> tuple[str, ...]:
    """The services that it lists, by name."""
    return tuple(dict.fromkeys(map(_name, probe.services)))


def drivers_of(probe: Probe) -> tuple[str, ...]:
    """Those of them whose driver is loaded."""
    loaded = {str(service) for module in probe.modules if (service := service_in(module.name))}
    return tuple(name for name in services_of(probe) if name in loaded)


def _drivers(probe: Probe, baseline: NodeBaseline | None) -> tuple[Health, str]:
    """The same for the drivers in the kernel: a service's word for them is not enough.

    A unit made from an init script stays active whatever happens to the module afterwards.
    """
    if not probe.modules:
        return Health.DEGRADED, "no driver is loaded, though all services are said to run"
    unloaded = [name for name in baseline.drivers if name not in drivers_of(probe)] if baseline else []
    if unloaded:
        return Health.DEGRADED, f"its driver is not loaded any more: {', '.join(unloaded)}"
    exited = [status for status in probe.services if status.detail == f"systemd: {EXITED}"]
    if hollow := [name for name in map(_name, exited) if name not in drivers_of(probe)]:
        return Health.DEGRADED, f"{EXITED}, but its driver is not loaded: {', '.join(hollow)}"
    if probe.active is None:
        return Health.UNKNOWN, "the version of the loaded driver cannot be read"
    if stale := [module.name for module in probe.modules if module.stale]:
        return Health.DEGRADED, f"old driver still loaded: {', '.join(stale)}"
    return Health.ACTIVE, "all services running"


def _names(services: list[ServiceStatus]) -> str:
    return ", ".join(map(_name, services))


def _name(status: ServiceStatus) -> str:
    return status.service.value if status.service else status.words
