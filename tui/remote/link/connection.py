"""The connection to one node through its life, on this package's threads.

new -> connecting -> up <-> silent -> lost -> backoff -> connecting ...   ;   refused: until a person acts
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tui.remote.errors import RemoteError
from tui.remote.link.connect_pool import ConnectPool
from tui.remote.link.heartbeat import HeartbeatMonitor
from tui.remote.link.login import Access, Login, identified, log_in_as_root, log_in_besides
from tui.remote.link.retry import is_final, pause
from tui.remote.link.spare_logins import SpareLogins
from tui.remote.link.states import ConnectionState, Phase
from tui.remote.link.status_channel import Pong, StatusChannel
from tui.remote.link.threads import in_background
from tui.remote.shell.shell import Shell
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.failures import session_limit
from tui.remote.ssh.identity import Identity

_log = logging.getLogger(__name__)

# Besides followers: the status channel, and this many commands at a time (sshd's MaxSessions is 10).
_COMMANDS = 2


class Connection:
    """Thread-safe. ``notify`` is called with every state that differs from the one before, in order; it must
    not block.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        access: Access,
        pool: ConnectPool,
        heartbeat: HeartbeatMonitor,
        notify: Callable[[ConnectionState], None],
    ) -> None:
        self.endpoint = endpoint
        self.options = access.options
        self.commands = threading.Semaphore(_COMMANDS)
        self._access = access
        self._pool = pool
        self._heartbeat = heartbeat
        self._notify = notify
        self._changed = threading.Condition()
        self._state = ConnectionState(endpoint.node, since=time.monotonic())
        self._login: Login | None = None
        first, limit = access.options.backoff_first, access.options.backoff_limit
        self._spares = SpareLogins(self.extra_login, first, limit)
        self._bound: Identity | None = None
        self.identity = Identity()
        """Who answered at the last login."""
        self._refusal: RemoteError | None = None
        self._last_failure: RemoteError | None = None
        self._attempting = False
        self._once_more = False
        self._ticket = 0
        self._closed = False
        self._failures = 0
        self._reboots_expected = 0
        self._last_seen: float | None = None
        self._rtt: float | None = None

    @property
    def state(self) -> ConnectionState:
        """The state of this moment, with the last sign of life."""
        return replace(self._state, last_seen=self._last_seen, rtt=self._rtt)

    # -- made ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Dial as soon as a connecting thread is free."""
        self._dial_in(0.0)

    def reconnect(self) -> None:
        """Try again now, also after a refusal: a person has acted."""
        self._access.secrets.allow_again()
        self._spares.allow_again()
        self._dial_again()

    def _dial_again(self) -> None:
        with self._changed:
            self._refusal = None
            self._failures = 0
            self._once_more = self._attempting  # it may have read what a person has fixed since
            if self._state.phase == "refused":  # over at once, whatever comes of the next try
                self._change("connecting")
        self._dial_in(0.0)

    def expect_reboot(self, expected: bool) -> None:
        """Between True and False a refused login is tried again like any other failure."""
        with self._changed:
            self._reboots_expected += 1 if expected else -1
        if expected and self._state.phase == "refused" and self.retries(self._state):
            self._dial_again()

    def _dial_in(self, seconds: float) -> None:
        """The one next attempt, in place of any that was due later."""
        with self._changed:
            self._ticket += 1
            self._pool.submit(partial(self._attempt, self._ticket), seconds)

    def _attempt(self, ticket: int) -> None:
        with self._changed:
            wanted = not self._closed and self._login is None and self._refusal is None
            if not wanted or self._attempting or ticket != self._ticket:
                return
            self._attempting = True
        self._change("connecting")
        try:
            login, status = log_in_as_root(self.endpoint, self._access, self._tell)
            seen = identified(login, status, self._bound)
        except RemoteError as error:
            self._failed(error)
        else:
            self._came_up(login, status, seen)

    def _came_up(self, login: Login, status: StatusChannel, seen: Identity) -> None:
        with self._changed:
            self._attempting = self._once_more = False
            if not self._closed:
                self._login = login
                self._spares.allow_again()
                self.identity = seen
                self._failures = 0
                self._last_seen = time.monotonic()
                # Watched before anybody hears of it: who does may ask for a probe at once.
                self._heartbeat.add(self, status)
                self._change("up", boot_id=status.boot_id)
                return
        login.close()

    def _failed(self, error: RemoteError) -> None:
        with self._changed:
            self._attempting = False
            self._failures += 1
            final = is_final(error.kind, restarting=self._reboots_expected > 0)
            once_more, self._once_more = self._once_more, False
            if final and not once_more:
                self._refusal = error
        if final and once_more:
            self._dial_in(0.0)
        elif final:
            self._change("refused", error)
        else:
            self._retry_later(error)

    def _retry_later(self, error: RemoteError) -> None:
        self._change("backoff", error)
        self._dial_in(pause(error, self._failures, self.options))

    # -- watched (called by the status thread) -----------------------------------------------------------

    def heard(self, pong: Pong | None = None) -> None:
        """The node answered a ping, or sent something else: a sign of life too."""
        if pong is None:
            self._last_seen = time.monotonic()
            return
        if self._login is None:
            return  # an answer from beyond the end of the connection
        self._last_seen = time.monotonic()
        self._rtt = pong.rtt if pong.rtt is not None else self._rtt
        known, boot_id = self._state.boot_id, pong.boot_id
        if known is not None and boot_id is not None and boot_id != known:
            # Only a fresh login proves that the node is back: this one may be about to be torn down.
            sentence = f"{self.endpoint.node}: its boot id changed while the connection stood."
            self.lost(RemoteError("lost", self.endpoint.node, sentence))
        elif self._state.phase == "silent" or (boot_id is not None and known is None):
            self._change("up", boot_id=boot_id)

    def unanswered(self, sent_at: float) -> None:
        """The ping of then has not been answered yet; raises RemoteError when the link is to be given up."""
        node, options = self.endpoint.node, self.options
        silence = time.monotonic() - max(sent_at, self._last_seen or 0.0)
        if silence > (options.silent_after if self._reboots_expected else options.lost_after):
            sentence = f"{node} has not answered for {silence:.0f} s; the link is given up."
            raise RemoteError("lost", node, sentence)
        if silence > options.silent_after and self._state.phase == "up":
            sentence = f"{node} has not answered for {silence:.0f} s."
            self._change("silent", RemoteError("timeout", node, sentence))

    def lost(self, error: RemoteError) -> None:
        """The connection is gone, or given up."""
        with self._changed:
            login, self._login = self._login, None
            if login is None or self._closed:
                return
        self._heartbeat.remove(self)
        self._spares.close()
        in_background(login.close)
        self._change("lost", error)
        self._retry_later(error)

    # -- used ------------------------------------------------------------------------------------------

    def wait_for_login(
        self, deadline: float | None, stop: threading.Event, *, patient: bool = False
    ) -> Login:
        """The login that stands, or the next one. Raises RemoteError when there is none by ``deadline``
        (monotonic), on a refusal unless ``patient``, and at once when ``stop`` is set or the link closed.
        """
        node = self.endpoint.node
        with self._changed:
            while True:
                if self._closed or stop.is_set():
                    raise RemoteError("closed", node, f"{node}: the connection was closed here.")
                if self._login is not None and self._login.alive:
                    return self._login
                if self._refusal is not None and not patient:
                    raise RemoteError(self._refusal.kind, node, self._refusal.sentence)
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise self.not_up()
                self._changed.wait(0.5 if left is None else min(left, 0.5))

    def shell(self, login: Login) -> Shell:
        """A root shell on this login, or on another where its server gives it no session more."""
        try:
            return login.shell()
        except RemoteError as error:
            if error.kind != "too-many-sessions":
                raise
            if login.sessions <= 1 and self._spares.refused:
                raise session_limit(
                    self._spares.told(error)
                ) from error  # nothing else is open that could end
            return self._spares.shell(error)

    def extra_login(self) -> Login:
        """A login besides the one that stands, for what would hold up its heartbeat; the caller closes it."""
        login, standing = log_in_besides(self.endpoint, self._access), self._login
        if standing is not None and standing.alive and login.host_key == self.identity.host_key:
            return login  # on the machine that was identified then
        login.close()
        login, status = log_in_as_root(self.endpoint, self._access)
        identified(login, status, self._bound)
        status.close()  # it may have the only session that the server gives
        return login

    def sessions(self, wanted: int, deadline: float) -> int:
        """How many sessions, up to ``wanted``, the login that stands gives besides those in use."""
        return self.wait_for_login(deadline, threading.Event()).room(wanted)

    def bind(self, identity: Identity) -> None:
        """From here on no other machine is let in under this name."""
        self._bound = identity

    def retries(self, state: ConnectionState) -> bool:
        """Whether a refusal is no verdict now, because the node may be restarting."""
        return self._reboots_expected > 0 and not is_final(state.error_kind, restarting=True)

    def not_up(self) -> RemoteError:
        """Why there is no connection, when somebody has waited for it long enough."""
        node, last = self.endpoint.node, self._last_failure
        if last is None:
            return RemoteError("timeout", node, f"{node} is not connected yet.")
        return RemoteError(last.kind, node, last.sentence)

    def close(self) -> None:
        """For good. Who waits for a login gets an error."""
        with self._changed:
            self._closed = True
            self._login = None
            self._changed.notify_all()

    def _tell(self, words: str) -> None:
        self._change("connecting", told=words)

    def _change(
        self, phase: Phase, error: RemoteError | None = None, boot_id: str | None = None, told: str = ""
    ) -> None:
        with self._changed:
            old = self._state
            new = replace(
                old,
                phase=phase,
                reason=error.sentence if error else told,
                error_kind=error.kind if error else None,
                boot_id=boot_id or (old.boot_id if phase in ("up", "silent") else None),
                since=time.monotonic() if phase != old.phase else old.since,
            )
            self._state = new
            self._last_failure = None if phase == "up" else error or self._last_failure
            self._changed.notify_all()
            if (new.phase, new.reason) != (old.phase, old.reason):
                _log.info("%s: %s %s", new.node, new.phase, new.reason)
            if new != old and not self._closed:
                self._notify(self.state)
