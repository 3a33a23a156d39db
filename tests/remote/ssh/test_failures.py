"""What stands in the way to a node, each told apart, in one sentence."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.remote.conftest import Cluster, Connect, MakeNode, endpoint, quick
from tests.rigs.openssh import OpenSshNode, generate_key, needs_sshd
from tests.rigs.waiting import wait_until_async
from tui.remote import Endpoint, RemoteError
from tui.remote.exec.job_protocol import start_call
from tui.remote.options import Place
from tui.remote.ssh.failures import dial_failure

pytestmark = needs_sshd


async def why_not(cluster: Cluster) -> RemoteError:
    """The first failure to connect."""
    await wait_until_async(lambda: {"backoff", "refused"} & set(cluster.phases()))
    with pytest.raises(RemoteError) as caught:
        await cluster.client.connected(0)
    assert str(caught.value).startswith("px01")
    assert str(caught.value).endswith((".", ")"))
    assert "\n" not in str(caught.value)
    return caught.value


async def test_a_host_that_refuses_is_tried_again(node: OpenSshNode, connect: Connect) -> None:
    node.stop()
    async with connect(node) as cluster:
        assert (await why_not(cluster)).kind == "refused"
        node.start()
        await cluster.client.connected(10)
    assert "refused" not in cluster.phases()


async def test_asking_again_and_again_does_not_multiply_the_tries(
    node: OpenSshNode, connect: Connect
) -> None:
    node.stop()
    async with connect(node, backoff_first=0.3, backoff_limit=0.3) as cluster:
        for tries in range(1, 6):
            await wait_until_async(lambda tries=tries: cluster.phases().count("backoff") >= tries)  # type: ignore[misc]
            cluster.client.reconnect()
        asked = len(cluster.states)
        await wait_until_async(lambda: cluster.phases()[asked:].count("backoff") == 5)
        tries_at = [state.since for state in cluster.states[asked:] if state.phase == "backoff"]
    assert tries_at[-1] - tries_at[0] > 4 * 0.3 * 0.8


async def test_a_name_without_an_address(node: OpenSshNode, connect: Connect) -> None:
    # Not a name a resolver would have to be asked for: that may take its time.
    async with connect(replace(endpoint(node), host="px01..cluster")) as cluster:
        assert (await why_not(cluster)).kind == "unknown-host"
    error = dial_failure(endpoint(node), socket.gaierror(-2, "Name or service not known"))
    assert error.kind == "unknown-host"


async def test_a_server_that_says_nothing(connect: Connect) -> None:
    with listening() as port:
        async with connect(Endpoint("px01", "127.0.0.1", port), handshake_timeout=0.5) as cluster:
            assert (await why_not(cluster)).kind == "no-banner"


async def test_a_server_that_stops_in_the_middle_of_the_handshake(connect: Connect) -> None:
    with listening() as port:
        target = Endpoint("px01", "127.0.0.1", port)
        async with connect(
            replace(target, proxy_command="sh -c 'echo SSH-2.0-x; exec sleep 60'"), handshake_timeout=0.5
        ) as cluster:
            assert (await why_not(cluster)).kind == "lost"


async def test_no_free_place_at_the_server(make_node: MakeNode, connect: Connect) -> None:
    node = make_node("px01", "MaxStartups 1:100:1")
    with socket.create_connection((node.host, node.port)):  # it takes the one place
        async with connect(node) as cluster:
            error = await why_not(cluster)
            assert error.kind in ("no-banner", "lost")
    assert "backoff" in cluster.phases()


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (
            "KexAlgorithms diffie-hellman-group14-sha1",
            "only diffie-hellman-group14-sha1 for its key exchange",
        ),
        ("Ciphers chacha20-poly1305@openssh.com", "only chacha20-poly1305@openssh.com for its cipher"),
    ],
)
async def test_a_server_that_speaks_only_what_cannot_be_used(
    make_node: MakeNode, connect: Connect, setting: str, words: str
) -> None:
    node = make_node("px01", setting)
    async with connect(node) as cluster:
        error = await why_not(cluster)
    assert error.kind == "incompatible"
    assert words in str(error)


@pytest.mark.parametrize(
    "settings",
    [
        ["KexAlgorithms curve25519-sha256"],
        ["Ciphers aes256-gcm@openssh.com", "MACs hmac-sha2-512-etm@openssh.com"],
        ["Ciphers aes128-ctr", "MACs hmac-sha2-256", "KexAlgorithms curve25519-sha256@libssh.org"],
    ],
)
async def test_hardened_servers_are_served(
    make_node: MakeNode, connect: Connect, settings: list[str]
) -> None:
    node = make_node("px01", *settings)
    async with connect(node) as cluster:
        assert (await cluster.client.run("echo in", timeout=60)).stdout == b"in\n"


async def test_a_server_that_signs_only_with_sha1(
    make_node: MakeNode, connect: Connect, tmp_path: Path
) -> None:
    generate_key(tmp_path / "rsa", "rsa", "", "-b", "2048")
    node = make_node("px01", f"HostKey {tmp_path / 'rsa'}", "HostKeyAlgorithms ssh-rsa")
    async with connect(node) as cluster:
        error = await why_not(cluster)
    assert error.kind == "incompatible"
    assert "offers only ssh-rsa for its host key" in str(error)


async def test_a_login_that_is_not_root(node: OpenSshNode, connect: Connect) -> None:
    assert node.sysroot is not None
    (node.sysroot / "usr/bin/id").write_text("#!/bin/sh\necho 1000\n")
    (node.sysroot / "usr/bin/id").chmod(0o755)
    async with connect(node) as cluster:
        error = await why_not(cluster)
        assert error.kind == "no-root"
        assert cluster.client.state.phase == "refused"
    async with connect(node, require_root=False) as cluster:
        await cluster.client.connected(10)


async def test_a_missing_tool_is_named_and_nothing_started(node: OpenSshNode, connect: Connect) -> None:
    assert node.sysroot is not None
    flock = shutil.which("flock")
    assert flock
    async with connect(node) as cluster:
        await cluster.client.connected(10)
        # A command that is there but cannot be found: PATH is reduced to what holds everything but flock.
        tools = node.sysroot / "tools"
        tools.mkdir()
        for tool in (
            "mkdir",
            "mktemp",
            "head",
            "cat",
            "tr",
            "id",
            "setsid",
            "sha256sum",
            "stat",
            "tail",
            "sync",
        ):
            (tools / tool).symlink_to(str(shutil.which(tool)))
        script = cluster_job_script(f"PATH={tools}")
        done = await cluster.client.run(script, timeout=60)
    assert b"error=tool-missing detail=flock" in done.stdout
    assert not (node.sysroot / "var/lib/rollcall").exists()


def cluster_job_script(setting: str) -> str:
    """What starts a job, below another PATH."""
    script, _ = start_call(Place("/var/lib/rollcall"), "j", b"true")
    return f"{setting}\n{script}"


@pytest.fixture
def tiny_disk(node: OpenSshNode) -> Iterator[Path]:
    """64 KiB of disk for the node's /state."""
    assert node.sysroot is not None
    place = node.sysroot / "state"
    place.mkdir()
    mounted = (
        os.getuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(place)],
            capture_output=True,
            check=False,
        ).returncode
    )
    if not mounted:
        if os.environ.get("CI") and os.getuid() == 0:
            pytest.fail("CI as root has to be able to mount a small disk")
        pytest.skip("needs root and leave to mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


async def test_a_full_disk_starts_nothing(node: OpenSshNode, connect: Connect, tiny_disk: Path) -> None:
    (tiny_disk / "jobs").mkdir(0o700)
    with contextlib.suppress(OSError), (tiny_disk / "jobs/filler").open("wb", buffering=0) as filler:
        while filler.write(bytes(4096)):
            pass
    async with connect(node, state_dir="/state") as cluster:
        with pytest.raises(RemoteError, match="no space left below") as caught:
            await cluster.client.start_job("j", 'touch "$R"/ran')
        assert caught.value.kind == "disk-full"
        assert (await cluster.client.job("j")).state == "none"
        assert await cluster.client.jobs() == []
        (tiny_disk / "jobs/filler").unlink()
        await cluster.client.start_job("j", "true")
    assert node.sysroot is not None
    assert not (node.sysroot / "ran").exists()


async def test_a_disk_that_fills_up_takes_no_exit_code(
    node: OpenSshNode, connect: Connect, tiny_disk: Path
) -> None:
    async with connect(node, state_dir="/state") as cluster:
        await cluster.client.start_job("j", "cat /dev/zero; exit 9")
        while not (status := await cluster.client.job("j")).ended:
            await cluster.client.run("true", timeout=60)
    assert (status.state, status.exit_code) == ("exited", 9)


def make_read_only(place: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)


async def test_a_read_only_state_directory(node: OpenSshNode, connect: Connect, tiny_disk: Path) -> None:
    make_read_only(tiny_disk)
    async with connect(node, state_dir="/state") as cluster:
        with pytest.raises(RemoteError, match="read-only file system") as caught:
            await cluster.client.start_job("j", "true")
    assert caught.value.kind == "read-only"


async def test_a_job_asked_for_while_the_node_is_down_gives_up_in_time(
    node: OpenSshNode, connect: Connect
) -> None:
    async with connect(node) as cluster:
        await cluster.client.connected(10)
        node.stop()
        await wait_until_async(lambda: cluster.client.state.phase in ("lost", "backoff", "connecting"))
        with pytest.raises(RemoteError) as caught:
            await cluster.client.start_job("j", "true", patience=0.5)
    assert caught.value.kind in ("lost", "refused")


def test_options_do_not_show_who_is_asked_for_secrets() -> None:
    assert "ask_person" not in repr(quick(ask_person=lambda _: "hunter2"))


@contextlib.contextmanager
def listening() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
