"""Host keys that ssh_config rules out, though known_hosts vouches for them: ssh's verdict in every case."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.remote.conftest import MakeNode, endpoint
from tests.remote.ssh.oracle import both
from tests.rigs.openssh import OpenSshNode, generate_key, needs_sshd
from tui.remote import RemoteError, resolve
from tui.remote.ssh.endpoint import HostKeyPolicy
from tui.remote.ssh.hostkey.known_hosts import KnownHosts
from tui.remote.ssh.hostkey.lines import Lines
from tui.remote.ssh.hostkey.verify import ShownKey, verify_host_key

pytestmark = needs_sshd


def keygen(*words: str | Path) -> None:
    subprocess.run(["ssh-keygen", "-q", *map(str, words)], check=True, capture_output=True)


def certified(
    node: OpenSshNode, tmp_path: Path, kind: str, *words: str, key: str = "host_ed25519"
) -> OpenSshNode:
    """A node that shows a certificate over its key, by an authority that known_hosts lists, and starts."""
    public = node.directory / f"{key}.pub"
    authority = generate_key(tmp_path / "authority", kind, "", *(["-b", "2048"] if kind == "rsa" else []))
    keygen("-s", tmp_path / "authority", "-I", "id", "-h", "-n", "127.0.0.1", "-z", "7", *words, public)
    node.known_hosts.write_text(f"@cert-authority {node.known_as} {' '.join(authority)}\n")
    node.extra.append(f"HostKey {node.directory / key}")
    node.extra.append(f"HostCertificate {node.directory / f'{key}-cert.pub'}")
    node.start()
    return node


Write = Callable[[Path, Path], object]


def plain(path: Path, public: Path) -> None:
    path.write_text(f"# gone\n\n  {public.read_text()}")


def plain_after_garbage(path: Path, public: Path) -> None:
    path.write_text(f"px01 {public.read_text()}")


def krl(path: Path, public: Path) -> None:
    keygen("-k", "-f", path, public)


def damaged_krl(path: Path, public: Path) -> None:
    krl(path, public)
    path.write_bytes(path.read_bytes()[:-10])


def nothing(path: Path, public: Path) -> None:
    path.write_text("")


@pytest.mark.parametrize("write", [plain, krl])
def test_a_revoked_key_is_not_taken(node: OpenSshNode, tmp_path: Path, write: Write) -> None:
    revoked = tmp_path / "revoked keys"
    write(revoked, node.directory / "host_ed25519.pub")
    said = both(node, f'RevokedHostKeys "{revoked}"')
    assert f"which RevokedHostKeys of ssh_config ({revoked}) marks as revoked" in said
    write(revoked, node.client_key.with_suffix(".pub"))
    assert both(node, f'RevokedHostKeys "{revoked}"') == ""
    nothing(revoked, revoked)
    assert both(node, f'RevokedHostKeys "{revoked}"') == ""


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda path, _: None, "No such file"),
        (lambda path, _: path.mkdir(), "it is not a file"),
        (plain_after_garbage, "line 1 is not a public key"),
        (damaged_krl, "Invalid KRL file"),
    ],
)
def test_where_nobody_can_tell_what_is_revoked_no_key_is_taken(
    node: OpenSshNode, tmp_path: Path, write: Write, words: str
) -> None:
    revoked = tmp_path / "revoked"
    write(revoked, node.client_key.with_suffix(".pub"))
    said = both(node, f"RevokedHostKeys {revoked}")
    assert said.startswith("px01: cannot tell what RevokedHostKeys of ssh_config revokes")
    assert words in said


def test_a_pipe_is_not_waited_for(node: OpenSshNode, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # which ssh would wait for, for ever
    target = replace(endpoint(node), host_keys=HostKeyPolicy(revoked=(str(tmp_path / "pipe"),)))
    shown = ShownKey("ssh-ed25519", base64.b64decode(node.host_key[1]))
    with pytest.raises(RemoteError, match="it is not a file"):
        verify_host_key(target, shown, KnownHosts())


def test_a_krl_without_ssh_keygen_is_no_list_of_nothing(
    node: OpenSshNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    krl(tmp_path / "krl", node.client_key.with_suffix(".pub"))
    target = replace(endpoint(node), host_keys=HostKeyPolicy(revoked=(str(tmp_path / "krl"),)))
    shown = ShownKey("ssh-ed25519", base64.b64decode(node.host_key[1]))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RemoteError, match="cannot tell what RevokedHostKeys"):
        verify_host_key(target, shown, KnownHosts())


def by_authority(tmp_path: Path) -> None:
    plain(tmp_path / "revoked", tmp_path / "authority.pub")


def by_serial(tmp_path: Path) -> None:
    (tmp_path / "spec").write_text("serial: 7\n")
    keygen("-k", "-f", tmp_path / "revoked", "-s", tmp_path / "authority.pub", tmp_path / "spec")


def by_another_serial(tmp_path: Path) -> None:
    (tmp_path / "spec").write_text("serial: 8\n")
    keygen("-k", "-f", tmp_path / "revoked", "-s", tmp_path / "authority.pub", tmp_path / "spec")


@pytest.mark.parametrize("revoke", [by_authority, by_serial, by_another_serial])
def test_a_certificate_is_revoked_by_its_serial_number_or_by_who_signed_it(
    make_node: MakeNode, tmp_path: Path, revoke: Callable[[Path], None]
) -> None:
    node = certified(make_node(start=False), tmp_path, "ed25519")
    revoke(tmp_path)
    said = both(node, f"RevokedHostKeys {tmp_path / 'revoked'}")
    assert ("marks as revoked" in said) == (revoke is not by_another_serial)


def test_a_certificate_signed_with_sha1_does_not_hold(make_node: MakeNode, tmp_path: Path) -> None:
    node = certified(make_node(start=False), tmp_path, "rsa", "-t", "ssh-rsa")
    said = both(node)
    assert "it is signed with ssh-rsa, which is not safe" in said
    # As in ssh, asking for it makes no difference here: that is stricter on purpose.
    assert "which is not safe" in both(node, "CASignatureAlgorithms +ssh-rsa", alike=False)


@pytest.mark.parametrize(
    ("algorithms", "words"),
    [
        ("rsa-sha2-512", ""),
        ("ssh-ed25519", "signed with rsa-sha2-512, which CASignatureAlgorithms of ssh_config does not allow"),
        ("sk-ssh-ed25519@openssh.com", "which CASignatureAlgorithms of ssh_config does not allow"),
    ],
)
def test_a_certificate_is_signed_as_ssh_config_wants(
    make_node: MakeNode, tmp_path: Path, algorithms: str, words: str
) -> None:
    node = certified(make_node(start=False), tmp_path, "rsa", "-t", "rsa-sha2-512")
    said = both(node, f"CASignatureAlgorithms {algorithms}")
    assert words in said
    assert bool(said) == bool(words)


def test_where_only_certificates_are_wanted_a_key_is_not_taken_without(
    make_node: MakeNode, tmp_path: Path
) -> None:
    node = certified(make_node(start=False), tmp_path, "ed25519", "-V", "-2d:-1d")
    with node.known_hosts.open("a") as file:
        file.write(f"{node.known_as} {' '.join(node.host_key)}\n")
    assert both(node) == ""
    said = both(node, "HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com", alike=None)
    assert "it is not valid now, and HostKeyAlgorithms of ssh_config wants one" in said


def test_an_rsa_host_key_that_is_too_short(make_node: MakeNode) -> None:
    node = make_node(start=False)
    key = generate_key(node.directory / "host_rsa", "rsa", "", "-b", "2048")
    node.known_hosts.write_text(f"{node.known_as} {' '.join(key)}\n")
    node.extra.append(f"HostKey {node.directory / 'host_rsa'}")
    node.start()
    assert both(node, "RequiredRSASize 2048") == ""
    said = both(node, "RequiredRSASize 2049")
    assert "shows an RSA key of 2048 bits, and RequiredRSASize of ssh_config wants 2049" in said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("StrictHostKeyChecking no", "whatever StrictHostKeyChecking no of ssh_config says"),
        (
            "NoHostAuthenticationForLocalhost yes",
            "whatever NoHostAuthenticationForLocalhost yes of ssh_config",
        ),
    ],
)
def test_no_key_is_taken_unseen_whatever_ssh_config_says(node: OpenSshNode, line: str, words: str) -> None:
    """ssh takes it; that we do not is on purpose, and told by name."""
    node.known_hosts.write_text("")
    with_line = [line, "UserKnownHostsFile /dev/null"]
    assert words in both(node, *with_line, alike=False)


def test_dns_does_not_vouch_for_a_key(tmp_path: Path) -> None:
    path = tmp_path / "ssh_config"
    path.write_text("Host px01\n  VerifyHostKeyDNS yes\n")
    assert resolve("px01", ssh_config=path).host_keys.unheeded == ("VerifyHostKeyDNS yes",)


def test_an_address_may_have_no_other_key_than_its_name(node: OpenSshNode) -> None:
    ours, other = (base64.b64decode(generate_key(node.directory / name)[1]) for name in ("one", "two"))
    target = replace(
        endpoint(node), host="px01.cluster", port=22, host_keys=HostKeyPolicy(check_address=True)
    )
    shown = ShownKey("ssh-ed25519", ours)

    def verdict(peer: str, *keys: bytes, wanted: bool = True) -> str:
        owned = [("px01.cluster", ours), *(("10.0.0.1,127.0.0.1", key) for key in keys)]
        lines = [f"{who} ssh-ed25519 {base64.b64encode(key).decode()}\n" for who, key in owned]
        checked = target if wanted else replace(target, host_keys=HostKeyPolicy())
        try:
            return verify_host_key(
                checked, shown, KnownHosts(Lines("known_hosts", "".join(lines).encode())), peer
            ).partition(" ")[0]
        except RemoteError as error:
            assert error.kind == "changed-host-key"
            assert "CheckHostIP of ssh_config" in error.sentence
            return "refused"

    assert verdict("10.0.0.1", other) == "refused"
    assert verdict("10.0.0.1", other, wanted=False) == "key"
    assert verdict("10.0.0.1", other, ours) == verdict("10.0.0.1", ours) == verdict("10.0.0.1") == "key"
    assert verdict("10.0.0.2", other) == verdict("127.0.0.1", other) == verdict("", other) == "key"
