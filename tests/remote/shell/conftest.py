"""Nodes whose login is an ordinary user, and a person who is asked for passwords."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.remote.conftest import Cluster, FileSink, make_sysroot
from tests.rigs.openssh import OpenSshNode, kept
from tests.rigs.sudo import USER, private_etc
from tui.remote import Question

MakeUserNode = Callable[..., OpenSshNode]


@pytest.fixture
def user_node(open_dir: Path) -> Iterator[MakeUserNode]:
    """A node whose login is an ordinary user; see `private_etc` for what it can be given."""

    def make(rules: str = "", *extra: str, name: str = "px01", **files: str) -> OpenSshNode:
        place = open_dir / f"{name}-etc"
        wrapper = private_etc(place, rules, **files)
        sysroot = make_sysroot(open_dir / f"{name}-root")
        node = OpenSshNode(open_dir / "rig", name, sysroot, extra, user=USER, wrapper=wrapper)
        node.authorized_keys.chmod(0o644)
        nodes.append(node)
        node.start()
        return node

    with kept() as nodes:
        yield make


class Person:
    """Somebody to ask; remembers what was asked."""

    def __init__(self, answer: str | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def __call__(self, question: Question) -> str | None:
        self.asked.append(question.prompt)
        return self.answer


BINARY = os.urandom(1 << 20) * 10


async def works_as_root(cluster: Cluster, node: OpenSshNode, sink: FileSink) -> None:
    """Commands and jobs are root's, and get and give every byte and the exit code."""
    done = await cluster.client.run("id -u >&2; exec cat", payload=BINARY, timeout=60)
    assert (done.exit_code, done.stderr) == (0, b"0\n")
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(BINARY).digest()
    done = await cluster.client.run('echo "$R"; exit 7', timeout=60)
    assert (done.exit_code, done.stdout) == (7, f"{node.sysroot}\n".encode())
    await cluster.client.start_job("j", "id -u; exit 4")
    status = await cluster.client.follow("j", sink, lambda _: None)
    assert (status.exit_code, sink.path.read_text()) == (4, "0\n")


def steps(cluster: Cluster) -> list[str]:
    """The phases of its links, each once however many words there were for it."""
    return [phase for phase, _ in itertools.groupby(cluster.phases())]
