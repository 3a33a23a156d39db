from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rehearsal.client import hang_up
from tui.rehearsal import Plan, Rehearsal

NODES = ("px01", "px02", "px03")
PACE = 50.0


def need_sshd(face: str) -> None:
    if face == "openssh" and not os.access("/usr/sbin/sshd", os.X_OK):
        if os.environ.get("CI"):
            pytest.fail("CI must have an OpenSSH server")
        pytest.skip("no OpenSSH server here")


@pytest.fixture(params=["paramiko", "openssh"], scope="module")
def face(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    need_sshd(name)
    return name


@pytest.fixture(scope="module")
def shared(face: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A running cluster for tests that leave its nodes as they found them."""
    plan = Plan(nodes=NODES, management="pxmgmt", pace=PACE, face=face)
    rehearsal = Rehearsal.create(tmp_path_factory.mktemp("shared") / "cluster", plan)
    rehearsal.start()
    yield rehearsal
    hang_up()
    rehearsal.destroy()


@pytest.fixture
def rehearse(tmp_path: Path) -> Iterator[Callable[[Plan], Rehearsal]]:
    """Creates and starts a cluster; whatever a test has made is destroyed after it."""
    made: list[Rehearsal] = []

    def begin(plan: Plan) -> Rehearsal:
        need_sshd(plan.face)
        rehearsal = Rehearsal.create(tmp_path / f"cluster{len(made)}", plan)
        made.append(rehearsal)
        rehearsal.start()
        return rehearsal

    yield begin
    hang_up(*[(str(rehearsal.directory), name) for rehearsal in made for name in rehearsal.plan.machines])
    for rehearsal in made:
        rehearsal.destroy()
