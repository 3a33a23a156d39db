"""After its return a node's links have to count no new errors: told by real nodes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rollout.engine_operator import cluster, console
from tui.model.events import Event
from tui.model.run import Run
from tui.model.states import RunStatus, StepStatus
from tui.model.steps import StepName


@pytest.mark.slow
async def test_a_noisy_link_is_named_with_its_rate_and_agreed_to_by_name_or_waited_for(
    tmp_path: Path,
) -> None:
    with cluster(tmp_path / "c", nodes=2, faults={"px02": "noisy-link"}) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            counts = rehearsal.node("px01").sysroot / "opt/DIS/sbin/dis_diag"

            def at_return(event: Event, _: Run) -> None:
                if (event.type, event.node, event.data.get("moment")) == ("node.errors", "px01", "return"):
                    counts.rename(counts.with_suffix(".away"))

            stop = operator.engine.subscribe(at_return)
            assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
            stop()
            why = "dis_diag counted errors before and does not now (there is no dis_diag)"
            assert (operator.run.code, operator.run.summary) == ("link-errors", f"px01: {why}")
            counts.with_suffix(".away").rename(counts)
            assert operator.choose("rerun verify").accepted
            assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
            assert "no new link errors in" in operator.step("px01", StepName.VERIFY).reason
            verify = operator.step("px02", StepName.VERIFY)
            assert (verify.status, operator.run.code) == (StepStatus.FAILED, "link-errors")
            said = re.fullmatch(
                r"px02: link 0 errors: (\d+) more in .* \(\d+ a minute\)", operator.run.summary
            )
            assert said
            assert int(said[1]) > 3  # waited for, and counted from its return on
            assert operator.rehearsal.node("px02").active == "5.21.2"
            assert not operator.rehearsal.node("px02").app_running  # nothing goes on above a noisy link
            assert operator.choose("agree to the link errors").accepted
            assert await operator.finish() is RunStatus.COMPLETED
            assert "link errors were agreed to" in operator.step("px02", StepName.VERIFY).reason
            moments = [e.data["moment"] for e in operator.happened if e.type == "node.errors"]
            assert moments == ["before", "return", "return", "quiet", "before", "return"]
            operator.check_the_record()
