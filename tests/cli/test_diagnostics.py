"""``ROLLCALL_DEBUG``: a log for developers, written only where it is asked for."""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plain.terminals import ROOT, rollcall
from tests.rigs.waiting import patience
from tui.cli import diagnostics
from tui.cli.main import main


@pytest.fixture
def variable(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """What is set up for logging is taken down again."""
    loggers = [logging.getLogger(name) for name in ("tui", "paramiko")]
    before = [(logger.level, list(logger.handlers)) for logger in loggers]
    yield monkeypatch
    for logger, (level, handlers) in zip(loggers, before, strict=True):
        for handler in set(logger.handlers) - set(handlers):
            handler.close()
            logger.removeHandler(handler)
            assert isinstance(handler, logging.StreamHandler)
            handler.stream.close() if not handler.stream.closed else None
        logger.setLevel(level)


def test_a_demo_is_logged_from_its_first_connection_to_its_end(tmp_path: Path) -> None:
    log, state = tmp_path / "log", tmp_path / "state"
    log.write_text("")
    log.chmod(0o644)
    words = rollcall("demo", "--plain", "--yes", "--nodes", "1", "--pace", "60", "--state-dir", str(state))
    environ = {**os.environ, diagnostics.VARIABLE: str(log)}
    done = subprocess.run(
        words, capture_output=True, text=True, cwd=ROOT, env=environ, check=False, timeout=120 * patience()
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = log.read_text()
    for seen in (
        "px01: dials 127.0.0.1 port",
        "px01: up",
        "px01: active",
        "gate.sample px01",
        "ConfirmStep: True",
        "'job_id': '",
        "attempt.ended px01 install 1",
        "'status': 'completed'",
    ):
        assert seen in told, seen
    assert "installation of 5.21.2 succeeded" not in told, "output of a node"
    assert "--install-node" not in told, "a script"
    assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("place", "why"),
    [("no/log", "No such file or directory"), ("", "Is a directory"), ("/dev/null", "not a file")],
)
def test_a_place_that_cannot_be_written_is_one_sentence(
    variable: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str, why: str
) -> None:
    variable.setenv(diagnostics.VARIABLE, str(tmp_path / place))
    assert main(["version"]) == 1
    assert capsys.readouterr().err == f"rollcall: ROLLCALL_DEBUG={tmp_path / place}: {why}.\n"


def test_nothing_is_logged_unasked(variable: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    variable.delenv(diagnostics.VARIABLE, raising=False)
    assert main(["version"]) == 0
    logging.getLogger("tui.rollout").info("nobody wants to know")
    assert not logging.getLogger("tui").handlers
    assert "nobody" not in "".join(capsys.readouterr())
