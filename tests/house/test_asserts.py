"""No assert decides anything: ``python -O`` leaves them out, so they may only tell mypy a type."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tui

SOURCE = Path(tui.__file__).parent


def deciding(text: str) -> Iterator[tuple[int, str]]:
    """Line and fault of each assert that says more than a type, and of each place that catches one."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assert) and not _tells_a_type(node.test):
            yield node.lineno, "asserts more than a type"
        elif isinstance(node, ast.ExceptHandler | ast.Raise):
            caught = node.type if isinstance(node, ast.ExceptHandler) else node.exc
            if caught is not None and "AssertionError" in ast.unparse(caught):
                yield node.lineno, "catches or raises an AssertionError"


def _tells_a_type(test: ast.expr) -> bool:
    if isinstance(test, ast.Compare):
        return isinstance(test.ops[0], ast.IsNot) and ast.unparse(test.comparators[0]) == "None"
    return isinstance(test, ast.Call) and getattr(test.func, "id", "") == "isinstance"


def test_no_assert_decides() -> None:
    found = {path.name: list(deciding(path.read_text())) for path in SOURCE.rglob("*.py")}
    assert not {name: faults for name, faults in found.items() if faults}


@pytest.mark.parametrize(
    "text", ["assert a in b", "assert a", "try:\n    a()\nexcept AssertionError:\n    b()"]
)
def test_one_that_decides_is_found(text: str) -> None:
    assert list(deciding(text))


def test_one_that_tells_a_type_is_none() -> None:
    assert not list(deciding("assert a is not None\nassert isinstance(a, B)"))
