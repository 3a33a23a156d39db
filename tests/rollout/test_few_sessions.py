"""A whole update through the command line on real sshds of which one connection gets one session, or two."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.plain.terminals import ROOT, rollcall
from tests.rigs.openssh import needs_sshd
from tests.rigs.waiting import patience
from tests.rollout.engine_operator import cluster

pytestmark = needs_sshd


@pytest.mark.parametrize("fault", ["one-session", "few-sessions"])
def test_a_whole_update(fault: str, tmp_path: Path) -> None:
    names = ("px01", "px02", "pxmgmt")
    faults = dict.fromkeys(names, fault)
    with cluster(tmp_path / "c", nodes=2, management="pxmgmt", face="openssh", faults=faults) as rehearsal:
        run = ("run", str(rehearsal.cluster_file), "--plain", "--yes", "--json")
        done = subprocess.run(
            rollcall(*run, "--state-dir", str(tmp_path / "state")),
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=300 * patience(),
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout[-2000:]
        assert all(rehearsal.node(name).active == "5.21.2" for name in rehearsal.nodes)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    events = [line for line in told if "seq" in line]
    assert told[-1]["status"] == "completed"
    counted = [event for event in events if event["data"].get("check") == "sessions"]
    assert {event["node"] for event in counted if event["data"]["verdict"] == "warning"} == set(names)
    for event in events:
        said = json.dumps(event)
        assert "detached" not in said, said
        assert "connection lost" not in said, said
        assert "connection was lost" not in said, said
