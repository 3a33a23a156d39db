"""What one look says of a node's health: half an answer, or one that contradicts itself, is no good news."""

from __future__ import annotations

from dataclasses import dataclass

from tui.expressware.probe import Probe, parse_probe
from tui.expressware.status import ServiceStatus
from tui.expressware.tagged import read_answer
from tui.model.states import Health
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
    `dis_services status` ends when all is well.
    """

    driver: bool = True
    status_exit: int = 0


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
    stopped = [status for status in probe.services if status.running is not True]
    if stopped:
        all_stopped = all(status.running is False for status in probe.services)
        return Health.DISABLED if all_stopped else Health.DEGRADED, f"not running: {_names(stopped)}"
    if probe.status_exit != standard.status_exit:
        words = f"dis_services status ended with exit code {probe.status_exit} beside running services"
        return Health.UNKNOWN, words
    return _drivers(probe) if standard.driver else (Health.ACTIVE, "all services running")


def _drivers(probe: Probe) -> tuple[Health, str]:
    """The same for the drivers in the kernel: a service's word for them is not enough.

    A unit made from an init script stays active whatever happens to the module afterwards.
    """
    if not probe.modules:
        return Health.DEGRADED, "no driver is loaded, though all services are said to run"
    if probe.active is None:
        return Health.UNKNOWN, "the version of the loaded driver cannot be read"
    stale = [module.name for module in probe.modules if module.stale]
    if stale:
        return Health.DEGRADED, f"old driver still loaded: {', '.join(stale)}"
    return Health.ACTIVE, "all services running"


def _names(services: list[ServiceStatus]) -> str:
    return ", ".join(status.service.value if status.service else status.words for status in services)
