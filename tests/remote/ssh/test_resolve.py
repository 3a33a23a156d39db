"""ssh_config as ssh(1) reads it, with ssh and without."""

from __future__ import annotations

import getpass
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rigs.openssh import needs_sshd
from tui.remote import Endpoint, RemoteError, resolve
from tui.remote.ssh.endpoint import HostKeyPolicy

CONFIG = """
Host px01 px02
  HostName 10.1.2.3
  Port 2222
  User op
  IdentityFile ~/.ssh/%n_%r
  IdentityFile /keys/%%second
  CertificateFile /keys/one-cert.pub
  CertificateFile /keys/two-cert.pub
  IdentitiesOnly yes
  HostKeyAlias px.cluster
  UserKnownHostsFile /known/one /known/%h
  GlobalKnownHostsFile /dev/null
  ConnectTimeout 7

Host px03   # comment
  User three # trailing comment
  ProxyJump none

Host px04
  ProxyJump admin@jump1:2022,jump2
Host jump1
  HostName 192.0.2.1
  HostKeyAlias first
Host jump2
  Port 2023
  ProxyJump elsewhere

Host px05
  ProxyCommand nc -x proxy %h %p
Host px06
  ProxyJump px06b
Host px06b
  ProxyJump px06
Host px07
  IdentityAgent none
Host px08
  IdentityAgent ~/agent.sock
"""


