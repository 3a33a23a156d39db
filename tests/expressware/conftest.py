"""A node that is ready to be updated, for the tests that break it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.expressware.node import Tree
from tests.expressware.ready import RUNNING, add_kernel


@pytest.fixture
def ready_tree(tmp_path: Path) -> Tree:
    """A Red Hat node that is ready."""
    tree = Tree(tmp_path / "node 'seven' $(id)")
    tree.program("/usr/bin/uname", f'[ "$1" = -r ] && echo {RUNNING}')
    for tool in ("make", "gcc", "rpmbuild"):
        tree.program(f"/usr/bin/{tool}", "exit 1")
    add_kernel(tree, RUNNING)
    tree.file(f"/lib/modules/{RUNNING}/build/Makefile")
    tree.file("/proc/1/comm", "systemd\n")
    return tree
