"""What ssh_config lets be agreed on with a server: the same verdict as ssh's, and no narrower than safe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import paramiko
import pytest

from tests.remote.conftest import MakeNode
from tests.remote.ssh.oracle import both
from tests.rigs.openssh import generate_key, needs_sshd
from tui.remote import Endpoint, RemoteError, resolve
from tui.remote.ssh.algorithms import CIPHERS, KEX, KINDS, MACS, What, no_agreement
from tui.remote.ssh.transport import NodeTransport

pytestmark = needs_sshd


def test_what_is_said_to_be_spoken_is() -> None:
    stock: Any = paramiko.Transport
    assert set(CIPHERS) <= set(stock._cipher_info)
    assert set(MACS) <= set(stock._mac_info)
    assert set(KEX) == {*NodeTransport._kex_info} >= {*stock._preferred_kex}
    assert set(KINDS["host key"].spoken) == set(stock._key_info)


@pytest.mark.parametrize(
    ("server", "client", "agreed"),
    [
        ("Ciphers aes256-ctr,aes128-ctr", "Ciphers aes128-ctr,aes256-ctr", "cipher: aes128-ctr"),
        (
            "Ciphers aes256-ctr,aes128-ctr",
            "Ciphers chacha20-poly1305@openssh.com,aes256-ctr",
            "cipher: aes256-ctr",
        ),
        ("Ciphers aes256-ctr", "MACs hmac-sha2-512", "MAC: hmac-sha2-512 "),
        (
            "KexAlgorithms +diffie-hellman-group14-sha1",
            "KexAlgorithms ecdh-sha2-nistp384",
            "ecdh-sha2-nistp384",
        ),
        # A cipher that needs no MAC is agreed on whatever MACs say.
        ("MACs umac-128@openssh.com", "Ciphers aes256-gcm@openssh.com", "MAC: <implicit>"),
        ("MACs hmac-sha2-256", "MACs umac-128@openssh.com", "MAC: <implicit>"),
    ],
)
def test_it_is_agreed_on_as_allowed(make_node: MakeNode, server: str, client: str, agreed: str) -> None:
    node = make_node("px01", server, "LogLevel DEBUG")
    assert both(node, client) == ""
    ours = node.log.rpartition("Connection from")[2]
    assert agreed in ours


@pytest.mark.parametrize(
    ("server", "client", "words"),
    [
        (
            "Ciphers aes256-ctr",
            "Ciphers aes128-ctr,chacha20-poly1305@openssh.com",
            "only aes256-ctr for its cipher, which Ciphers of your ssh_config does not allow; allow one "
            "of them there, or one of aes128-ctr in its sshd_config.",
        ),
        (
            "MACs hmac-sha2-256",
            "MACs hmac-sha2-512\n  Ciphers aes128-ctr",
            "which MACs of your ssh_config does not",
        ),
        (
            "Ciphers aes256-ctr",
            "MACs umac-64@openssh.com",
            "for its cipher, which MACs of your ssh_config does not",
        ),
        (
            "KexAlgorithms ecdh-sha2-nistp256",
            "KexAlgorithms curve25519-sha256",
            "which KexAlgorithms of your",
        ),
        (
            "",
            "HostKeyAlgorithms rsa-sha2-512",
            "ssh-ed25519 for its host key, which HostKeyAlgorithms of your",
        ),
    ],
)
def test_what_is_not_allowed_is_not_agreed_on(
    make_node: MakeNode, server: str, client: str, words: str
) -> None:
    node = make_node("px01", *server.splitlines())
    assert words in both(node, client, alike="umac" not in client)  # which only ssh can speak


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "Ciphers chacha20-poly1305@openssh.com",
            "but chacha20-poly1305@openssh.com cannot be spoken here; allow",
        ),
        (
            "Ciphers aes256-cbc,3des-cbc",
            "but aes256-cbc, 3des-cbc are not safe to use; allow one of aes128-gcm",
        ),
        (
            "MACs umac-64@openssh.com\n  Ciphers aes128-ctr",
            "MACs umac-64@openssh.com, but umac-64@openssh.com can",
        ),
        (
            "KexAlgorithms sntrup761x25519-sha512@openssh.com",
            "KexAlgorithms sntrup761x25519-sha512@openssh.com, but",
        ),
        ("HostKeyAlgorithms ssh-rsa", "but ssh-rsa is not safe to use"),
        (
            "KexAlgorithms sntrup761x25519-sha512@openssh.com,diffie-hellman-group1-sha1",
            "sntrup761x25519-sha512@openssh.com cannot be spoken here and diffie-hellman-group1-sha1 is not",
        ),
    ],
)
def test_a_list_of_which_nothing_is_spoken_is_refused_before_anything_is_dialled(
    tmp_path: Path, line: str, words: str
) -> None:
    path = tmp_path / "ssh_config"
    path.write_text(f"Host px01\n  {line}\n")
    with pytest.raises(RemoteError) as caught:
        resolve("px01", ssh_config=path)
    assert caught.value.kind == "config"
    assert words in caught.value.sentence


def resolved(tmp_path: Path, *lines: str) -> Endpoint:
    path = tmp_path / "ssh_config"
    path.write_text("Host px01\n" + "".join(f"  {line}\n" for line in lines))
    return resolve("px01", ssh_config=path)


def test_lists_that_ssh_has_by_itself_narrow_nothing(tmp_path: Path) -> None:
    assert resolved(tmp_path).wire == resolved(tmp_path, "Ciphers +aes128-ctr").wire
    # one that is widened by what is not safe narrows to ssh's own, in ssh's order, and widens nothing
    assert set(resolved(tmp_path, "Ciphers +aes256-cbc").wire.ciphers or ()) == set(CIPHERS)


@pytest.mark.parametrize(
    ("line", "in_order"),
    [
        ("HostKeyAlgorithms +ssh-rsa", False),
        ("HostKeyAlgorithms -ecdsa*", False),
        ("HostKeyAlgorithms rsa-sha2-512,ssh-ed25519", True),
        ("HostKeyAlgorithms ssh-ed25519,rsa-sha2-512", True),
        ("HostKeyAlgorithms ^rsa-sha2-512", True),
    ],
)
def test_known_hosts_counts_more_than_an_order_that_is_sshs_own(
    tmp_path: Path, make_node: MakeNode, line: str, *, in_order: bool
) -> None:
    assert resolved(tmp_path, line).wire.host_keys_in_order is in_order
    # The server has two keys, known_hosts the one that comes last by itself.
    generate_key(tmp_path / "rsa", "rsa", "", "-b", "2048")
    generate_key(tmp_path / "ed25519")
    node = make_node("px01", f"HostKey {tmp_path / 'ed25519'}", f"HostKey {tmp_path / 'rsa'}")
    node.known_hosts.write_text(f"{node.known_as} {(tmp_path / 'rsa.pub').read_text()}")
    both(node, line)


def test_what_is_taken_out_of_sshs_own_list_is_not_offered(make_node: MakeNode, tmp_path: Path) -> None:
    rsa = generate_key(tmp_path / "rsa", "rsa", "", "-b", "2048")
    node = make_node("px01", f"HostKey {tmp_path / 'rsa'}")
    node.known_hosts.write_text(f"{node.known_as} {' '.join(rsa)}\n")
    assert both(node, "HostKeyAlgorithms -rsa-sha2-256") == ""
    assert "which HostKeyAlgorithms of your ssh_config does not allow" in both(
        node, "HostKeyAlgorithms -rsa*"
    )


@pytest.mark.parametrize(
    ("what", "offered", "words"),
    [
        ("cipher", ["aes128-cbc", "3des-cbc"], "none of which is safe to use"),
        ("kex", ["diffie-hellman-group14-sha1"], "none of which is safe to use"),
        ("host key", ["ssh-rsa", "ssh-dss"], "none of which is safe to use"),
        (
            "cipher",
            ["chacha20-poly1305@openssh.com"],
            "chacha20-poly1305@openssh.com cannot be spoken here; let Ciphers of its",
        ),
        (
            "kex",
            ["sntrup761x25519-sha512"],
            "sntrup761x25519-sha512 cannot be spoken here; let KexAlgorithms of its sshd_config allow",
        ),
        (
            "mac",
            ["umac-64@openssh.com", "hmac-sha1"],
            "cannot be spoken here and hmac-sha1 is not safe to use; let",
        ),
        ("mac", ["x\x1b[2J"], "offers only (not a name) for its MAC"),
        ("mac", [f"m{number}" for number in range(50)], "and 40 more"),
    ],
)
def test_not_safe_is_only_said_where_it_is_true(what: What, offered: list[str], words: str) -> None:
    said = no_agreement(what, offered, None)
    assert words in said
    assert ("none of which is safe" in said) == (words == "none of which is safe to use")
