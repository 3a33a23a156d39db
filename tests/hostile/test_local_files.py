"""The operator's own files when something has damaged them: known_hosts, ssh_config, the cluster file."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import hmac
import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.hostile.transcripts import mutated
from tests.rigs.openssh import needs_sshd
from tui.cli.main import main
from tui.model.clusterfile import ClusterFile, ClusterFileError, parse_cluster_file
from tui.remote import RemoteError, resolve
from tui.remote.ssh.hostkey.files import KnownHostsFiles
from tui.remote.ssh.hostkey.known_hosts import KnownHosts
from tui.remote.ssh.hostkey.lines import Lines
from tui.rollout.open_run import load_cluster_file

BLOB = b"\0\0\0\x0bssh-ed25519\0\0\0 " + b"k" * 32
KEY = f"ssh-ed25519 {base64.b64encode(BLOB).decode()}"
SALT = base64.b64encode(b"s" * 20).decode()
DIGEST = base64.b64encode(hmac.new(b"s" * 20, b"px01", hashlib.sha1).digest()).decode()
KNOWN = f"""# ours
px01,[10.0.0.1]:2222 {KEY} comment
|1|{SALT}|{DIGEST} {KEY}
@revoked px0?,!px02 {KEY}
@cert-authority *.example.org {KEY}
"""
CONFIG = """Host px*
  User root
  Port 2222
  HostName 127.0.0.1
  IdentityFile ~/.ssh/id_%h
  UserKnownHostsFile /tmp/a /tmp/b
  ConnectTimeout 7
  ProxyJump anna@gate:2200,inner
Host gate inner
  ProxyJump none
"""
CLUSTER = (Path(__file__).parents[2] / "config" / "cluster.toml").read_text()


@given(mutated(KNOWN) | st.binary())
@settings(max_examples=200, deadline=None)
def test_known_hosts_lines_are_read_or_passed_over(data: bytes) -> None:
    known = KnownHosts(Lines("known_hosts", data))
    for port in (22, 2222):
        for entry in known.select("px01", port):
            assert entry.blob[4 : 4 + len(entry.key_type)].decode("ascii", "replace") == entry.key_type


def test_the_undamaged_lines_are_found() -> None:
    known = KnownHosts(Lines("known_hosts", KNOWN.encode()))
    assert [entry.marker for entry in known.select("px01", 22)] == ["", "", "@revoked"]
    assert [entry.marker for entry in known.select("10.0.0.1", 2222)] == [""]
    assert known.select("px02", 22) == []


@given(st.text("ab*?.[]", min_size=1, max_size=8), st.text("ab.[]", min_size=1, max_size=8))
@settings(max_examples=400, deadline=None)
def test_patterns_match_as_those_of_the_shell_do(pattern: str, name: str) -> None:
    known = KnownHosts(Lines("known_hosts", f"{pattern} {KEY}".encode()))
    wanted = fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))
    assert bool(known.select(name, 22)) is wanted


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    known = KnownHosts(Lines("known_hosts", f"{'*a' * 60}*b {KEY}\n".encode()))
    before = time.process_time()
    assert known.select("a" * 250, 22) == []
    assert time.process_time() - before < 2


def test_a_known_hosts_file_that_is_a_directory_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RemoteError, match="no host key can be checked"):
        KnownHostsFiles().load("px01", (str(tmp_path),))


def resolved(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "config"
        path.write_bytes(data)
        try:
            endpoint = resolve("px01", ssh_config=path)
            KnownHostsFiles().load("px01", endpoint.known_hosts)
        except RemoteError as error:
            assert "\n" not in str(error)
            assert str(error).startswith("px01: ")
        else:
            assert 0 < endpoint.port < 65536
            assert not endpoint.host.startswith("-")


@needs_sshd
@given(mutated(CONFIG))
@example(b"IdentityFile ~nobody-here/key\n")
@settings(max_examples=40, deadline=None)
def test_ssh_config_as_ssh_reads_it(data: bytes) -> None:
    resolved(data)


@given(mutated(CONFIG))
@example(b"Port " + b"9" * 5000)
@example(b"ConnectTimeout " + b"9" * 5000)
@example(b"ProxyJump gate:" + b"9" * 5000)
@example(b"UserKnownHostsFile /tmp/a\0b")
@settings(max_examples=80, deadline=None)
def test_ssh_config_where_there_is_no_ssh(data: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        resolved(data)


def text_of(value: object) -> list[str]:
    """Every string in a cluster file's model."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for key, inner in value.items() for text in (str(key), *text_of(inner))]
        case list() | tuple():
            return [text for inner in value for text in text_of(inner)]
    return []


