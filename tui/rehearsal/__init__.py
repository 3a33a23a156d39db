"""A simulated cluster on loopback: real SSH servers, real /bin/sh, simulated eXpressWare."""

from tui.rehearsal.cluster import Rehearsal
from tui.rehearsal.errors import RehearsalError
from tui.rehearsal.faults import FAULTS
from tui.rehearsal.node import SimulatedNode
from tui.rehearsal.plan import Plan
from tui.rehearsal.played import place_of, script_of

__all__ = ["FAULTS", "Plan", "Rehearsal", "RehearsalError", "SimulatedNode", "place_of", "script_of"]
