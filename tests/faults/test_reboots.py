"""Reboots that come late, never, or bring back another node than the one that went down.

The boot id decides, read over a fresh login; whatever the node is afterwards, it is called updated only when
what was installed runs. No reboot is ordered twice.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.scenes import FAST, Case, go_to, kept_files
from tests.faults.tally import ALL, ROWS, Row
from tests.rigs.waiting import wait_until_async
from tests.rollout.desk_operator import PATIENCE, Operator, cluster, console
from tui.model.states import Health, PauseMode, Progress, RunStatus, StepName, StepStatus

__all__ = ["kept_files"]
pytestmark = pytest.mark.usefixtures("kept_files")

NEEDED = {"services-not-stopped": "go on with reboot needed"}


@dataclass(frozen=True)
class Return:
    """One way in which a node comes back, what is said of it, and what it takes to finish."""

    fault: str
    codes: tuple[str, ...] = ()
    """Codes of the pauses, in order; each is answered with the choice that stands in ``remedies``."""
    remedies: dict[str, str] = field(default_factory=dict)
    says: str = ""
    """Words of a pause: what is wrong, or what to do."""
    reboots: int = 1
    installs: int = 1
    builds: int = 1


RETURNS = {
    "after warn-after": Return("slow-return"),
    "services late": Return("services-late"),
    "never back, then by hand": Return(
        "no-return", ("no-return",), {"no-return": "wait on for px01"}, "no second reboot is ordered"
    ),
    "order ignored, then ordered anew": Return(
        "reboot-ignored", ("no-return",), {"no-return": "reboot px01"}, "old boot", reboots=2
    ),
    "with the old driver": Return(
        "returns-old",
        ("old-driver-returned",),
        {"old-driver-returned": "reboot px01"},
        "came back with the old driver",
        reboots=2,
    ),
    "with the old version on disk": Return(
        "rolls-back",
        ("wrong-version",),
        {"wrong-version": "rerun px01 from log in"},
        "5.19.0 is installed, not 5.21.2",
        installs=2,
    ),
    "with another kernel": Return(
        "other-kernel",
        ("other-kernel",),
        {"other-kernel": "build packages again on px01"},
        "build packages again",
        installs=2,
        builds=2,
    ),
    "services fail": Return(
        "boot-start-fails",
        ("services-not-running",),
        {"services-not-running": "reboot px01"},
        "a reboot of the node fixes that (manual)",
        reboots=2,
    ),
}
SAMPLE = ("after warn-after", "order ignored, then ordered anew", "with another kernel")


def pauses(operator: Operator) -> list[tuple[str, str]]:
    """Code and words of every pause for an error, in order."""
    return [
        (str(event.data["code"]), f"{event.data['summary']}; {event.data['next_action']}")
        for event in operator.happened
        if event.type == "run.state" and event.data["status"] == RunStatus.PAUSED_ON_ERROR
    ]


def watch_advice(operator: Operator) -> list[str]:
    """What the status line says after each event from now on."""
    lines: list[str] = []

    def look(*_: object) -> None:
        lines.append(operator.engine.advice().why)

    operator.engine.subscribe(look)
    return lines


@pytest.mark.parametrize("name", RETURNS if ALL else SAMPLE)
async def test_a_node_that_comes_back_otherwise_than_expected(name: str, tmp_path: Path) -> None:
    row = Row("reboot", f"back {name}" if not name.startswith(("never", "order", "services")) else name)
    ROWS.append(row)
    expected = RETURNS[name]
    faults = {"px01": ("stop-busy", expected.fault)}
    with cluster(tmp_path / "c", nodes=1, faults=faults, pace=FAST, management=None) as rehearsal:
        first = rehearsal.node("px01").boot_id
        async with console(rehearsal, tmp_path / "s") as operator:
            case = Case(row, rehearsal)
            status_line = watch_advice(operator)
            ended = await operator.finish({**NEEDED, **expected.remedies})
            case.expect(ended is RunStatus.COMPLETED, f"{ended}: {operator.run.summary}")
            said = pauses(operator)[1:]
            case.expect(tuple(code for code, _ in said) == expected.codes, f"paused for {said}")
            case.expect(not said or expected.says in said[0][1], f"{expected.says!r} is not said: {said}")
            _waited_for_the_boot_id(case, operator, first)
            if expected.fault == "slow-return":
                slow = [line for line in status_line if "reboot" in line and "slower than usual" in line]
                case.expect(slow, f"no warning: {status_line[-5:]}")
            case.updated(operator, ["px01"])
            case.ran("px01", "reboot", expected.reboots)
            case.ran("px01", "SIA --install-node", expected.installs)
            case.ran("px01", "SIA --build-rpm", expected.builds)
            case.bytes_and_record(operator)
    assert row.clean, row.notes
    assert row.bytes_compared > 1000


def _waited_for_the_boot_id(case: Case, operator: Operator, first: str) -> None:
    """Each attempt of the reboot that succeeded began in another boot than the facts that follow it show."""
    boots = [str(event.data["boot_id"]) for event in operator.happened if event.type == "node.facts"]
    case.expect(boots[0] == first and boots[-1] != first, f"boots: {boots}")
    case.expect(boots[-1] == case.rehearsal.node("px01").boot_id, "the facts are not of the boot that runs")
    for attempt in operator.step("px01", StepName.REBOOT).attempts:
        if attempt.status is StepStatus.SUCCEEDED:
            case.expect(attempt.begun.boot_id in boots[:-1] or attempt.begun.boot_id == first, "baseline")


ALONE = {
    "packages": ("reboots-in-build", "lost-by-reboot", {"--build-rpm": 2}),
    "stop applications": ("reboots-in-app-stop", "lost-by-reboot", {}),
    "stop services": ("reboots-in-stop", "lost-by-reboot", {}),
    "install": ("reboots-in-install", "lost-by-reboot", {"--install-node": 2}),
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


async def finish_by_the_best_choice(operator: Operator, case: Case, codes: tuple[str, ...]) -> None:
    """At each failure take what is recommended; these codes have to be met."""
    met: list[str] = []
    while (ended := await operator.finish()) is RunStatus.PAUSED_ON_ERROR:
        met.append(operator.run.code)
        best = operator.engine.choices()[0]
        case.expect(
            best.recommended and best.word in AGAIN, f"{operator.run.code}: {best.word} is recommended"
        )
        if len(met) > len(codes) + 1 or not operator.choose(best.word).accepted:
            break
    case.expect(ended is RunStatus.COMPLETED, f"{ended}: {operator.run.summary}")
    paused = tuple(code for code, _ in pauses(operator) if code not in NEEDED)
    # a log-in may slip in before the node has gone down: then the step after it notices
    case.expect(paused in (codes, (*codes, "rebooted-meanwhile")), f"paused for {paused}, not {codes}")


def finished(case: Case, operator: Operator, allowed: dict[str, int] | None = None) -> None:
    """Updated, with nothing done more often than it had to be, and no reboot ordered."""
    case.updated(operator, ["px01"])
    case.ran("px01", "reboot", 0)
    for word, times in {"--build-rpm": 1, "--install-node": 1, **(allowed or {})}.items():
        case.ran("px01", f"SIA {word}", times)
    case.bytes_and_record(operator)


@pytest.mark.parametrize("step", ALONE if ALL else ["install", "restart applications"])
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


BETWEEN = (
    StepName.PACKAGES,
    StepName.STOP_APPLICATIONS,
    StepName.STOP_SERVICES,
    StepName.INSTALL,
    StepName.REBOOT,
    StepName.START_APPLICATIONS,
)


@pytest.mark.parametrize("step", BETWEEN if ALL else [StepName.STOP_SERVICES, StepName.REBOOT])
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
            assert operator.confirm().accepted
            await operator.needed()
            if reboots:
                case.expect(operator.step("px01", step).status is StepStatus.NOT_NEEDED, "rebooted again")
            else:
                case.expect(operator.run.code == "rebooted-meanwhile", operator.run.summary)
            case.expect(operator.step("px01", step).attempts == before, f"{step} was begun")
            await finish_by_the_best_choice(operator, case, () if reboots else ("rebooted-meanwhile",))
            finished(case, operator)
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
