"""What runs over the interconnect that an update stops, as a judgement: each unknown is told as one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.rollout.preflight.test_judges import FACTS, READY
from tui.expressware.ground import Carried, Ground, Way
from tui.model.clusterfile import ClusterFile
from tui.model.events import PreflightResult
from tui.rollout.preflight import ground
from tui.rollout.preflight.inspected import ClusterFacts, InspectedNode

CONFIG = ClusterFile.model_validate(
    {
        "cluster": {"name": "c", "family": "PX", "nodes": "a1"},
        "target": {"version": "5.21.2", "sia": "/srv/x.sh"},
    }
)
DIS = frozenset({"dis0"})
SSH = (Way("SSH to 10.0.0.3", "eth0"), Way("SSH from 10.0.0.9", "eth0"))
PLACES = (("/var/lib/rollcall", "/"), ("/srv/x.sh", "/srv"), ("/opt/DIS", "/"))
WELL = Ground(DIS, SSH, PLACES, (), mounts_read=True)
NFS = Carried("/srv", "nfs4", "server:/export", Way("server:/export (nfs4)", "dis0"))


def judged(seen: Ground) -> list[PreflightResult]:
    node = InspectedNode("a1", False, FACTS, replace(READY, ground=seen), None)
    return list(ground.ground(ClusterFacts(CONFIG, {"a1": node}, "d", None), node))


@pytest.mark.parametrize(
    ("seen", "verdict", "words", "remedy"),
    [
        (WELL, "passed", "neither SSH nor any directory that is needed", ""),
        (Ground(frozenset()), "passed", "it has no interface of the interconnect", ""),
        (Ground(), "warning", "which network interfaces it has cannot be read", "ip and findmnt"),
        (
            replace(WELL, ssh=(Way("SSH to 10.9.0.3", "dis0"), SSH[1])),
            "error",
            "the way of SSH to 10.9.0.3 is dis0, which is the interconnect itself",
            "node.a1.host",
        ),
        (
            replace(WELL, ssh=(SSH[0], Way("SSH from 10.9.0.9", why="ip is not there"))),
            "warning",
            "whether SSH from 10.9.0.9 runs over the interconnect is not known: ip is not there",
            "ip and findmnt",
        ),
        (
            replace(WELL, carried=(NFS,)),
            "error",
            "/srv/x.sh lies on /srv, server:/export, which comes over dis0",
            "set target.sia",
        ),
        (
            replace(WELL, carried=(replace(NFS, way=Way("x", why="no route")),)),
            "warning",
            "whether that comes over the interconnect is not known: no route",
            "findmnt",
        ),
        (
            replace(WELL, carried=(replace(NFS, point="/work"),)),
            "warning",
            "over the interconnect: /work",
            "unmount",
        ),
        (replace(WELL, carried=(replace(NFS, way=Way("x", "eth0")),)), "passed", "neither SSH", ""),
        (
            replace(WELL, places=PLACES[1:]),
            "warning",
            "on which file system /var/lib/rollcall lies",
            "findmnt",
        ),
        (
            replace(WELL, mounts_read=False),
            "warning",
            "which file systems are mounted cannot be read",
            "findmnt",
        ),
    ],
)
def test_what_runs_over_the_interconnect(seen: Ground, verdict: str, words: str, remedy: str) -> None:
    (result,) = judged(seen)
    assert (result.check, result.verdict) == ("ground", verdict)
    assert words in result.summary
    assert remedy in result.remedy
    assert verdict == "passed" or result.impact


def test_the_consoles_own_places(tmp_path: Path) -> None:
    place = str(tmp_path)
    assert [found.result.verdict for found in ground.here(ground.look_here([place]), [place])] == ["passed"]
    over = Ground(DIS, (), ((place, "/srv"),), (NFS,), mounts_read=True)
    (found,) = ground.here(over, [place])
    assert found.result.verdict == "error"
    assert found.result.summary.startswith(f"this console: {place} lies on /srv, server:/export")
    assert "--state-dir" in found.result.remedy
    assert [each.result.verdict for each in ground.here(Ground(), [place])] == ["warning"]
