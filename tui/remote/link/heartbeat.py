"""One thread that pings every node, notices who falls silent, and takes the samples."""

from __future__ import annotations

import contextlib
import math
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tui.remote.errors import RemoteError
from tui.remote.link.states import Sample
from tui.remote.link.status_channel import Pong, StatusChannel
from tui.remote.link.threads import start_worker
from tui.remote.options import Options
from tui.remote.ssh.endpoint import Endpoint

OnSample = Callable[[Sample], None]

# A node that is well and in which nothing moves is asked in full every so many times only.
_RARELY = 3
_RARELY_S = 2.0  # at the least: health that comes and goes shows in the glances between
# A node whose probes do not come back gets no more of them than this.
_MOST_PROBES = 3


class Link(Protocol):
    """The connection that is watched, as far as this thread has to know it."""

    endpoint: Endpoint

    def heard(self, pong: Pong | None = None) -> None:
        """The node answered a ping, or sent something else."""

    def unanswered(self, sent_at: float) -> None:
        """It has not answered the ping of then; raises RemoteError when the link is to be given up."""

    def lost(self, error: RemoteError) -> None:
        """The connection is gone, or given up."""

    def not_up(self) -> RemoteError:
        """Why there is no connection."""


@dataclass
class _Probe:
    asked_at: float
    on_sample: OnSample | None
    apart: bool = False
    """Asked something else than what is watched: the answer is its asker's only."""
    overdue: bool = False


@dataclass(eq=False)
class _Watched:
    link: Link
    channel: StatusChannel
    defined: int = 0
    probed_at: float = -math.inf
    calm: bool = False
    glanced: str | None = None
    at_probe: str | None = None
    """What was seen at a glance before the last probe; None: nothing yet."""
    pinged_at: float = 0.0
    signalled: bool = False
    probes: dict[int, _Probe] = field(default_factory=dict)


class _Signal(threading.Event):
    """What a channel's buffers set when data arrives: it puts the node on the status thread's list, once."""

    def __init__(
        self, watched: _Watched, inbox: queue.SimpleQueue[Callable[[], None]], look: Callable[[], None]
    ) -> None:
        super().__init__()
        self._watched = watched
        self._inbox = inbox
        self._look = look

    def set(self) -> None:
        if not self._watched.signalled:
            self._watched.signalled = True
            self._inbox.put(self._look)


