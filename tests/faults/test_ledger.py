"""The undo ledger: what the run took out is written down before, shown, and put back by a job on the node.

Each scene breaks off at another place with something out of service. The undo is chosen from the engine's own
choices and confirmed with its exact command; then the node serves as before, and the run can go on.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.scenes import FAST, Case, kept_files, runs, said
from tests.faults.tally import ALL, ROWS, Row
from tests.rigs.waiting import wait_until_async
from tests.rollout.engine_operator import PATIENCE, Operator, cluster, console
from tui.console.look.glyphs import ASCII
from tui.console.look.marks import step_mark
from tui.journal import read_events
from tui.model import intents as it
from tui.model.states import Progress, RunStatus, Service, StepStatus
from tui.model.steps import StepName
from tui.plain.lines import event_line

__all__ = ["kept_files"]
pytestmark = pytest.mark.usefixtures("kept_files")

PUT_BACK = "put px01 back in service"
SERVICES = "/opt/DIS/sbin/dis_services start"
APPLICATION = "systemctl start mysqld"


@dataclass(frozen=True)
class Scene:
    """How the node is left half-way, what its ledger then holds, and what puts it back, in this order."""

    code: tuple[str, ...]
    out: tuple[str, ...] = ("node", "applications", "services")
    undo: tuple[str, ...] = (SERVICES, APPLICATION)
    cancels: bool = False


SCENES = {
    "app-refuses": Scene(("apps-still-running", "stop-command"), ("node", "applications"), (APPLICATION,)),
    "stop-fails": Scene(("services-not-stopped",)),
    "install-hangs": Scene(("canceled",), cancels=True),
    "install-fails": Scene(("install-failed",)),
}
"""In the order in which they are met, so that one node can have them all."""


async def to_the_failure(operator: Operator, scene: Scene) -> None:
    """Confirm everything until the scene's step has broken, or is canceled by hand."""
    if scene.cancels:

        def hangs() -> bool:
            return runs(operator, StepName.INSTALL) and b"package database" in said(
                operator, StepName.INSTALL
            )

        await wait_until_async(hangs, PATIENCE, "the installation hangs")
        assert operator.engine.submit(it.CancelStep(node="px01", typed="px01")).accepted
    assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
    assert operator.run.code in scene.code, operator.run.summary


async def put_back(operator: Operator) -> tuple[str, ...]:
    """Choose the undo and say yes to each command; which commands those were."""
    commands = []
    assert operator.choose(PUT_BACK).accepted
    await operator.needed()
    while operator.run.offer is not None:
        assert operator.run.offer.step is StepName.PUT_BACK
        commands.append(operator.run.offer.offered.command)
        assert operator.confirm().accepted
        await operator.needed()
    return tuple(commands)


async def break_off_and_put_back(operator: Operator, case: Case, scene: Scene) -> None:
    """To the failure, and back to a node that serves the version that it had."""
    await to_the_failure(operator, scene)
    run = operator.run
    case.expect({line.added.what for line in run.still_out("px01")} == set(scene.out), f"{run.open_ledger}")
    case.expect(all(line.added.before in ("running", "in service") for line in run.open_ledger), "before")
    commands = await put_back(operator)
    case.expect(commands == scene.undo, f"{scene}: {commands} were offered")
    run = operator.run
    case.expect(not run.open_ledger, f"still open: {run.open_ledger}")
    case.expect(all(line.closed == "undone" for line in run.ledger), "a line was not undone")
    case.expect(run.nodes["px01"].service is Service.IN_SERVICE, "the node is out")
    case.expect((run.status, run.code) == (RunStatus.PAUSED_BY_USER, "put-back"), f"{run.status} {run.code}")
    case.expect(run.nodes["px01"].progress is Progress.WAITING, f"px01 is {run.nodes['px01'].progress}")
    case.serves("px01", "5.19.0")


CHAINS = [(name,) for name in SCENES] + [tuple(SCENES)] if ALL else [tuple(SCENES)[1:3]]


@pytest.mark.parametrize("chain", CHAINS, ids="+".join)
async def test_what_broke_off_is_put_back_and_later_updated(chain: tuple[str, ...], tmp_path: Path) -> None:
    row = Row("put back, then updated", f"after {', '.join(chain)}")
    ROWS.append(row)
    with cluster(tmp_path / "c", nodes=1, faults={"px01": chain}, pace=FAST, management=None) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            for name in chain:
                case = Case(row, rehearsal)
                await break_off_and_put_back(operator, case, SCENES[name])
                assert operator.choose("resume").accepted
            assert await operator.finish() is RunStatus.COMPLETED, operator.run.summary
            case = Case(row, rehearsal)
            case.updated(operator, ["px01"])
            installs = sum(name.startswith("install") for name in chain) + 1
            case.ran("px01", "SIA --install-node", installs)
            case.ran("px01", "SIA --build-rpm", 1)
            case.ran("px01", "dis_services start", sum(SERVICES in SCENES[name].undo for name in chain))
            case.ran("px01", APPLICATION, len(chain) + 1)
            case.bytes_and_record(operator)
    assert row.clean, row.notes
    assert row.bytes_compared > 1000


