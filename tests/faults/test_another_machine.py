"""Behind a node's address another machine answers: host key, name, machine id and boot, in every combination.

A real sshd answers on the node's port each time; known_hosts vouches for either key.
"""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults import tally
from tests.faults.tally import ROWS, Row
from tests.remote.conftest import make_sysroot
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import patience
from tui.remote import Fleet, Options, RemoteError, resolve
from tui.remote.exec.change_result import value_of

pytestmark = needs_sshd

NODE, OTHER = "px01.east.example", "px01.west.example"


class Answer(NamedTuple):
    """How what answers now differs from what was bound."""

    key: str
    name: str
    machine_id: str
    boot: str

    @property
    def same(self) -> bool:
        """Whether it may be the same machine: what is not said, or may change with a boot, is no proof."""
        if self.key == "other":  # known_hosts has it, so a person vouches for it; the rest has to be proven
            proven = self.machine_id == "same" or (self.machine_id == "none" and self.boot == "same")
            return proven and self.name in ("same", "short")
        stateless = self.boot == "other" and self.name not in ("other", "none")
        return self.name != "other" and (self.machine_id != "other" or stateless)


ANSWERS = [
    Answer(*each)
    for each in itertools.product(
        ("same", "other"), ("same", "short", "none", "other"), ("same", "none", "other"), ("same", "other")
    )
]
SAMPLE = [
    Answer("same", "same", "same", "other"),
    Answer("same", "short", "none", "same"),
    Answer("same", "same", "other", "other"),
    Answer("same", "same", "other", "same"),
    Answer("same", "other", "same", "same"),
    Answer("other", "same", "same", "other"),
    Answer("other", "same", "other", "same"),
    Answer("other", "none", "same", "same"),
]


class Machine:
    """The machine behind the address."""

    def __init__(self, directory: Path) -> None:
        self.root = make_sysroot(directory / "root")
        self.node = OpenSshNode(directory / "rig", NODE, self.root)
        self.spare = OpenSshNode(directory / "rig", "spare", None)
        with self.node.known_hosts.open("a") as known:
            known.write(f"{self.node.known_as} {' '.join(self.spare.host_key)}\n")
        key = "host_ed25519"
        self._keys = {
            "same": (self.node.directory / key).read_bytes(),
            "other": (self.spare.directory / key).read_bytes(),
        }
        self._boot = self.node.boot_id
        self.be(Answer("same", "same", "same", "same"))

    def be(self, answer: Answer) -> None:
        """Stop answering, and answer as that one."""
        self.node.stop()
        (self.node.directory / "host_ed25519").write_bytes(self._keys[answer.key])
        names = {"same": NODE, "short": NODE.partition(".")[0], "none": "", "other": OTHER}
        program = self.root / "usr/bin/hostname"
        program.write_text(f"#!/bin/sh\necho '{names[answer.name]}'\n")
        program.chmod(0o755)
        ids = {"same": "a" * 32, "none": "", "other": "b" * 32}
        (self.root / "etc").mkdir(exist_ok=True)
        (self.root / "etc/machine-id").write_text(f"{ids[answer.machine_id]}\n")
        boot = self.root / "proc/sys/kernel/random/boot_id"
        boot.write_text(f"{self._boot if answer.boot == 'same' else '0' * 8 + self._boot[8:]}\n")
        self.node.start()


@pytest.mark.parametrize("place", ["new connection", "login besides"])
async def test_no_other_machine_is_let_in(place: str, tmp_path: Path) -> None:
    row = Row("another machine answers", f"at a {place}")
    ROWS.append(row)
    machine = Machine(tmp_path)
    options = Options(backoff_first=0.05, backoff_limit=0.2, machines=(NODE, "px02.east.example"))
    try:
        for answer in ANSWERS if tally.ALL else SAMPLE:
            machine.be(Answer("same", "same", "same", "same"))
            row.cases += 1
            let_in = await _let_in(machine, options, answer, place, tmp_path)
            if let_in is not answer.same:
                row.wrong_states += 1
                row.notes.append(f"{answer}: {'let in' if let_in else 'refused'}")
    finally:
        machine.node.stop()
    assert row.clean, row.notes


async def _let_in(machine: Machine, options: Options, answer: Answer, place: str, tmp_path: Path) -> bool:
    """Whether a command reaches the machine that answers so."""
    mark = machine.root / "was-here"
    mark.unlink(missing_ok=True)
    local = tmp_path / "file"
    local.write_text("x")
    async with Fleet([resolve(NODE, ssh_config=machine.node.ssh_config)], options) as fleet:
        client = fleet.client(NODE)
        await client.connected(20)
        client.bind(client.identity)
        before = client.state.since
        machine.be(answer)
        async with asyncio.timeout(20 * patience()):
            while client.state.since == before or client.state.phase not in ("up", "refused"):
                await client.next_change()
        try:
            if place == "new connection":
                await client.run('echo x >"$R/was-here"', timeout=60)
            else:
                value_of(await client.upload("/was-here", local))
        except RemoteError as refused:
            assert refused.kind == "another-machine", refused
            assert NODE in refused.sentence
            assert not mark.exists()
            return False
        assert mark.exists()
        return True
