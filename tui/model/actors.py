"""Who decided, as the journal names them: a person, or what stood in a person's place.

A person is ``user@host``; everything else has a name that no person can have.
"""

from __future__ import annotations

from tui.model.states import PauseMode

ENGINE = "rollcall"
"""What the program does by itself."""
PROCEDURE = "the procedure"
"""A step that asks nobody."""
WAIVER = "policy.waive of the cluster file"
"""A look that only a person can make, and that the file waives by name."""
YES = "--yes"
"""The option by which a person agrees beforehand to what was planned."""


def in_place_of(waiver: str, who: str) -> str:
    """``--yes of eva@console``: agreed by an option that this person gave."""
    return f"{waiver} of {who}"


def by_mode(mode: PauseMode) -> str:
    """``pause mode none``: no person was waited for."""
    return f"pause mode {mode}"


def is_person(actor: str) -> bool:
    """True when a person decided in the moment, and nothing stood in their place."""
    named = (ENGINE, PROCEDURE, WAIVER, *(by_mode(mode) for mode in PauseMode))
    return bool(actor) and actor not in named and not actor.startswith(in_place_of(YES, ""))
