"""Passwords and passphrases, typed for a real sshd, a real sudo and a key that is encrypted: seen nowhere."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.screen import seated
from tests.console.story_engine import StoryEngine
from tests.plain.terminals import TerminalProcess, rollcall
from tests.remote.conftest import Connect, connect, make_sysroot
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.sudo import PASSWORD, USER, needs_sudo, private_etc
from tests.rigs.waiting import patience
from tui.cli.diagnostics import VARIABLE
from tui.cli.launch import Opening
from tui.console.app import ConsoleConfig
from tui.console.prompts import PersonPrompt
from tui.remote import Question, RemoteError
from tui.rollout.open_run import RunOptions

__all__ = ["connect"]
pytestmark = [needs_sshd, needs_sudo]

# Of this process alone: the tests beside this one hand theirs to ssh-keygen, on its command line.
PASSPHRASE = f"correct horse b4ttery {os.getpid()}"
SECRETS = (PASSWORD, PASSPHRASE, "wr0ng-one")
KEYS = {" ": "space", "$": "dollar_sign"}
DEBUG = "import logging, sys\nlogging.basicConfig(level=logging.DEBUG, filename={path!r})\n"


@pytest.fixture
def place() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="rollcall-secrets-"))  # the user must be able to get there
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def node(place: Path) -> Iterator[OpenSshNode]:
    """A node that lets an ordinary user in by an encrypted key, who becomes root with a password."""
    rules = f"Defaults timestamp_timeout=0\n{USER} ALL=(ALL) ALL"
    wrapper = private_etc(place, rules)
    extra = ["LogLevel DEBUG3"]
    made = OpenSshNode(place / "rig", "px01", make_sysroot(place / "root"), extra, user=USER, wrapper=wrapper)
    made.authorized_keys.chmod(0o644)
    encrypt = ["ssh-keygen", "-q", "-p", "-P", "", "-N", PASSPHRASE, "-f", str(made.client_key)]
    subprocess.run(encrypt, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def debugging() -> Iterator[io.StringIO]:
    """What is logged, down to paramiko's own debugging."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield log
    root.removeHandler(handler)
    root.setLevel(level)
    assert "publickey" in log.getvalue() or "password" in log.getvalue()


def descendants() -> set[int]:
    """The processes that this one and the node's server have begun; tests beside this one have their own."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
    found, more = {os.getpid()}, True
    while more:
        children = {child for child, parent in parents.items() if parent in found}
        more = not children <= found
        found |= children
    return found


class Watcher:
    """Looks at every process of this test, again and again: command lines and environments."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self.seen: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30 * patience())

    def _look(self) -> None:
        while not self._over.wait(0.03):
            for process in (Path(f"/proc/{number}") for number in descendants()):
                for name in ("cmdline", "environ"):
                    with contextlib.suppress(OSError):
                        words = (process / name).read_bytes()
                        self.found |= {secret for secret in SECRETS if secret.encode() in words}
                        if b"sudo" in words and name == "cmdline":
                            self.seen.add("sudo")


def holding(*places: Path) -> list[str]:
    """Every file below these places in which a secret stands."""
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    assert len(files) > 3
    encoded = [secret.encode() for secret in SECRETS]
    return [str(path) for path in files if any(secret in path.read_bytes() for secret in encoded)]


def cluster_file(place: Path, node: OpenSshNode) -> Path:
    """The node is this machine, so it is called what this machine calls itself: no other is let in."""
    name = socket.gethostname()
    ssh_config = place / "ssh_config"
    ssh_config.write_text(node.ssh_config.read_text().replace(f"Host {node.name}\n", f"Host {name}\n"))
    path = place / "px.toml"
    path.write_text(
        f"""[cluster]
name = "px"
family = "PX"
nodes = "{name}"
[target]
version = "5.21.2"
sia = "/srv/sia.sh"
rolling_from = ["*"]
[ssh]
become = "sudo"
ssh_config = "{ssh_config}"
"""
    )
    return path


