"""The claim on a node: one holder, whoever comes when, decided by the node; broken only by its id."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.remote.conftest import Connect
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import patience, wait_until, wait_until_async
from tui.expressware.probe import Probe, parse_probe, probe_script
from tui.expressware.tagged import read_answer
from tui.remote import Done, NodeClaim, Refused, RemoteError
from tui.remote.exec.job_protocol import StartTerms
from tui.remote.shell.scripts import call, with_prelude

STATE = "/run/rollcall"
OWNER = {"who": "anna@console1", "pid": "4711", "run": "r1"}


def lock_file(node: OpenSshNode) -> Path:
    assert node.sysroot is not None
    return node.sysroot / STATE.lstrip("/") / "claim"


def beat(node: OpenSshNode) -> Path:
    return lock_file(node).with_name("beat")


@needs_sshd
async def test_a_lock_from_taking_to_giving_back(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        claim = NodeClaim(cluster.client, STATE)
        assert (await claim.show(patience=10)).state == "free"
        assert (await claim.renew("aa", patience=10)).state == "gone"
        assert not lock_file(node).exists(), "looking made a file"
        before = int(time.time())
        assert (await claim.take("aa", OWNER, patience=10)).state == "taken"
        text = lock_file(node).read_text()
        assert text.splitlines()[3:] == ["who=anna@console1", "pid=4711", "run=r1"]
        assert stat.S_IMODE(lock_file(node).stat().st_mode) == 0o600
        assert stat.S_IMODE(lock_file(node).parent.stat().st_mode) == 0o700

        assert (await claim.take("aa", OWNER, patience=10)).state == "taken", "the same request once more"
        assert lock_file(node).read_text() == text
        refused = await claim.take("bb", {"who": "bert@console2"}, patience=10)
        assert (refused.state, refused.lost) == ("held", None)
        assert refused.holder is not None
        assert (refused.holder.id, refused.holder.owner) == ("aa", OWNER)
        assert before <= (refused.holder.since or 0) <= time.time()
        assert (await claim.take("bb", OWNER, replaces="cc", patience=10)).state == "held"

        os.utime(beat(node), (before - 90, before - 90))
        assert 90 <= ((await claim.show(patience=10)).age or 0) < 120
        assert (await claim.renew("bb", patience=10)).state == "gone"
        assert ((await claim.show(patience=10)).age or 0) >= 90, "a stranger's renewal counted"
        assert (await claim.renew("aa", patience=10)).state == "renewed"
        assert ((await claim.show(patience=10)).age or 0) < 30
        assert lock_file(node).read_text() == text, "a renewal changed the record"

        assert (await claim.drop("bb", patience=10)).state == "gone"
        assert (await claim.drop("aa", patience=10)).state == "dropped"
        left = {path.name for path in lock_file(node).parent.iterdir()}
        assert left == {"claim.lock", "last", "node.lock"}, "more was left than what dies with the boot"


@needs_sshd
async def test_a_broken_lock_is_told_to_both_until_it_was_read(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        claim = NodeClaim(cluster.client, STATE)
        breaker = {"by": "bert@console2"}
        assert (await claim.break_claim("aa", breaker, silent_for=0, patience=10)).state == "free"
        await claim.take("aa", OWNER, patience=10)
        assert (await claim.break_claim("aa", breaker, silent_for=60, patience=10)).state == "fresh"
        assert (await claim.break_claim("bb", breaker, silent_for=0, patience=10)).state == "held"
        assert (await claim.renew("aa", patience=10)).state == "renewed"
        assert (await claim.break_claim("aa", breaker, silent_for=0, patience=10)).state == "broken"
        again = await claim.break_claim("aa", breaker, silent_for=0, patience=10)
        assert again.state == "broken", "the same request once more"

        gone = await claim.renew("aa", patience=10)
        assert (gone.state, gone.holder) == ("gone", None)
        taken = await claim.take("cc", {"who": "bert@console2"}, patience=10)
        assert taken.state == "taken"
        for told in (gone.lost, taken.lost):
            assert told is not None
            assert told.id == "aa"
            assert {"by": "bert@console2", **OWNER}.items() <= told.owner.items()
            assert abs(int(told.owner["broken_at"]) - time.time()) < 30
        gone = await claim.renew("aa", patience=10)
        assert gone.holder is not None
        assert gone.holder.id == "cc"
        assert (await claim.renew("cc", patience=10)).state == "renewed"
        assert (await claim.renew("aa", patience=10)).lost is None, "told for ever"


@needs_sshd
@pytest.mark.parametrize("damage", [b"", b"\0\xff=\n\n", b"id=\nwho=x\n", b"x" * 9000])
async def test_a_damaged_lock_is_free_or_can_be_broken(
    damage: bytes, node: OpenSshNode, connect: Connect
) -> None:
    async with connect(node) as cluster:
        claim = NodeClaim(cluster.client, STATE)
        lock_file(node).parent.mkdir(parents=True)
        lock_file(node).write_bytes(damage)
        found = await claim.take("aa", OWNER, patience=10)
        if found.state == "held":
            assert found.holder is not None
            assert (await claim.break_claim(found.holder.id, {}, silent_for=0, patience=10)).state == "broken"
            found = await claim.take("aa", OWNER, patience=10)
        assert found.state == "taken"
        assert (await claim.show(patience=10)).holder is not None


@needs_sshd
async def test_a_place_that_cannot_be_written_is_a_sentence(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        assert node.sysroot is not None
        (node.sysroot / "run").write_text("in the way")
        with pytest.raises(RemoteError) as caught:
            await NodeClaim(cluster.client, STATE).take("aa", OWNER, patience=20)
    assert caught.value.kind == "unsafe-place"
    assert "not safe there: /run is not a directory" in caught.value.sentence


@needs_sshd
async def test_an_answer_that_was_lost_is_asked_for_again(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        claim = NodeClaim(cluster.client, STATE)
        await cluster.client.connected(10)
        lock_file(node).parent.mkdir(parents=True)
        busy = lock_file(node).with_name("claim.lock")
        # whoever holds the file keeps the request waiting on the node while its connection is cut
        with busy.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            asking = asyncio.create_task(claim.take("aa", OWNER, patience=30))
            await wait_until_async(lambda: waits_for(busy))
            node.kill_sessions()
        assert (await asking).state == "taken"
        assert (await claim.show(patience=10)).state == "held"


@needs_sshd
async def test_a_job_begins_only_where_its_console_leads(node: OpenSshNode, connect: Connect) -> None:
    """No claim, another's, and one of an earlier boot: refused on the node. Only one's own will do."""
    mine, theirs = "ab" * 8, "cd" * 8
    async with connect(node, console_id=mine) as cluster:
        await cluster.client.connected(30)
        claim = NodeClaim(cluster.fleet.client(node.name))

        async def begins(name: str) -> bool:
            ground = await cluster.client.prepare(patience=20)
            terms = StartTerms(ground.last, ground.boot_id, None)
            ended = await cluster.fleet.client(node.name).start_job(name, "true", terms=terms, patience=20)
            assert isinstance(ended, Done) or (
                isinstance(ended, Refused) and ended.error.kind == "not-the-leader"
            ), ended
            return isinstance(ended, Done)

        assert not await begins("unclaimed")
        await claim.take(theirs, OWNER, patience=20)
        assert not await begins("another")
        await claim.take(mine, OWNER, replaces=theirs, patience=20)
        assert await begins("ours")
        await claim.break_claim(mine, {}, silent_for=0, patience=20)
        assert not await begins("broken")
        await claim.take(mine, OWNER, patience=20)
        lines = lock_file(node).read_text().replace(f"at={node.boot_id}", "at=before")
        lock_file(node).write_text(lines)
        assert not await begins("earlier-boot")
        jobs = {job.job_id: job.started_epoch for job in await cluster.client.jobs(patience=20)}
        assert [name for name, begun in jobs.items() if begun is not None] == ["ours"]


def waits_for(path: Path) -> bool:
    """Somebody waits until the file's lock is free."""
    inode = f":{path.stat().st_ino} "
    return any("->" in line and inode in line for line in Path("/proc/locks").read_text().splitlines())


