"""What a changed cluster file means for a run, in sentences: the same on every screen and in the report."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from tui.model.change import Change
from tui.model.events import ChangedKey, RunBound
from tui.text.sanitize import brief

LONGEST = 200
"""Characters of a value in a sentence."""


def sentences(bound: RunBound) -> Iterator[str]:
    """One for each thing that a person should know; nothing where the file is as it was."""
    if bound.why:
        yield bound.why
    yield from (about(changed) for changed in bound.changed)
    if bound.gone:
        names = ", ".join(bound.gone)
        stay = "stays in the run" if len(bound.gone) == 1 else "stay in the run"
        yield f"{names}: not in the cluster file any more; {stay} until a person says that it has left"


def about(changed: ChangedKey) -> str:
    """One changed key."""
    key, old, new = changed.key, changed.old, changed.new
    match changed.change, changed.taken:
        case Change.AGREED, True:
            return f"{key}: {old} -> {new}, agreed to"
        case Change.SAME_MACHINE, True:
            return f"{key}: {old} -> {new}; the machine that answers has to be the one of before"
        case _, True:
            return f"{key}: {old} -> {new}"
        case Change.SAME_MACHINE, False:
            return f"{key} is {new} in the file, which cannot be used; the run goes on with {old}"
        case Change.AGREED, False:
            return f"{key} is {new} in the file; the run goes on with {old} until a person agrees to it"
        case _:
            return f"{key} is {new} in the file; this run goes on with {old}: only a new run takes the other"


def value_words(value: JsonValue) -> str:
    """A value for a sentence."""
    match value:
        case None:
            words = "not set"
        case bool():
            words = str(value).lower()
        case list():
            words = "; ".join(str(item) for item in value) or "empty"
        case dict():
            words = ", ".join(f"{key} = {value_words(inner)}" for key, inner in value.items())
        case _:
            words = str(value)
    return brief(words, LONGEST)
