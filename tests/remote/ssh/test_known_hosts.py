"""known_hosts with anything in it, of any size: what ssh(1) sees there, in no more time, and one sentence."""

from __future__ import annotations

import base64
import contextlib
import os
import random
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rigs.openssh import needs_sshd
from tui.remote import RemoteError
from tui.remote.ssh.hostkey.files import KnownHostsFiles
from tui.remote.ssh.hostkey.known_hosts import Entry
from tui.remote.ssh.hostkey.names import hashed_name

pytestmark = needs_sshd

KINDS = {b"ssh-ed25519": 32, b"x-other": 7}


def make_key(seed: int, kind: bytes = b"ssh-ed25519") -> str:
    """The two words of some public key."""
    fields = (kind, random.Random(seed).randbytes(KINDS[kind]))
    blob = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return f"{kind.decode()} {base64.b64encode(blob).decode()}"


KEY = make_key(0)


def entries(path: Path, host: str = "px01", port: int = 22) -> list[Entry]:
    return KnownHostsFiles().load("px01", (str(path),)).select(host, port)


def found_by_ssh(path: Path, name: str) -> int:
    """How many lines `ssh-keygen -F` finds for a name."""
    command = ["ssh-keygen", "-F", name, "-f", str(path)]
    said = subprocess.run(command, capture_output=True, check=False).stdout
    return sum(1 for line in said.splitlines() if not line.startswith(b"#"))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"px01 {KEY}\n", 1),
        (f"px01 {KEY}", 1),
        (f"px01 {KEY}\r\n", 1),
        (f"  px01\t{KEY}  a comment", 1),
        (f"PX01 {KEY}", 1),
        (f"#px02,px01 {KEY}", 0),
        (f"# px01 {KEY}", 0),
        (f"px01 {KEY}\0 rubbish", 1),
        (f"\0px01 {KEY}\npx01 {KEY}", 1),
        (f"px011,1px01,px0 {KEY}", 0),
        (f"px0?,!px01 {KEY}", 0),
        (f"p*1 {KEY}\n*p*x*0*1* {KEY}\np*2 {KEY}\n? {KEY}\n***??** {KEY}", 3),
        (f"{hashed_name('px01')} {KEY}\n{hashed_name('px02')} {KEY}", 1),
        (f"|1|c2hvcnQ=|AAAA {KEY}\n|1|x {KEY}\n|1|||| {KEY}\n|2|a|b {KEY}\npx01 {KEY}", 1),
        (f"{'x' * 1_000_000}\npx01 {KEY}", 1),
        (f"px01 ssh-ed25519 {'A' * 1_000_000}\npx01 {KEY}", 1),
        (f"{'px9*,' * 200_000}px01 {KEY}", 1),
        (f"\xe9\xff\x1b[2J,px01 {KEY}", 1),
        (f"px01\x0b{KEY}\npx01\x85{KEY}", 0),
    ],
)
def test_what_counts_as_a_line_is_what_counts_for_ssh(tmp_path: Path, text: str, count: int) -> None:
    path = tmp_path / "known_hosts"
    path.write_bytes(text.encode("latin-1"))
    assert len(entries(path)) == count
    if "A" * 100 not in text and "**" not in text:  # ssh-keygen is not strict with keys
        assert found_by_ssh(path, "px01") == count


@pytest.mark.parametrize(
    "line",
    [
        "px01",
        "px01 ssh-ed25519",
        "px01 ssh-ed25519 ===",
        "px01 ssh-ed25519 \u00e9\u00e9",
        f"px01 {KEY[:-8]}",
        f"px01 {KEY[:-12]}",
        f"px01 ssh-rsa {KEY.split()[1]}",
        f"@what px01 {KEY}",
        f"@revoked @cert-authority px01 {KEY}",
        "@",
        "@revoked",
        f"px01 ssh-ed25519 {base64.b64encode(b'ssh-ed25519').decode()}",
        "px01 1024 35 1234567890",
    ],
)
def test_a_line_that_is_no_line_is_passed_over(tmp_path: Path, line: str) -> None:
    path = tmp_path / "known_hosts"
    path.write_text(f"{line}\npx01 {make_key(1)}\n")
    assert [entry.where for entry in entries(path)] == [f"{path} line 2"]


def test_rubbish_of_every_kind_breaks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    dice = random.Random(8)
    good = f"@cert-authority *,px01 {KEY}\npx01 {KEY}\n{hashed_name('px01')} {KEY}\n".encode()
    for _ in range(500):
        data = bytearray(good * 2)
        for _ in range(dice.randrange(1, 20)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(data + dice.randbytes(dice.randrange(300)))
        entries(path)
        entries(path, "px01", 2222)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    directory = tmp_path_factory.mktemp("big")

    def make(kind: str) -> Path:
        path = directory / kind
        if not path.exists():
            name = hashed_name if kind == "hashed" else str
            lines = (f"{name(f'host{n}')} {make_key(n)}\n" for n in range(100_000))
            path.write_text("".join(lines))
        return path

    return make


@pytest.mark.parametrize("kind", ["plain", "hashed"])
def test_the_last_of_a_hundred_thousand_lines_is_found(big: Callable[[str], Path], kind: str) -> None:
    path = big(kind)
    assert [entry.where for entry in entries(path, "host99999")] == [f"{path} line 100000"]


@contextlib.contextmanager
def made(path: Path, kind: str) -> Iterator[None]:
    match kind:
        case "directory":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as sock:
                sock.bind(str(path))
        case "loop":
            path.symlink_to(path)
        case "zeros":
            path.symlink_to("/dev/zero")
    yield


@pytest.mark.parametrize("kind", ["directory", "pipe", "socket", "loop", "zeros"])
def test_what_is_no_file_is_named_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "known_hosts"
    with made(path, kind), pytest.raises(RemoteError, match=f"cannot read {path}") as caught:
        entries(path)
    assert caught.value.kind == "config"


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Root reads everything; nobody does not."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    path.touch(mode=0)
    with as_nobody(), pytest.raises(RemoteError, match=f"cannot read {path} \\(Permission denied\\)"):
        entries(path)


def test_what_is_not_there_is_empty(tmp_path: Path) -> None:
    dangling = tmp_path / "dangling"
    dangling.symlink_to(tmp_path / "nowhere")
    for path in (dangling, tmp_path / "nowhere", tmp_path / "no" / "where", Path(os.devnull)):
        assert entries(path) == []


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    files = KnownHostsFiles()
    for count in range(3):
        assert len(files.load("px01", (str(path),)).select("px01", 22)) == count
        with path.open("a") as file:
            file.write(f"px01 {make_key(count)}\n")


def test_who_else_has_a_key_is_found(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    path.write_text(f"px02,10.0.0.2 {KEY}\npx03 {make_key(1)}\n@revoked * {KEY}\n#px04 {KEY}\n")
    known = KnownHostsFiles().load("px01", (str(path),))
    blob = base64.b64decode(KEY.split()[1])
    assert [(entry.names, entry.where) for entry in known.owners(blob)] == [
        ("px02,10.0.0.2", f"{path} line 1")
    ]
