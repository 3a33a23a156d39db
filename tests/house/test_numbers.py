"""What the house is held to: sizes, no circle of imports, and nothing that nobody uses."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "tui").rglob("*.py"))
}
ENTRIES = {
    "tui.__main__": "python -m tui",
    "tui.cli.main": "the script `rollcall`",
    "tui.model.schema": "writes config/cluster.schema.json",
    "tui.rehearsal.server": "a process of its own",
}
"""Modules that are started, not imported."""
FILE, FUNCTION, SIDE_BY_SIDE = 300, 60, 12
ALL = 44_340
"""Lines of tui: who needs more says in the same commit what for."""
BROAD = ("rollout", "remote", "console", "plain", "cli")


@functools.cache
def tree(name: str) -> ast.Module:
    return ast.parse(FILES[name].read_text())


def imports(name: str) -> Iterator[str]:
    """The modules of ours that a module imports, wherever in it."""
    path = FILES[name]
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in FILES)
        elif isinstance(node, ast.ImportFrom):
            up = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*up, *filter(None, [node.module])])
            for alias in node.names:
                for found in (f"{source}.{alias.name}", source):
                    if found in FILES:
                        yield found
                        break


IMPORTS = {name: frozenset(imports(name)) - {name} for name in FILES}


def circles() -> list[list[str]]:
    """Groups of modules that import each other (Tarjan), a package's door and its modules aside."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(IMPORTS[name]):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in FILES:
        if name not in index:
            visit(name)
    return found


def test_no_modules_import_each_other() -> None:
    assert circles() == []


def test_files_are_short() -> None:
    lengths = {name: len(path.read_text().splitlines()) for name, path in FILES.items()}
    assert {name: length for name, length in lengths.items() if length > FILE} == {}


def test_functions_are_short() -> None:
    long = {
        f"{name}.{node.name}": length
        for name in FILES
        for node in ast.walk(tree(name))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION
    }
    assert long == {}


def test_every_module_is_imported() -> None:
    used = {other for name in FILES for other in IMPORTS[name]}
    doors = {name for name, path in FILES.items() if path.stem == "__init__"}
    assert sorted(set(FILES) - used - doors - set(ENTRIES)) == []
    assert sorted(set(ENTRIES) - set(FILES)) == []


@pytest.mark.parametrize("folder", BROAD)
def test_a_folder_shows_its_parts(folder: str) -> None:
    files = [path.name for path in (ROOT / "tui" / folder).glob("*.py") if path.stem != "__init__"]
    assert len(files) <= SIDE_BY_SIDE, files


def test_the_whole_does_not_grow_unnoticed() -> None:
    assert sum(len(path.read_text().splitlines()) for path in FILES.values()) <= ALL
