"""The gate: asked at the pick, at the confirm and in the moment before, and never opened by a person."""

from pathlib import Path

from tests.rollout.engine_operator import Operator, cluster, console
from tui.model import intents as it
from tui.model.states import PauseMode, RunStatus
from tui.model.steps import StepName


def stop_services(operator: Operator, node: str) -> str:
    return f"{operator.rehearsal.node(node).sysroot}/opt/DIS/sbin/dis_services"


async def _to(operator: Operator, step: StepName) -> None:
    """Confirm until that step is offered."""
    while True:
        await operator.needed()
        if operator.run.offer is not None and operator.run.offer.step is step:
            return
        if operator.run.offer is not None:
            assert operator.confirm().accepted
        else:
            assert operator.engine.submit(it.SelectNode(node="px01")).accepted, operator.engine.advice()


async def _break_peer(operator: Operator, node: str) -> None:
    operator.rehearsal.node(node).power_off()
    await operator.until(lambda run: run.nodes[node].health != "active")


async def test_a_down_peer_closes_the_gate_at_the_pick(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=3) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_NODE) as operator:
            await operator.needed()
            await _break_peer(operator, "px03")
            reply = operator.engine.submit(it.SelectNode(node="px01"))
            assert not reply.accepted
            assert "px03" in reply.sentence
            assert operator.run.current is None
            assert "px03" in operator.engine.advice().why


async def test_a_peer_that_fails_before_the_confirm_is_noticed(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=3) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            await _to(operator, StepName.STOP_APPLICATIONS)
            await _break_peer(operator, "px02")
            reply = operator.confirm()
            assert not reply.accepted
            assert "px02" in reply.sentence
            assert operator.done("px01") == [line for line in operator.done("px01") if "--build-rpm" in line]


async def test_a_peer_that_fails_after_the_confirm_stops_the_step_in_the_last_moment(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=3) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            await _to(operator, StepName.STOP_SERVICES)
            # confirmed while all looks are still good; the peer dies before the executor gets its turn
            rehearsal.node("px02").power_off()
            reply = operator.confirm()
            await operator.needed()
            assert reply.accepted or "px02" in reply.sentence
            assert not any("dis_services stop" in line for line in operator.done("px01"))
            if reply.accepted:
                assert operator.run.status is RunStatus.PAUSED_ON_ERROR
                assert operator.run.code == "gate-closed"
                assert "px02" in operator.run.summary


async def test_a_token_fires_once_and_a_stale_yes_does_nothing(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            await _to(operator, StepName.PACKAGES)
            offer = operator.run.offer
            assert offer is not None
            yes = it.ConfirmStep(token=offer.offered.token)
            assert operator.engine.submit(yes).accepted
            assert not operator.engine.submit(yes).accepted
            assert not operator.engine.submit(it.ConfirmStep(token="0" * 16)).accepted
            await operator.needed()
            assert not operator.engine.submit(yes).accepted
            assert len([line for line in operator.done("px01") if "--build-rpm" in line]) == 1


async def test_only_one_node_is_worked_on(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            await _to(operator, StepName.PACKAGES)
            assert not operator.engine.submit(it.SelectNode(node="px02")).accepted
            reply = operator.engine.submit(it.RerunStep(node="px02", step=StepName.INSTALL))
            assert not reply.accepted
            assert "px01" in reply.sentence
