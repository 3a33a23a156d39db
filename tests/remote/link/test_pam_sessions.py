"""Sessions as PAM opens them: late, or not at all; named with the server's own words, and tried again."""

from __future__ import annotations

from pathlib import Path

from tests.remote.conftest import Connect
from tests.remote.shell.conftest import MakeUserNode, user_node
from tests.rigs.openssh import needs_sshd
from tests.rigs.sudo import PAM, USER, needs_sudo
from tests.rigs.waiting import wait_until_async

__all__ = ["user_node"]

pytestmark = [needs_sshd, needs_sudo]


def limited(directory: Path, line: str) -> tuple[str, Path]:
    """A PAM file for sshd with this line of limits.conf, and where the line stands."""
    limits = directory / "limits.conf"
    limits.write_text(f"{USER} hard {line}\n")
    return f"{PAM}session required pam_limits.so conf={limits}\n", limits


async def test_too_many_logins_are_named_and_tried_again(
    user_node: MakeUserNode, connect: Connect, open_dir: Path
) -> None:
    pam, limits = limited(open_dir, "maxlogins 0")
    async with connect(user_node("", "UsePAM yes", sshd=pam), require_root=False) as cluster:
        await wait_until_async(lambda: cluster.phases().count("backoff") >= 2, 20)
        state = cluster.client.state
        assert f"sshd opened no session for {USER} (its last words: " in state.reason
        assert "too many logins" in state.reason.lower()
        assert "refused" not in cluster.phases()
        limits.write_text("")
        await cluster.client.connected(30)


async def test_a_node_that_makes_no_process_is_named_and_tried_again(
    user_node: MakeUserNode, connect: Connect, open_dir: Path
) -> None:
    pam, limits = limited(open_dir, "nproc 0")
    async with connect(user_node("", "UsePAM yes", sshd=pam), require_root=False) as cluster:
        await wait_until_async(lambda: cluster.phases().count("backoff") >= 2, 20)
        assert f"its server starts no command for {USER}" in cluster.client.state.reason
        limits.write_text("")
        await cluster.client.connected(30)


async def test_a_session_that_opens_late_is_waited_for(
    user_node: MakeUserNode, connect: Connect, open_dir: Path
) -> None:
    slow = open_dir / "slow"
    slow.write_text("#!/bin/sh\nsleep 4\n")
    slow.chmod(0o755)
    pam = f"{PAM}session required pam_exec.so {slow}\n"
    node = user_node("", "UsePAM yes", sshd=pam)
    async with connect(node, require_root=False, channel_timeout=1.0) as cluster:
        assert (await cluster.client.run("echo on", timeout=60)).stdout == b"on\n"
    assert cluster.phases() == ["connecting", "up"]


async def test_a_node_that_lets_nobody_in_for_now(user_node: MakeUserNode, connect: Connect) -> None:
    node = user_node(nologin="Down for the night\n")
    async with connect(node, require_root=False) as cluster:
        await wait_until_async(lambda: cluster.phases().count("backoff") >= 2, 20)
        assert "Down for the night" in cluster.client.state.reason
        assert "refused" not in cluster.phases()
