"""A node that is new, met at a real terminal: what is typed there is all that makes its key known."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.plain.terminals import ROOT, TerminalProcess, rollcall
from tests.remote.conftest import MakeNode, make_node
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import patience, wait_until

__all__ = ["make_node"]
pytestmark = needs_sshd


@pytest.fixture
def node(make_node: MakeNode) -> OpenSshNode:
    """This machine, called what it calls itself, behind a server that nobody knows yet."""
    node = make_node(socket.gethostname(), "LoginGraceTime 2")
    node.known_hosts.unlink()
    config = node.ssh_config.read_text()
    node.ssh_config.write_text(config.replace("StrictHostKeyChecking yes", "StrictHostKeyChecking ask"))
    return node


@pytest.fixture
def cluster(node: OpenSshNode, tmp_path: Path) -> str:
    path = tmp_path / "px.toml"
    path.write_text(
        f'[cluster]\nname = "px"\nfamily = "PX"\nnodes = "{node.name}"\n[target]\nversion = "5.21.2"\n'
        f'sia = "/srv/sia.sh"\nrolling_from = ["*"]\n[ssh]\nssh_config = "{node.ssh_config}"\n'
    )
    return str(path)


def test_a_person_compares_types_the_fingerprint_and_it_is_known(node: OpenSshNode, cluster: str) -> None:
    process = TerminalProcess(rollcall("status", cluster, "--json"), {"SSH_AUTH_SOCK": ""})
    try:
        shown = process.expect(r"ED25519 (SHA256:\S+)")[1]
        process.expect(r"A yes writes it to (\S+)\.\nIs it the right one \(yes, no, or the fingerprint\)\? ")
        process.type("SHA256:of-another")
        process.expect("fingerprint of another key.*\nIs it the right one.*\\? ")
        wait_until(lambda: not node.sessions(), 20, "sshd has hung up meanwhile")
        process.type(shown)
        process.end()
    finally:
        process.close()
    assert node.known_hosts.read_text() == f"{node.known_as} {' '.join(node.host_key)}\n"
    assert node.known_hosts.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in process.text.splitlines() if line.startswith("{")]
    assert [line["health"] for line in lines if line["type"] == "node"] != ["unreachable"]


@pytest.mark.parametrize("press", [b"no\n", b"\n", b"\x04"])
def test_a_no_is_told_with_what_to_do_and_the_exit_code_of_a_connection(
    node: OpenSshNode, cluster: str, press: bytes
) -> None:
    process = TerminalProcess(rollcall("check", cluster), {"SSH_AUTH_SOCK": ""})
    try:
        process.expect(r"fingerprint\)\? ")
        process.press(press)
        process.expect("a host key that nobody has accepted")
        assert process.end() == 6
    finally:
        process.close()
    assert not node.known_hosts.exists()
    assert process.text.count("fingerprint)? ") == 1


def test_yes_on_the_command_line_accepts_no_key(node: OpenSshNode, cluster: str, tmp_path: Path) -> None:
    command = rollcall("run", cluster, "--plain", "--yes", "--state-dir", str(tmp_path / "state"))
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, start_new_session=True,
        timeout=60 * patience(), check=False,
    )  # fmt: skip
    assert ended.returncode != 0
    assert re.search(r"nobody has accepted: ssh-ed25519 SHA256:\S+, not in", ended.stderr)
    assert "Traceback" not in ended.stderr
    assert not node.known_hosts.exists()
