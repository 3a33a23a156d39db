"""What came of one program's try at one set-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.agreement.server_log import Told


@dataclass(frozen=True)
class Outcome:
    """``entered``: a command ran there. ``words``: what the program said. ``written``: lines that were added
    to files in ~/.ssh. ``asked``: the prompts that a person saw.
    """

    entered: bool
    words: str
    servers: Mapping[str, Told] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
