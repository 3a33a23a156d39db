"""Short scripts on a node: bytes in, bytes out, exit code, and nothing a login shell adds."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.remote.conftest import Connect, MakeNode
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import overdue, wait_until_async
from tui.remote import RemoteError
from tui.remote.shell.become import ROOT_COMMAND
from tui.remote.shell.scripts import framed, new_mark

pytestmark = needs_sshd

HOSTILE = b"$(touch /tmp/pwned) `id` ; ' \" \\ \xc3\xa9 -n %s !! \r\n\0\xff\xfe\x1b]0;x\x07 EOF\n#end\n" * 500


async def test_a_hostile_payload_arrives_byte_for_byte(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        done = await cluster.client.run("cat; printf trouble >&2; exit 3", payload=HOSTILE, timeout=60)
    assert (done.exit_code, done.stdout, done.stderr) == (3, HOSTILE, b"trouble")


async def test_megabytes_through_a_pipe_of_both_directions_do_not_deadlock(
    node: OpenSshNode, connect: Connect
) -> None:
    payload = bytes(range(256)) * 24_000  # 6 MB: three times the channel's window
    async with connect(node) as cluster:
        done = await cluster.client.run("tee /dev/stderr", payload=payload, timeout=30)
    assert done.stdout == payload
    assert done.stderr == payload


async def test_exit_codes(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        for code in (0, 1, 126, 255):
            assert (await cluster.client.run(f"exit {code}", timeout=60)).exit_code == code


async def test_a_script_that_reads_nothing_ends_all_the_same(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        done = await cluster.client.run("echo no thanks; exit 5", payload=bytes(10_000_000), timeout=60)
    assert (done.exit_code, done.stdout) == (5, b"no thanks\n")


async def test_a_script_that_kills_itself_is_told_apart_from_a_lost_link(
    node: OpenSshNode, connect: Connect
) -> None:
    async with connect(node) as cluster:
        with pytest.raises(RemoteError, match="ended by SIGKILL") as caught:
            await cluster.client.run("kill -9 $$", timeout=60)
        assert caught.value.kind == "killed"
        assert cluster.client.state.phase == "up"


async def test_the_surroundings_of_every_script(node: OpenSshNode, connect: Connect) -> None:
    assert node.sysroot is not None
    program = node.sysroot / "usr/bin/dis_probe"
    program.write_text('#!/bin/sh\necho "mine: $ROLLCALL_SYSROOT"\n')
    program.chmod(0o755)
    async with connect(node) as cluster:
        done = await cluster.client.run('dis_probe; echo "$R"; echo "$LC_ALL"; umask', timeout=60)
    assert done.stdout.decode().splitlines() == [f"mine: {node.sysroot}", str(node.sysroot), "C", "0022"]


async def test_what_a_login_shell_prints_is_no_part_of_the_output(
    make_node: MakeNode, connect: Connect
) -> None:
    # sshd hands the command to the login shell; this stands for one with noisy start-up files.
    node = make_node("px01", 'ForceCommand echo welcome; echo motd >&2; eval "$SSH_ORIGINAL_COMMAND"')
    async with connect(node) as cluster:
        done = await cluster.client.run("echo out; echo err >&2", timeout=60)
    assert (done.stdout, done.stderr) == (b"out\n", b"err\n")


async def test_a_daemon_left_behind_does_not_keep_the_caller(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        before = time.monotonic()
        done = await cluster.client.run("sleep 20 & echo $!", timeout=60)
        assert not overdue(before, 5)
        await cluster.client.run(f"kill {int(done.stdout)}", timeout=60)
    assert done.exit_code == 0


async def test_an_endless_script_times_out_and_the_link_stays(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        with pytest.raises(RemoteError) as caught:
            await cluster.client.run("exec sleep 30", timeout=0.5)
        assert caught.value.kind == "timeout"
        assert (await cluster.client.run("echo on", timeout=60)).stdout == b"on\n"


async def test_a_cut_during_a_script_is_a_loss(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        running = asyncio.create_task(cluster.client.run('echo x > "$R"/began; exec sleep 30', timeout=60))
        assert node.sysroot is not None
        await wait_until_async((node.sysroot / "began").exists)
        node.kill_sessions()
        with pytest.raises(RemoteError) as caught:
            await running
    assert caught.value.kind == "lost"
    assert caught.value.node == "px01"


async def test_cancelling_the_caller_returns_at_once(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        running = asyncio.create_task(cluster.client.run('echo x > "$R"/began; exec sleep 30', timeout=60))
        assert node.sysroot is not None
        await wait_until_async((node.sysroot / "began").exists)
        before = time.monotonic()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert not overdue(before, 0.5)


async def test_a_node_with_few_sessions_serves_them_one_after_the_other(
    make_node: MakeNode, connect: Connect
) -> None:
    node = make_node("px01", "MaxSessions 2")
    async with connect(node) as cluster:
        outcomes = await asyncio.gather(*(cluster.client.run(f"echo {n}", timeout=60) for n in range(6)))
    assert sorted(int(done.stdout) for done in outcomes) == list(range(6))


async def test_a_node_without_any_session_says_so(make_node: MakeNode, connect: Connect) -> None:
    node = make_node("px01", "MaxSessions 0")
    with pytest.raises(RemoteError, match="MaxSessions") as caught:
        async with connect(node) as cluster:
            await cluster.client.connected(20)
    assert caught.value.kind == "session-limit"


@pytest.mark.parametrize(
    ("command", "said", "kind"),
    [
        (
            "echo This account is currently not available.",
            "This account is currently not available.",
            "incompatible",
        ),
        (
            "echo >&2 'bash: cannot create temp file: No space left on device'; exit 1",
            "No space left on device",
            "incompatible",
        ),
        ("printf 'Welcome\\n\\033[31mUse the jump host\\033[0m'", "Use the jump host", "incompatible"),
        ("exec zsh", "command not found", "timeout"),
        ("echo only backups here; cat >/dev/null", "only backups here", "timeout"),
    ],
)
async def test_what_a_node_prints_instead_of_our_script_is_quoted(
    make_node: MakeNode, connect: Connect, command: str, said: str, kind: str
) -> None:
    if command == "exec zsh" and shutil.which("zsh") is None:
        pytest.skip("there is no zsh here")
    node = make_node("px01", f"ForceCommand {command}")
    async with connect(node, login_timeout=3.0) as cluster:
        # What no further try can change is final; a try that broke off without a word before is not.
        ended = "backoff" if kind == "timeout" else "refused"
        await wait_until_async(lambda: cluster.client.state.phase == ended, 20, f"its phase is {ended}")
        with pytest.raises(RemoteError) as caught:
            await cluster.client.connected(0.0)
    assert caught.value.kind == kind, caught.value.sentence
    assert said in caught.value.sentence
    assert "\x1b" not in caught.value.sentence


async def test_a_start_file_that_ends_the_shell_later_is_quoted_too(
    make_node: MakeNode, connect: Connect, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    test = f"if test -e {closed}; then echo closed for maintenance; exit 9; fi"
    node = make_node("px01", f'ForceCommand {test}; eval "$SSH_ORIGINAL_COMMAND"')
    async with connect(node) as cluster:
        assert (await cluster.client.run("echo on", timeout=60)).stdout == b"on\n"
        closed.touch()
        with pytest.raises(RemoteError) as caught:
            await cluster.client.run("echo off", timeout=60)
    assert (
        "exit code 9, is not what was asked for (its last words: 'closed for maintenance')"
        in caught.value.sentence
    )


async def test_what_comes_before_the_mark_of_a_script_that_hangs_is_quoted(
    make_node: MakeNode, connect: Connect, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    test = f"if test -e {closed}; then echo waiting for the disk; exec sleep 60; fi"
    node = make_node("px01", f'ForceCommand {test}; eval "$SSH_ORIGINAL_COMMAND"')
    async with connect(node) as cluster:
        await cluster.client.connected(20)
        closed.touch()
        with pytest.raises(RemoteError) as caught:
            await cluster.client.run("echo off", timeout=2)
    assert caught.value.kind == "timeout"
    assert "its last words: 'waiting for the disk'" in caught.value.sentence


@pytest.mark.parametrize("shell", ["sh", "bash", "dash", "csh", "tcsh", "fish", "zsh"])
def test_the_constant_command_means_the_same_in_every_login_shell(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    stdin = framed("cat; exit 7", "mark") + b"rest\n"
    done = subprocess.run([shell, "-c", ROOT_COMMAND], input=stdin, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, b"mark\nrest\n", b"mark\n")


def test_a_script_that_did_not_come_whole_is_not_run() -> None:
    whole = framed("echo ran", new_mark())
    for length in range(len(whole)):
        if length % 7 and length < len(whole) - 12:
            continue  # every cut near the end, some before
        done = subprocess.run(
            ["/bin/sh", "-c", ROOT_COMMAND], input=whole[:length], capture_output=True, check=False
        )
        assert b"ran" not in done.stdout, length


def test_importing_remote_does_not_load_paramiko() -> None:
    code = "import sys, tui.remote; print('paramiko' in sys.modules, 'cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
