"""What every value that is read from a file has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class StrictModel(BaseModel):
    """Never changed once made, and refuses keys that this version does not know: it must not guess."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
