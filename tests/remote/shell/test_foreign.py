"""Logins that run something else than what is asked for: named in one sentence, with where to look."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.remote.conftest import Connect
from tests.remote.shell.conftest import MakeUserNode, Person
from tests.rigs.openssh import needs_sshd
from tests.rigs.sudo import PAM, PASSWORD, USER, needs_sudo
from tests.rigs.waiting import wait_until_async
from tui.remote import RemoteError

pytestmark = [needs_sshd, needs_sudo]

RULES = f"{USER} ALL=(ALL) NOPASSWD: ALL"
WAYS = pytest.mark.parametrize("become", ["none", "sudo"])
FORCED = f"ForceCommand in its sshd_config, or command= in {USER}'s authorized_keys"


async def refusal(connect: Connect, node: object, become: str, **options: object) -> RemoteError:
    """Why there is no connection; it is final."""
    options = {"become": become, "ask_person": Person(PASSWORD), "require_root": False, **options}
    async with connect(node, **options) as cluster:
        with pytest.raises(RemoteError) as caught:
            await cluster.client.connected(60)
        assert cluster.phases() == ["connecting", "refused"]
    assert caught.value.kind == "incompatible"
    return caught.value


@WAYS
@pytest.mark.parametrize(
    ("shell", "words"),
    [
        ("nologin", f"{USER}'s login shell there is nologin"),
        ("false", "ended with exit code 1, is not what was asked for; look for ForceCommand"),
        ("git-shell", f"{USER}'s login shell there is git-shell"),
        ("rbash", f"{USER}'s login shell there is a restricted one"),
    ],
)
async def test_a_login_shell_that_lets_nobody_work(
    user_node: MakeUserNode, connect: Connect, shell: str, words: str, become: str
) -> None:
    path = shutil.which(shell, path="/usr/sbin:/usr/bin:/bin")
    if path is None:
        pytest.skip(f"there is no {shell} here")
    error = await refusal(connect, user_node(RULES, shell=path), become)
    assert words in error.sentence
    assert f"{USER}'s login shell" in error.sentence


@WAYS
@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("internal-sftp", f"{USER} may only use sftp there"),
        ("/usr/lib/openssh/sftp-server", f"{USER} may only use sftp there"),
        ("true", "exit code 0, is not what was asked for; "),
        (
            "echo backups only; exit 3",
            "exit code 3, is not what was asked for (its last words: 'backups only'); ",
        ),
    ],
)
async def test_a_forced_command(
    user_node: MakeUserNode, connect: Connect, command: str, words: str, become: str
) -> None:
    node = user_node(RULES, f"ForceCommand {command}")
    error = await refusal(connect, node, become, login_timeout=2.0)
    assert words in error.sentence
    assert FORCED in error.sentence


@WAYS
async def test_a_key_that_is_for_one_command(user_node: MakeUserNode, connect: Connect, become: str) -> None:
    node = user_node(RULES)
    keys = node.authorized_keys
    keys.write_text(f'command="echo backups only" {keys.read_text()}')
    error = await refusal(connect, node, become)
    assert "(its last words: 'backups only')" in error.sentence
    assert FORCED in error.sentence


@WAYS
async def test_what_forbids_no_command_does_no_harm(
    user_node: MakeUserNode, connect: Connect, become: str
) -> None:
    node = user_node(RULES, "PermitTTY no", "DisableForwarding yes")
    keys = node.authorized_keys
    keys.write_text(f"restrict {keys.read_text()}")
    async with connect(node, become=become, require_root=False) as cluster:
        assert (await cluster.client.run("cat", payload=b"in", timeout=60)).stdout == b"in"


@WAYS
async def test_a_prison_without_a_shell(user_node: MakeUserNode, connect: Connect, become: str) -> None:
    error = await refusal(connect, user_node(RULES, "ChrootDirectory /sys/kernel"), become)
    assert "look for ChrootDirectory in its sshd_config" in error.sentence


@WAYS
async def test_a_shell_that_is_forced_is_not_taken_for_ours(
    user_node: MakeUserNode, connect: Connect, become: str
) -> None:
    """It takes our script for its own input, so it would run it line by line, whole or not."""
    node = user_node(RULES, "ForceCommand /bin/bash")
    async with connect(node, become=become, require_root=False, login_timeout=2.0) as cluster:
        await wait_until_async(lambda: cluster.client.state.phase == "backoff", 20)
        assert "a ForceCommand, or" in cluster.client.state.reason
        assert "up" not in cluster.phases()


async def test_a_password_that_has_expired(user_node: MakeUserNode, connect: Connect) -> None:
    node = user_node(RULES, "UsePAM yes", sshd=f"{PAM}password required pam_unix.so\n", user_since="0")
    error = await refusal(connect, node, "none")
    assert f"{USER}'s password there has expired" in error.sentence
    assert "log in by hand and change it" in error.sentence


async def test_a_start_file_cannot_say_that_we_are_root(user_node: MakeUserNode, connect: Connect) -> None:
    node = user_node(shell="/bin/bash")
    assert node.sysroot is not None
    (node.sysroot / "root/.bashrc").write_text("echo ready 0 - vm; echo pong 1 - -\n")
    async with connect(node) as cluster:
        with pytest.raises(RemoteError, match=f"logged in as {USER}, who is not root there"):
            await cluster.client.connected(60)


@WAYS
@pytest.mark.parametrize("reads", [False, True])
async def test_a_start_file_that_is_slow_noisy_and_may_read_what_is_sent(
    user_node: MakeUserNode, connect: Connect, open_dir: Path, reads: bool, become: str
) -> None:
    node = user_node(RULES, shell="/bin/bash")
    lines = "sleep 3; echo ready 7 x y; printf 'no end' >&2; printf 'no end'"
    (open_dir / "px01-root/root/.bashrc").write_text(f"read line\n{lines}\n" if reads else lines)
    options = {"become": become, "require_root": False, "channel_timeout": 2.0}
    if not reads:
        async with connect(node, **options) as cluster:
            await cluster.client.connected(60)
            done = await cluster.client.run("echo out; echo err >&2; cat", payload=b"\0", timeout=60)
        assert (done.stdout, done.stderr) == (b"out\n\0", b"err\n")
    elif become == "none":
        error = await refusal(connect, node, become)
        assert f"a start file of {USER}'s login shell that reads its input" in error.sentence
    else:
        async with connect(node, **options, login_timeout=4.0) as cluster:
            await wait_until_async(lambda: cluster.client.state.phase == "backoff", 20)
            assert f"a start file of {USER}'s login shell" in cluster.client.state.reason
