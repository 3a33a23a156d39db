"""Jobs that outlive a connection: on an sshd that leaves them alone, and on one that ends them with it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.remote.conftest import endpoint, make_sysroot
from tests.rigs import logind
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.small_disk import small_disk
from tests.rigs.waiting import wait_until_async
from tui.remote import Fleet, JobStatus, NodeClient, Options
from tui.rollout.preflight import selftest

pytestmark = needs_sshd

STATE = "/var/lib/rollcall"
KILLING = f"ForceCommand {sys.executable} {logind.__file__}"


@pytest.fixture
def node(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[OpenSshNode]:
    """A node with a real sshd; with KILLING, its logins end their processes."""
    extra = [request.param] if getattr(request, "param", "") else []
    node = OpenSshNode(tmp_path / "rig", "px01", make_sysroot(tmp_path / "root"), extra)
    node.start()
    yield node
    node.stop()


@asynccontextmanager
async def linked(node: OpenSshNode, state_dir: str = STATE) -> AsyncIterator[NodeClient]:
    async with Fleet([endpoint(node)], Options(backoff_first=0.05, state_dir=state_dir)) as fleet:
        client = fleet.client(node.name)
        await client.connected(20)
        yield client


def left(node: OpenSshNode) -> list[str]:
    assert node.sysroot is not None
    return sorted(str(path) for path in (node.sysroot / "var").rglob("*"))


async def test_a_job_outlives_its_connection(node: OpenSshNode) -> None:
    async with linked(node) as client:
        before = client.state.since
        sessions = len(node.sessions())
        result = await selftest.check_job_survival(client, STATE, 0.3, asyncio.Semaphore())
        assert result.verdict == "passed", result
        assert (client.state.phase, client.state.since) == ("up", before), "the link itself is left alone"
        await wait_until_async(lambda: len(node.sessions()) == sessions)
    assert node.log.count("Accepted publickey") == 2
    assert left(node) in ([], [f"{node.sysroot}/var/lib"])


@pytest.mark.parametrize("node", [KILLING], indirect=True)
async def test_a_login_that_takes_its_processes_with_it_is_found(node: OpenSshNode) -> None:
    async with linked(node) as client:
        result = await selftest.check_job_survival(client, STATE, 0.5, asyncio.Semaphore())
        assert (result.check, result.verdict) == ("self-test", "error")
        assert result.summary == "a job dies with the connection that started it"
        assert "KillUserProcesses=no" in result.remedy
        assert await client.jobs() == []


async def test_the_connection_is_cut_while_the_job_runs(node: OpenSshNode) -> None:
    async with linked(node) as client:
        script = 'echo on; until [ -e "${0%/*}/go" ]; do sleep 0.02; done; echo off'
        sessions = len(node.sessions())
        started = await client.start_job_then_disconnect("j", script)
        assert started.state == "running"
        await wait_until_async(lambda: len(node.sessions()) == sessions)
        assert (await client.job("j")).state == "running"
        await client.run(f': > "$R"{STATE}/jobs/j/go', timeout=60)
        output = selftest.Output()
        status = await client.follow("j", output, lambda _: None)
        assert (status.state, status.exit_code, output.data) == ("exited", 0, b"on\noff\n")


async def test_what_an_interrupted_test_left_goes_and_other_jobs_stay(node: OpenSshNode) -> None:
    async with linked(node) as client:
        await client.start_job(f"{selftest.PREFIX}old", "exit 3")
        await client.start_job("20260101-000000-abcd.px01.install.1", "sleep 60")
        await client.start_job("20270101-000000-abcd.px01.install.1", "sleep 60")
        others = await selftest.other_jobs(client, "20270101-000000-abcd")
        assert [job.job_id for job in others] == ["20260101-000000-abcd.px01.install.1"]
        result = await selftest.check_job_survival(client, STATE, 0.2, asyncio.Semaphore())
        assert result.verdict == "passed"
        assert {job.job_id for job in await client.jobs()} == {
            "20260101-000000-abcd.px01.install.1",
            "20270101-000000-abcd.px01.install.1",
        }
        for job in await client.jobs():
            await client.cancel(job.job_id, 1)


@pytest.mark.parametrize(
    ("state", "code", "output", "words"),
    [
        ("lost", None, b"", "dies with the connection"),
        ("orphan", None, b"", "dies with the connection"),
        ("exited", 137, b"", "dies with the connection"),
        ("exited", 3, selftest.expected()[:20], "exit code 3 and 20 of"),
        ("exited", 0, selftest.expected()[:-1], "exit code 0 and"),
        ("exited", 0, selftest.expected() * 2, "exit code 0 and"),
        ("rebooted", None, b"", "rebooted"),
    ],
)
def test_only_the_exact_output_of_a_whole_job_passes(
    state: str, code: int | None, output: bytes, words: str
) -> None:
    status = JobStatus("j", state, code)  # type: ignore[arg-type]
    result = selftest._judge(status, output, STATE)
    assert result.verdict == "error"
    assert words in result.summary
    assert selftest._judge(JobStatus("j", "exited", 0), selftest.expected(), STATE).verdict == "passed"


async def test_a_node_that_cannot_run_jobs_says_why(node: OpenSshNode) -> None:
    assert node.sysroot is not None
    (node.sysroot / "var").mkdir()
    (node.sysroot / "var/lib").write_text("in the way\n")
    async with linked(node) as client:
        result = await selftest.check_job_survival(client, STATE, 0.2, asyncio.Semaphore())
    assert result.verdict == "error"
    assert result.check == "places"
    assert "/var/lib is not a directory" in result.summary
    assert (node.sysroot / "var/lib").read_text() == "in the way\n"


@pytest.mark.root("a small disk")
async def test_a_file_system_on_which_no_program_can_be_run_is_found(node: OpenSshNode) -> None:
    assert node.sysroot is not None
    place = node.sysroot / "state"
    with small_disk(place, "1m") as disk:
        disk.remount("noexec")
        async with linked(node, state_dir="/state") as client:
            result = await selftest.check_job_survival(client, "/state", 0.2, asyncio.Semaphore())
    assert (result.check, result.verdict) == ("places", "error")
    assert "noexec" in result.summary
