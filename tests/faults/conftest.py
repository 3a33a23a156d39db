"""Prints the table of the fault tests at the end of a session that ran them."""

import pytest

from tests.faults.tally import ROWS, table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if ROWS:
        terminalreporter.section("faults")
        terminalreporter.write_line(table(ROWS))
