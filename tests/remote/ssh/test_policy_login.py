"""Which keys ssh_config lets be used: the same verdict as ssh's against a real server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.remote.conftest import MakeNode
from tests.remote.ssh.oracle import both
from tests.rigs.openssh import OpenSshNode, generate_key, needs_sshd

pytestmark = needs_sshd


@pytest.fixture
def rsa(make_node: MakeNode, tmp_path: Path) -> OpenSshNode:
    """A node that lets an RSA key of 2048 bits in, and nothing else."""
    node = make_node("px01", "LogLevel DEBUG")
    generate_key(tmp_path / "rsa", "rsa", "", "-b", "2048")
    node.authorized_keys.write_text((tmp_path / "rsa.pub").read_text())
    node.ssh_config.write_text(
        node.ssh_config.read_text().replace(str(node.client_key), str(tmp_path / "rsa"))
    )
    return node


def test_rsa_keys_that_are_too_short_are_not_used(rsa: OpenSshNode) -> None:
    assert both(rsa, "RequiredRSASize 2048") == ""
    said = both(rsa, "RequiredRSASize 3072")
    assert "rsa: an RSA key of 2048 bits is too short (RequiredRSASize 3072 of ssh_config)" in said


@pytest.mark.parametrize("algorithms", ["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519,rsa-sha2-256"])
def test_an_rsa_key_signs_only_as_it_may(rsa: OpenSshNode, algorithms: str) -> None:
    assert both(rsa, f"PubkeyAcceptedAlgorithms {algorithms}") == ""
    assert rsa.log.count("Accepted publickey") == 2
    assert set(re.findall(r"pkalg (rsa-sha2-[0-9]*)", rsa.log)) == {algorithms.rpartition(",")[2]}


def test_kinds_of_keys_that_are_not_allowed_are_not_used(rsa: OpenSshNode) -> None:
    said = both(rsa, "PubkeyAcceptedAlgorithms ssh-ed25519")
    assert "ssh-rsa is not among the PubkeyAcceptedAlgorithms of ssh_config" in said


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["PubkeyAuthentication no"], "PubkeyAuthentication no of ssh_config rules publickey out"),
        (
            ["PreferredAuthentications password,publickey-of-old"],
            "PreferredAuthentications password,publickey-of-old of ssh_config rules publickey out",
        ),
    ],
)
def test_what_rules_a_way_out_is_named(node: OpenSshNode, lines: list[str], words: str) -> None:
    assert words in both(node, *lines)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("BatchMode yes", "BatchMode yes of ssh_config rules password out"),
        ("PasswordAuthentication no", "PasswordAuthentication no of ssh_config rules password out"),
        ("NumberOfPasswordPrompts 0", "NumberOfPasswordPrompts 0 of ssh_config rules password out"),
        ("PasswordAuthentication yes", ""),
    ],
)
def test_what_rules_passwords_out_is_named_where_they_would_do(
    make_node: MakeNode, line: str, words: str
) -> None:
    node = make_node("px01", "PasswordAuthentication yes")
    node.authorized_keys.write_text("")
    said = both(node, line)
    assert words in said
    assert ("of ssh_config rules" in said) == bool(words)
    assert "keyboard-interactive out" not in said, "the node does not accept that"


def test_ways_that_only_ssh_can_go_are_named_where_they_would_do(make_node: MakeNode) -> None:
    node = make_node("px01", "HostbasedAuthentication yes")
    node.authorized_keys.write_text("")
    said = both(node, "HostbasedAuthentication yes", "GSSAPIAuthentication yes")
    assert "HostbasedAuthentication of ssh_config is only for ssh, not spoken here" in said
    assert "GSSAPI" not in said
    # No provider of keys can be loaded by ssh either where there is none.
    said = both(node, f"PKCS11Provider {node.directory}/none.so")
    assert "PKCS11Provider of ssh_config is only for ssh, not spoken here; have the agent hold" in said
