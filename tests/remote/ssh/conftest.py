"""Nodes whose sshd asks PAM about accounts of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rigs.openssh import OpenSshNode, kept
from tests.rigs.pam import ASKED, UNIX, pam_etc
from tests.rigs.sudo import USER

MakePamNode = Callable[..., OpenSshNode]


@pytest.fixture
def pam_node(open_dir: Path) -> Iterator[MakePamNode]:
    """``pam_node("px01", auth=...)``: a running node that lets ``USER`` in by what PAM says."""

    def make(
        name: str = "px01",
        *extra: str,
        auth: str = UNIX,
        lines: tuple[str, ...] = ASKED,
        user: str = USER,
        **files: str,
    ) -> OpenSshNode:
        wrapper = pam_etc(open_dir / f"{name}-etc", auth, **files)
        node = OpenSshNode(open_dir / "rig", name, None, [*extra, *lines], user=user, wrapper=wrapper)
        node.authorized_keys.write_text("")
        node.authorized_keys.chmod(0o644)
        nodes.append(node)
        node.start()
        return node

    with kept() as nodes:
        yield make