async def test_ending_the_run_asks_about_what_is_out_and_the_undo_is_one_choice_away(tmp_path: Path) -> None:
    row = Row("run canceled", "with applications and services out")
    ROWS.append(row)
    faults = {"px01": ("install-fails",)}
    with cluster(tmp_path / "c", nodes=1, faults=faults, pace=FAST, management=None) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            case = Case(row, rehearsal)
            await to_the_failure(operator, SCENES["install-fails"])
            reply = operator.choose("cancel the run")
            case.expect("services on px01" in reply.sentence, f"not told: {reply}")
            case.expect(operator.run.status is RunStatus.PAUSED_BY_USER, f"{operator.run.status}")
            best = operator.engine.choices()[0]
            case.expect(best.recommended and best.word == PUT_BACK, f"not offered first: {best}")
            case.expect(SERVICES in best.sentence and APPLICATION in best.sentence, best.sentence)
            case.expect("services on px01" in operator.engine.advice().why, operator.engine.advice().why)
            case.expect(await put_back(operator) == (SERVICES, APPLICATION), "another undo")
            assert operator.choose("cancel the run").accepted
            case.expect(operator.run.status is RunStatus.CANCELED, f"{operator.run.status}")
            case.expect(not operator.run.open_ledger, "the ledger is open")
            case.serves("px01", "5.19.0")
            case.ran("px01", "dis_services start", 1)
            case.bytes_and_record(operator)
    assert row.clean, row.notes


async def test_no_run_completes_with_an_open_line(tmp_path: Path) -> None:
    """Held: hands off until released. Skipped: it stays skipped when it is put back. Then the run can end."""
    row = Row("node held, then skipped", "with applications and services out")
    ROWS.append(row)
    faults = {"px01": ("stop-fails",)}
    with cluster(tmp_path / "c", nodes=1, faults=faults, pace=FAST, management=None) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            case = Case(row, rehearsal)
            await to_the_failure(operator, SCENES["stop-fails"])
            assert operator.choose("hold px01").accepted
            await operator.needed()
            case.expect(operator.run.code == "ledger-open", f"{operator.run.status} {operator.run.code}")
            words = [choice.word for choice in operator.engine.choices()]
            case.expect("release px01" in words and PUT_BACK not in words, f"{words}")
            before = operator.done("px01")
            case.expect(not operator.engine.submit(it.PutBack(node="px01")).accepted, "hands on a held node")
            case.expect(operator.done("px01") == before, "something ran on a held node")
            assert operator.choose("release px01").accepted
            assert operator.engine.submit(it.SkipNode(node="px01", reason="not tonight")).accepted
            assert operator.choose(PUT_BACK).accepted
            await operator.needed()
            for _ in (SERVICES, APPLICATION):
                assert operator.confirm().accepted
                await operator.needed()
            case.expect(operator.run.nodes["px01"].progress is Progress.SKIPPED, "it is not skipped any more")
            assert operator.choose("resume").accepted
            ended = await operator.finish()
            case.expect(ended is RunStatus.COMPLETED_WITH_EXCEPTIONS, f"{ended}: {operator.run.summary}")
            case.serves("px01", "5.19.0")
            case.ran("px01", "SIA --install-node", 0)
            case.bytes_and_record(operator)
    assert row.clean, row.notes


async def test_an_undo_that_fails_keeps_its_line_and_goes_on_over_the_consoles_end(tmp_path: Path) -> None:
    """The services do not start; the console is left while the undo runs again; the manual's reboot cures."""
    row = Row("put back fails", "console left meanwhile")
    ROWS.append(row)
    faults = {"px01": ("start-fails",)}
    with cluster(tmp_path / "c", nodes=1, faults=faults, pace=FAST, management=None) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            case = Case(row, rehearsal)
            assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
            case.expect(operator.run.code == "installed-with-errors", operator.run.summary)
            assert operator.choose(PUT_BACK).accepted
            await operator.needed()
            assert operator.confirm().accepted
            await wait_until_async(lambda: "dis_services start" in operator.done("px01"), PATIENCE)
        async with console(rehearsal, tmp_path / "s", pause=None) as operator:
            await operator.needed()
            run = operator.run
            case.expect(run.code == "put-back-failed", f"{run.status} {run.code} {run.summary}")
            case.expect(len(run.open_ledger) == 3, f"{run.open_ledger}")
            case.ran("px01", "dis_services start", 1)
            words = {choice.word for choice in operator.engine.choices()}
            offered = {"rerun put back", "reboot px01", "sign off px01/services"}
            case.expect(offered <= words, f"{offered - words} not offered")
            assert operator.choose("reboot px01").accepted
            assert await operator.finish() is RunStatus.COMPLETED, operator.run.summary
            case.updated(operator, ["px01"])
            case.ran("px01", "reboot", 1)
            undo = operator.step("px01", StepName.PUT_BACK)
            case.expect(undo.status is StepStatus.SKIPPED, f"put back is {undo.status}")
            case.expect(step_mark(undo, ASCII).word == "failed", "a failure reads as if nobody had tried")
            told = [event_line(event, operator.run) for event in read_events(operator.session.run_dir)]
            case.expect("px01 put back: failed, reboot instead" in told, "skipped")
            case.bytes_and_record(operator)
    assert row.clean, row.notes
