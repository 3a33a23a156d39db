"""What a command imports: who waits for `plan` or a wrong name must not wait for the engine or for SSH."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLUSTER = str(ROOT / "config" / "cluster.toml")

HEAVY = {
    "version": ("asyncio", "pydantic"),
    "plan no-such-file.toml": ("asyncio", "paramiko", "tui.model.events", "tui.rehearsal.cluster"),
    f"plan {CLUSTER}": ("paramiko", "tui.rollout.engine", "tui.remote.client", "tui.journal.store"),
    "runs": ("paramiko", "tui.rollout", "tui.remote", "jinja2"),
}


@pytest.mark.parametrize("command", HEAVY)
def test_a_command_imports_only_what_it_needs(command: str, tmp_path: Path) -> None:
    code = f"import sys; from tui.cli.main import main; main({command.split()!r}); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "tui.cli.main" in loaded
    assert loaded.isdisjoint(HEAVY[command])


def test_nobodys_plugin_is_looked_for(tmp_path: Path) -> None:
    package = tmp_path / "other-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[pydantic]\nother = no_such_module:plugin\n")
    done = subprocess.run(
        [sys.executable, "-m", "tui", "plan", CLUSTER],
        cwd=ROOT,
        env={"HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""


def test_paramiko_comes_without_what_only_its_own_config_reader_needs() -> None:
    code = "import sys, tui, paramiko; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"unittest.mock", "yaml"}.isdisjoint(done.stdout.split())


@pytest.mark.parametrize("name", ["tui.remote", "tui.journal", "tui.rehearsal"])
def test_a_lazy_door_gives_all_that_it_announces(name: str) -> None:
    package = importlib.import_module(name)
    tree = ast.parse(Path(str(package.__file__)).read_text())
    checked = next(node for node in tree.body if isinstance(node, ast.If))
    announced = [
        (str(line.module), alias.name)
        for line in checked.body
        if isinstance(line, ast.ImportFrom)
        for alias in line.names
    ]
    assert len(announced) > 5
    for home, member in announced:
        assert getattr(package, member) is getattr(importlib.import_module(home), member)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = package.nothing
