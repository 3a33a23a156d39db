"""A reboot that nobody ordered: in the middle of each step, between two, and of a node that is not worked on.

What was stopped before runs again then, so no step goes on as if nothing had happened; and what was done is
not done twice.
"""

from pathlib import Path

import pytest

from tests.faults.scenes import FAST, Case, go_to, kept_files, pauses
from tests.faults.tally import ALL, ROWS, Row
from tests.rigs.waiting import wait_until_async
from tests.rollout.engine_operator import PATIENCE, Operator, cluster, console
from tui.model.events import Event
from tui.model.run import Run
from tui.model.states import Health, PauseMode, Progress, RunStatus, StepStatus
from tui.model.steps import StepName

__all__ = ["kept_files"]
pytestmark = pytest.mark.usefixtures("kept_files")

NEEDED = {"services-not-stopped": "go on with reboot needed"}
ALONE = {
    "packages": ("reboots-in-build", "lost-by-reboot", {"SIA --build-rpm": 2}),
    "stop applications": ("reboots-in-app-stop", "lost-by-reboot", {}),
    "stop services": ("reboots-in-stop", "lost-by-reboot", {}),
    "install": ("reboots-in-install", "lost-by-reboot", {"SIA --install-node": 2}),
    "restart applications": ("reboots-in-app-start", "lost-by-reboot", {}),
}
AGAIN = {"rerun px01 from log in", "verify px01 again"}


async def reboot_by_hand(operator: Operator, name: str) -> None:
    """Somebody else reboots the node; returns when the console has seen it serve again in the new boot."""
    node = operator.rehearsal.node(name)
    node.reboot()

    def seen() -> bool:
        look = operator.engine._monitor.last(name)
        boot = look.probe.boot_id if look is not None and look.probe is not None else None
        return node.power == "up" and boot == node.boot_id and node.app_running

    await wait_until_async(seen, PATIENCE, f"{name} serves again")
    await operator.until(lambda run: run.nodes[name].health is Health.ACTIVE)


async def finish_by_the_best_choice(
    operator: Operator,
    case: Case,
    codes: tuple[str, ...] | None,
    remedies: dict[str, str] | None = None,
) -> list[str]:
    """At each failure take what is recommended; these codes have to be met. Those that were."""
    met: list[str] = []
    while (ended := await operator.finish(remedies)) is RunStatus.PAUSED_ON_ERROR:
        met.append(operator.run.code)
        best = operator.engine.choices()[0]
        case.expect(
            best.recommended and best.word in AGAIN, f"{operator.run.code}: {best.word} is recommended"
        )
        if len(met) > 3 or not operator.choose(best.word).accepted:
            break
    case.expect(ended is RunStatus.COMPLETED, f"{ended}: {operator.run.summary}")
    paused = tuple(code for code, _ in pauses(operator) if code not in NEEDED)
    if codes is None:
        return met
    # a log-in may slip in before the node has gone down: then the step after it notices
    case.expect(paused in (codes, (*codes, "rebooted-meanwhile")), f"paused for {paused}, not {codes}")
    return met


def finished(case: Case, operator: Operator, allowed: dict[str, int] | None = None) -> None:
    """Updated, with nothing done more often than it had to be."""
    case.updated(operator, ["px01"])
    expected = {"reboot": 0, "SIA --build-rpm": 1, "SIA --install-node": 1, **(allowed or {})}
    for words, times in expected.items():
        case.ran("px01", words, times)
    case.bytes_and_record(operator)


@pytest.mark.parametrize("step", ALONE if ALL else ["stop services"])
async def test_a_reboot_that_nobody_ordered_in_the_middle_of_a_step(step: str, tmp_path: Path) -> None:
    fault, code, allowed = ALONE[step]
    row = Row("reboot nobody ordered", f"during {step}")
    ROWS.append(row)
    with cluster(tmp_path / "c", nodes=1, faults={"px01": (fault,)}, pace=FAST, management=None) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            case = Case(row, rehearsal)
            await finish_by_the_best_choice(operator, case, (code,))
            finished(case, operator, allowed)
    assert row.clean, row.notes


READS = (StepName.LOG_IN, StepName.VERIFY, StepName.REBOOT)
BETWEEN = (
    StepName.PACKAGES,
    StepName.STOP_APPLICATIONS,
    StepName.STOP_SERVICES,
    StepName.INSTALL,
    StepName.REBOOT,
    StepName.START_APPLICATIONS,
)


