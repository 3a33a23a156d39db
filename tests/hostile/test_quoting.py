"""Values of the cluster file in scripts for a node: quoted, so that no shell takes one for its own words.

Much of what is tried here is refused when the file is read; the scripts must hold all the same.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import paramiko
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.expressware.node import SHELLS, answered
from tests.remote.conftest import Connect, MakeNode, connect, make_node
from tests.rigs.openssh import needs_sshd
from tests.rigs.waiting import patience, wait_until
from tui.expressware.commands import build_packages, install_node, services, ssocks_stat
from tui.expressware.facts import facts_script, parse_facts
from tui.expressware.probe import parse_probe, probe_script
from tui.expressware.readiness import parse_readiness, readiness_script
from tui.expressware.users import parse_users, users_script
from tui.model.run import Run
from tui.model.steps import StepName
from tui.remote import Done, Fleet
from tui.remote.claim import NodeClaim
from tui.remote.exec.job_protocol import start_call
from tui.remote.options import Place
from tui.remote.shell.scripts import call, with_prelude
from tui.remote.shell.shell import Completed
from tui.rollout.execution.completion import clean_up
from tui.rollout.procedure.applications import OperatorCommands
from tui.rollout.procedure.packages import Packages

__all__ = ["connect", "make_node"]

PIECES = (
    *("$(touch PWNED)", "`touch PWNED`", "'; touch PWNED; '", '"; touch PWNED; "', "\ntouch PWNED\n"),
    *("&touch PWNED&", "|touch PWNED", ">PWNED", "${R:=PWNED}", "'", '"', "\\", "*", "?", "[a]", "~", "#"),
    *(
        "-rf",
        "--",
        "-",
        " ",
        "\t",
        "\n",
        "\r",
        "%s",
        "%n",
        "\\n",
        "!",
        "$",
        "{}",
        "{{",
        "EOF",
        "é",
        "\u202e",
        "a",
    ),
)
HOSTILE = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)
PATHS = HOSTILE.map(lambda text: f"/{text}")


def marks_below(root: Path) -> list[Path]:
    """What the enemy has left."""
    return [path for path in root.rglob("*") if path.name == "PWNED"]


def ran(script: str, root: Path, shell: list[str], stdin: bytes = b"") -> bytes:
    """The script's output; it is run as a node does, in a directory where the enemy would leave his mark."""
    done = subprocess.run(
        [*shell, "-c", 'eval "$1"', "sh", with_prelude(script)],
        input=stdin,
        env={"PATH": os.environ["PATH"], "HOME": str(root), "ROLLCALL_SYSROOT": str(root)},
        cwd=root,
        capture_output=True,
        check=False,
        timeout=60 * patience(),
    )
    assert b"yntax error" not in done.stderr, done.stderr
    assert b"nterminated" not in done.stderr, done.stderr
    assert marks_below(root) == [], script
    return done.stdout


class Rooted:
    """A node's root for one example."""

    def __enter__(self) -> Path:
        self._place = tempfile.TemporaryDirectory()
        root = Path(self._place.name) / "root $(touch PWNED) 'x"
        (root / "proc/sys/kernel/random").mkdir(parents=True)
        (root / "proc/sys/kernel/random/boot_id").write_text("b1\n")
        return root

    def __exit__(self, *_: object) -> None:
        self._place.cleanup()


@pytest.mark.parametrize("shell", SHELLS)
@given(dis=PATHS, sia=PATHS, state=PATHS)
@settings(max_examples=6, deadline=None)
def test_looking_scripts_come_to_their_end(shell: list[str], dis: str, sia: str, state: str) -> None:
    with Rooted() as root:
        assert parse_facts(answered(ran(facts_script(dis, sia, state), root, shell))).boot_id == "b1"
        assert parse_probe(answered(ran(probe_script(dis), root, shell))).complete
        assert parse_users(answered(ran(users_script(dis), root, shell))).complete
        assert parse_readiness(answered(ran(readiness_script(dis, state), root, shell))).complete


@given(first=PATHS, second=PATHS)
@settings(max_examples=15, deadline=None)
def test_commands_run_nothing_but_themselves(first: str, second: str) -> None:
    with Rooted() as root:
        for command in (
            build_packages(first, second),
            install_node(first, second, batch=True, reboot=True, enforce=True),
            services(first, "stop"),
            ssocks_stat(first),
        ):
            ran(command.script, root, ["/bin/sh"])
            typed = subprocess.run(
                ["/bin/sh", "-nc", command.display], capture_output=True, check=False, cwd=root
            )
            assert typed.returncode == 0, command.display


@given(state=PATHS, job=HOSTILE)
@settings(max_examples=8, deadline=None)
def test_calls_of_the_job_runner(state: str, job: str) -> None:
    with Rooted() as root:
        for script in (
            call("job", "list", state, ""),
            *(call("job", verb, state, "", "j") for verb in ("status", "remove")),
            *(call("job", verb, state, "", "j", number) for verb, number in (("follow", 0), ("cancel", 1))),
            call("job", "status", state, "", job),
        ):
            ran(script, root, ["/bin/sh"], b"xx")
        script, payload = start_call(Place(state), "j", b"exit 3\n")
        ran(script, root, ["/bin/sh"], payload)
        # a job whose end is not awaited would outlive its directory
        wait_until(lambda: b"code=3" in ran(call("job", "status", state, "", "j"), root, ["/bin/sh"]), 30)
        ran(call("job", "follow", state, "", "j", 0), root, ["/bin/sh"])
        assert b"state=none" in ran(call("job", "remove", state, "", "j"), root, ["/bin/sh"])


