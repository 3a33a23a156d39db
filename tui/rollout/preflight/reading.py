"""Looks that change nothing: asked again when the connection breaks under them, since that does no harm."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tui.remote import Kind, RemoteError

T = TypeVar("T")

TRIES = 3
_PASSING: frozenset[Kind] = frozenset({"lost", "killed", "too-many-sessions"})


async def patiently(look: Callable[[], Awaitable[T]]) -> T:
    """What the look gives, at the latest at its third try. Raises what the last one raised."""
    for _ in range(TRIES - 1):
        try:
            return await look()
        except RemoteError as error:
            if error.kind not in _PASSING:
                raise
    return await look()
