"""How Rollcall talks to every node of a cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui.model.clusterfile import Become


@dataclass(frozen=True)
class Question:
    """What only a person can answer. All of it may be a node's own words: who shows it makes them safe."""

    prompt: str
    """Stands before the answer, and names the node or the file that it is about."""
    hidden: bool = True
    """Whether what is typed stays unseen."""
    lines: tuple[str, ...] = ()
    """What a person should know before answering; shown above the prompt."""
    title: str = "Password"
    refuse: Callable[[str], str] = field(default=lambda _typed: "", repr=False, compare=False)
    """Why what was typed is no answer, so that the same person goes on with it at once; "" if it is one."""


AskPerson = Callable[[Question], "str | None"]
"""What was typed, which may be nothing (""); None: the person declined, or nobody is there. Blocks; called on
daemon threads, several at once. A person sees one question at a time.
"""


class Place(NamedTuple):
    """Where Rollcall keeps its own files on a node, and the cluster whose mark they carry (empty: any)."""

    path: str
    cluster: str = ""


@dataclass(frozen=True)
class Options:
    """Times in seconds. ``keepalive`` is the pulse of dead-link detection: a node is *silent* after
    one of it without an answer and *lost* after three, and the kernel's own probes follow it too.
    """

    become: Become = "none"
    keepalive: float = 5.0
    state_dir: str = "/var/lib/rollcall"
    cluster: str = ""
    """The name that marks our own directories on the nodes as this cluster's."""
    console_id: str = ""
    """This console, told from every other: 16 hex digits, new for each; empty where nothing is led."""
    machines: tuple[str, ...] = ()
    """Every name of the cluster file: a machine that calls itself otherwise is not let in. Empty: any is."""
    ask_person: AskPerson | None = field(default=None, repr=False)
    require_root: bool = True
    connect_timeout: float = 5.0
    handshake_timeout: float = 10.0
    auth_timeout: float = 120.0
    """For one answer during the login: a second factor may take as long as sshd gives (LoginGraceTime)."""
    login_timeout: float = 45.0
    """From the login to the first command: PAM opens a session, start files run, root's shell is made."""
    channel_timeout: float = 15.0
    probe_timeout: float = 20.0
    backoff_first: float = 1.0
    backoff_limit: float = 5.0
    connect_threads: int = 8

    @property
    def place(self) -> Place:
        """Rollcall's own directory on every node."""
        return Place(self.state_dir, self.cluster)

    @property
    def ping_every(self) -> float:
        """Pings are sent at this period, each only after the answer to the one before."""
        return min(1.25, self.keepalive / 4)

    @property
    def silent_after(self) -> float:
        """A ping unanswered for this long makes the link silent; it may have left that much after the end."""
        return self.keepalive - self.ping_every

    @property
    def lost_after(self) -> float:
        """A ping unanswered for this long makes the link lost; it is then dialled anew."""
        return 3 * self.keepalive
