"""Development and dated builds beside the release of their number: a run tells them apart to its end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.rollout.engine_operator import Operator, cluster, console
from tui.model.states import ConfirmClass, PauseMode, Progress, RunStatus
from tui.model.steps import StepName
from tui.rehearsal import Rehearsal
from tui.rollout.open_run import OpenRun, RunOptions


def wanted(rehearsal: Rehearsal, version: str) -> None:
    """The operator's file asks for another version than the one that the archive holds."""
    text = rehearsal.cluster_file.read_text()
    assert f'version = "{rehearsal.plan.target}"' in text
    rehearsal.cluster_file.write_text(
        text.replace(f'version = "{rehearsal.plan.target}"', f'version = "{version}"')
    )


@pytest.mark.parametrize(
    ("archive", "target"), [("5.26.0-d", "5.26.0"), ("5.26.0", "5.26.0-d"), ("5.5.0.RC1", "5.5.0")]
)
async def test_another_build_of_the_same_number_is_never_updated(
    archive: str, target: str, tmp_path: Path
) -> None:
    with cluster(tmp_path / "c", nodes=2, target=archive, installed="5.4.0", management=None) as rehearsal:
        wanted(rehearsal, target)
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
            step = operator.step("px01", StepName.INSTALL)
            assert (operator.run.code, step.code) == ("other-build", "other-build")
            assert f"{archive} is on disk, which is another build than the target {target}" in step.reason
            assert operator.run.nodes["px01"].progress is Progress.FAILED
            assert rehearsal.node("px02").active == "5.4.0"
            operator.check_the_record()


@pytest.mark.parametrize("version", ["5.26.0-d", "3.6.4-Feb21"])
async def test_such_a_build_as_the_target_finishes(version: str, tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=1, target=version, installed="3.5.0") as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish() is RunStatus.COMPLETED, operator.run.summary
            node = rehearsal.node("px01")
            assert (node.installed, node.active) == (version, version)
            facts = operator.run.nodes["px01"].facts
            assert facts is not None
            assert (facts.installed, facts.active) == (version, version)
            operator.check_the_record()


async def test_an_rpm_that_cannot_name_the_build_does_not_hold_it_back(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=1, target="5.26.0-d", installed="5.25.0") as rehearsal:
        for name in ("px01", "pxmgmt"):
            rpm = rehearsal.node(name).sysroot / "usr/bin/rpm"
            text = rpm.read_text()
            assert "s|%{VERSION}|$version|gI" in text
            rpm.unlink()
            rpm.write_text(text.replace("s|%{VERSION}|$version|gI", "s|%{VERSION}|${version%-d}|gI"))
            rpm.chmod(0o755)
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish() is RunStatus.COMPLETED, operator.run.summary
            facts = operator.run.nodes["px01"].facts
            assert facts is not None
            assert facts.installed == "5.26.0-d"
            assert operator.run.nodes["pxmgmt"].progress is Progress.UPDATED


WITH_ENFORCE = "rerun install with --enforce"


async def test_what_cannot_be_compared_is_said_and_can_be_enforced(tmp_path: Path) -> None:
    plan: dict[str, Any] = {"installed": "5.26.0-d", "target": "5.26.0", "management": None}
    with cluster(tmp_path / "c", nodes=1, **plan) as rehearsal:
        text = rehearsal.cluster_file.read_text()
        named = re.sub(r"rolling_from = .*", 'rolling_from = ["5.26.0-d"]', text)
        rehearsal.cluster_file.write_text(named)
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
            step = operator.step("px01", StepName.INSTALL)
            assert step.code == "install-failed"
            assert "add --enforce" in step.remedy
            assert "the one installed or an older one, which the SIA refuses" in step.remedy
            told = [str(e.data["reason"]) for e in operator.happened if e.type == "step.offered"]
            assert any("whether 5.26.0 is newer than 5.26.0-d cannot be told" in words for words in told)
            assert operator.choose(WITH_ENFORCE).accepted
            await operator.needed()
            offer = operator.run.offer
            assert offer is not None
            assert offer.offered.command.endswith("--enforce")
            assert offer.offered.stands_for is ConfirmClass.SIGNATURE
            assert offer.offered.by_reading
            assert "asked for by name" in offer.offered.reason
            assert not operator.confirm("px02").accepted
            assert await operator.finish() is RunStatus.COMPLETED, operator.run.summary
            assert rehearsal.node("px01").active == "5.26.0"
            operator.check_the_record()


async def test_the_same_version_is_installed_again_when_that_is_asked_for_by_name(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2, installed="5.21.2", target="5.21.2", management=None) as rehearsal:
        options = RunOptions(tmp_path / "s", "test", pause=PauseMode.NONE, enforce="px02")
        async with await OpenRun.open(rehearsal.cluster_file, options) as session:
            operator = Operator(session, rehearsal)
            await operator.needed()
            assert operator.run.nodes["px01"].progress is Progress.ALREADY_AT_TARGET
            await operator.until(lambda run: run.offer is not None and run.offer.step is StepName.INSTALL)
            offer = operator.run.offer
            assert offer is not None
            assert (offer.node, offer.offered.stands_for) == ("px02", ConfirmClass.SIGNATURE)
            assert offer.offered.command.endswith("--enforce")
            assert await operator.finish() is RunStatus.COMPLETED, operator.run.summary
            assert operator.run.nodes["px02"].progress is Progress.UPDATED
            for name, times in (("px01", 0), ("px02", 1)):
                assert sum("--install-node" in line for line in operator.done(name)) == times