def shell(sysroot: Path, script: str, command: Sequence[str] = ("sh", "-c")) -> subprocess.Popen[str]:
    """Run a script as a node of its own would."""
    return subprocess.Popen(
        [*command, with_prelude(script)],
        env={**os.environ, "ROLLCALL_SYSROOT": str(sysroot)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


SHELLS = [name for name in ("dash", "bash", "busybox") if shutil.which(name)]
CONSOLES = range(6)


@pytest.mark.parametrize("name", SHELLS)
def test_of_many_that_start_at_once_one_wins(name: str, tmp_path: Path) -> None:
    command = [name, "sh", "-c"] if name == "busybox" else [name, "-c"]
    for _ in range(10):
        words = [f"who=console{number}" for number in CONSOLES]
        takes = [call("claim", "take", STATE, f"a{number}", "", len(words[number])) for number in CONSOLES]
        processes = [shell(tmp_path, f"read -r _\n{take}", command) for take in takes]
        for process, said in zip(processes, words, strict=True):
            assert process.stdin is not None
            process.stdin.write(f"go\n{said}")
            process.stdin.flush()
        answers = [process.communicate(timeout=60 * patience())[0].splitlines() for process in processes]
        states = [answer[0].split()[0] for answer in answers]
        assert sorted(states) == ["state=held"] * 5 + ["state=taken"], states
        winner = states.index("state=taken")
        kept = (tmp_path / STATE.lstrip("/") / "claim").read_text()
        assert f"id=a{winner}\n" in kept
        assert f"who=console{winner}\n" in kept
        told = [f"held who=console{winner}" in answer for answer in answers]
        assert told == [number != winner for number in CONSOLES]
        shell(tmp_path, call("claim", "drop", STATE, f"a{winner}"), command).communicate(
            timeout=60 * patience()
        )


def test_who_waited_behind_a_removed_file_is_not_alone_by_that(tmp_path: Path) -> None:
    """What is waited for may have been removed by then, and somebody else busy behind the next one."""
    busy = tmp_path / STATE.lstrip("/") / "claim.lock"
    busy.parent.mkdir(parents=True)
    slow = tmp_path / "usr/bin/mv"
    slow.parent.mkdir(parents=True)
    waits = f"case $* in *claim*) echo > {tmp_path}/moving; read -r _ < {tmp_path}/go ;; esac"
    slow.write_text(f'#!/bin/sh\n{waits}\nexec /bin/mv "$@"\n')
    slow.chmod(0o755)
    os.mkfifo(tmp_path / "go")
    with busy.open("w") as removed:
        fcntl.flock(removed, fcntl.LOCK_EX)
        early = shell(tmp_path, call("claim", "take", STATE, "a1", "", 0))
        wait_until(lambda: waits_for(busy))
        busy.unlink()
        late = shell(tmp_path, call("claim", "take", STATE, "b2", "", 0))
        wait_until((tmp_path / "moving").exists)
    wait_until(lambda: waits_for(busy), what="the early one waits for the late one")
    (tmp_path / "go").write_text("go\n")
    assert late.communicate(timeout=60 * patience())[0].startswith("state=taken ")
    assert "held id=b2" in early.communicate(timeout=60 * patience())[0]


@pytest.mark.parametrize("name", SHELLS)
def test_a_claim_dies_with_the_boot(name: str, tmp_path: Path) -> None:
    command = [name, "sh", "-c"] if name == "busybox" else [name, "-c"]
    boot_id = tmp_path / "proc/sys/kernel/random/boot_id"
    boot_id.parent.mkdir(parents=True)

    def said(*words: str | int) -> str:
        verb, *rest = words
        return shell(tmp_path, call("claim", verb, STATE, *rest), command).communicate(
            timeout=60 * patience()
        )[0]

    boot_id.write_text("b1\n")
    assert said("take", "aa", "", 0).startswith("state=taken ")
    assert said("take", "bb", "", 0).startswith("state=held ")
    boot_id.write_text("b2\n")
    assert said("show").startswith("state=free ")
    assert said("renew", "aa").startswith("state=gone ")
    assert said("take", "bb", "", 0).startswith("state=taken age=0 now=")
    assert said("take", "aa", "", 0).startswith("state=held ")


@pytest.mark.parametrize("name", SHELLS)
def test_the_look_of_the_holder_is_its_sign_of_life(name: str, tmp_path: Path) -> None:
    """Only the holder's look renews the claim, without a byte; a place that is in the way stops no look."""
    command = [name, "sh", "-c"] if name == "busybox" else [name, "-c"]

    def seen(console: str) -> Probe:
        asked = shell(tmp_path, probe_script("/opt/DIS", console), command)
        return parse_probe(
            read_answer(
                asked.communicate(timeout=60 * patience())[0], exit_code=asked.returncode, asked_at=0.0
            )
        )

    assert seen("aa").claim == ""
    shell(tmp_path, call("claim", "take", STATE, "aa", "", 0), command).communicate(timeout=60 * patience())
    sign = tmp_path / STATE.lstrip("/") / "beat"
    os.utime(sign, (1000, 1000))
    for stranger in ("", "a", "aa b", "bb"):
        assert seen(stranger).claim == "aa"
        assert sign.stat().st_mtime == 1000
    assert seen("aa").claim == "aa"
    assert time.time() - sign.stat().st_mtime < 60
    assert sign.stat().st_size == 0
    sign.unlink()
    sign.mkdir()
    found = seen("aa")
    assert (found.claim, found.complete) == ("aa", True)
