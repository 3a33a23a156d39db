"""Detached jobs: started once, seen, cancelled, removed; whatever happens to who asked for them."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
from pathlib import Path
from typing import cast

import pytest

from tests.remote.conftest import Cluster, Connect, FileSink
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import wait_until_async
from tui.remote import JobStatus, RemoteError
from tui.remote.exec import jobs
from tui.remote.shell.scripts import call
from tui.rollout.execution.until_answered import PASSING_KINDS

pytestmark = needs_sshd


def job_dir(node: OpenSshNode, job_id: str) -> Path:
    assert node.sysroot is not None
    return node.sysroot / "var/lib/rollcall/jobs" / job_id


def ignore(_detached: bool) -> None:
    pass


async def ended(cluster: Cluster, job_id: str) -> JobStatus:
    """The job's status once it has ended."""
    while not (status := await cluster.client.ended.job(job_id)).ended:
        pass
    return cast(JobStatus, status)


async def test_a_job_from_start_to_removal(node: OpenSshNode, connect: Connect, sink: FileSink) -> None:
    script = "echo one; echo two >&2; exit 7"
    async with connect(node) as cluster:
        assert (await cluster.client.job("install-1")).state == "none"
        started = await cluster.client.start_job("install-1", script)
        assert started.script_sha256 == hashlib.sha256(script.encode()).hexdigest()
        assert started.started_boot_id == started.boot_id == node.boot_id
        status = await cluster.client.follow("install-1", sink, ignore)
        assert (status.state, status.exit_code, status.size) == ("exited", 7, len("one\ntwo\n"))
        assert not status.cancelled
        assert not status.term
        assert [job.job_id for job in await cluster.client.jobs()] == ["install-1"]
        await cluster.client.remove("install-1")
        assert await cluster.client.jobs() == []
    assert sink.path.read_bytes() == b"one\ntwo\n"
    assert not job_dir(node, "install-1").exists()


ENDS = {"exit 0": 0, "exit 126": 126, "exit 255": 255, "kill -9 $$": 137, "kill $$": 143}


