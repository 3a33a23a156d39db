"""Host keys: the same verdict as ssh(1) in every case, and a sentence that tells the cases apart."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.remote.conftest import Connect, MakeNode, endpoint
from tests.rigs.openssh import OpenSshNode, generate_key, needs_sshd
from tests.rigs.waiting import wait_until_async
from tui.remote import Endpoint, Options, RemoteError
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.connect import Connector

pytestmark = needs_sshd


class Keys:
    """Host keys, stranger's keys and authorities, and certificates made from them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.rsa = generate_key(directory / "rsa", "rsa", "", "-b", "2048")
        self.other = generate_key(directory / "other")
        self.authority = generate_key(directory / "authority")
        self.stranger = generate_key(directory / "stranger")
        self.rsa_authority = generate_key(directory / "rsa_authority", "rsa", "", "-b", "2048")

    def certify(self, public: Path, by: str, *words: str) -> Path:
        """A certificate over ``public``, signed by the authority named ``by``."""
        command = ["ssh-keygen", "-q", "-s", str(self.directory / by), "-I", "id", *words, str(public)]
        subprocess.run(command, check=True, capture_output=True)
        return public.with_name(f"{public.stem}-cert.pub")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


def hashed(name: str) -> str:
    salt = os.urandom(20)
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@dataclass(frozen=True)
class Case:
    """known_hosts lines, with {n} for [host]:port, {h} for the host, {p} for the port, and names of keys."""

    name: str
    lines: Sequence[str]
    certificate: Sequence[str] = ()
    verdict: str = "ok"
    oracle: bool = True


SIGNED = ("authority", "-h", "-n", "127.0.0.1", "-V", "+1d")
CASES = [
    Case("plain", ["{n} {host}"]),
    Case("the server's other key", ["{n} {rsa}"]),
    Case("hashed", ["{hashed} {host}"]),
    Case("hashed, other key", ["{hashed} {rsa}"]),
    Case("unknown", ["[10.0.0.1]:22 {host}"], verdict="unknown-host-key"),
    Case("empty", [], verdict="unknown-host-key"),
    Case("name without port", ["{h} {host}"]),
    Case("name without port, changed", ["{h} {other}"], verdict="unknown-host-key"),
    Case("other port", ["[{h}]:1 {host}"], verdict="unknown-host-key"),
    Case("changed", ["{n} {other}"], verdict="changed-host-key"),
    Case("changed, while the bare name would do", ["{n} {other}", "{h} {host}"], verdict="changed-host-key"),
    Case("old and new listed", ["{n} {other}", "{n} {host}"]),
    Case("one of several names", ["px99,{n},10.0.0.7 {host}"]),
    Case("pattern", ["[127.0.*]:{p} {host}"]),
    Case("question marks", ["[127.0.?.?]:{p} {host}"]),
    Case("negated", ["[127.0.*]:{p},!{n} {host}"], verdict="unknown-host-key"),
    Case("revoked and listed", ["@revoked * {host}", "{n} {host}"], verdict="revoked-host-key"),
    Case("another key revoked", ["@revoked * {other}", "{n} {host}"]),
    Case("revoked for another host", ["@revoked 10.0.0.1 {host}", "{n} {host}"]),
    Case("garbage before", ["not a line", "x ssh-ed25519 !!!", "@what {n} {host}", "# c", "{n} {host}"]),
    Case("a line that lies about its type", ["{n} ssh-rsa {host_blob}"], verdict="unknown-host-key"),
    Case("comment after the key", ["{n} {host} root@px01 made in 2019"]),
    Case("certificate", ["@cert-authority {n} {authority}"], SIGNED),
    Case("certificate, pattern", ["@cert-authority [127.0.*]:* {authority}"], SIGNED),
    Case("certificate, authority without port", ["@cert-authority {h} {authority}"], SIGNED),
    Case("certificate by RSA", ["@cert-authority {n} {rsa_authority}"], ("rsa_authority", *SIGNED[1:])),
    Case(
        "certificate for another",
        ["@cert-authority {n} {authority}"],
        ("authority", "-h", "-n", "px99"),
        "bad-host-certificate",
    ),
    # Versions of ssh(1) differ on these two; ours is the strict reading.
    Case(
        "certificate with a pattern",
        ["@cert-authority {n} {authority}"],
        ("authority", "-h", "-n", "127.0.*"),
        "bad-host-certificate",
        oracle=False,
    ),
    Case(
        "certificate for anybody",
        ["@cert-authority {n} {authority}"],
        ("authority", "-h"),
        "bad-host-certificate",
        oracle=False,
    ),
    Case(
        "expired certificate",
        ["@cert-authority {n} {authority}"],
        (*SIGNED[:-1], "-2d:-1d"),
        "bad-host-certificate",
    ),
    Case(
        "user certificate",
        ["@cert-authority {n} {authority}"],
        ("authority", "-n", "127.0.0.1"),
        "bad-host-certificate",
    ),
    Case(
        "unknown authority",
        ["@cert-authority {n} {authority}"],
        ("stranger", *SIGNED[1:]),
        "bad-host-certificate",
    ),
    Case(
        "revoked authority",
        ["@cert-authority {n} {authority}", "@revoked * {authority}"],
        SIGNED,
        "revoked-host-key",
    ),
    Case("certificate, plain key known", ["{n} {host}"], SIGNED),
    Case(
        "bad certificate, plain key known",
        ["@cert-authority {n} {authority}", "{n} {host}"],
        (*SIGNED[:-1], "-2d:-1d"),
    ),
    Case("authority known, no certificate", ["@cert-authority {n} {authority}"], verdict="unknown-host-key"),
    Case("authority and key known, no certificate", ["@cert-authority {n} {authority}", "{n} {host}"]),
]


