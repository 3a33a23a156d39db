"""Whole runs on the rehearsal cluster: the happy path, and every fault with the manual's remedy."""

import asyncio
from pathlib import Path

import pytest

from tests.rigs.waiting import wait_until_async
from tests.rollout.engine_operator import Operator, cluster, console
from tui.model import intents as it
from tui.model.states import PauseMode, Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rollout.procedure.watched_files import begin


def installs(log: list[str]) -> list[str]:
    return [line for line in log if "--install-node" in line]


def builds(log: list[str]) -> list[str]:
    return [line for line in log if "--build-rpm" in line]


def updated(operator: Operator, step: StepName, attempts: int) -> None:
    """px01 runs the target with its application, after so many attempts of the step; the record is whole."""
    node = operator.rehearsal.node("px01")
    assert (node.installed, node.active) == ("5.21.2", "5.21.2")
    assert node.app_running
    assert len(operator.step("px01", step).attempts) == attempts
    assert len(installs(node.log)) == len(operator.step("px01", StepName.INSTALL).attempts)
    operator.check_the_record()


async def test_all_nodes_are_updated_and_packages_are_built_once(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=3) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish() is RunStatus.COMPLETED
            for name in rehearsal.nodes:
                node = rehearsal.node(name)
                assert operator.run.nodes[name].progress is Progress.UPDATED
                assert (node.installed, node.active) == ("5.21.2", "5.21.2")
                assert node.services_running
                assert node.app_running
                assert len(installs(node.log)) == 1
            assert operator.run.nodes["pxmgmt"].progress is Progress.UPDATED
            assert [len(builds(operator.done(name))) for name in rehearsal.nodes] == [1, 0, 0]
            assert "reused from px01" in operator.step("px02", StepName.PACKAGES).reason
            assert operator.step("px01", StepName.REBOOT).status is StepStatus.NOT_NEEDED
            assert not operator.run.open_ledger
            operator.check_the_record()


REMEDIES = {
    "build-fails": ({"build-failed": "rerun packages"}, StepName.PACKAGES, 2),
    "app-refuses": (
        {"stop-command": "rerun stop applications", "apps-still-running": "rerun stop applications"},
        StepName.STOP_APPLICATIONS,
        2,
    ),
    "stop-busy": ({"services-not-stopped": "go on with reboot needed"}, StepName.REBOOT, 1),
    "install-fails": ({"install-failed": "rerun install"}, StepName.INSTALL, 2),
    "keeps-old": ({}, StepName.REBOOT, 1),
    "start-fails": (
        {"services-not-running": "reboot px01", "installed-with-errors": "reboot px01"},
        StepName.REBOOT,
        1,
    ),
}


@pytest.mark.parametrize("fault", REMEDIES)
async def test_a_fault_is_named_and_its_remedy_finishes_the_run(fault: str, tmp_path: Path) -> None:
    remedies, step, attempts = REMEDIES[fault]
    with cluster(tmp_path / "c", nodes=1, faults={"px01": fault}) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish(remedies) is RunStatus.COMPLETED, operator.run.summary
            updated(operator, step, attempts)
            codes = {event.data.get("code") for event in operator.happened if event.type == "attempt.ended"}
            assert not remedies or codes & set(remedies), "the fault was not noticed"


