"""No error is caught and thrown away: what a handler does not name, it does not know how to treat."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tui

SOURCE = Path(tui.__file__).parent
WIDE = ("Exception", "BaseException")

DOORS = {
    ("cli/main.py", "main"): "ends the program with one sentence",
    ("remote/link/threads.py", "run"): "hands the error on whole to whoever waits for the thread",
}
"""The only places that may catch whatever comes."""


def handlers(text: str) -> Iterator[tuple[int, str]]:
    """Line and fault of each handler that may hide something; functions in which it may are not looked at."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            reraises = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if _wide(node.type) and not reraises:
                yield node.lineno, "catches whatever comes"
            if all(isinstance(line, ast.Pass) or _says_nothing(line) for line in node.body):
                yield node.lineno, "is empty"
        elif isinstance(node, ast.Call) and _called(node) == "suppress" and any(map(_wide, node.args)):
            yield node.lineno, "suppresses whatever comes"


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _says_nothing(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def _wide(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(getattr(name, "id", getattr(name, "attr", "")) in WIDE for name in names)


def _outside_doors(path: Path) -> str:
    """The file's text with the functions that are doors emptied, so that lines keep their numbers."""
    text = path.read_text()
    lines = text.splitlines()
    name = path.relative_to(SOURCE).as_posix()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (name, node.name) in DOORS:
            indent = " " * (node.col_offset + 4)
            for number in range(node.body[0].lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
            lines[node.body[0].lineno - 1] = f"{indent}..."
    return "\n".join(lines)


@pytest.mark.parametrize(
    "path", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.relative_to(SOURCE).as_posix()
)
def test_every_handler_names_what_it_catches_and_does_something(path: Path) -> None:
    found = [f"{path.name}:{line} {fault}" for line, fault in handlers(_outside_doors(path))]
    assert not found


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    a()\nexcept Exception:\n    b()",
        "try:\n    a()\nexcept (OSError, Exception) as error:\n    b(error)",
        "try:\n    a()\nexcept BaseException:\n    b()\n    return",
        "try:\n    a()\nexcept:\n    b()",
        "try:\n    a()\nexcept OSError:\n    pass",
        "with contextlib.suppress(Exception):\n    a()",
        "with suppress(OSError, BaseException):\n    a()",
    ],
)
def test_a_handler_that_hides_something_is_found(text: str) -> None:
    assert list(handlers(text))


def test_cleaning_up_and_going_on_with_the_same_error_is_no_fault() -> None:
    assert not list(handlers("try:\n    a()\nexcept BaseException:\n    b()\n    raise"))
