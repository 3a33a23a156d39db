"""KnownHostsCommand: what a program prints counts as known_hosts does, with ssh's verdict in every case."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.remote.conftest import MakeNode
from tests.remote.ssh.oracle import both
from tests.rigs.openssh import OpenSshNode, generate_key, needs_sshd
from tui.remote import RemoteError, resolve

pytestmark = needs_sshd


def command(node: OpenSshNode, script: str, words: str = "%I %H %t %f %K %%H") -> str:
    """An ssh_config line with a program that notes its words and prints lines; no file knows the key."""
    program, noted = node.directory / "known", node.directory / "noted"
    program.write_text(f'#!/bin/sh\necho "$*" >>{noted}\n{script}\n')
    program.chmod(0o755)
    node.known_hosts.write_text("")
    return f"KnownHostsCommand {program} {words}"


def noted(node: OpenSshNode) -> list[str]:
    return (node.directory / "noted").read_text().splitlines()


def test_a_key_that_a_program_knows_is_taken(node: OpenSshNode) -> None:
    line = f"echo '{node.known_as} {' '.join(node.host_key)}'"
    assert both(node, command(node, line)) == ""
    theirs, ours = [said for said in noted(node) if said.startswith("HOSTNAME ")]
    assert theirs == ours
    assert ours.startswith(f"HOSTNAME {node.known_as} {node.host_key[0]} SHA256:")
    assert ours.endswith(f" {node.host_key[1]} %H")


def test_words_of_the_connection_and_of_the_environment_are_written_out(
    node: OpenSshNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODD", "100%H")
    line = f"echo '{node.known_as} {' '.join(node.host_key)}'"
    assert both(node, command(node, line, "'%h  %p' ${ODD} %%")) == ""
    assert set(noted(node)) == {f"127.0.0.1  {node.port} 100%H %"}


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("true", "and KnownHostsCommand of ssh_config"),
        ("exit 3", "KnownHostsCommand of ssh_config fails (exit code 3, last words: it said nothing)"),
        ("echo broken >&2; echo '{line}'; exit 3", "fails (exit code 3, last words: broken)"),
        ("echo '@revoked * {key}'; echo '{line}'", "and KnownHostsCommand of ssh_config marks as revoked"),
        ("echo '{line}' | tr A-M N-Z", "lets nobody accept here"),
        ("echo '{bare}'", "lets nobody accept here"),
    ],
)
def test_what_the_program_does_not_vouch_for_is_not_taken(node: OpenSshNode, script: str, words: str) -> None:
    key = " ".join(node.host_key)
    line = command(node, script.format(key=key, line=f"{node.known_as} {key}", bare=f"{node.host} {key}"))
    assert words in both(node, line)


def test_a_program_that_is_not_there(node: OpenSshNode, tmp_path: Path) -> None:
    said = both(node, f"KnownHostsCommand {tmp_path}/none", "UserKnownHostsFile /dev/null")
    assert (
        "KnownHostsCommand of ssh_config fails (No such file or directory), so no host key is taken" in said
    )


def test_the_key_that_the_program_knows_is_asked_for(make_node: MakeNode, tmp_path: Path) -> None:
    """The server has two, and the program knows the one that is not the usual one."""
    rsa = generate_key(tmp_path / "rsa", "rsa", "", "-b", "2048")
    generate_key(tmp_path / "ed25519")
    node = make_node("px01", f"HostKey {tmp_path / 'ed25519'}", f"HostKey {tmp_path / 'rsa'}")
    # Older versions of ssh ask the program for the bare name then, and prefer the usual key.
    assert both(node, command(node, f"echo '{node.known_as} {' '.join(rsa)}'"), alike=None) == ""
    assert noted(node)[-2] == f"ORDER {node.known_as} NONE NONE NONE %H"


def test_a_command_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "ssh_config"
    path.write_text("Host px01\n  KnownHostsCommand /bin/cat 'x %H\n")
    with pytest.raises(RemoteError, match=r"ssh_config"):
        resolve("px01", ssh_config=path)
