"""How many there are of something, in words."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """``1 node``, ``2 nodes``, ``1,000 bytes``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
