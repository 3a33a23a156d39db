"""How an operation that changes something on a node can end: three ways, and a caller has to handle each.

``match`` on a `ChangeResult` with ``typing.assert_never`` in the last case: a caller that forgets one does
not type-check.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar, assert_never

from tui.remote.errors import RemoteError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """It happened, and this came of it."""

    value: T


@dataclass(frozen=True, slots=True)
class Refused:
    """It did not happen, and it will not."""

    error: RemoteError


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have happened, and it may still happen later: only the node can tell."""

    error: RemoteError


ChangeResult: TypeAlias = Done[T] | Refused | Unknown


def value_of(result: ChangeResult[T]) -> T:
    """What came of it; raises its RemoteError where not knowing is no worse than a refusal."""
    match result:
        case Done(value):
            return value
        case Refused(error) | Unknown(error):
            raise error
        case _ as never:
            assert_never(never)
