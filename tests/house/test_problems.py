"""Each code exists once, and whoever publishes one takes it from there: a misspelt code has no cure."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import tui
from tui.model.problems import KNOWN
from tui.remote.errors import Kind

SOURCE = Path(tui.__file__).parent
RECORDED = Path(__file__).parents[1] / "recorded"
TREES = {path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text()) for path in SOURCE.rglob("*.py")}
HOME = "model/problems.py"

HOMONYMS = {
    ("model", "canceled"): "a status",
    ("model", "detached"): "a status",
    ("model", "declined"): "what is said of a step",
    ("model", "put-back"): "a step",
    ("remote", "no-return"): "the kind of an error; mypy checks it",
    ("rollout", "identity"): "a check",
    ("rollout", "left-out"): "a check",
    ("rollout", "preflight"): "a function",
    ("text", "declined"): "a word",
    ("rehearsal", "no-return"): "a fault",
    ("rehearsal", "other-kernel"): "a fault",
    ("rehearsal", "peer-down"): "a fault",
    ("rehearsal", "reboot-refused"): "a fault",
    ("plain", "canceled"): "a word",
    ("console", "canceled"): "a word",
    ("console", "detached"): "a word",
    ("console", "facts"): "a widget",
}
"""Strings that are also a code, and what they are in that part of the program."""


def literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and value of each string that is a value."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.lineno, node.value


def coded(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and value of each string that is published as a code without being one of the known."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "code":
                    yield from ((line, value) for line, value in literals(keyword.value) if value)


ELSEWHERE = {
    (name.partition("/")[0], value, f"{name}:{line}")
    for name, tree in TREES.items()
    for line, value in literals(tree)
    if value in KNOWN and name != HOME
}


def test_every_code_is_spelt_once() -> None:
    assert not [found for found in ELSEWHERE if found[:2] not in HOMONYMS]
    at_home = [value for _, value in literals(TREES[HOME]) if value in KNOWN]
    assert sorted(at_home) == sorted(KNOWN)


def test_no_homonym_is_left_over() -> None:
    assert set(HOMONYMS) == {found[:2] for found in ELSEWHERE}


def test_what_is_published_is_a_known_code() -> None:
    assert not {name: found for name, tree in TREES.items() if (found := list(coded(tree)))}


def kinds(of: object) -> set[str]:
    """The words of a union of literals."""
    return {of} if isinstance(of, str) else {word for part in get_args(of) for word in kinds(part)}


def test_the_kind_of_a_failed_connection_is_no_other_problem() -> None:
    assert kinds(Kind) & set(KNOWN) == {"no-return"}, "that one means the same"


@pytest.mark.parametrize(
    "journal", sorted(RECORDED.glob("*/events.jsonl")), ids=lambda path: path.parent.name
)
def test_every_code_of_a_recorded_run_is_known(journal: Path) -> None:
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    said = {event["data"].get("code", "") for event in events}
    assert said <= {"", *KNOWN, *kinds(Kind)}


def test_a_code_of_its_own_is_found() -> None:
    assert list(coded(ast.parse('say(RunState(code="misspelt" if a else ""))')))
    assert not list(coded(ast.parse("say(RunState(code=problem.code))")))


def test_every_code_has_a_remedy_that_is_a_sentence_without_its_end() -> None:
    assert not [code for code, problem in KNOWN.items() if not problem.remedy or problem.remedy.endswith(".")]
