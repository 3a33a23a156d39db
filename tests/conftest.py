"""For the whole suite: what makes it fast, no server left behind, and the fault tests' table at its end."""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import settings

from tests.faults.tally import ROWS, Row, table
from tests.rigs import needs
from tests.rigs.leftover import Leftover
from tests.rigs.scratch import keep_in_memory

# Hundreds of consoles and servers are started: without bytecode each would compile all of Rollcall anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
keep_in_memory()

LEFTOVER = Leftover()
LEFT: list[str] = []
settings.register_profile("rollcall", deadline=None)  # how long an example takes is the machine's affair
settings.load_profile("rollcall")


def pytest_itemcollected(item: pytest.Item) -> None:
    needs.mark(item)


def pytest_collection_finish() -> None:
    """What was imported is no garbage: the collector looks at what tests leave, and not after each event."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 5)


@pytest.hookimpl(tryfirst=True)  # before the fixtures are made
def pytest_runtest_setup(item: pytest.Item) -> None:
    needs.skip_if_missing(item)


@pytest.hookimpl(trylast=True)  # after the processes of the session
def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["faults"] = [asdict(row) for row in ROWS]
        return
    scratch: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
    LEFT.extend(LEFTOVER.end(scratch.getbasetemp()))
    if LEFT:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    ROWS.extend(Row(**row) for row in getattr(node, "workeroutput", {}).get("faults", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for server in LEFT:
        terminalreporter.write_line(f"left behind by the tests, and ended now: {server}", red=True)
    if ROWS:
        terminalreporter.section("faults")
        terminalreporter.write_line(table(sorted(ROWS, key=lambda row: (row.fault, row.where))))
