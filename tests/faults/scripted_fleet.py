"""The thinnest fleet that the engine can stand on: links whose answers are the truth of scripted nodes.

Everything above (engine, executor, monitor, gate, steps, parsers, journal) is the real thing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from tests.faults.scripted_cluster import Cluster
from tests.faults.scripted_truth import Job, Machine, What
from tui.expressware.commands import ShellText
from tui.expressware.left_out import THEN
from tui.expressware.view import view_script
from tui.remote import (
    ChangeResult,
    ConnectionState,
    Done,
    Identity,
    JobStatus,
    JobTraces,
    Preparation,
    Refused,
    RemoteError,
    Sample,
    StartTerms,
    Unknown,
)
from tui.remote.exec.job_protocol import JobState, sha256
from tui.remote.shell.shell import Completed

ANSWER = 0.05
"""Seconds that a node takes for anything short."""


class Said(NamedTuple):
    """An answer as a node gives it; ``late``: seconds that it takes longer than others."""

    text: str
    exit_code: int | None = 0
    late: float = 0.0


Spoil = Callable[[Said], Said]
QUESTIONS = ("look", "view", "facts", "users", "files", "check")
"""Everything that a node is asked, and what stands for it in ``Cluster.spoiled``."""
ABOUT = {"machine_id": "facts", "watched.count": "files", "content.of": "contents"}
"""Words in a script that looks, and what it asks."""


class ScriptedLink:
    """One node's ``NodeClient``."""

    def __init__(self, cluster: Cluster, node: str) -> None:
        self._cluster = cluster
        self.node = node
        self.endpoint = SimpleNamespace(user="root", host=node, port=22)
        self.cut: str = ""
        """``before`` or ``after``: the connection breaks at the next start of a job, for ``cut_for`` s.

        ``staged``: the job was brought by then, and not begun. ``slow``: brought, and not begun yet.
        """
        self.cut_for = 5.0
        self._changes = asyncio.Event()

    @property
    def machine(self) -> Machine | None:
        return self._cluster.referee.machines.get(self.node)

    @property
    def state(self) -> ConnectionState:
        if self.machine is None or self.machine.reachable:
            return ConnectionState(self.node, "up", since=0.0)
        return ConnectionState(self.node, "backoff", f"{self.node} does not answer.", "unreachable")

    @property
    def identity(self) -> Identity:
        return Identity(self.node, host_key=f"ssh-ed25519 {self.node}")

    def bind(self, identity: Identity) -> None:
        assert identity.hostname == self.node

    def poke(self) -> None:
        self._changes.set()
        self._changes = asyncio.Event()

    async def next_change(self) -> None:
        await self._changes.wait()

    async def states(self) -> AsyncIterator[ConnectionState]:
        yield self.state
        while True:
            await self.next_change()
            yield self.state

    def reconnect(self) -> None:
        """Nothing is ever refused here."""

    async def connected(self, timeout: float) -> None:  # noqa: ASYNC109
        try:
            async with asyncio.timeout(timeout):
                while self.state.phase != "up":
                    await self.next_change()
        except TimeoutError:
            raise self._no("unreachable") from None

    async def run(self, script: str, *, payload: bytes = b"", timeout: float) -> Completed:  # noqa: ASYNC109
        await self._reach(timeout)
        config = self._cluster.config
        question, said = "other", Said("")
        if config.view is not None and script == view_script(ShellText(config.view.command)):
            question, said = "view", Said(self._cluster.view())
        elif "app check" in script:
            runs = self.machine is not None and self.machine.apps
            question, said = "check", Said("", 0 if runs else 1)
        elif "@%s %s" in script:  # a script that looks
            about = next((word for sign, word in ABOUT.items() if sign in script), "users")
            question, said = about, Said(getattr(self._cluster, about)(self.node))
        said = self._cluster.spoiled.get((self.node, question), _as_it_is)(said)
        await asyncio.sleep(said.late)
        if said.exit_code is None:
            raise self._no("lost")
        return Completed(said.exit_code, said.text.encode(), b"")

    async def prepare(self, *, patience: float = 60.0) -> Preparation:
        await self._reach(patience)
        machine = self.machine
        assert machine is not None
        return Preparation(self._last(), machine.boot_id, int(self._cluster.loop.time()))

    async def start_job(
        self, job_id: str, script: str, *, terms: StartTerms | None = None, patience: float = 60.0
    ) -> ChangeResult[JobStatus]:
        try:
            await self._reach(patience)
        except RemoteError as error:
            return Refused(error)
        cut, self.cut = self.cut, ""
        if cut == "before":
            self._break()
            return Unknown(self._no("lost"))
        if cut in ("staged", "slow"):
            self._cluster.staged[job_id] = False
            if cut == "slow":
                return Done(self._status(job_id))
            self._break()
            return Unknown(self._no("lost"))
        machine = self.machine
        assert machine is not None
        assert terms is not None
        if job_id not in self._cluster.referee.jobs[self.node]:
            if terms.boot_id != machine.boot_id:
                return Refused(self._no("other-boot"))
            if terms.after != self._last():
                return Refused(self._no("overtaken"))
            self._cluster.staged.pop(job_id, None)
            self._cluster.begin(self.node, Job(job_id, script, _what(script), machine.boot))
            machine.last = (machine.boot_id, job_id)
        if cut == "after":
            self._break()
            return Unknown(self._no("lost"))
        return Done(await self.job(job_id))

    async def void_job(self, job_id: str, after: str, *, patience: float = 60.0) -> ChangeResult[bool]:
        try:
            await self._reach(patience)
        except RemoteError as error:
            return Refused(error)
        machine = self.machine
        assert machine is not None
        if self._last() != after:
            return Done(value=False)
        machine.last = (machine.boot_id, f"{after}.void")
        return Done(value=True)

    async def traces(self, job_id: str, *, place: str = "", patience: float = 60.0) -> JobTraces:
        return JobTraces(await self.job(job_id, patience=patience), ())

    def _last(self) -> str:
        machine = self.machine
        if machine is None or not machine.last[1]:
            return ""
        if machine.last[0] != machine.boot_id:
            machine.last = (machine.boot_id, f"fresh-{machine.boot_id}")
        return machine.last[1]

    async def job(self, job_id: str, *, patience: float = 60.0) -> JobStatus:
        await self._reach(patience)
        return self._status(job_id)

    async def jobs(self, *, patience: float = 60.0) -> list[JobStatus]:
        await self._reach(patience)
        return [self._status(name) for name in self._cluster.referee.jobs[self.node]]

    async def cancel(self, job_id: str, grace: float, *, patience: float = 60.0) -> ChangeResult[JobStatus]:
        try:
            await self._reach(patience)
        except RemoteError as error:
            return Refused(error)
        if job_id in self._cluster.staged:
            self._cluster.staged[job_id] = True
            self._cluster.changed(self.node)
        job = self._cluster.referee.jobs[self.node].get(job_id)
        if job is not None and not job.ended:
            job.cancelled, job.exit_code = True, 143
            self._cluster.referee.note()
            self._cluster.changed(self.node)
        return Done(self._status(job_id))

    async def remove(self, job_id: str, *, patience: float = 60.0) -> ChangeResult[None]:
        await self._reach(patience)
        return Done(None)

    async def remove_all(self, prefix: str, *, patience: float = 60.0) -> ChangeResult[None]:
        await self._reach(patience)
        return Done(None)

    async def clear_place(self, *, patience: float = 60.0) -> ChangeResult[None]:
        await self._reach(patience)
        return Done(None)

    async def follow(self, job_id: str, sink: Any, on_detached: Callable[[bool], None]) -> JobStatus:
        detached = False
        while True:
            if (self.state.phase != "up") != detached:
                detached = not detached
                on_detached(detached)
            if not detached and (status := self._status(job_id)).ended:
                if not sink.size:
                    sink.write(b"done\n")
                return status
            await self.next_change()

    async def wait_for_reboot(
        self, old_boot_id: str, *, stop_after: float, on_try: Callable[[str], None]
    ) -> str:
        machine = self.machine
        assert machine is not None
        assert old_boot_id
        try:
            async with asyncio.timeout(stop_after):
                while not machine.reachable or machine.boot_id == old_boot_id:
                    on_try("it is not back")
                    await self.next_change()
        except TimeoutError:
            raise self._no("no-return") from None
        return machine.boot_id

    async def upload_all(self, *_: object) -> str:
        raise AssertionError("nothing is brought to scripted nodes")

    download_all = upload_all

    async def _reach(self, patience: float) -> None:
        await asyncio.sleep(ANSWER)
        await self.connected(patience)

    def _break(self) -> None:
        self._cluster.change(self.node, linked=False)
        self._cluster.loop.call_later(self.cut_for, lambda: self._cluster.change(self.node, linked=True))

    def _no(self, kind: Any) -> RemoteError:
        return RemoteError(kind, self.node, f"{self.node}: {kind}.")

    def _status(self, job_id: str) -> JobStatus:
        job = self._cluster.referee.jobs[self.node].get(job_id)
        machine = self.machine
        if machine is None:
            return JobStatus(job_id, "none", script_sha256="")
        if job is None:
            staged = self._cluster.staged.get(job_id)
            state: JobState = "none" if staged is None else "claimed"
            boot, last = machine.boot_id, self._last()
            return JobStatus(job_id, state, cancelled=bool(staged), boot_id=boot, last=last)
        return JobStatus(
            job_id,
            "rebooted" if job.lost else "exited" if job.exit_code is not None else "running",
            exit_code=job.exit_code,
            cancelled=job.cancelled,
            script_sha256=sha256(job.script.encode()),
            boot_id=machine.boot_id,
            last=self._last(),
        )


