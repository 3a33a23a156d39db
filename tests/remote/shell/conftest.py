"""Nodes whose login is an ordinary user, and a person who is asked for passwords."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.remote.conftest import Cluster, make_sysroot
from tests.rigs.openssh import OpenSshNode
from tests.rigs.sudo import USER, private_etc
from tui.remote import Question

MakeUserNode = Callable[..., OpenSshNode]


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that another user can get to."""
    directory = Path(tempfile.mkdtemp(prefix="rollcall-root-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def user_node(open_dir: Path) -> Iterator[MakeUserNode]:
    """A node whose login is an ordinary user; see `private_etc` for what it can be given."""
    nodes: list[OpenSshNode] = []

    def make(rules: str = "", *extra: str, name: str = "px01", **files: str) -> OpenSshNode:
        place = open_dir / f"{name}-etc"
        wrapper = private_etc(place, rules, **files)
        sysroot = make_sysroot(open_dir / f"{name}-root")
        node = OpenSshNode(open_dir / "rig", name, sysroot, extra, user=USER, wrapper=wrapper)
        node.authorized_keys.chmod(0o644)
        nodes.append(node)
        node.start()
        return node

    yield make
    for node in nodes:
        node.stop()


class Person:
    """Somebody to ask; remembers what was asked."""

    def __init__(self, answer: str | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def __call__(self, question: Question) -> str | None:
        self.asked.append(question.prompt)
        return self.answer


def steps(cluster: Cluster) -> list[str]:
    """The phases of its links, each once however many words there were for it."""
    return [phase for phase, _ in itertools.groupby(cluster.phases())]
