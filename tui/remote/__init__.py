"""SSH: connections, host identity, detached jobs. Knows nothing of steps.

`Fleet` holds a `NodeClient` for every node; everything that blocks is on daemon threads below, and what
leaves this package is awaitable. Start reading at `fleet.py`, then `link/connection.py`.
"""

from tui.remote.claim import ClaimAnswer, ClaimRecord, NodeClaim
from tui.remote.client import NodeClient
from tui.remote.errors import FINAL_KINDS, Kind, RemoteError
from tui.remote.exec.change_result import ChangeResult, Done, Refused, Unknown, value_of
from tui.remote.exec.follow import Sink
from tui.remote.exec.job_protocol import JobStatus, JobTraces, Preparation, StartTerms
from tui.remote.fleet import Fleet
from tui.remote.link.states import ConnectionState, Sample
from tui.remote.options import AskPerson, Options, Question
from tui.remote.shell.shell import Completed
from tui.remote.ssh.config.ssh_config import resolve
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.identity import Identity, another_machine, other_machine_id, stateless

__all__ = [
    "FINAL_KINDS",
    "AskPerson",
    "ChangeResult",
    "ClaimAnswer",
    "ClaimRecord",
    "Completed",
    "ConnectionState",
    "Done",
    "Endpoint",
    "Fleet",
    "Identity",
    "JobStatus",
    "JobTraces",
    "Kind",
    "NodeClaim",
    "NodeClient",
    "Options",
    "Preparation",
    "Question",
    "Refused",
    "RemoteError",
    "Sample",
    "Sink",
    "StartTerms",
    "Unknown",
    "another_machine",
    "other_machine_id",
    "resolve",
    "stateless",
    "value_of",
]
