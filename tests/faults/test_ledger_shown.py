"""What is still out, and the choice that puts it back, as a person meets them in both front ends."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.console.screen import Seat
from tests.faults.scenes import FAST, Case, kept_files
from tests.faults.tally import ROWS, Row, latest
from tests.plain.terminals import TerminalProcess, rollcall
from tests.rollout.engine_operator import Operator, cluster, console
from tui.console.app import ConsoleConfig, RollcallApp
from tui.console.look.glyphs import UNICODE
from tui.model.states import RunStatus
from tui.rollout.interface import Engine

__all__ = ["kept_files"]
pytestmark = pytest.mark.usefixtures("kept_files")

PUT_BACK = "put px01 back in service"


def choose(terminal: TerminalProcess, words: str) -> None:
    """Type the number that stands before a choice."""
    number = terminal.expect(rf"(\d+)\. {words}")[1]
    terminal.expect(r"What now\?")
    terminal.type(number)


def test_line_by_line(tmp_path: Path) -> None:
    """The run is to be ended; what is out is named first and put back; then the run ends, with code 7."""
    row = Row("put back", "chosen at the prompts of plain mode")
    ROWS.append(row)
    faults = {"px01": "install-fails"}
    with cluster(tmp_path / "c", nodes=1, faults=faults, pace=FAST, management=None) as rehearsal:
        case = Case(row, rehearsal)
        words = ("--plain", "--pause", "none", "--state-dir", str(tmp_path / "s"))
        terminal = TerminalProcess(rollcall("run", str(rehearsal.cluster_file), *words))
        try:
            choose(terminal, "cancel the run")
            terminal.expect("Why")
            terminal.type("enough for tonight")
            terminal.expect("still out of service: node on px01, applications on px01, services on px01")
            choose(terminal, f"{PUT_BACK}, recommended")
            for command in ("/opt/DIS/sbin/dis_services start", "systemctl start mysqld"):
                terminal.expect(f"Command: {command}")
                terminal.expect("Run this on px01")
                terminal.type("y")
            terminal.expect("px01/node back in service")
            choose(terminal, "cancel the run")
            terminal.expect("Why")
            terminal.type("enough for tonight")
            case.expect(terminal.end() == 7, "another exit code")
        finally:
            terminal.close()
        run, _ = latest(tmp_path / "s")
        case.expect(
            (run.status, run.open_ledger) == (RunStatus.CANCELED, ()), f"{run.status} {run.open_ledger}"
        )
        case.serves("px01", "5.19.0")
        case.ran("px01", "dis_services start", 1)
    assert row.clean, row.notes


async def test_in_the_console(tmp_path: Path) -> None:
    """Enter shows the choices; each command of the undo is confirmed in the dialog that every step has."""
    row = Row("put back", "chosen by keys in the console")
    ROWS.append(row)
    faults = {"px01": "install-fails"}
    with cluster(tmp_path / "c", nodes=1, faults=faults, pace=FAST, management=None) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            case = Case(row, rehearsal)
            assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
            await _by_keys(operator)
            case.expect(not operator.run.open_ledger, f"{operator.run.open_ledger}")
            case.serves("px01", "5.19.0")
            case.ran("px01", "dis_services start", 1)
            case.bytes_and_record(operator)
    assert row.clean, row.notes


async def _by_keys(operator: Operator) -> None:
    clock = [time.monotonic()]

    async def open_engine() -> Engine:
        return operator.engine

    app = RollcallApp(
        ConsoleConfig(open_engine),
        title="demo",
        glyphs=UNICODE,
        now=lambda: datetime.now(UTC),
        monotonic=lambda: clock[0],
    )
    async with app.run_test(size=(120, 40)) as pilot:
        seat = Seat(app, pilot, clock)
        await seat.until(lambda: seat.on_board, "the board is there")
        await seat.press("enter")
        await seat.shows(PUT_BACK, "dis_services start; then systemctl start mysqld")
        words = [choice.word for choice in operator.engine.choices()]
        await seat.press(*["down"] * words.index(PUT_BACK), "enter")
        for command in ("dis_services start", "systemctl start mysqld"):
            await operator.needed()
            await seat.until(lambda: seat.on_board, "the board is back")
            await seat.press("enter")
            await seat.shows("put back", command)
            await seat.press("y")
        await operator.until(lambda run: run.code == "put-back")
        await seat.shows("px01 is back in service")