@given(path=PATHS, text=HOSTILE)
@settings(max_examples=8, deadline=None)
def test_calls_that_copy_and_lock(path: str, text: str) -> None:
    with Rooted() as root:
        words = ran(call("transfer", "receive", path, "", path, "file", 3, text), root, ["/bin/sh"], b"abc")
        assert words.startswith(b"error=transfer ")
        ran(call("transfer", "send", path, "", path, "file"), root, ["/bin/sh"])
        for verb in (
            ("take", "ab", text, 0),
            ("renew", text),
            ("break", text, 0, 0),
            ("show",),
            ("drop", "ab"),
        ):
            ran(call("claim", verb[0], path, *verb[1:]), root, ["/bin/sh"])


@given(owner=st.dictionaries(st.sampled_from(["who", "host", "run"]), HOSTILE, min_size=1), state=PATHS)
@settings(max_examples=8, deadline=None)
def test_who_holds_a_lock_is_kept_as_words(owner: dict[str, str], state: str) -> None:
    class Shell:
        node = "px01"

        async def run(self, script: str, *, payload: bytes, timeout: float) -> Completed:  # noqa: ASYNC109
            return Completed(0, ran(script, root, ["/bin/sh"], payload), b"")

    async def taken_and_shown() -> dict[str, str]:
        lock = NodeClaim(cast(Any, Shell()), state)
        assert (await lock.take("ab", owner, patience=60)).state == "taken"
        shown = (await lock.show(patience=60)).holder
        assert shown is not None
        return dict(shown.owner)

    with Rooted() as root:
        kept = asyncio.run(taken_and_shown())
        printable = {key: "".join(s if s.isprintable() else " " for s in text) for key, text in owner.items()}
        assert {key: text.strip() for key, text in kept.items()} == {
            k: v.strip() for k, v in printable.items()
        }


class Recording:
    """A node's link that keeps the scripts it is given."""

    def __init__(self, state: str) -> None:
        self.state = state
        self.scripts: list[str] = []

    async def remove_all(self, prefix: str, *, patience: float) -> Done[None]:
        self.scripts.append(call("job", "remove-all", self.state, "", prefix))
        return Done(None)

    async def clear_place(self, *, patience: float) -> Done[None]:
        self.scripts.append(call("place", "clear", self.state, ""))
        return Done(None)

    async def run(self, script: str, *, timeout: float) -> Completed:  # noqa: ASYNC109
        self.scripts.append(script)
        return Completed(0, b"", b"")


@given(state=PATHS)
@settings(max_examples=10, deadline=None)
def test_cleaning_up_and_listing_packages(state: str) -> None:
    client = Recording(state)
    node = SimpleNamespace(name="px01", steps={StepName.INSTALL: SimpleNamespace(attempts=(1,))})
    run = SimpleNamespace(run_id="r", nodes={"px01": node}, still_out=lambda _name: (), settled={})
    fleet = SimpleNamespace(client=lambda _name: client)

    async def all_scripts() -> None:
        await clean_up(cast(Fleet, fleet), cast(Run, run), state)
        await Packages()._listing(cast(Any, SimpleNamespace(client=client)), f"{state}/packages/1")

    asyncio.run(all_scripts())
    assert len(client.scripts) == 4
    with Rooted() as root:
        beside = root / "precious"
        beside.write_text("x")
        for script in client.scripts:
            ran(script, root, ["/bin/sh"])
        assert beside.exists()


@given(HOSTILE.filter(lambda text: "\n" not in text))
@settings(max_examples=15, deadline=None)
def test_the_operators_own_command_is_run_as_written_and_shown_so(text: str) -> None:
    """It is a command by design, but the line that announces it must not run it a second time."""
    commands = OperatorCommands([f": {text.replace('touch PWNED', 'echo x').replace('>PWNED', '')}"])
    script = commands.script.split("\n")[0]
    with Rooted() as root:
        assert ran(script, root, ["/bin/sh"]).decode() == f"+ {commands.display}\n"


MARK = re.compile(r"rollcall-[0-9a-f]{24}")


@needs_sshd
async def test_no_value_is_part_of_a_remote_command_line(
    make_node: MakeNode, connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every command that a real sshd is asked to run is one constant, whatever the paths and names are."""
    asked: list[str] = []
    real: Callable[[paramiko.Channel, str], None] = paramiko.Channel.exec_command

    def noted(channel: paramiko.Channel, command: str) -> None:
        asked.append(command if isinstance(command, str) else bytes(command).decode())
        real(channel, command)

    monkeypatch.setattr(paramiko.Channel, "exec_command", noted)
    node = make_node()
    state = "/var/lib/$(touch PWNED)`touch PWNED`'\"; touch PWNED; #"
    async with connect(node, state_dir=state) as cluster:
        client = cluster.client
        await client.connected(30)
        await client.upload(f"{state}/sia/x.sh", Path(__file__))
        await client.download(f"{state}/sia/x.sh", tmp_path / "copy")
        await client.start_job("j", "echo done; exit 3")
        await client.run(facts_script(state, state, state), timeout=30)
        lock = NodeClaim(client, state)
        assert (await lock.take("ab", {"who": "$(touch PWNED)"}, patience=30)).state == "taken"
        jobs = await client.jobs()
    assert [job.job_id for job in jobs] == ["j"]
    assert len(asked) > 5
    assert len({MARK.sub("", command) for command in asked}) == 1
    assert "PWNED" not in "".join(asked)
    assert marks_below(tmp_path) == []