async def test_exit_codes_of_jobs(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        for number, (script, code) in enumerate(ENDS.items()):
            await cluster.client.start_job(f"j{number}", script)
            status = await ended(cluster, f"j{number}")
            assert (status.state, status.exit_code) == ("exited", code)


async def test_concurrent_starts_run_the_job_once(node: OpenSshNode, connect: Connect) -> None:
    script = 'echo ran >> "$R"/ran; sleep 0.2'
    async with connect(node) as one, connect(node) as two:
        clients = [one.client, two.client] * 8
        await asyncio.gather(*(client.start_job("same", script) for client in clients))
        status = await ended(one, "same")
        assert await one.client.start_job("same", script) == status  # long after, too
    assert node.sysroot is not None
    assert (node.sysroot / "ran").read_text() == "ran\n"


async def test_starts_while_the_connection_is_cut_run_the_job_once(
    node: OpenSshNode, connect: Connect
) -> None:
    script = 'echo ran >> "$R"/ran; sleep 0.2'
    async with connect(node) as cluster:
        starts = [asyncio.create_task(cluster.client.start_job("same", script)) for _ in range(8)]
        cuts = 0
        while cuts < 5 and not all(start.done() for start in starts):
            cuts += node.kill_sessions() > 0
            await wait_until_async(lambda: cluster.client.state.phase == "up")
        states = {(await start).state for start in starts}
        await ended(cluster, "same")
    assert node.sysroot is not None
    assert (node.sysroot / "ran").read_text() == "ran\n"
    assert states <= {"running", "exited"}
    assert cuts > 0


async def test_an_id_that_belongs_to_another_script_is_refused(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        await cluster.client.start_job("j", "echo one")
        with pytest.raises(RemoteError, match="another script"):
            await cluster.client.start_job("j", "echo two")


async def test_bad_job_ids(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        for job_id in ("", "../../etc/x", ".hidden", "a b", "a/b", "-" * 200, "x;id", "x\n"):
            with pytest.raises(RemoteError) as caught:
                await cluster.client.start_job(job_id, "true")
            assert caught.value.kind == "bad-job-id"
        # The node looks for itself, too.
        done = await cluster.client.run(call("job", "status", "/var/lib/rollcall", "", "../x"), timeout=60)
    assert done.stdout == b"error=bad-job-id detail=../x\n"


async def test_the_surroundings_of_a_job(node: OpenSshNode, connect: Connect, sink: FileSink) -> None:
    script = "umask; pwd; env; cat; trap '' 0; kill -l >/dev/null; sh -c 'kill -s PIPE $$'; echo $?"
    async with connect(node) as cluster:
        await cluster.client.start_job("j", script)
        await cluster.client.follow("j", sink, ignore)
    lines = sink.path.read_text().splitlines()
    assert lines[0] == "0022"
    assert lines[1] == str(node.sysroot)
    assert lines[-1] == str(128 + signal.SIGPIPE)  # not ignored, as it would be below a careless supervisor
    variables = dict(line.split("=", 1) for line in lines[2:-1])
    assert variables["ROLLCALL_SYSROOT"] == variables["R"] == str(node.sysroot)
    assert variables["HOME"] == f"{node.sysroot}/root"
    assert {"USER", "LOGNAME", "PATH", "LC_ALL"} <= variables.keys()
    assert not [name for name in variables if name.startswith("SSH_")]
    directory = job_dir(node, "j")
    assert directory.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}


async def test_cancel_ends_the_whole_process_group(node: OpenSshNode, connect: Connect) -> None:
    script = "trap '' TERM; (trap '' TERM; echo $$ > \"$R\"/began; sleep 300) & sleep 300 & wait; sleep 300"
    async with connect(node) as cluster:
        await cluster.client.start_job("j", script)
        assert node.sysroot is not None
        await wait_until_async((node.sysroot / "began").exists)
        group = int((job_dir(node, "j") / "pgid").read_text().split()[0])
        status = await cluster.client.cancel("j", 0.3)
        assert (status.state, status.exit_code, status.cancelled) == ("exited", 137, True)
        again = await cluster.client.cancel("j", 0.3)
    assert again == status
    assert not alive_in_group(group)


async def test_cancel_lets_a_job_end_in_its_own_way(node: OpenSshNode, connect: Connect) -> None:
    script = 'trap \'echo tidy > "$R"/tidied; exit 5\' TERM; : > "$R"/began; while :; do sleep 0.05; done'
    async with connect(node) as cluster:
        await cluster.client.start_job("j", script)
        assert node.sysroot is not None
        await wait_until_async((node.sysroot / "began").exists)
        status = await cluster.client.cancel("j", 20)
    assert (status.exit_code, status.cancelled) == (5, True)
    assert (node.sysroot / "tidied").exists()


async def test_a_running_job_is_not_removed(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        await cluster.client.start_job("j", "sleep 30")
        with pytest.raises(RemoteError) as caught:
            await cluster.client.remove("j")
        await cluster.client.cancel("j", 1)
        await cluster.client.remove("j")
    assert caught.value.kind == "job-busy"


async def test_the_jobs_of_a_run_are_removed_at_once_but_for_what_still_runs(
    node: OpenSshNode, connect: Connect
) -> None:
    async with connect(node) as cluster:
        for job_id in ("run.1", "run.2", "run2.1"):
            await cluster.client.start_job(job_id, ":")
            await ended(cluster, job_id)
        await cluster.client.start_job("run.3", "sleep 30")
        with pytest.raises(RemoteError) as caught:
            await cluster.client.remove_all("run.")
        assert [job.job_id for job in await cluster.client.jobs()] == ["run.3", "run2.1"]
        await cluster.client.cancel("run.3", 1)
        await cluster.client.remove_all("run.")
        assert [job.job_id for job in await cluster.client.jobs()] == ["run2.1"]
        await cluster.client.remove_all("none.")
    assert caught.value.kind == "job-busy"


async def test_a_job_without_its_supervisor_is_an_orphan_and_then_lost(
    node: OpenSshNode, connect: Connect, sink: FileSink
) -> None:
    async with connect(node) as cluster:
        await cluster.client.start_job(
            "j", 'echo early; until [ -e "$R"/go ]; do sleep 0.05; done; echo late'
        )
        await wait_until_async((job_dir(node, "j") / "pgid").exists)
        supervisor = int((job_dir(node, "j") / "started").read_text().split()[1])
        os.kill(supervisor, signal.SIGKILL)
        await wait_until_async(lambda: not Path(f"/proc/{supervisor}/cwd").exists())
        assert (await cluster.client.job("j")).state == "orphan"
        following = asyncio.create_task(cluster.client.follow("j", sink, ignore))
        assert node.sysroot is not None
        (node.sysroot / "go").touch()
        status = await following
    assert (status.state, status.exit_code) == ("lost", None)
    assert sink.path.read_text() == "early\nlate\n"


async def test_a_job_that_a_restart_ended_is_told_by_the_boot_id(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        await cluster.client.start_job("j", "sleep 300")
        directory = job_dir(node, "j")
        await wait_until_async((directory / "pgid").exists)
        for pid in (
            (directory / "started").read_text().split()[1],
            (directory / "pgid").read_text().split()[0],
        ):
            os.kill(int(pid), signal.SIGKILL)
        node.new_boot_id()
        status = await cluster.client.job("j")
        assert (status.state, status.exit_code) == ("rebooted", None)
        assert status.started_boot_id != status.boot_id == node.boot_id
        # Never started again, and never cancelled: its numbers may belong to somebody else by now.
        assert (await cluster.client.start_job("j", "sleep 300")).state == "rebooted"
        assert (await cluster.client.cancel("j", 1)).state == "rebooted"


async def test_a_question_that_broke_off_on_the_node_is_asked_again(
    node: OpenSshNode, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says nothing about the job: to call that failed would let it be started a second time."""
    broken = '[ -e "$R"/again ] || { : > "$R"/again; echo "sh: 1: Cannot fork" >&2; exit 2; }'
    monkeypatch.setattr(jobs, "call", lambda *words: f"{broken}\n{call(*words)}")
    async with connect(node) as cluster:
        await cluster.client.start_job("j", "sleep 30")
        assert (await cluster.client.job("j")).state == "running"
        await cluster.client.cancel("j", 1)
        monkeypatch.setattr(jobs, "call", lambda *_: "echo cannot fork >&2; exit 2")
        with pytest.raises(RemoteError) as caught:
            await cluster.client.job("j", patience=1.0)
    assert caught.value.kind in PASSING_KINDS


async def test_a_shutdown_that_ends_a_job_is_noted(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        await cluster.client.start_job("j", "exec sleep 300")
        directory = job_dir(node, "j")
        await wait_until_async((directory / "pgid").exists)
        # As init does: TERM to everybody.
        os.kill(int((directory / "started").read_text().split()[1]), signal.SIGTERM)
        os.kill(int((directory / "pgid").read_text().split()[0]), signal.SIGTERM)
        status = await ended(cluster, "j")
    assert (status.exit_code, status.term, status.cancelled) == (143, True, False)


def alive_in_group(group: int) -> list[str]:
    """The processes of a process group that are not zombies."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                state, _, pgrp = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            except OSError:
                continue
            if int(pgrp) == group and state != "Z":
                found.append(entry.name)
    return found
