"""Which failure means which exit code, for every command. Light: every command imports it."""

from __future__ import annotations

# ruff: noqa: PLC0415  what `judged` imports has been imported by whoever raised it


class UsageError(Exception):
    """The command line asks for something that cannot be; one sentence."""


class LeftError(Exception):
    """A person chose to begin nothing; what stays as it is, in one sentence."""


def judged(error: Exception) -> tuple[str, int] | None:
    """The sentence and the contract's exit code for a failure people can act on; None for a fault of ours."""
    from tui.expressware.dishosts import DisHostsError
    from tui.journal import JournalError, LockHeldError
    from tui.model import verdict
    from tui.model.clusterfile import ClusterFileError
    from tui.rehearsal import RehearsalError
    from tui.remote import RemoteError
    from tui.rollout.opening.file import OpeningError

    match error:
        case LeftError():
            return str(error), verdict.INCOMPLETE
        case OpeningError():
            return str(error), error.exit_code
        case LockHeldError():
            return str(error), verdict.LOCKED
        case RemoteError():
            return str(error), verdict.CONNECTION
        case UsageError() | ClusterFileError() | JournalError() | DisHostsError() | RehearsalError():
            return str(error), verdict.USAGE
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return f"{where}{error.strerror or error}.", verdict.USAGE
    return None


def told(error: Exception) -> tuple[str, int]:
    """A sentence for any failure; a fault of our own is kept for its developers."""
    found = judged(error)
    if found is not None:
        return found
    from tui.journal.crash import keep

    return f"{keep(error)}. What ran on a node goes on there.", 1