@pytest.fixture(params=["ssh -G", "without ssh"])
def config(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file above, to be read by ssh and by paramiko."""
    path = tmp_path / "ssh_config"
    path.write_text(CONFIG)
    monkeypatch.setenv("HOME", home_of_account())  # paramiko goes by the one, ssh by the other
    if request.param == "without ssh":
        path.write_text(CONFIG.replace("  CertificateFile /keys/two-cert.pub\n", ""))
        monkeypatch.setenv("PATH", str(tmp_path))
    return path


pytestmark = needs_sshd


def home_of_account() -> str:
    return pwd.getpwuid(os.getuid()).pw_dir


def test_everything_that_is_honoured(config: Path) -> None:
    home = home_of_account()
    certificates = tuple(f"/keys/{name}-cert.pub" for name in ("one", "two") if name in config.read_text())
    assert resolve("px01", ssh_config=config) == Endpoint(
        node="px01",
        host="10.1.2.3",
        port=2222,
        user="op",
        host_key_alias="px.cluster",
        identity_files=(f"{home}/.ssh/px01_op", "/keys/%second"),
        certificate_files=certificates,
        identities_only=True,
        known_hosts=("/known/one", "/known/10.1.2.3", "/dev/null"),
        connect_timeout=7.0,
        host_keys=HostKeyPolicy(own_files=("/known/one", "/known/10.1.2.3")),
    )


def test_defaults(config: Path) -> None:
    found = resolve("px09", ssh_config=config)
    home = home_of_account()
    assert (found.host, found.port, found.user) == ("px09", 22, getpass.getuser())
    assert f"{home}/.ssh/id_ed25519" in found.identity_files
    assert found.known_hosts[0] == f"{home}/.ssh/known_hosts"
    assert not found.identities_only
    assert found.proxy_jump == ()
    assert found.proxy_command is None
    assert found.host_key_alias is None


def test_what_the_cluster_file_says_goes_first(config: Path) -> None:
    found = resolve("px01", host="10.9.9.9", port=2, user="root", ssh_config=config, known_hosts="/own/known")
    assert (found.host, found.port, found.user) == ("10.9.9.9", 2, "root")
    assert found.known_hosts == ("/own/known", "/dev/null")
    assert found.host_key_alias == "px.cluster"


def test_comments_and_none(config: Path) -> None:
    found = resolve("px03", ssh_config=config)
    assert (found.user, found.proxy_jump) == ("three", ())


def test_jump_hosts_are_resolved_like_nodes(config: Path) -> None:
    first, second = resolve("px04", ssh_config=config).proxy_jump
    assert (first.host, first.port, first.user, first.host_key_alias) == ("192.0.2.1", 2022, "admin", "first")
    # As with ssh -J, the chain given for the node goes before what ssh_config says of its later hops.
    assert (second.host, second.port, second.proxy_jump) == ("jump2", 2023, ())
    assert first.node == second.node == "px04"


def test_a_proxy_command_is_filled_in(config: Path) -> None:
    assert resolve("px05", host="10.0.0.5", ssh_config=config).proxy_command == "nc -x proxy 10.0.0.5 22"


def test_a_jump_that_leads_in_a_circle(config: Path) -> None:
    with pytest.raises(RemoteError, match="circle"):
        resolve("px06", ssh_config=config)


def test_the_agent(config: Path) -> None:
    assert resolve("px07", ssh_config=config).identity_agent == "none"
    assert resolve("px08", ssh_config=config).identity_agent == f"{home_of_account()}/agent.sock"
    assert resolve("px09", ssh_config=config).identity_agent is None


@pytest.mark.parametrize("name", ["-oProxyCommand=id", "a b", "x;id", "$(id)", "", "a/b", "x\ny"])
def test_a_name_that_is_none_is_refused(config: Path, name: str) -> None:
    with pytest.raises(RemoteError) as caught:
        resolve(name, ssh_config=config)
    assert caught.value.kind == "config"
    with pytest.raises(RemoteError):
        resolve("px01", host=name or " ", ssh_config=config)


@pytest.mark.parametrize("user", ["-oProxyCommand=id", "a b", ""])
def test_a_user_that_is_none_is_refused(config: Path, user: str) -> None:
    with pytest.raises(RemoteError, match="login name"):
        resolve("px01", user=user, ssh_config=config)


def test_a_port_that_is_none_is_refused(config: Path) -> None:
    with pytest.raises(RemoteError, match="not a port"):
        resolve("px01", port=70000, ssh_config=config)


def test_a_file_that_is_missing_or_wrong_is_named(config: Path) -> None:
    with pytest.raises(RemoteError, match=r"/nowhere/ssh_config does not exist"):
        resolve("px01", ssh_config="/nowhere/ssh_config")
    config.write_text("Host px01\n  IdentityFile /keys/%Q\n")
    with pytest.raises(RemoteError, match=r"ssh_config"):
        resolve("px01", ssh_config=config)


TWO = "CertificateFile /keys/one-cert.pub\nHost *\n  CertificateFile /keys/two-cert.pub"


@pytest.mark.parametrize(
    "line", ["Include other", "Match tagged x\n  User other", "Match localnetwork 10.0.0.0/8", TWO]
)
def test_without_ssh_what_would_be_misread_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "ssh_config"
    path.write_text(f"Host px01\n  User op\n{line}\n")
    with pytest.raises(RemoteError, match="install the OpenSSH client"):
        resolve("px01", ssh_config=path)


@pytest.mark.parametrize(("command", "user"), [("true", "matched"), ("false", "op")])
def test_without_ssh_match_exec_is_tried(tmp_path: Path, command: str, user: str) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("true", "false", "bash"):
        (tmp_path / "bin" / name).symlink_to(f"/bin/{name}")
    path = tmp_path / "ssh_config"
    path.write_text(f'Match exec "{command}"\n  User matched\nHost px01\n  User op\n')
    code = f"from tui.remote import resolve; print(resolve('px01', ssh_config={str(path)!r}).user)"
    env = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, stdin=subprocess.DEVNULL, stdout=-1, check=True
    )
    assert done.stdout.decode().split() == [user]


def test_with_ssh_include_is_followed(tmp_path: Path) -> None:
    (tmp_path / "more").write_text("Host px01\n  User included\n")
    path = tmp_path / "ssh_config"
    path.write_text(f"Include {tmp_path / 'more'}\n")
    assert resolve("px01", ssh_config=path).user == "included"


def test_an_unknown_keyword_is_an_error_as_in_ssh(tmp_path: Path) -> None:
    path = tmp_path / "ssh_config"
    path.write_text("Host px01\n  Usr op\n")
    with pytest.raises(RemoteError, match=r"(?i)usr"):
        resolve("px01", ssh_config=path)