def present(case: Case, node: OpenSshNode, keys: Keys) -> None:
    """Make server and known_hosts what the case wants."""
    host_key = node.directory / "host_ed25519"
    node.extra = [f"HostKey {host_key}", f"HostKey {keys.directory / 'rsa'}"]
    if case.certificate:
        by, *words = case.certificate
        node.extra.append(f"HostCertificate {keys.certify(host_key.with_suffix('.pub'), by, *words)}")
    names = {"n": node.known_as, "h": node.host, "p": str(node.port), "hashed": hashed(node.known_as)}
    blobs = {name: " ".join(value) for name, value in vars(keys).items() if isinstance(value, list)}
    values = {**names, **blobs, "host": " ".join(node.host_key), "host_blob": node.host_key[1]}
    node.known_hosts.write_text("".join(line.format(**values) + "\n" for line in case.lines))
    node.start()


def ssh_accepts(node: OpenSshNode) -> bool:
    """The oracle."""
    command = [
        "ssh",
        "-F",
        str(node.ssh_config),
        "-o",
        "BatchMode=yes",
        "-o",
        "UpdateHostKeys=no",
        node.name,
        "true",
    ]
    return subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode == 0


def our_verdict(target: Endpoint) -> str:
    connector = Connector(Options(), SecretStore(None))
    try:
        connector.connect(target)
    except RemoteError as error:
        assert str(error).startswith(target.node)
        return error.kind
    finally:
        connector.close()
    return "ok"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_verdict_is_that_of_ssh(case: Case, make_node: MakeNode, keys: Keys) -> None:
    node = make_node(start=False)
    present(case, node, keys)
    verdict = our_verdict(endpoint(node))
    assert not case.oracle or (verdict == "ok") == ssh_accepts(node), "ssh(1) says otherwise"
    assert verdict == case.verdict


async def test_an_unknown_key_is_told_with_what_to_do(node: OpenSshNode, connect: Connect) -> None:
    node.known_hosts.write_text("")
    async with connect(node) as cluster:
        with pytest.raises(RemoteError) as caught:
            await cluster.client.connected(10)
        sentence = str(caught.value)
        assert fingerprint_on_console(node) in sentence
        assert "StrictHostKeyChecking yes" in sentence
        assert "add it to known_hosts" in sentence
        assert cluster.client.state.phase == "refused"
        # What the sentence says works.
        node.known_hosts.write_text(f"{node.known_as} {' '.join(node.host_key)}\n")
        cluster.client.reconnect()
        await cluster.client.next_change()
        await cluster.client.connected(10)
    assert node.known_hosts.read_text().count("\n") == 1


def fingerprint_on_console(node: OpenSshNode) -> str:
    command = ["ssh-keygen", "-lf", str(node.directory / "host_ed25519.pub")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[1]


async def test_a_changed_key_stops_and_offers_nothing(
    node: OpenSshNode, connect: Connect, keys: Keys
) -> None:
    before = f"{node.known_as} {' '.join(keys.other)}\n"
    node.known_hosts.write_text(before)
    async with connect(node) as cluster:
        with pytest.raises(RemoteError) as caught:
            await cluster.client.connected(10)
    assert caught.value.kind == "changed-host-key"
    assert ">>" not in str(caught.value)
    assert cluster.phases() == ["connecting", "refused"]
    assert node.known_hosts.read_text() == before


async def test_a_key_that_is_mended_while_a_try_is_under_way_is_taken_with_the_next(
    node: OpenSshNode, connect: Connect, keys: Keys
) -> None:
    node.known_hosts.write_text(f"{node.known_as} {' '.join(keys.other)}\n")
    async with connect(node) as cluster:
        await wait_until_async(lambda: cluster.client.state.phase == "refused")
        cluster.client.reconnect()  # this try reads the old key
        await wait_until_async(lambda: cluster.client._connection._attempting)
        node.known_hosts.write_text(f"{node.known_as} {' '.join(node.host_key)}\n")
        cluster.client.reconnect()
        await wait_until_async(lambda: cluster.client.state.phase == "up")


def test_a_host_key_alias_stands_for_the_host_whatever_the_port(node: OpenSshNode) -> None:
    target = replace(endpoint(node), host_key_alias="px01.cluster")
    node.known_hosts.write_text(f"px01.cluster {' '.join(node.host_key)}\n")
    assert our_verdict(target) == "ok"
    node.known_hosts.write_text(f"{node.known_as} {' '.join(node.host_key)}\n")
    assert our_verdict(target) == "unknown-host-key"


def test_a_known_hosts_file_that_cannot_be_read_is_named(node: OpenSshNode) -> None:
    target = replace(endpoint(node), known_hosts=(str(node.directory),))  # a directory
    assert our_verdict(target) == "config"
