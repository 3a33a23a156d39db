"""What a person hands in who agrees to what is offered, and has read what that asks for."""

from __future__ import annotations

from tui.model.intents import ConfirmStep
from tui.rollout.interface import Engine


def yes(engine: Engine, token: str = "") -> ConfirmStep:
    """For the offer that stands, or (whatever that is) for the one with this token."""
    offer, reading = engine.state.offer, engine.reading()
    token = token or (offer.offered.token if offer is not None else "")
    if reading is None:
        return ConfirmStep(token=token)
    return ConfirmStep(token=token, typed=reading.value, sample=reading.sample)
