"""What a runbook is made of: a section for each machine, a part for each terminal, boxes to tick."""

from __future__ import annotations

from dataclasses import dataclass

from tui.model.steps import StepName

HERE = ""
"""Where a command is typed: the operator's own machine; else the name of the one he is logged in to."""


TYPED = (
    "What is set as code is typed as it stands, and nothing else is. Tick a box when what stands behind it "
    "in brackets is true. Stop where it is not, and nothing below the box says what to do."
)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What to do where things are not as the box has them; ``command`` may be empty."""

    when: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """One thing to do, and what has to be seen before it is ticked.

    ``command`` is typed exactly as it stands, and is the only part that may be; empty where a person does
    something that no command does.
    """

    step: StepName
    words: str
    command: str = ""
    sees: str = ""
    otherwise: tuple[Otherwise, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Boxes that are worked off in one terminal. On a machine, the first command is the login."""

    where: str
    boxes: tuple[Box, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """All that is done for one machine (None: for all of them), in order.

    ``alike``: sections with the same words here differ in nothing but their machine's name and connection.
    """

    node: str | None
    title: str
    parts: tuple[Part, ...] = ()
    alike: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Runbook:
    """The whole of it; ``head`` are paragraphs that come before anything is done."""

    title: str
    head: tuple[str, ...]
    sections: tuple[Section, ...]
