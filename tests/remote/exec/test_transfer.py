"""Files to and from a node: exact, checked, whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from tests.remote.conftest import Connect
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import wait_until_async
from tui.remote import RemoteError, value_of

pytestmark = needs_sshd

BINARY = os.urandom(3_000_000) + bytes(range(256)) + b"\r\n\0"


@pytest.mark.parametrize("content", [b"", b"x", BINARY], ids=["empty", "one byte", "3 MB"])
async def test_there_and_back(node: OpenSshNode, connect: Connect, tmp_path: Path, content: bytes) -> None:
    original, copy = tmp_path / "original", tmp_path / "copy"
    original.write_bytes(content)
    progress: list[int] = []
    async with connect(node) as cluster:
        path = "/srv/dolphin dir/it's $HOME.sh"
        digest = await cluster.client.upload(path, original, progress.append)
        assert node.sysroot is not None
        placed = node.sysroot / path.lstrip("/")
        assert placed.read_bytes() == content
        assert placed.stat().st_mode & 0o777 == 0o600
        assert await cluster.client.download(path, copy, progress.append) == digest
        await wait_until_async(lambda: not content or progress.count(len(content)) == 2)
    assert copy.read_bytes() == content
    assert digest == hashlib.sha256(content).hexdigest()
    assert [entry.name for entry in placed.parent.iterdir()] == [placed.name]


async def test_an_upload_replaces_what_was_there(node: OpenSshNode, connect: Connect, tmp_path: Path) -> None:
    local = tmp_path / "local"
    async with connect(node) as cluster:
        for content in (b"old and longer", b"new"):
            local.write_bytes(content)
            await cluster.client.upload("/srv/file", local)
    assert node.sysroot is not None
    assert (node.sysroot / "srv/file").read_bytes() == b"new"


async def test_a_cut_upload_leaves_the_old_file(node: OpenSshNode, connect: Connect, tmp_path: Path) -> None:
    local = tmp_path / "local"
    local.write_bytes(b"old")
    async with connect(node) as cluster:
        await cluster.client.upload("/srv/file", local)
        local.write_bytes(os.urandom(40_000_000))
        begun = asyncio.Event()
        uploading = asyncio.create_task(cluster.client.upload("/srv/file", local, lambda _: begun.set()))
        await begun.wait()
        node.kill_sessions()
        with pytest.raises(RemoteError) as caught:
            await uploading
        assert caught.value.kind in ("lost", "transfer")
        assert node.sysroot is not None
        directory = node.sysroot / "srv"
        await wait_until_async(lambda: os.listdir(directory) == ["file"], what="the node tidies up")
        assert (directory / "file").read_bytes() == b"old"


async def test_a_bulk_transfer_does_not_hold_up_the_heartbeat(
    node: OpenSshNode, connect: Connect, tmp_path: Path
) -> None:
    local = tmp_path / "local"
    local.write_bytes(bytes(60_000_000))
    async with connect(node, keepalive=0.5) as cluster:
        await cluster.client.upload("/srv/file", local)
        await cluster.client.download("/srv/file", tmp_path / "copy")
    assert cluster.phases() == ["connecting", "up"]


async def test_many_files_in_one_stream(node: OpenSshNode, connect: Connect, tmp_path: Path) -> None:
    contents = {"node_RPMS/a b.rpm": BINARY, "empty": b"", "node_RPMS/-c": b"c\n", "other_RPMS/d": b"d"}
    files = {name: tmp_path / f"local{number}" for number, name in enumerate(contents)}
    copies = {name: tmp_path / f"copy{number}" for number, name in enumerate(contents)}
    for name, path in files.items():
        path.write_bytes(contents[name])
    async with connect(node) as cluster:
        sums = value_of(await cluster.client.upload_all("/srv/p", files))
        assert node.sysroot is not None
        placed = node.sysroot / "srv/p"
        assert {name: (placed / name).read_bytes() for name in contents} == contents
        assert {entry.name for entry in placed.iterdir()} == {"node_RPMS", "other_RPMS", "empty"}
        assert await cluster.client.download_all("/srv/p", copies) == sums
        (placed / "empty").unlink()
        with pytest.raises(RemoteError, match="no file"):
            await cluster.client.download_all("/srv/p", dict.fromkeys(copies, tmp_path / "not"))
    assert {name: path.read_bytes() for name, path in copies.items()} == contents
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    assert not (tmp_path / "not").exists()


async def test_a_file_that_is_not_there(node: OpenSshNode, connect: Connect, tmp_path: Path) -> None:
    async with connect(node) as cluster:
        with pytest.raises(RemoteError, match="no file") as caught:
            await cluster.client.download("/srv/nothing", tmp_path / "copy")
        with pytest.raises(FileNotFoundError):
            await cluster.client.upload("/srv/file", tmp_path / "nothing")
    assert caught.value.kind == "transfer"
    assert files_in(tmp_path) == []


def files_in(directory: Path) -> list[str]:
    return [entry.name for entry in directory.iterdir() if entry.is_file()]