def read(data: bytes) -> ClusterFile | None:
    """The file, if it can be used; else its error has been checked."""
    try:
        config = parse_cluster_file(data.decode("utf-8", "replace"), "px.toml")
    except ClusterFileError as error:
        said = str(error)
        assert said.startswith("px.toml: ")
        assert said.isprintable()
        assert len(said) < 1100
        return None
    steering = "\x1b\x9b\r\n\x00\x07\u202e\u2066\u061c\u2028"
    assert not [text for text in text_of(config.model_dump(mode="json")) if set(text) & set(steering)]
    return config


@given(mutated(CLUSTER))
@example(b"a=" + b"[" * 100_000)
@example(b"a = " + b"9" * 5000)
@example(CLUSTER.replace("px[01-08]", "px[1-9999999]").encode())
@example(CLUSTER.replace("px[01-08]", "px[1-9999]x[1-9999]").encode())
@example(CLUSTER.replace("px[01-08]", "px[1-99999999999999999999]").encode())
@example((CLUSTER + '\n["a\\nb\\u001b[2J"]\nx = 1\n').encode())
@example(CLUSTER.replace(r"nodes\D*(", "a{99999999999}(").encode())
@example(CLUSTER.replace(r"nodes\D*(", "(" * 5000).encode())
@example(CLUSTER.replace(r"nodes\D*(", "[[a](").encode())
@settings(max_examples=150, deadline=None)
def test_a_damaged_cluster_file_is_one_sentence_or_still_one(data: bytes) -> None:
    read(data)


ESCAPED = ["\\u001b[2J", "\\r", "\\n", "\\u0000", "\\u009b", "\\u202e", "\\u2028", "\\u007f"]


@pytest.mark.parametrize("escaped", ESCAPED)
def test_what_steers_a_terminal_is_refused_in_every_value(escaped: str) -> None:
    """In each value of the example that is a string, one after the other."""
    lines = CLUSTER.splitlines()
    tried = 0
    for index, line in enumerate(lines):
        key, _, value = line.partition(" = ")
        if value.startswith(('"', '["')) and not line.startswith("#"):
            place = value.index('"') + 2
            changed = f"{key} = {value[:place]}{escaped}{value[place:]}"
            assert read("\n".join([*lines[:index], changed, *lines[index + 1 :]]).encode()) is None, changed
            tried += 1
    assert tried > 10


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('sia = "/srv', 'sia = "srv'),
        ('sia = "/srv', 'sia = "/srv/../etc'),
        ('sia = "/srv', 'sia = "/var/lib/rollcall'),
        ('version = "5.21.2"', 'version = "$(id)"'),
        ('version = "5.21.2"', 'version = "../5.21.2"'),
        ('version = "5.21.2"', 'version = "-5"'),
        ('user = "root"', 'user = "-oProxyCommand=id"'),
        ('user = "root"', 'user = "root;id"'),
        ('management_node = "pxmgmt"', 'management_node = "$(id)"'),
        ('management_node = "pxmgmt"', 'management_node = "pxmgmt\\n"'),
        ('nodes = "px[01-08]"', 'nodes = "-px[01-08]"'),
        ('name = "px-prod"', 'name = "../px"'),
    ],
)
def test_values_that_can_never_be_legal_are_refused(old: str, new: str) -> None:
    assert old in CLUSTER
    assert read(CLUSTER.replace(old, new).encode()) is None


def test_a_file_of_foreign_bytes_ends_in_one_line_on_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "px\x1b[2J.toml"
    for data in (b"\xff\xfe\x00", b'["\\u001b[2J"]\n', b"a = \x1b\n", CLUSTER.encode() * 2):
        path.write_bytes(data)
        assert main(["plan", os.fspath(path)]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("rollcall: ")
        assert err.count("\n") == 1
        assert err.rstrip("\n").isprintable()
        with pytest.raises(ClusterFileError):
            load_cluster_file(path)
