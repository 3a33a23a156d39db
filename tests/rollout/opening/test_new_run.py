"""A new run in the place of an unfinished one: nothing that is still out of service may be forgotten."""

from pathlib import Path

import pytest

from tests.rollout.engine_operator import cluster, console
from tui.journal import find_runs
from tui.model.states import PauseMode, RunStatus
from tui.model.steps import StepName
from tui.rollout.open_run import OpeningError, OpenRun, RunOptions


async def test_a_new_run_does_not_begin_while_the_last_one_has_something_out(tmp_path: Path) -> None:
    state_dir = tmp_path / "s"
    options = RunOptions(state_dir=state_dir, front_end="test", new=True)
    with cluster(tmp_path / "c", nodes=1, management=None) as rehearsal:
        async with console(rehearsal, state_dir, pause=PauseMode.EVERY_STEP) as operator:
            await operator.needed()
            await operator._pick()
            while operator.run.offer is None or operator.run.offer.step is not StepName.INSTALL:
                await operator.needed()
                assert operator.run.offer is not None, operator.run.summary
                if operator.run.offer.step is not StepName.INSTALL:
                    assert operator.confirm().accepted
            first = operator.run.run_id
        with pytest.raises(OpeningError, match="services on px01") as refused:
            await OpenRun.open(rehearsal.cluster_file, options)
        assert refused.value.exit_code == 4
        assert [record.run.status.final for record in find_runs(state_dir)] == [False]
        async with console(rehearsal, state_dir) as operator:
            await operator.until(lambda run: run.status.paused)
            assert operator.run.run_id == first
            assert operator.choose("resume").accepted
            assert await operator.finish() is RunStatus.COMPLETED
        async with await OpenRun.open(rehearsal.cluster_file, options) as session:
            assert session.engine.state.run_id != first
