"""A runbook as Markdown, with boxes to tick, and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui.rollout.runbook.model import HERE, Box, Runbook, Section
from tui.text.markdown import code, text

OWN = "On your own machine"


def markdown(book: Runbook) -> str:
    """The whole of it. Whatever stands in the shape of code is a command, and nothing else is."""
    return "\n".join(_lines(book)) + "\n"


def _lines(book: Runbook) -> Iterator[str]:
    yield f"# {text(book.title)}"
    for paragraph in book.head:
        yield from ("", text(paragraph))
    for section in book.sections:
        yield from ("", f"## {text(section.title)}")
        if section.note:
            yield from ("", text(section.note))
        for part in section.parts:
            yield from ("", f"### {text(heading(part.where, part.title))}", "")
            for box in part.boxes:
                yield from _box(box)


def heading(where: str, title: str) -> str:
    """Which terminal the boxes below are for."""
    place = OWN if where == HERE else f"On {where}"
    return f"{place}, {title}" if title else place


def _box(box: Box) -> Iterator[str]:
    command = f": {code(box.command)}" if box.command else ""
    yield f"- [ ] {text(box.words)}{command}" + (f" ({text(box.sees)})" if box.sees else "")
    for otherwise in box.otherwise:
        then = f": {code(otherwise.command)}" if otherwise.command else ""
        yield f"  - If {text(otherwise.when)}{then}"


def section_data(section: Section) -> dict[str, Any]:
    """A section for machines: every box with its step, terminal, command and what has to be seen."""
    return {
        "type": "runbook",
        "node": section.node,
        "title": section.title,
        "note": section.note,
        "boxes": [
            {
                "on": part.where or None,
                "step": box.step.value,
                "do": box.words,
                "command": box.command,
                "sees": box.sees,
                "otherwise": [{"if": other.when, "command": other.command} for other in box.otherwise],
            }
            for part in section.parts
            for box in part.boxes
        ],
    }
