"""SSH: connections, host identity, detached jobs. Knows nothing of steps.

`Fleet` holds a `NodeClient` for every node; everything that blocks is on daemon threads below, and what
leaves this package is awaitable. Start reading at `fleet.py`, then `link/connection.py`.
"""

from typing import TYPE_CHECKING

from tui.lazy import lazily

if TYPE_CHECKING:
    from tui.remote.claim import ClaimAnswer as ClaimAnswer
    from tui.remote.claim import ClaimRecord as ClaimRecord
    from tui.remote.claim import NodeClaim as NodeClaim
    from tui.remote.client import NodeClient as NodeClient
    from tui.remote.errors import FINAL_KINDS as FINAL_KINDS
    from tui.remote.errors import Kind as Kind
    from tui.remote.errors import RemoteError as RemoteError
    from tui.remote.exec.change_result import ChangeResult as ChangeResult
    from tui.remote.exec.change_result import Done as Done
    from tui.remote.exec.change_result import Refused as Refused
    from tui.remote.exec.change_result import Unknown as Unknown
    from tui.remote.exec.change_result import value_of as value_of
    from tui.remote.exec.follow import Sink as Sink
    from tui.remote.exec.job_protocol import JobStatus as JobStatus
    from tui.remote.exec.job_protocol import JobTraces as JobTraces
    from tui.remote.exec.job_protocol import Preparation as Preparation
    from tui.remote.exec.job_protocol import StartTerms as StartTerms
    from tui.remote.fleet import Fleet as Fleet
    from tui.remote.link.states import ConnectionState as ConnectionState
    from tui.remote.link.states import Sample as Sample
    from tui.remote.link.threads import on_thread as on_thread
    from tui.remote.link.threads import side_by_side as side_by_side
    from tui.remote.options import AskPerson as AskPerson
    from tui.remote.options import Options as Options
    from tui.remote.options import Question as Question
    from tui.remote.shell.shell import Completed as Completed
    from tui.remote.ssh.config.ssh_config import resolve as resolve
    from tui.remote.ssh.endpoint import Endpoint as Endpoint
    from tui.remote.ssh.identity import Identity as Identity
    from tui.remote.ssh.identity import another_machine as another_machine
    from tui.remote.ssh.identity import other_machine_id as other_machine_id
    from tui.remote.ssh.identity import stateless as stateless
else:
    __getattr__ = lazily(
        __name__,
        {
            "claim": ("ClaimAnswer", "ClaimRecord", "NodeClaim"),
            "client": ("NodeClient",),
            "errors": ("FINAL_KINDS", "Kind", "RemoteError"),
            "exec.change_result": ("ChangeResult", "Done", "Refused", "Unknown", "value_of"),
            "exec.follow": ("Sink",),
            "exec.job_protocol": ("JobStatus", "JobTraces", "Preparation", "StartTerms"),
            "fleet": ("Fleet",),
            "link.states": ("ConnectionState", "Sample"),
            "link.threads": ("on_thread", "side_by_side"),
            "options": ("AskPerson", "Options", "Question"),
            "shell.shell": ("Completed",),
            "ssh.config.ssh_config": ("resolve",),
            "ssh.endpoint": ("Endpoint",),
            "ssh.identity": ("Identity", "another_machine", "other_machine_id", "stateless"),
        },
    )