async def test_a_file_that_somebody_edits_meanwhile_is_shown_and_a_person_goes_on(tmp_path: Path) -> None:
    remedies = {"files-changed": "go on with the changed file"}
    with cluster(tmp_path / "c", nodes=1, faults={"px01": "edits-dishosts"}) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
            lines = ("-ADAPTER:  px01_a0 8 0 8", "+ADAPTER:  px01_a0 252 0 8")
            words = f"px01: /etc/dis/dishosts.conf changed: {'; '.join(lines)}"
            assert operator.run.summary == f"install on px01 was not started: {words}"
            found = operator.run.nodes["px01"].files_found
            assert found is not None
            assert set(lines) < set(found.changes[0].difference)
            assert await begin(operator.engine._context, ["px01"]) == ""
            files = operator.run.nodes["px01"].files
            assert files is not None
            assert files.files != found.files, "checks that are made once more forget how the files were"
            assert await operator.finish(remedies) is RunStatus.COMPLETED, operator.run.summary
            seen = [(e.node, e.data["how"]) for e in operator.happened if e.type == "node.files"]
            assert seen == [
                *((name, "first") for name in ("px01", "pxmgmt")),
                *(("px01", how) for how in ("found", "agreed", "install")),
                ("pxmgmt", "install"),
            ]
            updated(operator, StepName.INSTALL, 1)


async def test_a_node_that_does_not_return_is_waited_for_without_a_second_reboot(tmp_path: Path) -> None:
    faults = {"px01": ("stop-busy", "no-return")}
    remedies = {"services-not-stopped": "go on with reboot needed", "no-return": "wait on for px01"}
    with cluster(tmp_path / "c", nodes=2, faults=faults) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish(remedies) is RunStatus.COMPLETED, operator.run.summary
            attempts = operator.step("px01", StepName.REBOOT).attempts
            assert attempts[0].status is StepStatus.TIMED_OUT
            assert attempts[-1].status is StepStatus.SUCCEEDED
            assert len([line for line in operator.done("px01") if line.startswith("reboot")]) == 1
            operator.check_the_record()


async def test_detached_is_shown_at_once_and_output_is_whole(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2, faults={"px01": "ssh-drops"}) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish() is RunStatus.COMPLETED
            states = [
                e.data["status"] for e in operator.happened if e.type == "step.state" and e.step == "install"
            ]
            assert "detached" in states
            attempt = operator.step("px01", StepName.INSTALL).attempts[0]
            job = rehearsal.node("px01").sysroot / f"var/lib/rollcall/jobs/{attempt.begun.job_id}/out"
            kept = operator.session.run_dir / attempt.begun.output
            assert not job.exists() or kept.read_bytes() == job.read_bytes()
            assert len(kept.read_bytes()) == attempt.size > 0
            updated(operator, StepName.INSTALL, 1)


async def test_a_hundred_thousand_lines_are_kept_byte_for_byte(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=1, faults={"px01": "chatty"}) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish() is RunStatus.COMPLETED
            attempt = operator.step("px01", StepName.INSTALL).attempts[0]
            kept = (operator.session.run_dir / attempt.begun.output).read_bytes()
            assert kept.count(b"\n") > 100_000
            updated(operator, StepName.INSTALL, 1)


async def test_an_application_that_a_person_had_stopped_stays_stopped(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=1) as rehearsal:
        node = rehearsal.node("px01")
        async with console(rehearsal, tmp_path / "before", pause=PauseMode.EVERY_NODE) as first:
            await first.needed()
            client = first.engine._fleet.client("px01")
            assert (await client.run("systemctl stop mysqld", timeout=60)).exit_code == 0
            assert not node.app_running
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish() is RunStatus.COMPLETED
            assert operator.step("px01", StepName.START_APPLICATIONS).status is StepStatus.NOT_NEEDED
            assert not node.app_running


async def test_policy_reboot_always_lets_the_sia_reboot(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=1) as rehearsal:
        text = rehearsal.cluster_file.read_text()
        rehearsal.cluster_file.write_text(text.replace("[policy]", '[policy]\nreboot = "always"'))
        before = rehearsal.node("px01").boot_id
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish() is RunStatus.COMPLETED, operator.run.summary
            assert "--reboot" in installs(operator.done("px01"))[0]
            assert rehearsal.node("px01").boot_id != before
            assert operator.run.nodes["px01"].progress is Progress.UPDATED


