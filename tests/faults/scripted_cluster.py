"""Scripted nodes: what their jobs do, what can befall them, and what they tell of themselves."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable
from typing import Any

from tests.faults.scripted_truth import TARGET, Job, Machine, Referee, What
from tui.model.clusterfile import ClusterFile

LENGTHS: dict[What, float] = {
    "stop-apps": 1.0,
    "start-apps": 1.0,
    "stop-services": 3.0,
    "start-services": 3.0,
    "install": 20.0,
    "reboot": 0.1,
}
"""Seconds that a job takes."""
BOOT = 15.0
SIA_SUM = "ab" * 32


class Cluster:
    """The machines, their jobs, and what can happen to them; the management node only answers."""

    def __init__(self, config: ClusterFile, referee: Referee, loop: asyncio.AbstractEventLoop) -> None:
        self.config = config
        self.referee = referee
        self.loop = loop
        self.view_answers = True
        self.unstable = False
        self.changed: Callable[[str], None] = lambda _name: None
        self.begun: list[Job] = []
        """Every job, also those that their node knows nothing of any more."""
        self.spoiled: dict[tuple[str, str], Callable[[Any], Any]] = {}
        """What becomes of the answers to a question: by node and kind of question."""
        self.texts = {name: {"etc/dis/dishosts.conf": "as all have it\n"} for name in config.machines}
        """The watched files of each machine."""
        self.staged: dict[str, bool] = {}
        """Jobs that were brought and not begun; True for one that was canceled."""

    def change(self, name: str, **values: Any) -> None:
        """Something happens to a machine."""
        machine = self.referee.machines[name]
        for key, value in values.items():
            setattr(machine, key, value)
        self.referee.note()
        self.changed(name)

    def power_off(self, name: str) -> None:
        """It goes down, and what runs on it with it."""
        for job in self.referee.jobs[name].values():
            job.lost = job.lost or not job.ended
        self.change(name, powered=False, services=False, apps=False, loaded=None)

    def power_on(self, name: str) -> None:
        """It comes up with a new boot id; its services start by themselves."""
        machine = self.referee.machines[name]
        if not machine.powered:
            self.change(name, powered=True, boot=machine.boot + 1, services=True, loaded=machine.installed)

    def reboot(self, name: str) -> None:
        """Down, and up again unless it was told not to return."""
        self.power_off(name)
        if "no-return" in self.referee.machines[name].faults:
            self.referee.machines[name].faults.discard("no-return")
        else:
            self.loop.call_later(BOOT, self.power_on, name)

    def begin(self, name: str, job: Job) -> None:
        """Start a job, unless there is one of that name."""
        if job.name not in self.referee.jobs[name]:
            self.begun.append(job)
            self.referee.starts_job(name, job)
            self.loop.call_later(LENGTHS[job.what], self._end, name, job)

    def _end(self, name: str, job: Job) -> None:
        machine = self.referee.machines[name]
        if job.ended:
            return
        job.exit_code = 143 if job.cancelled else self._effect(machine, job)
        self.referee.note()
        self.changed(name)

    def _effect(self, machine: Machine, job: Job) -> int:
        fault = next((found for found in machine.faults if found.partition(":")[0] == job.what), None)
        machine.faults.discard(fault or "")
        if fault is not None and fault.endswith(":refuses"):
            return 1
        if job.what in ("stop-apps", "start-apps"):
            machine.apps = job.what == "start-apps"
        elif job.what == "stop-services":
            machine.services, machine.loaded = False, None
        elif job.what == "start-services":
            machine.services, machine.loaded = True, machine.loaded or machine.installed
        elif job.what == "reboot":
            self.reboot(machine.name)
        else:
            return self._install(machine, fault, job)
        return 0

    def _install(self, machine: Machine, fault: str | None, job: Job) -> int:
        machine.installed = TARGET
        if machine.loaded is None:
            machine.services = fault is None
            machine.loaded = TARGET if fault is None else None
        if "--reboot" in job.script:
            self.reboot(machine.name)
        return 0 if fault is None else 1

    def look(self, name: str) -> str:
        """What a node tells of itself, as ``probe_script`` and ``facts_script`` would print it."""
        if name == self.config.cluster.management_node:
            runs = "status Dolphin Network Manager is running (pid 1)."
            return lines("boot_id b", "status.exit 0", runs, "end")
        machine = self.referee.machines[name]
        if machine.hanging:
            return lines(f"boot_id {machine.boot_id}", "status.exit 124", "end")
        state = "is running" if machine.services else "is not running"
        status = (f"status Dolphin {what} {state}." for what in ("IRM driver", "SISCI driver"))
        ended = f"status.exit {0 if machine.services else 3}"
        return lines(f"boot_id {machine.boot_id}", *self._modules(machine), ended, *status, "end")

    def facts(self, name: str) -> str:
        """The same for ``facts_script``."""
        machine = self.referee.machines[name]
        says = [f"hostname {name}", "uid 0", "kernel k", "arch x86_64", f"boot_id {machine.boot_id}"]
        says += [f"machine_id m-{name}", "os ID=rocky", "os VERSION_ID=9", "sia yes", f"sha256 {SIA_SUM}"]
        says += [f"package Dolphin-PX {machine.installed}", *self._modules(machine), "end"]
        return lines(*says)

    def users(self, name: str) -> str:
        """Who uses PCI Express, as ``users_script`` would print it."""
        loaded = () if self.referee.machines[name].loaded is None else ("module dis_irm", "module dis_ssocks")
        counts = ("ssocks.exit 0", "ssocks STREAM 0", "ssocks DGRAM 0")
        return lines(*counts, *loaded, "maps.exit 1 libsisci", "end")

    def files(self, name: str) -> str:
        """The watched files, as ``watched_script`` would print them."""
        texts = self.texts[name]
        sums = [
            f"watched.sum {hashlib.sha256(text.encode()).hexdigest()}  {path}" for path, text in texts.items()
        ]
        listed = [f"watched.file {path}" for path in texts]
        return lines(f"watched.count {len(texts)}", *listed, "watched.exit 0", *sums, "end")

    def contents(self, name: str) -> str:
        """All of their texts, whichever were asked for."""
        said = []
        for path, text in self.texts[name].items():
            said += [f"content.of {path}", f"content {base64.b64encode(text.encode()).decode()}"]
        return lines(*said, "end")

    def view(self) -> str:
        """The cluster's own count."""
        if not self.view_answers:
            return lines("view.exit 1", "end")
        away = sum(
            not (m.powered and m.services and m.loaded and not m.disabled_link)
            for m in self.referee.machines.values()
        )
        state = "UNSTABLE" if self.unstable else "UP" if not away else "FAILED"
        said = (f"view >Interconnect status : {state}", f"view >Number of unreachable nodes : {away}")
        return lines("view.exit 0", *said, "end")

    def _modules(self, machine: Machine) -> tuple[str, ...]:
        disk = f"disk.version dis_irm Dolphin IRM {machine.installed}"
        if machine.loaded is None:
            return (disk,)
        return ("module dis_irm", f"loaded.version dis_irm Dolphin IRM {machine.loaded}", disk)


def lines(*says: str) -> str:
    return "".join(f"@{line}\n" for line in says)
