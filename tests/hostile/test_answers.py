"""What a node answers to Rollcall's own scripts: whatever it writes, a sentence or a fact comes of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.hostile.transcripts import mutated
from tests.remote.conftest import Connect, MakeNode, connect, make_node
from tests.rigs.openssh import needs_sshd
from tests.rigs.waiting import wait_until_async
from tui.remote import NodeClient, RemoteError, Sample
from tui.remote.claim import NodeClaim
from tui.remote.exec.job_protocol import END_STATES, parse_answer
from tui.remote.link.status_channel import Pong, StatusChannel
from tui.remote.shell.answers import parse_line
from tui.remote.shell.shell import Completed, Shell
from tui.remote.ssh.endpoint import Endpoint

__all__ = ["connect", "make_node"]

JOB = (
    b"id=r.px01.install.1 state=exited code=0 size=4711 started_boot=b1 epoch=1795788000 "
    b"cancelled= term= sha256=ab boot=b1\n"
)
LOCK = (
    b"state=held age=12\nheld id=ab12\nheld since=1795788000\nheld who=anna@console1\nheld pid=4711\n"
    b"broken id=cd34\nbroken broken_at=1795788000\nbroken by=bert\n"
)
STATUS = b"ready 0\npong 1 b1 123.45\npart 2 abc\nline 2 def\ndone 2 0 b1 124.01\n"
REFUSAL = b"error=disk-full detail=No space left on device\n"
DIGITS = b"9" * 5000
SETTINGS = settings(max_examples=150, deadline=None)


def one_sentence(error: RemoteError) -> None:
    assert str(error).startswith("px01")
    assert "\n" not in str(error)


@given(mutated(JOB) | mutated(REFUSAL) | mutated(LOCK) | st.binary())
@example(b"state=running code=" + DIGITS)
@example(b"id=j state=running size=11oneoch=17\n")
@example(b"id=j state=asleep\n")
@example(b"state=held age=12\n")
@SETTINGS
def test_the_job_runner(answer: bytes) -> None:
    try:
        found = parse_answer("px01", "/s", answer)
    except RemoteError as error:
        one_sentence(error)
        return
    for status in found:
        assert status.size >= 0
        assert status.exit_code is None or status.exit_code >= 0
        assert status.ended is (status.state in END_STATES)


def test_an_answer_that_was_cut_tells_no_other_size_or_exit_code() -> None:
    assert parse_answer("px01", "/s", JOB)[0].size == 4711
    for cut in range(len(JOB)):
        assert parse_answer("px01", "/s", JOB[:cut]) == []


class Talkative:
    """A link whose node answers what it likes."""

    node = "px01"

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    async def run(self, script: str, *, payload: bytes, timeout: float) -> Completed:  # noqa: ASYNC109  as NodeClient has it
        return Completed(0, self._answer, b"")


@given(mutated(LOCK) | mutated(REFUSAL) | st.binary())
@example(b"state=held age=" + DIGITS + b"\nheld id=x\nheld since=" + DIGITS)
@SETTINGS
def test_the_lock(answer: bytes) -> None:
    lock = NodeClaim(cast(NodeClient, Talkative(answer)), "/s")
    try:
        # an answer that is none is asked for again, as long as there is patience
        found = asyncio.run(lock.show(patience=0.02))
    except RemoteError as error:
        one_sentence(error)
        return
    assert found.age is None or found.age >= 0
    for record in (found.holder, found.lost):
        assert record is None or record.since is None or record.since >= 0


class Said:
    """The buffers of a shell in which a node has written."""

    ended = False

    def __init__(self, said: bytes) -> None:
        self.stdout = bytearray(said)
        self.stderr = bytearray()

    def pump(self) -> bool:
        return False


class FakeShell:
    def __init__(self, said: bytes) -> None:
        self.outputs = Said(said)

    def send_some(self, data: bytes) -> int:
        return len(data)


@given(mutated(STATUS) | st.binary())
@example(b"pong " + DIGITS + b" b1 1.0\n")
@example(b"pong 1 b1 " + DIGITS + b"\n")
@example(b"pong 1 b1 nan\n")
@SETTINGS
def test_the_status_channel(said: bytes) -> None:
    channel = StatusChannel(Endpoint("px01", "px01"), cast(Shell, FakeShell(said)))
    channel.ping(0.0)
    channel.probe(0.0)
    for message in channel.take(1.0):
        uptime = message.uptime if isinstance(message, Pong) else message[1].uptime
        assert uptime is None or 0 <= uptime < 1e12
        assert not isinstance(message, Pong) or message.rtt in (None, 1.0)


@given(st.text(), st.text())
@SETTINGS
def test_a_refusal_is_one_sentence(kind: str, detail: str) -> None:
    try:
        parse_line("px01", "/s", f"error={kind} detail={detail}".split("\n")[0])
    except RemoteError as error:
        assert str(error).startswith("px01: ")


class Cheat:
    """A node whose `stat` and `head` are somebody else's."""

    def __init__(self, root: Path) -> None:
        self._bin = root / "usr/bin"

    def program(self, name: str, body: str) -> None:
        path = self._bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)


@needs_sshd
async def test_a_node_with_foreign_programs_gets_sentences_and_loses_no_other(
    make_node: MakeNode, connect: Connect
) -> None:
    """On a real sshd: a size that is no number, digits without end, a look that never ends in a line."""
    bad, good = make_node("px01"), make_node("px02")
    assert bad.sysroot is not None
    cheat = Cheat(bad.sysroot)
    async with connect(bad, good) as cluster:
        await cluster.fleet.client("px02").connected(30)
        await cluster.client.connected(30)
        await cluster.client.start_job("j", "exit 0")
        cheat.program("stat", f"echo {'9' * 5000}; printf '\\033[2J'")
        with pytest.raises(RemoteError, match="stat does not answer there as it should"):
            await cluster.client.job("j")
        samples: list[Sample] = []
        cluster.fleet.watch("printf 'pong %s\\n\\033[2J\\377' " + "9" * 5000, 0.05, samples.append)
        await wait_until_async(lambda: {sample.node for sample in samples} == {"px01", "px02"}, 30)
        assert all(sample.text and "\x1b[2J\ufffd" in sample.text for sample in samples)
        assert cluster.fleet.client("px02").state.phase == cluster.client.state.phase == "up"
