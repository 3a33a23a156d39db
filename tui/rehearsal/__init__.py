"""A simulated cluster on loopback: real SSH servers, real /bin/sh, simulated eXpressWare."""

from typing import TYPE_CHECKING

from tui.lazy import lazily

if TYPE_CHECKING:
    from tui.rehearsal.cluster import Rehearsal as Rehearsal
    from tui.rehearsal.errors import RehearsalError as RehearsalError
    from tui.rehearsal.faults import FAULTS as FAULTS
    from tui.rehearsal.node import SimulatedNode as SimulatedNode
    from tui.rehearsal.plan import Plan as Plan
    from tui.rehearsal.played import place_of as place_of
    from tui.rehearsal.played import script_of as script_of
else:
    __getattr__ = lazily(
        __name__,
        {
            "cluster": ("Rehearsal",),
            "errors": ("RehearsalError",),
            "faults": ("FAULTS",),
            "node": ("SimulatedNode",),
            "plan": ("Plan",),
            "played": ("place_of", "script_of"),
        },
    )
