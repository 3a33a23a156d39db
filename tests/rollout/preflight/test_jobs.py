"""A job of another run that is still running: found by the command, before anything else is begun there."""

from __future__ import annotations

from pathlib import Path

from tests.rollout.engine_operator import cluster
from tests.rollout.preflight.provoking import check
from tui.rollout.open_run import load_cluster_file, make_fleet

JOB = "20260101-000000-abcd.px02.install.1"


async def test_an_installation_of_another_run_is_found(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2) as rehearsal:
        async with make_fleet(load_cluster_file(rehearsal.cluster_file), None) as fleet:
            client = fleet.client("px02")
            await client.connected(20)
            await client.start_job(JOB, "sleep 600")
            said = check(rehearsal.cluster_file)
            (found,) = [each for each in said.trouble if each.check == "jobs"]
            assert (found.node, found.verdict) == ("px02", "error")
            assert f"job {JOB} of another run is still running" in found.summary
            assert (await client.job(JOB)).state == "running", "a check touches no job but its own"
            await client.cancel(JOB, 1)
            again = check(rehearsal.cluster_file)
            assert again.trouble == []
            assert [job.job_id for job in await client.jobs()] == [JOB]
