"""Every keyword of `ssh -G` has its class, and what is honoured changes something."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.rigs.openssh import needs_sshd
from tui.remote import Endpoint, RemoteError, resolve
from tui.remote.ssh.config.facts import Facts
from tui.remote.ssh.config.keywords import ALIASES, KEYWORDS, class_of

pytestmark = needs_sshd

EVERYTHING = """
  BindAddress 127.0.0.1
  BindInterface lo
  CertificateFile /x
  ControlPath /x
  DynamicForward 1080
  GSSAPIClientIdentity x
  GSSAPIServerIdentity x
  HostKeyAlias x
  IdentityAgent /x
  KbdInteractiveDevices x
  KnownHostsCommand /x
  LocalCommand x
  LocalForward 1 x:1
  PKCS11Provider /x
  PreferredAuthentications x
  RemoteCommand x
  RemoteForward 1 x:1
  RevokedHostKeys /x
  SendEnv X
  SetEnv X=x
"""
"""What `ssh -G` prints only where it is set."""


def printed(*words: str) -> set[str]:
    done = subprocess.run(["ssh", "-G", *words, "px01"], capture_output=True, text=True, check=True)
    return {line.partition(" ")[0].lower() for line in done.stdout.splitlines()}


@pytest.mark.parametrize("proxy", ["ProxyCommand x", "ProxyJump x"])
def test_every_keyword_that_ssh_prints_has_a_class(tmp_path: Path, proxy: str) -> None:
    path = tmp_path / "ssh_config"
    path.write_text(f"Host *\n{EVERYTHING}  {proxy}\n")
    keys = printed("-F", "/dev/null") | printed("-F", str(path))
    assert len(keys) > 90
    assert {key for key in keys if class_of(ALIASES.get(key, key)) is None} == set()


def test_every_class_has_a_reason() -> None:
    assert all(keyword.why for keyword in KEYWORDS.values())
    assert all(class_of(name) for name in ALIASES.values())
    assert {name for name, keyword in KEYWORDS.items() if keyword.kind == "refused"} == {
        "RemoteCommand",
        "SessionType",
        "UsePrivilegedPort",
    }


HONOURED = {
    "HostName": "10.0.0.1",
    "Port": "2222",
    "User": "op",
    "HostKeyAlias": "other",
    "CanonicalizeHostname": "yes\n  CanonicalDomains invalid\n  CanonicalizeFallbackLocal no",
    "ProxyCommand": "nc %h %p",
    "ProxyJump": "jump",
    "ProxyUseFdpass": "yes",
    "AddressFamily": "inet6",
    "BindAddress": "127.0.0.5",
    "BindInterface": "lo",
    "ConnectionAttempts": "3",
    "ConnectTimeout": "7",
    "TCPKeepAlive": "no",
    "UserKnownHostsFile": "/other",
    "GlobalKnownHostsFile": "/other",
    "StrictHostKeyChecking": "yes",
    "HashKnownHosts": "yes",
    "CheckHostIP": "yes",
    "RevokedHostKeys": "/other",
    "KnownHostsCommand": "/other %H",
    "CASignatureAlgorithms": "ssh-ed25519",
    "PreferredAuthentications": "password",
    "PubkeyAuthentication": "no",
    "PasswordAuthentication": "no",
    "KbdInteractiveAuthentication": "no",
    "KbdInteractiveDevices": "pam",
    "NumberOfPasswordPrompts": "1",
    "BatchMode": "yes",
    "IdentityFile": "/other",
    "CertificateFile": "/other",
    "IdentitiesOnly": "yes",
    "IdentityAgent": "/other",
    "PubkeyAcceptedAlgorithms": "ssh-ed25519",
    "RequiredRSASize": "3072",
    "Ciphers": "aes256-ctr",
    "MACs": "hmac-sha2-256",
    "KexAlgorithms": "ecdh-sha2-nistp256",
    "HostKeyAlgorithms": "ssh-ed25519",
    "RekeyLimit": "64K",
    "GSSAPIAuthentication": "yes",
    "HostbasedAuthentication": "yes",
    "PKCS11Provider": "/other.so",
    "SecurityKeyProvider": "/other.so",
}
"""A value of each honoured keyword that makes another endpoint, or none."""
BY_SSH = {"Host", "CanonicalDomains", "CanonicalizeFallbackLocal", "CanonicalizeMaxDots"} | {
    "CanonicalizePermittedCNAMEs",
    "Tag",
    "IgnoreUnknown",
}


def test_what_is_honoured_is_all_shown_here() -> None:
    honoured = {name for name, keyword in KEYWORDS.items() if keyword.kind == "honoured"}
    assert honoured - BY_SSH == set(HONOURED)


def endpoint_with(tmp_path: Path, *lines: str) -> Endpoint | str:
    path = tmp_path / "ssh_config"
    path.write_text("Host px01\n" + "".join(f"  {line}\n" for line in lines))
    try:
        return resolve("px01", ssh_config=path)
    except RemoteError as error:
        return error.sentence


@pytest.mark.parametrize("name", HONOURED)
def test_what_is_honoured_changes_the_endpoint(tmp_path: Path, name: str) -> None:
    before = endpoint_with(tmp_path)
    assert isinstance(before, Endpoint)
    assert endpoint_with(tmp_path, f"{name} {HONOURED[name]}") != before


@pytest.mark.parametrize("line", ["RemoteCommand hunter2 tmux", "SessionType none"])
def test_what_cannot_be_kept_is_refused_by_name(tmp_path: Path, line: str) -> None:
    found = endpoint_with(tmp_path, line)
    assert isinstance(found, str)
    assert found.startswith(f"px01: ssh_config says {' '.join(line.split()[:2])}")
    assert "tmux" not in found


def test_of_a_jump_host_what_would_run_there_says_nothing(tmp_path: Path) -> None:
    jump = ["ProxyJump gw", "Host gw", "RemoteCommand tmux", "SessionType none"]
    found = endpoint_with(tmp_path, *jump)
    assert isinstance(found, Endpoint)
    assert [hop.host for hop in found.proxy_jump] == ["gw"]
    found = endpoint_with(tmp_path, *jump, "PreferredAuthentications hostbased")
    assert isinstance(found, str)
    assert found.startswith("px01: jump host gw: ssh_config says PreferredAuthentications hostbased")


def test_a_keyword_of_a_newer_ssh_is_refused_unless_ssh_has_that_value_by_itself() -> None:
    facts = Facts("px01", "px01", {"newkeyword": ["yes"]}, {"newkeyword": ["yes"]})
    facts.refuse_what_is_not_kept()
    for own in ({"newkeyword": ["no"]}, {}):
        with pytest.raises(
            RemoteError, match="px01: ssh_config says newkeyword yes, which is not known here"
        ):
            replace(facts, own=own).refuse_what_is_not_kept()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["PreferredAuthentications none"], "PreferredAuthentications none"),
        (["PreferredAuthentications gssapi-with-mic,hostbased"], "no GSSAPIAuthentication"),
        (["PreferredAuthentications password", "BatchMode yes"], "BatchMode yes lets nobody be asked"),
        (["PubkeyAuthentication no", "NumberOfPasswordPrompts 0"], "NumberOfPasswordPrompts 0 lets nobody"),
        (
            [f"{name}Authentication no" for name in ("Pubkey", "Password", "KbdInteractive")],
            "no way to log in",
        ),
    ],
)
def test_where_no_way_to_log_in_is_left_it_is_said_at_once(
    tmp_path: Path, lines: list[str], words: str
) -> None:
    found = endpoint_with(tmp_path, *lines)
    assert isinstance(found, str)
    assert words in found


def test_ways_to_log_in_keep_their_order(tmp_path: Path) -> None:
    found = endpoint_with(tmp_path, "PreferredAuthentications password,hostbased,publickey")
    assert isinstance(found, Endpoint)
    assert found.login.methods == ("password", "publickey")
    found = endpoint_with(tmp_path, "BatchMode yes")
    assert isinstance(found, Endpoint)
    assert (found.login.methods, found.login.batch) == (("publickey",), True)


@pytest.mark.parametrize(
    ("written", "files"),
    [
        ('"/tmp/a b/known hosts" /c', ("/tmp/a b/known hosts", "/c")),
        ('/a "~/b c"', ("/a", "~/b c")),
        ('"/a  b"', ("/a  b",)),
        ("none", ()),
    ],
)
def test_files_with_blanks_in_their_names(tmp_path: Path, written: str, files: tuple[str, ...]) -> None:
    found = endpoint_with(tmp_path, f"UserKnownHostsFile {written}", "GlobalKnownHostsFile none")
    assert isinstance(found, Endpoint)
    assert found.known_hosts == tuple(str(Path(file).expanduser()) for file in files)
    assert found.host_keys.own_files == found.known_hosts


def test_files_of_which_nobody_can_tell_where_they_end(tmp_path: Path) -> None:
    found = endpoint_with(tmp_path, "UserKnownHostsFile one two")
    assert isinstance(found, str)
    assert "UserKnownHostsFile one two" in found
    assert isinstance(endpoint_with(tmp_path, "UserKnownHostsFile one"), Endpoint)


def test_an_agent_named_by_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_AGENT", "/other.sock")
    for written, agent in (
        ("$OTHER_AGENT", "/other.sock"),
        ("${OTHER_AGENT}", "/other.sock"),
        ("$UNSET", "none"),
    ):
        found = endpoint_with(tmp_path, f"IdentityAgent {written}")
        assert isinstance(found, Endpoint)
        assert found.identity_agent == agent
    assert "${UNSET}" in str(endpoint_with(tmp_path, "IdentityAgent ${UNSET}"))


@pytest.mark.parametrize(
    "line",
    [
        "Ciphers -aes128-ctr",
        "MACs ^hmac-sha2-256",
        "KexAlgorithms ecdh*",
        "ConnectTimeout 1m",
        "RekeyLimit 1G",
        "UseKeychains yes",
    ],
)
def test_without_ssh_what_ssh_would_work_out_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = endpoint_with(tmp_path, line)
    assert isinstance(found, str)
    assert found.lower().startswith(f"px01: ssh_config says {line.lower()}; install the openssh client")


def test_without_ssh_old_names_of_keywords_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = endpoint_with(tmp_path, "ChallengeResponseAuthentication no")
    assert isinstance(found, Endpoint)
    assert found.login.methods == ("publickey", "password")