class HeartbeatMonitor:
    """All public methods may be called from any thread; the work is done on one of its own."""

    def __init__(
        self, options: Options, on_sample: OnSample, on_fault: Callable[[BaseException], None]
    ) -> None:
        """``on_fault`` is called on the thread if it has to end by a fault of our own."""
        self._options = options
        self._on_sample = on_sample
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._watched: dict[Link, _Watched] = {}
        self._script = self._glance = ""
        self._version = 0
        self._every: float | None = None
        self._closed = False
        self._on_fault = on_fault
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._thread = start_worker("status", self._run, self._on_fault)

    def close(self) -> None:
        """Stop watching."""
        self._closed = True
        self._inbox.put(lambda: None)

    def join(self, deadline: float) -> None:
        """Wait for the thread until ``deadline`` (monotonic)."""
        if self._thread is not None:
            self._thread.join(max(0.0, deadline - time.monotonic()))

    def add(self, link: Link, channel: StatusChannel) -> None:
        """Watch a link that has just come up."""
        self._inbox.put(lambda: self._add(link, channel))

    def remove(self, link: Link) -> None:
        """Forget a link that is gone; who waits for its probes is told."""
        self._inbox.put(lambda: self._remove(link))

    def watch(self, script: str, every: float | None, glance: str) -> None:
        """Run ``script`` on every node each ``every`` seconds (None: only when asked); ``glance`` as in
        `Fleet.watch`.
        """

        def change() -> None:
            if (script, glance) != (self._script, self._glance):
                self._script, self._glance = script, glance
                self._version += 1
            self._every = every
            for watched in self._watched.values():
                watched.probed_at = -math.inf
                watched.at_probe = None

        self._inbox.put(change)

    def calm(self, link: Link, calm: bool) -> None:
        """Whether a glance is enough for a node most of the time."""

        def change() -> None:
            if watched := self._watched.get(link):
                watched.calm = calm

        self._inbox.put(change)

    def probe(self, link: Link, on_sample: OnSample, script: str = "") -> None:
        """Start a fresh probe now; ``on_sample`` is called on the status thread, always and once. ``script``:
        what to ask instead of what is watched, for once.
        """

        def ask() -> None:
            watched = self._watched.get(link)
            node, now = link.endpoint.node, time.monotonic()
            if watched is None:
                on_sample(Sample(node, now, now, error=link.not_up().sentence))
            elif len(watched.probes) >= _MOST_PROBES:
                sentence = f"{node}: earlier probes have not come back; the node hangs."
                on_sample(Sample(node, now, now, error=sentence))
            else:
                self._guarded(watched, lambda: self._probe(watched, on_sample, script))

        self._inbox.put(ask)

    # -- on the thread -----------------------------------------------------------------------------------

    def _run(self) -> None:
        tick = max(0.02, min(0.25, self._options.ping_every / 4))
        next_tick = time.monotonic()
        while not self._closed:
            with contextlib.suppress(queue.Empty):
                self._inbox.get(timeout=max(0.0, next_tick - time.monotonic()))()
            if time.monotonic() >= next_tick:
                for watched in list(self._watched.values()):
                    self._guarded(watched, lambda watched=watched: self._tick(watched))  # type: ignore[misc]
                next_tick = time.monotonic() + tick

    def _guarded(self, watched: _Watched, step: Callable[[], None]) -> None:
        """A link that fails in ``step`` is lost; the others go on."""
        try:
            step()
        except RemoteError as error:
            watched.link.lost(error)

    def _add(self, link: Link, channel: StatusChannel) -> None:
        watched = _Watched(link, channel)
        self._watched[link] = watched

        def look() -> None:
            watched.signalled = False
            if self._watched.get(link) is watched:
                self._guarded(watched, lambda: self._read(watched))

        channel.attach(_Signal(watched, self._inbox, look))

    def _remove(self, link: Link) -> None:
        watched = self._watched.pop(link, None)
        if watched is None:
            return
        node = link.endpoint.node
        for probe in watched.probes.values():
            error = f"{node}: the connection was lost before the probe came back."
            self._deliver(probe, Sample(node, time.monotonic(), probe.asked_at, error=error))

    def _read(self, watched: _Watched) -> None:
        ended = watched.channel.ended
        now = time.monotonic()
        for message in watched.channel.take(now):
            if isinstance(message, Pong):
                watched.link.heard(message)
                watched.glanced = message.seen
                if watched.at_probe is None:
                    watched.at_probe = message.seen
            else:
                number, sample = message
                watched.link.heard()
                self._deliver(watched.probes.pop(number), sample)
        if ended:
            node = watched.link.endpoint.node
            raise RemoteError("lost", node, f"{node}: the connection was lost.")

    def _tick(self, watched: _Watched) -> None:
        if watched.channel.pinged_at is not None or watched.channel.ended:
            # What has arrived counts before silence is judged: this thread itself may have been held up.
            self._read(watched)
        now = time.monotonic()
        if (sent := watched.channel.pinged_at) is not None:
            watched.link.unanswered(sent)
        elif now - watched.pinged_at >= self._options.ping_every:
            watched.pinged_at = now
            watched.channel.ping(now)
        self._look_after_probes(watched, now)

    def _look_after_probes(self, watched: _Watched, now: float) -> None:
        for probe in watched.probes.values():
            if not probe.overdue and now - probe.asked_at > self._options.probe_timeout:
                probe.overdue = True
                node = watched.link.endpoint.node
                error = f"{node}: the probe has not come back for {self._options.probe_timeout:g} s."
                self._deliver(probe, Sample(node, now, probe.asked_at, error=error))
                probe.on_sample = None
        if self._every is None or watched.probes:
            return
        moved = watched.glanced != watched.at_probe
        pause = max(self._every * _RARELY, _RARELY_S) if watched.calm and self._glance else self._every
        if moved or now >= watched.probed_at + pause:
            watched.probed_at, watched.at_probe = now, watched.glanced
            self._probe(watched, None)

    def _probe(self, watched: _Watched, on_sample: OnSample | None, script: str = "") -> None:
        probe = _Probe(time.monotonic(), on_sample, apart=bool(script))
        try:
            if not script and watched.defined != self._version:
                watched.channel.define(self._script, self._glance)
                watched.defined = self._version
            watched.probes[watched.channel.probe(probe.asked_at, script)] = probe
        except RemoteError as error:  # it was never asked: whoever waits for the answer is told at once
            node, asked = watched.link.endpoint.node, probe.asked_at
            self._deliver(probe, Sample(node, asked, asked, error=error.sentence))
            raise

    def _deliver(self, probe: _Probe, sample: Sample) -> None:
        """To who asked, if anybody did, and to who watches; both only post to the event loop."""
        if probe.on_sample is not None:
            probe.on_sample(sample)
        if not probe.apart:
            self._on_sample(sample)