def test_a_whole_opening_leaves_them_nowhere(place: Path, node: OpenSshNode) -> None:
    """`run --plain` at a terminal, with everything logging that can: files, processes, screen, journal."""
    state, logs, modules = place / "state", place / "debug.log", place / "modules"
    modules.mkdir()
    (modules / "sitecustomize.py").write_text(DEBUG.format(path=str(logs)))
    own = place / "rollcall.log"
    environ = {"PYTHONPATH": str(modules), "TMPDIR": str(place), "SSH_AUTH_SOCK": "", VARIABLE: str(own)}
    command = rollcall("run", str(cluster_file(place, node)), "--plain", "--state-dir", str(state))
    process = TerminalProcess(command, environ)
    try:
        with Watcher() as watcher:
            process.expect(r"Passphrase of .*client_ed25519: ")
            process.type(PASSPHRASE)
            process.expect(f"sudo password of {USER} on .*: ")
            process.type(PASSWORD)
            process.expect("blocked")
            process.press(b"\x03")
            process.end()
    finally:
        process.close()
    assert watcher.seen == {"sudo"}  # it did look
    assert watcher.found == set()
    assert not [secret for secret in SECRETS if secret in process.text]
    assert f"{node.user} is logged in ({node.client_key})" in logs.read_text()
    assert f"{socket.gethostname()}: up" in own.read_text()
    assert own.stat().st_mode & 0o777 == 0o600
    assert any(state.rglob("events.jsonl"))
    assert holding(place) == []


async def test_a_whole_opening_of_the_console_leaves_them_nowhere(
    place: Path, node: OpenSshNode, debugging: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with the console's own dialogs; what it shows is read, too."""
    monkeypatch.setenv("SSH_AUTH_SOCK", "")
    person = PersonPrompt()
    path, state = cluster_file(place, node), place / "state"
    opening = Opening(lambda: path, lambda: RunOptions(state, "console", ask_person=person.ask), "")
    seen = ""
    async with seated(StoryEngine(), config=ConsoleConfig(opening.open, person=person)) as seat:
        with Watcher() as watcher:
            for asks, secret in (("Passphrase of", PASSPHRASE), (f"sudo password of {USER}", PASSWORD)):
                await seat.until(lambda asks=asks: asks in seat.text, asks)  # type: ignore[misc]
                await seat.press(*(KEYS.get(key, key) for key in secret))
                seen += seat.text
                assert "\u2022" * len(secret) in seat.text
                await seat.press("enter")
            await seat.until(lambda: "checks failed" in seat.text, "the run is blocked")
            await seat.press("j")
            seen += seat.text
        engine = seat.app.engine
        assert engine is not None
        seen += repr(seat.board.model.engine) + repr(engine.state) + repr(vars(seat.app))
        await opening.close()
    assert watcher.found == set()
    assert not [secret for secret in SECRETS if secret in seen + debugging.getvalue()]
    assert holding(place) == []


def everything(error: BaseException) -> str:
    """What the most talkative tool would print of an exception: each link of its chain, with all locals."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    return repr(error) + str(vars(error)) + "".join(shown.format(chain=True))


@pytest.mark.parametrize("wrong", ["passphrase", "sudo", "login"])
async def test_no_exception_holds_one(
    place: Path,
    node: OpenSshNode,
    connect: Connect,
    debugging: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    wrong: str,
) -> None:
    """A refused secret is as secret as a right one: it is often the right one of another place."""
    monkeypatch.setenv("SSH_AUTH_SOCK", "")
    if wrong == "login":
        node.stop()
        both = "AuthenticationMethods publickey,password"
        node.extra[:] = ["LogLevel DEBUG3", "PasswordAuthentication yes", both]
        node.start()
    asked: list[str] = []

    def answer(question: Question) -> str:
        prompt = question.prompt
        asked.append(prompt)
        for kind, right in (("Passphrase", PASSPHRASE), ("sudo", PASSWORD), ("Password", PASSWORD)):
            if prompt.startswith(kind):
                refused = {"Passphrase": "passphrase", "sudo": "sudo", "Password": "login"}[kind] == wrong
                return "wr0ng-one" if refused else right
        raise AssertionError(prompt)

    async with connect(node, become="sudo", ask_person=answer) as cluster:
        with pytest.raises(RemoteError) as caught:
            await cluster.client.connected(60)
        said = everything(caught.value) + repr([vars(state) for state in cluster.states])
        said += repr(cluster.fleet) + repr(vars(cluster.fleet)) + repr(cluster.client) + repr(asked)
    assert asked
    assert not [secret for secret in SECRETS if secret in said + debugging.getvalue()]
    assert holding(place) == []
