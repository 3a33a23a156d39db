"""What `dis_services status` says: which services run.

The version in these lines is the one on disk (the script reads it from the module file, not from the kernel):
it says nothing about the update being active. Use the loaded modules for that.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tui.expressware import versions
from tui.expressware.services import Service, service_in
from tui.text.marks import Verdict, split_mark, split_prefix, split_star
from tui.text.sanitize import words_of
from tui.text.terminal import plain


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service as `status` reports it.

    `running` is None when the words are neither a plain yes nor a plain no (`module loaded, but no device
    links found`, a line that was cut short). `service` is None for a name that is not known here: only what
    is down is told without one. `version` is the one on disk. `pids` are a daemon's processes; with several
    network managers on a machine each one's line lists them all. `detail`: what else was said.
    """

    service: Service | None
    running: bool | None
    words: str
    version: str | None = None
    pids: tuple[int, ...] = ()
    detail: str = ""


_STOPPED = re.compile(r"\bnot running\b|\bis stopped\b|\bdead\b|\bis not loaded\b", re.IGNORECASE)
_RUNNING = re.compile(r"\bis running\b", re.IGNORECASE)
_ODD = re.compile(r"no device links found|no valid module", re.IGNORECASE)
# Where systemd answers, it quotes the journal below: old lines, which begin with their date.
_NAMED_FIRST = re.compile(r"Dolphin |dis[_.]|no valid module")
_NOTE = re.compile(r"Dolphin [^:(]{1,40}: (.+)")
_PIDS = re.compile(r"\(pids? ([0-9 ,]+)\)")
_PARENTHESES = re.compile(r"\([^()]*\)")
_UNIT = re.compile(r"(?:\S )?(dis[\w.-]+)\.service\b")
EXITED = "active (exited)"
_ACTIVE = re.compile(r"Active: ([a-z]+ \([a-z-]+\)|[a-z]+)")


def parse_status(output: bytes | str) -> tuple[ServiceStatus, ...]:
    """Read the output of `dis_services status`, or of one service's `status`. Never raises.

    Lines that name no service are ignored, unless they tell that something of Dolphin's is down; no
    particular services and no number of lines are expected. Where systemd answers in
    place of the script, its `Active:` line is read as the status of the unit above it.
    """
    statuses: list[ServiceStatus] = []
    notes: list[tuple[Service, str]] = []
    unit: Service | None = None
    for raw in plain(output).split("\n"):
        words, _ = split_star(words_of(raw))
        words, mark = split_mark(words)
        words, prefix = split_prefix(words)
        good = mark in (None, Verdict.OK) and prefix is not Verdict.FAILED
        if found := _ACTIVE.match(words):
            if unit is not None:
                statuses.append(_from_systemd(unit, words, found[1]))
            continue
        service = service_in(words)
        if service is None:
            if words.startswith("Dolphin ") and _STOPPED.search(words):
                statuses.append(_from_words(None, words))  # not known here, and down all the same
            continue
        note = _NOTE.match(words)
        if _NAMED_FIRST.match(words) and _says_something(words):
            status = _from_words(service, words)
            statuses.append(
                status if good or not status.running else replace(status, running=None, detail=words)
            )
        elif named := _UNIT.match(words):
            unit = service_in(named[1])
        elif note:
            notes.append((service, note[1]))
        elif words.startswith("Dolphin "):
            statuses.append(_from_words(service, words))
    return _with_notes(statuses, notes)


def all_running(statuses: Iterable[ServiceStatus]) -> bool:
    """Return whether every service plainly runs; False when there is none at all."""
    answers = [status.running for status in statuses]
    return bool(answers) and all(answer is True for answer in answers)


def _says_something(words: str) -> bool:
    return any(pattern.search(words) for pattern in (_STOPPED, _RUNNING, _ODD))


def _from_words(service: Service | None, words: str) -> ServiceStatus:
    pids = _PIDS.search(words)
    running = False if _STOPPED.search(words) else True if _RUNNING.search(words) else None
    return ServiceStatus(
        service=service,
        running=running,
        words=words,
        # Parentheses hold dates and protocol numbers, never the version.
        version=versions.extract(_PARENTHESES.sub(" ", words)),
        pids=tuple(int(pid) for pid in re.findall(r"[0-9]{1,18}", pids[1])) if pids else (),
        detail=words if running is None or " but " in words else "",
    )


def _from_systemd(unit: Service, words: str, state: str) -> ServiceStatus:
    """Read systemd's word; a driver's unit is `active (exited)`: its script keeps nothing running.

    It stays so whatever becomes of the module. A daemon's unit is `active (running)` while the daemon lives.
    """
    known = {"active": True, "inactive": False, "failed": False}
    running = known.get(state.partition(" ")[0])
    if state == EXITED and unit in (Service.NODE_MANAGER, Service.NETWORK_MANAGER):
        running = None
    return ServiceStatus(unit, running, words, detail=f"systemd: {state}")


def _with_notes(statuses: list[ServiceStatus], notes: list[tuple[Service, str]]) -> tuple[ServiceStatus, ...]:
    """Add remarks such as `module built for kernel X` to their service's status, or keep them alone."""
    for service, note in notes:
        for index, status in enumerate(statuses):
            if status.service is service:
                joined = f"{status.detail}; {note}" if status.detail else note
                statuses[index] = replace(status, detail=joined)
                break
        else:
            statuses.append(ServiceStatus(service, None, f"Dolphin {service}: {note}", detail=note))
    return tuple(statuses)
