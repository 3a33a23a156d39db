"""Reboots that come late, never, or bring back another node than the one that went down.

The boot id decides, read over a fresh login; whatever the node is afterwards, it is called updated only when
what was installed runs. No reboot is ordered twice.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.scenes import FAST, Case, kept_files, pauses
from tests.faults.tally import ALL, ROWS, Row
from tests.rigs.openssh import needs_sshd
from tests.rollout.engine_operator import Operator, cluster, console
from tui.model.states import RunStatus, StepStatus
from tui.model.steps import StepName

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
    "order refused, then ordered anew": Return(
        "reboot-refused", ("reboot-refused",), {"reboot-refused": "rerun reboot"}, "Please retry", reboots=2
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
SAMPLE = ("after warn-after", "with another kernel", "order refused, then ordered anew")


FACES = ("paramiko", pytest.param("openssh", marks=needs_sshd))


@contextlib.asynccontextmanager
async def watch_advice(operator: Operator) -> AsyncIterator[list[str]]:
    """What the status line says meanwhile."""
    lines: list[str] = []

    async def look() -> None:
        while True:
            lines.append(operator.engine.advice().why)
            await asyncio.sleep(0.05)

    looking = asyncio.create_task(look())
    yield lines
    looking.cancel()


@pytest.mark.parametrize("face", FACES if ALL else FACES[:1])
@pytest.mark.parametrize("name", RETURNS if ALL else SAMPLE)
async def test_a_node_that_comes_back_otherwise_than_expected(name: str, face: str, tmp_path: Path) -> None:
    where = f"back {name}" if not name.startswith(("never", "order", "services")) else name
    row = Row("reboot", where if face == "paramiko" else f"{where}, real sshd")
    ROWS.append(row)
    expected = RETURNS[name]
    faults = {"px01": ("stop-busy", expected.fault)}
    with cluster(tmp_path / "c", nodes=1, faults=faults, pace=FAST, management=None, face=face) as rehearsal:
        first = rehearsal.node("px01").boot_id
        async with console(rehearsal, tmp_path / "s") as operator:
            case = Case(row, rehearsal)
            async with watch_advice(operator) as status_line:
                ended = await operator.finish({**NEEDED, **expected.remedies})
            case.expect(ended is RunStatus.COMPLETED, f"{ended}: {operator.run.summary}")
            said = pauses(operator)[1:]
            codes = tuple(dict.fromkeys(code for code, _ in said))  # on a slow machine it is waited for twice
            case.expect(codes == expected.codes, f"paused for {said}")
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