def _what(script: str) -> What:
    words: tuple[tuple[str, What], ...] = (
        ("app stop", "stop-apps"),
        ("app start", "start-apps"),
        ("--install-node", "install"),
        ("dis_services stop", "stop-services"),
        ("dis_services start", "start-services"),
        ("reboot", "reboot"),
    )
    script = script.rpartition(THEN)[2]
    return next(what for word, what in words if word in script)


class ScriptedFleet:
    """All links, and the periodic looks."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._clients = {name: ScriptedLink(cluster, name) for name in cluster.config.machines}
        self._task: asyncio.Task[None] | None = None
        cluster.changed = lambda name: self._clients[name].poke()

    def client(self, node: str) -> ScriptedLink:
        return self._clients[node]

    async def failed(self) -> None:
        """No thread is there that could end."""
        await asyncio.Event().wait()

    def watch(
        self, script: str, every: float | None, on_sample: Callable[[Sample], None], glance: str = ""
    ) -> None:
        assert every is not None
        self._task = asyncio.create_task(self._look(every, on_sample))

    def calm(self, node: str, calm: bool) -> None:
        """Calm nodes are looked at all the same: here the clock costs nothing."""

    async def probe_now(self, nodes: Iterable[str] | None = None) -> dict[str, Sample]:
        asked_at = self._cluster.loop.time()
        await asyncio.sleep(ANSWER)
        if nodes is None:
            self._cluster.referee.looked()
        return {name: self._sample(name, asked_at) for name in (self._clients if nodes is None else nodes)}

    async def ask_now(self, nodes: Iterable[str], script: str, timeout: float) -> dict[str, Sample]:  # noqa: ASYNC109
        async def asked(name: str) -> Sample:
            asked_at = self._cluster.loop.time()
            try:
                done = await self._clients[name].run(script, timeout=timeout)
            except RemoteError as error:
                return Sample(name, self._cluster.loop.time(), asked_at, error=error.sentence)
            text = done.stdout.decode()
            return Sample(name, self._cluster.loop.time(), asked_at, text=text, exit_code=done.exit_code)

        names = list(nodes)
        samples = await asyncio.gather(*map(asked, names))
        return dict(zip(names, samples, strict=True))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _look(self, every: float, on_sample: Callable[[Sample], None]) -> None:
        while True:
            for name, client in self._clients.items():
                if client.state.phase == "up":
                    on_sample(self._sample(name, self._cluster.loop.time()))
                else:
                    client.poke()  # another try to connect that failed
            await asyncio.sleep(every)

    def _sample(self, name: str, asked_at: float) -> Sample:
        """What is said after a while was asked for that long ago: nobody waits for it here."""
        now = self._cluster.loop.time()
        if self._clients[name].state.phase != "up":
            return Sample(name, now, asked_at, error=f"{name} does not answer.")
        said = self._cluster.spoiled.get((name, "look"), _as_it_is)(Said(self._cluster.look(name)))
        return Sample(name, now, asked_at - said.late, text=said.text, exit_code=said.exit_code)


def _as_it_is(said: Said) -> Said:
    return said


class HeldLease:
    """The claims, held for good and not looked at: losing them is tested elsewhere."""

    lost = blocked_reason = console = minority = ""

    def __init__(self) -> None:
        self.asked: list[float] = []
        """When it was asked for in the moment before a step."""

    async def held(self) -> None:
        """It is."""

    async def confirm(self, _node: str) -> bool:
        self.asked.append(asyncio.get_running_loop().time())
        return True

    async def keep(self, *_: object) -> None:
        """No one else is there."""

    async def release(self) -> None:
        """As above."""


def cache_packages(directory: Path, key: str) -> None:
    """As if packages had been built: building takes nothing out of service."""
    store = directory / "packages" / key
    store.mkdir(parents=True)
    (store / "manifest.json").write_text('{"built_on": "another", "files": {}}')
