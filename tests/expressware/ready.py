"""The look at a node's readiness, taken by a real shell."""

from __future__ import annotations

from tests.expressware.node import Tree, answered, run
from tui.expressware.readiness import Readiness, parse_readiness, readiness_script

DIS, STATE = "/opt/DIS 5", "/var/lib/roll call"
RUNNING, NEXT = "5.14.0-427.13.1.el9_4.x86_64", "5.14.0-503.11.1.el9_5.x86_64"


def add_kernel(tree: Tree, name: str, image: str = "/boot/vmlinuz-{}") -> None:
    tree.file(image.format(name))
    tree.file(f"/lib/modules/{name}/modules.dep")


def look(tree: Tree, shell: list[str] | None = None) -> Readiness:
    done = run(readiness_script(DIS, STATE), tree.root, shell or ["/bin/sh"])
    assert done.stderr == b""
    readiness = parse_readiness(answered(done.stdout))
    assert readiness.complete
    return readiness
