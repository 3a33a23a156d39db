"""A job that changes the node begins under terms that the node checks: else it is refused, and never late."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.remote.conftest import Cluster, Connect, MakeNode
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tui.remote import ChangeResult, Done, JobStatus, Refused, RemoteError, StartTerms, Unknown

pytestmark = needs_sshd


def run_place(node: OpenSshNode) -> Path:
    assert node.sysroot is not None
    return node.sysroot / "run/rollcall"


def ran(node: OpenSshNode) -> list[str]:
    """Which jobs have run there."""
    assert node.sysroot is not None
    log = node.sysroot / "ran"
    return log.read_text().split() if log.exists() else []


def script(name: str, rest: str = "") -> str:
    return f'echo {name} >> "$R"/ran; {rest}'


async def terms(cluster: Cluster, limit: int | None = 60) -> StartTerms:
    ground = await cluster.client.prepare()
    deadline = None if limit is None else ground.uptime + limit
    return StartTerms(ground.last, ground.boot_id, deadline)


async def begin(cluster: Cluster, name: str, under: StartTerms, rest: str = "") -> ChangeResult[JobStatus]:
    started: ChangeResult[JobStatus] = await cluster.client.ended.start_job(
        name, script(name, rest), terms=under
    )
    return started


def refused(ended: ChangeResult[Any]) -> str:
    """The kind of a refusal; empty when it is none."""
    return ended.error.kind if isinstance(ended, Refused) else ""


async def ended(cluster: Cluster, name: str) -> None:
    while not (await cluster.client.job(name)).ended:
        pass


async def test_the_node_writes_down_which_job_began_last(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        under = await terms(cluster)
        assert under.after.startswith("fresh-")
        assert (await cluster.client.prepare()).last == under.after, "asked twice, it is the same"
        assert isinstance(await begin(cluster, "a", under), Done)
        await ended(cluster, "a")
        assert (await cluster.client.job("a")).last == "a"
        assert (run_place(node) / "last").read_text().split() == ["a", node.boot_id]
        assert run_place(node).stat().st_mode & 0o777 == 0o700
        await cluster.client.start_job("reading", "true")
        assert (await cluster.client.job("a")).last == "a", "a job that only reads leaves it alone"
    assert ran(node) == ["a"]


async def test_a_start_that_comes_late_starts_nothing(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        under = await terms(cluster, limit=-1)
        assert refused(await begin(cluster, "a", under)) == "late"
        assert ran(node) == []
        assert isinstance(await begin(cluster, "a", await terms(cluster)), Done), "asked anew, it begins"


async def test_a_start_from_before_a_reboot_starts_nothing(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        under = await terms(cluster)
        node.new_boot_id()
        assert refused(await begin(cluster, "a", under)) == "other-boot"
        assert (await terms(cluster)).after != under.after
    assert ran(node) == []


async def test_a_start_that_another_has_overtaken_starts_nothing(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        under = await terms(cluster)
        await begin(cluster, "a", under)
        await ended(cluster, "a")
        assert refused(await begin(cluster, "b", under)) == "overtaken"
    assert ran(node) == ["a"]


async def test_a_start_of_a_console_that_does_not_lead_starts_nothing(
    node: OpenSshNode, connect: Connect
) -> None:
    async with connect(node, console_id="00000000000000aa") as cluster:
        under = await terms(cluster)
        claim = run_place(node) / "claim"
        claim.write_text(f"id=00000000000000bb\nsince=1\nat={node.boot_id}\n")
        assert refused(await begin(cluster, "a", under)) == "not-the-leader"
        claim.write_text("id=00000000000000aa\nsince=1\nat=another-boot\n")
        assert refused(await begin(cluster, "a", under)) == "not-the-leader", "of a boot before"
        claim.write_text(f"id=00000000000000aa\nsince=1\nat={node.boot_id}\n")
        assert isinstance(await begin(cluster, "a", under), Done)


async def test_one_job_that_changes_the_node_at_a_time(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        await begin(cluster, "a", await terms(cluster), 'until [ -e "$R"/go ]; do sleep 0.05; done')
        second = await begin(cluster, "b", replace(await terms(cluster), after="a"))
        assert refused(second) == "node-busy"
        assert isinstance(second, Refused)
        assert "(a)" in second.error.sentence
        await cluster.client.start_job("reading", "true")  # takes no lock
        # also when its supervisor is gone and the job goes on
        assert node.sysroot is not None
        started = node.sysroot / "var/lib/rollcall/jobs/a/started"
        os.kill(int(started.read_text().split()[1]), signal.SIGKILL)
        await in_state(cluster, "a", "orphan")
        assert refused(await begin(cluster, "b", replace(await terms(cluster), after="a"))) == "node-busy"
        (node.sysroot / "go").touch()
        await ended(cluster, "a")
        assert isinstance(await begin(cluster, "b", replace(await terms(cluster), after="a")), Done)
        await ended(cluster, "b")
    assert ran(node) == ["a", "b"]


async def in_state(cluster: Cluster, name: str, state: str) -> None:
    while (await cluster.client.job(name)).state != state:
        pass


async def test_a_job_whose_files_are_gone_is_not_begun_again(node: OpenSshNode, connect: Connect) -> None:
    """The same id again, under the terms of the first start, is what a console does that heard no answer."""
    async with connect(node) as cluster:
        under = await terms(cluster)
        await begin(cluster, "a", under)
        await ended(cluster, "a")
        await cluster.client.remove("a")
        assert refused(await begin(cluster, "a", under)) in ("began-before", "overtaken")
    assert ran(node) == ["a"]


async def test_what_was_called_off_never_begins(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        under = await terms(cluster)
        assert await cluster.client.void_job("a", under.after) is True
        assert refused(await begin(cluster, "a", under)) == "overtaken"
        again = await terms(cluster)
        await begin(cluster, "b", again)
        await ended(cluster, "b")
        assert await cluster.client.void_job("b", again.after) is False
    assert ran(node) == ["b"]


async def test_a_start_that_was_cut_off_is_unknown_and_one_that_was_never_sent_is_refused(
    node: OpenSshNode, connect: Connect, make_node: MakeNode
) -> None:
    async with connect(node) as cluster:
        under = await terms(cluster)
        assert node.sysroot is not None
        slow = node.sysroot / "usr/bin/sync"  # its answer will not come in time
        slow.write_text("#!/bin/sh\nsleep 2\n")
        slow.chmod(0o755)
        ended_as = await cluster.client.ended.start_job("a", script("a"), terms=under, patience=1.0)
        assert isinstance(ended_as, Unknown), ended_as
        slow.unlink()
        while (await cluster.client.job("a")).state == "none":
            pass
        await ended(cluster, "a")
        assert ran(node) == ["a"], "and it did happen later"
    away = make_node("px02", start=False)
    async with connect(away) as cluster:
        never = await cluster.client.ended.start_job("a", script("a"), terms=under, patience=0.5)
        assert isinstance(never, Refused), never
        assert isinstance(never.error, RemoteError)


async def test_traces_of_a_job_show_what_still_runs_of_it(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        await begin(cluster, "a.1", await terms(cluster), "setsid sleep 4716 & sleep 0.1")
        await ended(cluster, "a.1")
        await cluster.client.remove("a.1")
        traces = await cluster.client.traces("a.1")
        assert traces.status.state == "none"
        assert [words.partition(" ")[2] for words in traces.processes] == ["sleep 4716"]
        assert (await cluster.client.traces("a")).processes == ()
        os.kill(int(traces.processes[0].split()[0]), signal.SIGKILL)
