"""Whether jobs outlive their connection: a harmless one is detached, and its connection cut meanwhile.

It must be found finished, with its exact output. Where it is not, something ends the processes of a login
with that login (logind's KillUserProcesses, a container's supervisor), and would end an installation too.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets

from tui.expressware.commands import NodePath
from tui.model.events import PreflightResult
from tui.remote import JobStatus, NodeClient, RemoteError, value_of
from tui.rollout.asking import patiently
from tui.rollout.preflight.finding import error, passed

PREFIX = "selftest."
TEST_TIMEOUT_S = 60.0
"""Seconds that the whole test may take on a node."""

CLEAN_UP_TIMEOUT_S = 10.0

_LINES = 10
_NO_PROGRAMS = 4
"""Exit code of the test job where a program in its directory cannot be run."""
_GO = "go"
"""The file in the job's directory that lets it go on: laid down only after its connection was cut."""

_IMPACT = "a cut connection would break an installation in the middle, with the package database open"


def script(linger: float) -> str:
    """What the job runs: a few lines, then it waits for the file, then as many lines over ``linger`` seconds.

    Without the file it gives up after a minute, so that a console that dies leaves nothing running.
    """
    return f"""
lines() {{
  n=0
  while [ "$n" -lt {_LINES} ]; do n=$((n + 1)); echo "$1 $n"; sleep "$2"; done
}}
program=${{0%/*}}/program
printf '#!/bin/sh\nexit 0\n' > "$program" && chmod 700 "$program" || exit 5
"$program" || exit {_NO_PROGRAMS}
lines plugged 0
tries=0
until [ -e "${{0%/*}}/{_GO}" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] || exit 3
  sleep 0.1
done
lines unplugged {linger / _LINES:.3f}
"""


def expected() -> bytes:
    """Its output, byte for byte."""
    said = (f"{word} {number}\n" for word in ("plugged", "unplugged") for number in range(1, _LINES + 1))
    return "".join(said).encode()


async def check_job_survival(
    client: NodeClient, state_dir: str, linger: float, logins: asyncio.Semaphore
) -> PreflightResult:
    """Run the test on one node. ``linger``: seconds that the job lives on after the cut; ``logins``: how many
    nodes may be logged into at a time.
    """
    job_id = f"{PREFIX}{secrets.token_hex(6)}"
    try:
        async with asyncio.timeout(TEST_TIMEOUT_S):
            async with logins:
                started = await patiently(lambda: client.start_job_then_disconnect(job_id, script(linger)))
            if not started.ended:
                go = NodePath(state_dir) / f"jobs/{job_id}/{_GO}"
                await client.run(f": > {go.script}", timeout=TEST_TIMEOUT_S)
            output = Output()
            status = await client.follow(job_id, output, lambda _detached: None)
            result = _judge(status, output.data, state_dir)
    except RemoteError as refused:
        unsafe = refused.kind == "unsafe-place"
        words = "" if unsafe else "a detached job could not be run: "
        words += refused.sentence.removeprefix(f"{client.node}: ")
        result = error("places" if unsafe else "self-test", words, *_fix(state_dir))
    except TimeoutError:
        words = f"the test job did not end within {TEST_TIMEOUT_S:.0f} s"
        result = error("self-test", words, *_fix(state_dir))
    # not when this is cancelled: who leaves does not wait, and the next test clears up
    await _clean_up(client, job_id)
    return result


def _fix(state_dir: str) -> tuple[str, str]:
    return "no step could be run detached", f"look at {state_dir} there, fix it, then check again"


def _judge(status: JobStatus, output: bytes, state_dir: str) -> PreflightResult:
    if (status.state, status.exit_code) == ("exited", 0) and output == expected():
        return passed("self-test", "a job whose connection is cut goes on to its end, and no byte is lost")
    if status.state == "rebooted":
        return error("self-test", "it rebooted during the test", "nobody ordered that", "find out why")
    if (status.state, status.exit_code) == ("exited", _NO_PROGRAMS):
        words = f"no program below {state_dir} can be run: its file system is mounted noexec, as it seems"
        impact = "packages are built there, and a build runs programs that it has just made"
        remedy = "remount it without noexec, or name a directory on another file system under paths.state"
        return error("places", words, impact, remedy)
    if status.state != "exited" or (status.exit_code or 0) > 128:
        words = "a job dies with the connection that started it"
        remedy = (
            "let it survive: systemd-run on the node, or KillUserProcesses=no in /etc/systemd/logind.conf; "
            "then check again"
        )
        return error("self-test", words, _IMPACT, remedy)
    words = (
        f"the test job ended with exit code {status.exit_code} and {len(output)} of {len(expected())} bytes"
    )
    return error("self-test", words, _IMPACT, "look at the node's disk and its /bin/sh, then check again")


async def _clean_up(client: NodeClient, job_id: str) -> None:
    """Remove the job; directories go when nothing else is in them."""
    with contextlib.suppress(RemoteError, TimeoutError):
        async with asyncio.timeout(CLEAN_UP_TIMEOUT_S):
            value_of(await client.remove_all(job_id))


class Output:
    """The job's output, kept in memory."""

    def __init__(self) -> None:
        self.data = b""

    @property
    def size(self) -> int:
        """Bytes so far."""
        return len(self.data)

    def write(self, data: bytes) -> None:
        """Append."""
        self.data += data

    def sync(self) -> None:
        """Nothing of it is to be kept."""


async def other_jobs(client: NodeClient, run_id: str) -> tuple[JobStatus, ...]:
    """Jobs of other runs that still go on there; what an interrupted test has left is removed."""
    others = []
    for job in await client.jobs():
        if job.job_id.startswith(PREFIX):
            if job.ended:
                with contextlib.suppress(RemoteError):
                    value_of(await client.remove(job.job_id))
        elif job.state in ("running", "orphan") and not (run_id and job.job_id.startswith(f"{run_id}.")):
            others.append(job)
    return tuple(others)