@pytest.mark.parametrize("step", BETWEEN if ALL else [StepName.REBOOT])
async def test_a_reboot_that_nobody_ordered_while_a_step_is_offered(step: StepName, tmp_path: Path) -> None:
    """What was stopped before runs again: the step does not begin. A reboot is not needed any more then."""
    row = Row("reboot nobody ordered", f"before {step.words} is confirmed")
    ROWS.append(row)
    reboots = step is StepName.REBOOT
    faults = {"px01": ("stop-busy",)} if reboots else {}
    with cluster(tmp_path / "c", nodes=1, faults=faults, pace=FAST, management=None) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            case = Case(row, rehearsal)
            await go_to(operator, step, remedies=NEEDED)
            before = operator.step("px01", step).attempts
            await reboot_by_hand(operator, "px01")
            # the machine is claimed anew first: its claim has gone with the boot
            await wait_until_async(lambda: operator.confirm().accepted, PATIENCE, "the gate is open again")
            await operator.needed()
            if reboots:
                case.expect(operator.step("px01", step).status is StepStatus.NOT_NEEDED, "rebooted again")
            else:
                case.expect(operator.run.code == "rebooted-meanwhile", operator.run.summary)
            case.expect(operator.step("px01", step).attempts == before, f"{step} was begun")
            await finish_by_the_best_choice(operator, case, () if reboots else ("rebooted-meanwhile",))
            finished(case, operator)
    assert row.clean, row.notes


@pytest.mark.parametrize("step", READS if ALL else READS[1:2])
async def test_a_reboot_that_nobody_ordered_while_a_step_only_looks(step: StepName, tmp_path: Path) -> None:
    """The look is taken again in the new boot; while a reboot is waited for, a second one changes nothing."""
    row = Row("reboot nobody ordered", f"during {step.words}")
    ROWS.append(row)
    ordered = step is StepName.REBOOT
    faults = {"px01": ("stop-busy",)} if ordered else {}
    with cluster(tmp_path / "c", nodes=1, faults=faults, pace=FAST, management=None) as rehearsal:
        node = rehearsal.node("px01")
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_NODE) as operator:
            case = Case(row, rehearsal)
            struck: list[str] = []

            def strike(event: Event, _run: Run) -> None:
                begins = event.type == "attempt.started" and event.step == step
                comes_back = event.type == "node.facts" and event.step == step
                if not struck and (comes_back if ordered else begins):
                    struck.append(node.boot_id)
                    node.reboot()

            operator.engine.subscribe(strike)
            codes = await finish_by_the_best_choice(operator, case, None, NEEDED)
            case.expect(set(codes) <= {"rebooted-meanwhile", *NEEDED}, f"paused for {codes}")
            case.expect(struck and node.boot_id not in struck, "it was not rebooted")
            finished(case, operator, {"reboot": 1} if ordered else None)
    assert row.clean, row.notes


async def test_a_node_that_is_not_worked_on_reboots(tmp_path: Path) -> None:
    """A peer restarts while another node is out: nothing more is taken out until it serves again."""
    row = Row("reboot nobody ordered", "of a node that is not worked on, held or updated")
    ROWS.append(row)
    with cluster(tmp_path / "c", nodes=3, pace=FAST, management=None) as rehearsal:
        text = rehearsal.cluster_file.read_text()
        rehearsal.cluster_file.write_text(f'{text}\n[node.px03]\nhold = "fan failure"\n')
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            case = Case(row, rehearsal)
            await go_to(operator, StepName.INSTALL, "px01")
            for peer in ("px02", "px03"):
                rehearsal.node(peer).reboot()
                await operator.until(lambda run, peer=peer: run.nodes[peer].health != Health.ACTIVE)  # type: ignore[misc]
                reply = operator.confirm()
                case.expect(not reply.accepted and peer in reply.sentence, f"the gate let it go: {reply}")
                await operator.until(lambda run, peer=peer: run.nodes[peer].health is Health.ACTIVE)  # type: ignore[misc]
            await go_to(operator, StepName.STOP_SERVICES, "px02")
            await reboot_by_hand(operator, "px01")
            ended = await operator.finish()
            case.expect(ended is RunStatus.COMPLETED_WITH_EXCEPTIONS, f"{ended} {operator.run.summary}")
            case.updated(operator, ["px01", "px02"])
            for name in ("px01", "px02"):
                case.ran(name, "SIA --install-node", 1)
            case.expect(operator.run.nodes["px03"].progress is Progress.HELD, "px03 is not held any more")
            case.expect(rehearsal.node("px03").log == BOOT_LOG, f"px03: {rehearsal.node('px03').log}")
            case.bytes_and_record(operator)
    assert row.clean, row.notes


BOOT_LOG = ["init: dis_services start", "init: systemctl start mysqld"]
"""What a node's own start-up does; the run has done nothing on a node that is held."""
