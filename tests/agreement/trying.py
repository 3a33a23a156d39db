"""One set-up, tried with both programs, one after the other, from the same state."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.agreement.outcome import Outcome
from tests.agreement.person import Asked, AskPass
from tests.agreement.place import Place
from tests.agreement.row import Row
from tests.agreement.server_log import told
from tests.agreement.written import written
from tests.rigs.openssh import OpenSshNode, kill
from tests.rigs.waiting import patience, wait_until
from tui.remote import Endpoint, Fleet, Options, RemoteError, resolve

_LIMIT_S = 30.0
_SAY = "echo in"


def try_both(world: Path, row: Row) -> tuple[Outcome, Outcome, dict[str, dict[str, list[str]]]]:
    """What came of ssh(1), what of Rollcall, and what ``ssh -G`` allows, by server."""
    place = Place(world, row)
    try:
        if row.prepare is not None:
            row.prepare(place)
        place.begin()
        shutil.copytree(place.ssh, place.directory / "ssh-before", symlinks=True)
        with _environment(place):
            by_ssh = _observed(place, _ssh)
            shutil.rmtree(place.ssh)
            shutil.copytree(place.directory / "ssh-before", place.ssh, symlinks=True)
            by_rollcall = _observed(place, _rollcall)
            return by_ssh, by_rollcall, {name: _allowed(place, name) for name in place.servers}
    finally:
        place.end()


@contextlib.contextmanager
def _environment(place: Place) -> Iterator[None]:
    kept = dict(os.environ)
    path = kept["PATH"]
    try:
        os.environ.clear()
        os.environ.update({"HOME": str(place.home), "PATH": path, "LANG": "C.UTF-8", "USER": "root"})
        os.environ.update(place.environment)
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def _observed(place: Place, way: Callable[[Place], Outcome]) -> Outcome:
    for step in place.before:
        step()
    logged = {name: len(server.log) for name, server in place.servers.items()}
    bare = way(place)
    for server in place.servers.values():
        _let_end(server)
    servers = {name: told(server.log[logged[name] :]) for name, server in place.servers.items()}
    changes = written(place.directory / "ssh-before", place.ssh, place.names())
    return Outcome(bare.entered, bare.words, servers, changes, bare.asked)


def _let_end(server: OpenSshNode) -> None:
    """Wait for what the server still has to say of the try: it logs a refusal after it has told it."""
    with contextlib.suppress(AssertionError):  # a session that goes on without its client
        wait_until(lambda: not server.sessions(), 3.0)
    server.kill_sessions()


def _ssh(place: Place) -> Outcome:
    row = place.row
    askpass = AskPass(place.directory / "person", place.person)
    named = ["-F", place.filled(row.file)] if row.file else []
    given = [f"-o{key}={place.filled(value)}" for key, value in row.given.items()]
    with subprocess.Popen(
        ["ssh", *named, *given, row.target, _SAY],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # no terminal to ask at
        env={**os.environ, **askpass.environment},
        text=True,
        errors="replace",
    ) as process:
        try:
            out, err = process.communicate(timeout=_LIMIT_S * patience())
        except subprocess.TimeoutExpired:
            kill([-process.pid])
            out, err = process.communicate()
            err += f"(ssh was ended after {_LIMIT_S:g} s)"
        kill([-process.pid])  # its jump hosts and proxy commands are of its group
    lines = [line.strip() for line in err.splitlines() if line.strip()]
    return Outcome("in" in out.splitlines(), " | ".join(lines[-4:]), asked=askpass.asked)


def _rollcall(place: Place) -> Outcome:
    asked = Asked(place.person)
    try:
        entered, words = asyncio.run(_by_fleet(place, asked))
    except RemoteError as error:
        entered, words = False, error.sentence
    return Outcome(entered, words, asked=tuple(asked.prompts))


async def _by_fleet(place: Place, asked: Asked) -> tuple[bool, str]:
    """As in production, but for the login that has to be root's there; the first refusal is the last."""
    options = Options(ask_person=asked, require_root=False)
    async with Fleet([_endpoint(place)], options) as fleet:
        client = fleet.client(place.row.target)
        async with asyncio.timeout(_LIMIT_S * patience()):
            async for state in client.states():
                if state.phase in ("refused", "backoff", "lost"):
                    return False, state.reason
                if state.phase == "up":
                    done = await client.run(_SAY, timeout=10 * patience())
                    return done.stdout == b"in\n", done.stderr.decode("utf-8", "replace")
    return False, "nothing came of it"


def _endpoint(place: Place) -> Endpoint:
    given = {key: place.filled(value) for key, value in place.row.given.items()}
    return resolve(
        place.row.target,
        host=given.get("HostName"),
        port=int(given["Port"]) if "Port" in given else None,
        user=given.get("User"),
        known_hosts=given.get("UserKnownHostsFile"),
        ssh_config=place.filled(place.row.file) or None,
    )


def _allowed(place: Place, name: str) -> dict[str, list[str]]:
    """Keyword to what ssh_config allows for it; empty where ssh(1) cannot read ssh_config."""
    named = ["-F", place.filled(place.row.file)] if place.row.file else []
    done = subprocess.run(["ssh", "-G", *named, name], capture_output=True, text=True, check=False)
    words = (line.partition(" ") for line in done.stdout.splitlines())
    return {key: value.split(",") for key, _, value in words}
