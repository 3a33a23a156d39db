"""Before services are stopped nobody may have used PCI Express for a while: told by real nodes."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rigs.waiting import wait_until
from tests.rollout.engine_operator import Operator, cluster, console
from tui.model.events import Event
from tui.model.intents import SelectNode
from tui.model.run import Run
from tui.model.states import PauseMode, RunStatus, StepStatus
from tui.model.steps import StepName

STOP = StepName.STOP_APPLICATIONS


def told(operator: Operator, node: str) -> list[str]:
    progress = (e for e in operator.happened if e.type == "node.progress" and e.node == node)
    return [str(event.data["reason"]) for event in progress]


MOVE = 'while n=$((n + 1)); do echo "$n" >"$0.new" && mv "$0.new" "$0" && sleep 0.01; done'


@contextlib.contextmanager
def moving(counter: Path) -> Iterator[None]:
    """It counts on, however busy this process is."""
    mover = subprocess.Popen(["/bin/sh", "-c", MOVE, counter])
    try:
        wait_until(lambda: counter.read_text() != "0\n")
        yield
    finally:
        mover.kill()
        mover.wait()


@pytest.mark.slow
async def test_who_lets_go_is_waited_for_and_what_moves_needs_a_persons_word(tmp_path: Path) -> None:
    with cluster(
        tmp_path / "c", nodes=3, faults={"px01": "app-lingers"}, management=None, idle_for=10
    ) as rehearsal:
        counter = rehearsal.node("px02").sysroot / "sys/class/net/dis0/statistics/rx_bytes"
        later = rehearsal.node("px03").sysroot / "sys/class/net/dis0/statistics/rx_bytes"
        for each in (counter, later):
            each.parent.mkdir(parents=True, exist_ok=True)
            each.write_text("0\n")

        witness = rehearsal.node("px03").sysroot / "opt/DIS/bin/dis_ssocks_stat"
        heard = witness.read_text()

        def once_idle(event: Event, _: Run) -> None:
            if (event.type, event.node, event.step) == ("attempt.ended", "px03", STOP):
                if event.attempt == 1:
                    later.write_text("1\n")
                else:
                    witness.write_text("#!/bin/sh\nexit 3\n")

        with moving(counter):
            async with console(rehearsal, tmp_path / "s") as operator:
                operator.engine.subscribe(once_idle)
                assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
                first, second = (operator.step(name, STOP) for name in ("px01", "px02"))
                assert any("mysqld) uses libksupersockets" in reason for reason in told(operator, "px01"))
                assert (first.status, len(first.attempts)) == (StepStatus.SUCCEEDED, 1)
                assert "nobody has used PCI Express for" in first.reason
                assert (second.status, operator.run.code) == (StepStatus.FAILED, "not-idle")
                assert "dis0 has received, in bytes: " in operator.run.summary
                assert not any("stop" in line and "dis_services" in line for line in operator.done("px02"))
                words = [choice.word for choice in operator.engine.choices()]
                assert words[0] == "wait on for px02"
                assert "put px02 back in service" in words
                assert operator.choose("go on though it is not idle").accepted
                assert await operator.finish() is RunStatus.PAUSED_ON_ERROR  # px03, once
                assert operator.run.code == "used-again"
                assert "dis0 has received, in bytes: 0, then 1" in operator.run.summary
                assert not operator.step("px03", StepName.STOP_SERVICES).attempts
                assert operator.choose("stop applications on px03 again").accepted
                assert (
                    await operator.finish() is RunStatus.PAUSED_ON_ERROR
                )  # once more: who uses it is unknown
                witness.write_text(heard)
                why = "it is not known who uses PCI Express: dis_ssocks_stat -G ended with exit code 3"
                assert (operator.run.code, operator.run.summary) == ("used-again", f"px03: {why}")
                assert not operator.step("px03", StepName.STOP_SERVICES).attempts
                assert operator.choose("rerun stop services").accepted
                assert await operator.finish() is RunStatus.COMPLETED
                assert operator.step("px02", STOP).gone_past
                operator.check_the_record()


@pytest.mark.slow
async def test_after_a_restart_of_the_console_it_has_to_be_idle_anew(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=1, management=None, idle_for=10) as rehearsal:
        counter = rehearsal.node("px01").sysroot / "sys/class/net/dis0/statistics/rx_bytes"
        counter.parent.mkdir(parents=True, exist_ok=True)
        counter.write_text("0\n")
        async with console(rehearsal, tmp_path / "s", PauseMode.EVERY_NODE) as operator:
            await operator.needed()
            assert operator.engine.submit(SelectNode(node="px01")).accepted
            await operator.until(lambda run: run.offer is not None)
            assert operator.run.offer is not None
            assert operator.run.offer.step is StepName.STOP_SERVICES
        with moving(counter):
            async with console(rehearsal, tmp_path / "s", PauseMode.NONE) as operator:
                ended = await operator.finish({"recovered": "resume"})
                assert ended is RunStatus.PAUSED_ON_ERROR, (ended, operator.run.code, operator.run.summary)
                assert (operator.run.code, operator.run.still_out("px01") != ()) == ("used-again", True)
                assert not operator.step("px01", StepName.STOP_SERVICES).attempts
