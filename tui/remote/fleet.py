"""All nodes of a cluster: connected to in the background, watched, and left without waiting for the dead."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from tui.remote.client import NodeClient
from tui.remote.link.connect_pool import ConnectPool
from tui.remote.link.connection import Connection
from tui.remote.link.heartbeat import HeartbeatMonitor
from tui.remote.link.login import Access
from tui.remote.link.states import ConnectionState, Sample
from tui.remote.link.threads import post
from tui.remote.link.turns import Turns
from tui.remote.options import Options, Question
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.endpoint import Endpoint

if TYPE_CHECKING:
    from tui.remote.ssh.connect import Connector

# Quitting waits for goodbyes no longer than this; threads on dead links are daemons and stay behind.
_GOODBYE_TIMEOUT_S = 0.8


class Fleet:
    """Made anywhere, started on an event loop, and used from that loop only.

    ``on_link`` is called on the loop with every change of a link's state.
    """

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        options: Options,
        *,
        on_link: Callable[[ConnectionState], None] | None = None,
    ) -> None:
        self._options = options
        self.console_id = options.console_id
        """What this console claims machines by; empty when it only looks."""
        self._on_link = on_link
        self._on_sample: Callable[[Sample], None] | None = None
        self._pool = ConnectPool(options.connect_threads, self._broke)
        ask = self._ask if options.ask_person is not None else None
        self._secrets = SecretStore(ask, self._pool.one_more)
        self._connector_lock = threading.Lock()
        self._access = Access(options, self._secrets, self._late_connector)
        self._heartbeat = HeartbeatMonitor(options, self._sampled, self._broke)
        self._turns = Turns()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._fault: asyncio.Future[None] | None = None
        self._connections = {
            endpoint.node: Connection(endpoint, self._access, self._pool, self._heartbeat, self._link_changed)
            for endpoint in endpoints
        }
        self._clients = {node: NodeClient(connection) for node, connection in self._connections.items()}
        self.nodes = tuple(self._clients)
        """The nodes' names, in the order they were given."""

    def _ask(self, question: Question) -> str | None:
        """Ask a person, while other nodes are connected to."""
        assert self._options.ask_person is not None
        with self._pool.one_more():
            return self._options.ask_person(question)

    async def __aenter__(self) -> Fleet:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Begin to connect to every node; returns at once."""
        self._loop = asyncio.get_running_loop()
        self._fault = self._loop.create_future()
        self._heartbeat.start()
        for connection in self._connections.values():
            connection.start()

    async def close(self) -> None:
        """Drop every connection, in under a second whatever state the links are in. Jobs go on."""
        deadline = time.monotonic() + _GOODBYE_TIMEOUT_S
        loop = asyncio.get_running_loop()
        done = asyncio.Event()

        def goodbye() -> None:
            self._pool.close()
            self._heartbeat.close()
            for connection in self._connections.values():
                connection.close()
            if "_connector" in self.__dict__:
                self._connector.close()
            self._heartbeat.join(deadline)
            self._pool.join(deadline)
            post(loop, done.set)

        threading.Thread(target=goodbye, name="rollcall-goodbye", daemon=True).start()
        try:
            async with asyncio.timeout_at(loop.time() + _GOODBYE_TIMEOUT_S + 0.1):
                await done.wait()
        except TimeoutError:
            return

    def client(self, node: str) -> NodeClient:
        """The link to ``node``; KeyError if the fleet has no such node."""
        return self._clients[node]

    async def failed(self) -> None:
        """Wait, for ever as a rule: raises the fault of our own that has ended one of this fleet's threads.

        What is known of the nodes is not kept up any more then, so nothing may be begun on it.
        """
        assert self._fault is not None
        await asyncio.shield(self._fault)

    def watch(
        self, script: str, every: float | None, on_sample: Callable[[Sample], None], glance: str = ""
    ) -> None:
        """Run a POSIX sh ``script`` on every node that is up, each ``every`` seconds (None: only for
        ``probe_now``), and hand what it prints to ``on_sample`` on the event loop. May be called again to
        change any of it. The script's stdin is empty; a slow one delays no ping, and
        blank lines that it prints are left out.

        ``glance`` is run by each ping, in the shell that answers it: it must not fork, and sets ``seen`` to
        one line. While that stays the same, a node that is ``calm`` is asked in full less often.
        """
        self._on_sample = on_sample
        self._heartbeat.watch(script, every, glance)

    def calm(self, node: str, calm: bool) -> None:
        """Whether a node is to be asked in full only when something moved there, and now and then."""
        self._heartbeat.calm(self._connections[node], calm)

    async def probe_now(self, nodes: Iterable[str] | None = None, timeout: float = 20.0) -> dict[str, Sample]:  # noqa: ASYNC109
        """A sample that was begun after this call, of every given node (None: of all), many at once.

        A node that is not connected, or does not answer within ``timeout`` seconds, gives a sample with
        ``error``. A link that is just being made is waited for.
        """
        return await self._ask_all(self._clients if nodes is None else nodes, timeout, "")

    async def ask_now(self, nodes: Iterable[str], script: str, timeout: float) -> dict[str, Sample]:  # noqa: ASYNC109
        """The same for another ``script``, which only looks: one session and no thread for each node."""
        return await self._ask_all(nodes, timeout, script)

    async def _ask_all(self, nodes: Iterable[str], timeout: float, script: str) -> dict[str, Sample]:  # noqa: ASYNC109
        names = list(nodes)
        samples = await asyncio.gather(*(self._ask_one(node, timeout, script) for node in names))
        return dict(zip(names, samples, strict=True))

    async def _ask_one(self, node: str, timeout: float, script: str) -> Sample:  # noqa: ASYNC109
        client, connection = self._clients[node], self._connections[node]
        while client.state.phase == "new":  # for a connecting thread: no fault of the node's
            await client.next_change()
        loop = asyncio.get_running_loop()
        asked = time.monotonic()
        future: asyncio.Future[Sample] = loop.create_future()

        def settle(sample: Sample) -> None:
            if not future.done():
                future.set_result(sample)

        try:
            async with asyncio.timeout(timeout):
                while client.state.phase == "connecting":
                    await client.next_change()
            left = asked + timeout - time.monotonic()
            async with self._turns.turn(), asyncio.timeout(left):  # a turn is no fault of the node's
                self._heartbeat.probe(connection, lambda told: post(loop, partial(settle, told)), script)
                return await future
        except TimeoutError:
            error = f"{node} did not answer the probe within {timeout:g} s."
            return Sample(node, time.monotonic(), asked, error=error)

    def _late_connector(self) -> Connector:
        with self._connector_lock:
            return self._connector

    @cached_property
    def _connector(self) -> Connector:
        from tui.remote.ssh.connect import Connector  # noqa: PLC0415  # loads paramiko: first paint must not wait for it

        return Connector(self._options, self._secrets)

    def _broke(self, fault: BaseException) -> None:
        def tell() -> None:
            if self._fault is not None and not self._fault.done():
                self._fault.set_exception(fault)

        if self._loop is not None:
            post(self._loop, tell)

    def _link_changed(self, state: ConnectionState) -> None:
        def tell() -> None:
            self._clients[state.node].changed(state)
            if self._on_link is not None:
                self._on_link(state)

        if self._loop is not None:
            post(self._loop, tell)

    def _sampled(self, sample: Sample) -> None:
        def tell() -> None:
            if self._on_sample is not None:
                self._on_sample(sample)

        if self._loop is not None:
            post(self._loop, tell)