async def test_a_version_pair_that_is_not_allowed_blocks_and_prints_the_complete_update(
    tmp_path: Path,
) -> None:
    with cluster(tmp_path / "c", nodes=1, installed="5.10.0") as rehearsal:
        text = rehearsal.cluster_file.read_text()
        head, _, rest = text.partition("rolling_from")
        rehearsal.cluster_file.write_text(head + 'rolling_from = ["5.20.*"]\n' + rest.partition("\n")[2])
        async with console(rehearsal, tmp_path / "s") as operator:
            await operator.needed()
            assert operator.run.status is RunStatus.BLOCKED
            assert operator.run.code == "rolling-not-allowed"
            wrong = (c.result for c in operator.run.checks if c.result.verdict == "error")
            remedy = next(result.remedy for result in wrong if result.check == "version")
            assert "--install-all" in remedy
            assert not operator.done("px01")


async def test_skip_leaves_an_exception_and_hold_keeps_hands_off(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=3) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_NODE) as operator:
            await operator.needed()
            assert not operator.engine.submit(it.SkipNode(node="px02", reason=" ")).accepted
            assert operator.engine.submit(it.SkipNode(node="px02", reason="not ours")).accepted
            assert operator.engine.submit(it.HoldNode(node="px03", reason="fan")).accepted
            assert await operator.finish() is RunStatus.COMPLETED_WITH_EXCEPTIONS
            assert operator.run.nodes["px01"].progress is Progress.UPDATED
            assert operator.done("px02") == operator.done("px03") == []


async def test_a_driver_that_is_held_is_told_with_who_holds_it_and_the_manual_speaks_in_the_confirm(
    tmp_path: Path,
) -> None:
    with cluster(tmp_path / "c", nodes=2, faults={"px01": "stop-busy"}) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            remedies = {"services-not-stopped": "go on with reboot needed"}
            assert await operator.finish(remedies) is RunStatus.COMPLETED, operator.run.summary
        held = next(event for event in operator.happened if event.data.get("code") == "services-not-stopped")
        assert "Kernel module rts_client uses dis_irm" in str(held.data)
        why = {
            event.node: str(event.data["reason"])
            for event in operator.happened
            if event.type == "step.offered" and event.step is StepName.INSTALL
        }
        assert "--batch is safe only with all services and applications stopped (manual), but" in why["px01"]
        assert "a reboot is needed afterwards" in why["px01"]
        assert "the manual recommends one" in why["px02"]
        assert why["pxmgmt"] == ""


async def test_a_reboot_that_was_refused_and_then_done_by_hand_is_not_ordered_again(tmp_path: Path) -> None:
    faults = {"px01": ("stop-busy", "reboot-refused")}
    with cluster(tmp_path / "c", nodes=1, faults=faults, pace=2.0) as rehearsal:
        node, allowed = rehearsal.node("px01"), rehearsal.plan.restart_timeout
        async with console(rehearsal, tmp_path / "s") as operator:
            remedies = {"services-not-stopped": "go on with reboot needed"}
            await operator.finish(remedies)
            assert operator.run.code == "reboot-refused", operator.run.summary
            attempt = operator.step("px01", StepName.REBOOT).attempts[-1]
            assert attempt.seconds is not None
            assert attempt.seconds < allowed, "noticed before the restart timeout"
            assert "Please retry operation after closing inhibitors" in attempt.summary
            assert attempt.exit_code == 1
            client = operator.engine._fleet.client("px01")
            before = node.boot_id
            await asyncio.to_thread(node.reboot)
            await wait_until_async(
                lambda: client.state.phase == "up" and client.state.boot_id not in (None, before)
            )
            again = dict.fromkeys(("reboot-refused", "no-boot-id"), "rerun reboot")
            ended = await operator.finish(again)
            assert ended is RunStatus.COMPLETED, operator.run.summary
            assert operator.step("px01", StepName.REBOOT).status is StepStatus.NOT_NEEDED
        assert node.log.count("reboot") == 1, "the refused one; that by hand is no order of ours"
