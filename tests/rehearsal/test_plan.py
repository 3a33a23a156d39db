"""What a rehearsal is made of: the plan, the files it writes, and that a seed always gives the same."""

from __future__ import annotations

import hashlib
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.client import SERVICES, SIA, hang_up, run
from tests.rehearsal.conftest import need_sshd
from tui.model.clusterfile import parse_cluster_file
from tui.rehearsal import Plan, Rehearsal, RehearsalError

NODES = ("px01", "px02", "px03", "px10")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"family": "SX"}, "MX, PX, IX, DX"),
        ({"nodes": ()}, "at least one node"),
        ({"nodes": ("a", "a")}, "same name"),
        ({"management": "px01"}, "same name"),
        ({"nodes": ("../a",)}, "cannot be the name"),
        ({"nodes": ("a b",)}, "cannot be the name"),
        ({"target": "5.21; rm"}, "cannot be a version"),
        ({"sia": "/srv/../../x.sh"}, "cannot be a path"),
        ({"pace": 0.0}, "pace"),
        ({"faults": {"px01": ("no-such",)}}, "There is no fault"),
        ({"faults": {"px99": ("chatty",)}}, "px99"),
    ],
)
def test_a_plan_that_cannot_be_rehearsed(options: dict[str, Any], words: str) -> None:
    with pytest.raises(RehearsalError, match=words):
        Plan(**{"nodes": NODES, **options})


def test_cluster_file(tmp_path: Path) -> None:
    plan = Plan(nodes=NODES, management="pxmgmt", pace=20, name="night", update_management="no")
    rehearsal = Rehearsal.create(tmp_path / "r", plan)
    raw = tomllib.loads(rehearsal.cluster_file.read_text())
    assert raw["cluster"] == {
        "name": "night",
        "family": "PX",
        "nodes": "px[01-03,10]",
        "management_node": "pxmgmt",
        "update_management": "no",
    }
    assert raw["target"]["rolling_from"] == ["5.19.*", "5.20.*"]
    sia = rehearsal.node("px02").sysroot / raw["target"]["sia"].lstrip("/")
    assert hashlib.sha256(sia.read_bytes()).hexdigest() == raw["target"]["sha256"]
    assert raw["policy"] == {
        "stable_samples": 3,
        "stable_every": "50ms",
        "idle_for": "250ms",
        "restart_timeout": "4s",
    }
    loaded = parse_cluster_file(rehearsal.cluster_file.read_text(), "cluster.toml")
    assert loaded.cluster.management_node == "pxmgmt"
    assert loaded.view is not None


def test_cluster_file_without_a_management_node(tmp_path: Path) -> None:
    rehearsal = Rehearsal.create(tmp_path / "r", Plan(nodes=("a",), dis="/opt/DIS-IX", target="5.21.2"))
    loaded = parse_cluster_file(rehearsal.cluster_file.read_text(), "cluster.toml")
    assert (loaded.cluster.management_node, loaded.view, loaded.paths.dis) == (None, None, "/opt/DIS-IX")


def test_a_directory_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    with pytest.raises(RehearsalError, match="not empty"):
        Rehearsal.create(tmp_path, Plan(nodes=NODES))
    assert [path.name for path in tmp_path.iterdir()] == ["something"]
    assert Rehearsal.attach(tmp_path) is None
    with pytest.raises(RehearsalError, match="cannot lie"):
        Rehearsal.create(tmp_path / "100%", Plan(nodes=NODES))


def test_keys_are_secret_and_random(tmp_path: Path) -> None:
    first, second = (Rehearsal.create(tmp_path / name, Plan(nodes=("a", "b"))) for name in "12")
    keys = [
        rehearsal.directory / name
        for rehearsal in (first, second)
        for name in ("client_key", "nodes/a/host_key")
    ]
    keys.append(first.directory / "nodes/b/host_key")
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert stat.S_IMODE(first.directory.stat().st_mode) == 0o700
    assert len({key.read_bytes() for key in keys}) == 5


def test_a_seed_gives_the_same_cluster(tmp_path: Path) -> None:
    def contents(name: str, seed: int) -> dict[str, bytes]:
        directory = tmp_path / name
        Rehearsal.create(directory, Plan(nodes=("a", "b"), management="m", seed=seed))
        files = (directory / "nodes").rglob("*")
        return {
            str(path.relative_to(directory)): path.read_bytes()
            for path in files
            if path.is_file() and not path.name.startswith("host_key") and path.name != "settings"
        }

    first, again, other = contents("1", 1), contents("2", 1), contents("3", 2)
    assert first == again
    differing = {path.rsplit("/", 1)[1] for path in first if first[path] != other[path]}
    assert differing == {"boot_id", "machine-id", "Dolphin_eXpressWare-5.21.2.sh"}


@pytest.mark.parametrize("face", ["paramiko", "openssh"])
def test_odd_places_and_names(tmp_path: Path, face: str) -> None:
    need_sshd(face)
    plan = Plan(
        nodes=("n.1", "n-2"),
        pace=200,
        sia="/data/eXpressWare/PX-28a8.ubuntu18.04.sh",
        dis="/opt/DIS-B",
        face=face,
    )
    rehearsal = Rehearsal.create(tmp_path / "it's an odd place", plan)
    try:
        rehearsal.start()
        sia = SIA.replace("/srv/dolphin/Dolphin_eXpressWare-5.21.2.sh", plan.sia)
        services = SERVICES.replace("/opt/DIS", plan.dis)
        done = run(
            rehearsal, "n.1", f'cd "$R"/tmp && {sia} --build-rpm && systemctl stop mysqld && {services} stop'
        )
        assert done.code == 0
        assert run(rehearsal, "n.1", f"{sia} --install-node --use-rpms /tmp --batch").code == 0
        assert rehearsal.node("n.1").active == "5.21.2"
        assert run(rehearsal, "n.1", "reboot").code == 0
    finally:
        hang_up((str(rehearsal.directory), "n.1"))
        rehearsal.destroy()
    # in the middle of a restart
    assert not rehearsal.alive()
    assert rehearsal.node("n.1").processes() == []


def test_the_package_does_not_load_paramiko() -> None:

    script = "import sys, tui.rehearsal; sys.exit('paramiko' in sys.modules or 'textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
