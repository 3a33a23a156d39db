"""Real nodes for the tests of remote: sshd on loopback, files below a sysroot, a fleet of one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.rigs.openssh import OpenSshNode, kept
from tui.remote import ConnectionState, Endpoint, Fleet, NodeClient, Options, resolve, value_of

Connect = Callable[..., AbstractAsyncContextManager["Cluster"]]
MakeNode = Callable[..., OpenSshNode]


class Telling:
    """A link whose changes give what came of them, or raise: most tests want no more than that."""

    def __init__(self, client: NodeClient) -> None:
        self.ended = client
        """The link itself, which tells the three ends apart."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.ended, name)
        if name not in (
            "start_job",
            "cancel",
            "remove",
            "remove_all",
            "upload",
            "clear_place",
            "void_job",
        ):
            return found

        async def changed(*words: Any, **options: Any) -> Any:
            return value_of(await found(*words, **options))

        return changed


class Cluster:
    """A fleet under test, and the states its links went through."""

    def __init__(self, endpoints: list[Endpoint], options: Options) -> None:
        self.states: list[ConnectionState] = []
        self.fleet = Fleet(endpoints, options, on_link=self.states.append)
        self.client: Any = Telling(self.fleet.client(endpoints[0].node))

    def phases(self) -> list[str]:
        return [state.phase for state in self.states]


def quick(**changes: object) -> Options:
    """Options for tests: the same machinery with short pauses."""
    return Options(**{"backoff_first": 0.05, "backoff_limit": 0.2, **changes})  # type: ignore[arg-type]


def endpoint(node: OpenSshNode) -> Endpoint:
    return resolve(node.name, ssh_config=node.ssh_config)


def make_sysroot(path: Path) -> Path:
    """A node's root directory; its `id` says root, also where the tests do not run as root."""
    (path / "usr/bin").mkdir(parents=True)
    (path / "root").mkdir()
    if os.getuid() != 0:
        program = path / "usr/bin/id"
        program.write_text('#!/bin/sh\ncase $1 in -u) echo 0 ;; *) exec /usr/bin/id "$@" ;; esac\n')
        program.chmod(0o755)
    return path


@pytest.fixture
def make_node(tmp_path: Path) -> Iterator[MakeNode]:
    """Start nodes, each with a sysroot of its own."""

    def make(name: str = "px01", *extra: str, start: bool = True) -> OpenSshNode:
        node = OpenSshNode(tmp_path / "rig", name, make_sysroot(tmp_path / f"{name}-root"), extra)
        nodes.append(node)
        if start:
            node.start()
        return node

    with kept() as nodes:
        yield make


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that another user can get to."""
    directory = Path(tempfile.mkdtemp(prefix="rollcall-open-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def node(make_node: MakeNode) -> OpenSshNode:
    """One running node."""
    return make_node()


@pytest.fixture
def connect() -> Connect:
    """``async with connect(node, keepalive=1) as cluster``: a started fleet, closed at the end."""

    @asynccontextmanager
    async def connecting(*nodes: OpenSshNode | Endpoint, **changes: object) -> AsyncIterator[Cluster]:
        endpoints = [each if isinstance(each, Endpoint) else endpoint(each) for each in nodes]
        cluster = Cluster(endpoints, quick(**changes))
        async with cluster.fleet:
            yield cluster

    return connecting


class FileSink:
    """A sink as the journal has one: append, and flush before saying so."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab")

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()

    def sync(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[FileSink]:
    """An empty local output file."""
    output = FileSink(tmp_path / "output.log")
    yield output
    output.close()
