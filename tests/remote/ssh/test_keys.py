"""Private keys: every format that ssh-keygen writes, passphrases, and files that are no key for us."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.remote.conftest import endpoint
from tests.remote.ssh.logins import SECRET, Person, authorize, certify, log_in, restart, ssh_opens
from tests.rigs.openssh import OpenSshNode, generate_key, needs_sshd
from tui.remote.ssh.auth.key import container
from tui.remote.ssh.auth.key.allowed import ForbiddenError, signature_algorithm
from tui.remote.ssh.auth.key.container import WrongPassphraseError
from tui.remote.ssh.auth.key.file import UnusableError, read_key_file
from tui.remote.ssh.auth.key.public import read_public
from tui.remote.ssh.auth.wire import string
from tui.remote.ssh.endpoint import LoginPolicy

pytestmark = needs_sshd

CIPHERS = (
    "3des-cbc",
    *(f"aes{bits}-{mode}" for bits in (128, 192, 256) for mode in ("cbc", "ctr")),
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
)
KINDS = [("rsa", "-b", "2048"), ("ecdsa", "-b", "256"), ("ecdsa", "-b", "384"), ("ecdsa", "-b", "521")]
FORMATS = [
    *((*kind, "-m", format_) for kind in KINDS for format_ in ("PEM", "PKCS8", "RFC4716")),
    ("ed25519",),
    *(("ed25519", "-a", "2", "-Z", cipher) for cipher in CIPHERS),
]


@pytest.mark.parametrize("words", FORMATS, ids=lambda words: "-".join(words).replace("--", "-"))
def test_every_format_opens_with_its_passphrase_and_no_other(tmp_path: Path, words: tuple[str, ...]) -> None:
    for passphrase in ("", SECRET):
        key = tmp_path / f"key{len(passphrase)}"
        generate_key(key, words[0], passphrase, *words[1:])
        public = read_public(str(key))
        file = read_key_file(str(key))
        assert file.encrypted == bool(passphrase)
        assert file.unlock(passphrase).public == public
        assert "hunter2" not in repr(file.unlock(passphrase)) + repr(file)
        for wrong in ("", "hunter2", f"{SECRET} ") if passphrase else ():
            assert not ssh_opens(key, wrong)
            with pytest.raises(WrongPassphraseError):
                file.unlock(wrong)


@pytest.mark.parametrize("words", [*KINDS, ("ed25519",)], ids="".join)
@pytest.mark.parametrize("passphrase", ["", SECRET], ids=["plain", "encrypted"])
@pytest.mark.parametrize("with_public", [True, False])
def test_a_node_lets_keys_of_every_kind_in(
    node: OpenSshNode, tmp_path: Path, words: tuple[str, ...], passphrase: str, with_public: bool
) -> None:
    key = tmp_path / "key"
    generate_key(key, words[0], passphrase, *words[1:], *(("-m", "PEM") if words[0] != "ed25519" else ()))
    authorize(node, key.with_suffix(".pub"))
    if not with_public:
        key.with_suffix(".pub").unlink()
    target = replace(endpoint(node), identity_files=(str(tmp_path / "missing"), str(key)))
    assert log_in(target, Person(SECRET)) == "ok"


def test_rsa_keys_sign_as_the_node_likes_but_never_with_sha_1(tmp_path: Path) -> None:
    generate_key(tmp_path / "key", "rsa", "", "-b", "2048")
    public = read_public(str(tmp_path / "key"))
    assert public is not None
    policy = LoginPolicy()
    assert signature_algorithm(public, policy, None) == "rsa-sha2-512"
    assert signature_algorithm(public, policy, {"ssh-rsa", "rsa-sha2-256"}) == "rsa-sha2-256"
    with pytest.raises(ForbiddenError, match="takes no signature of an RSA key that is safe"):
        signature_algorithm(public, policy, {"ssh-rsa", "ssh-ed25519"})


def test_a_passphrase_is_asked_for_once(node: OpenSshNode, tmp_path: Path) -> None:
    key = tmp_path / "key"
    generate_key(key, "ed25519", SECRET)
    authorize(node, key.with_suffix(".pub"))
    target = replace(endpoint(node), identity_files=(str(key),))
    person = Person(SECRET)
    assert log_in(target, person, times=3) == "ok"
    assert person.asked == [f"Passphrase of {key}: "]
    assert f"{key} is encrypted and nobody can be asked for its passphrase)" in log_in(target)
    declining = Person([None])
    assert f"{key} is encrypted and no passphrase was given" in log_in(target, declining)
    batch = replace(target, login=LoginPolicy(batch=True))
    assert "nobody can be asked for its passphrase (BatchMode yes)" in log_in(batch, person)


def test_a_passphrase_may_be_wrong_as_often_as_with_ssh(node: OpenSshNode, tmp_path: Path) -> None:
    key = tmp_path / "key"
    generate_key(key, "ed25519", SECRET)
    authorize(node, key.with_suffix(".pub"))
    target = replace(endpoint(node), identity_files=(str(key),))
    person = Person(["wrong", "wrong again", SECRET])
    assert log_in(target, person) == "ok"
    assert [question.lines for question in person.questions] == [
        (),
        ("That does not open it. Try 2 of 3.",),
        ("That does not open it. Try 3 of 3.",),
    ]
    wrong = Person("wrong")
    assert f"{key} was not opened: the passphrase was wrong" in log_in(target, wrong)
    assert len(wrong.asked) == 3
    once = Person("wrong")
    assert "the passphrase was wrong" in log_in(replace(target, login=LoginPolicy(prompts=1)), once)
    assert len(once.asked) == 1


def test_no_passphrase_is_asked_for_a_key_that_the_node_does_not_take(
    node: OpenSshNode, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        generate_key(tmp_path / name, "ed25519", SECRET)
        (tmp_path / f"{name}.pub").rename(tmp_path / f"{name}.public")
    authorize(node, tmp_path / "second.public")
    person = Person(SECRET)
    files = (str(tmp_path / "first"), str(tmp_path / "second"))
    assert log_in(replace(endpoint(node), identity_files=files), person) == "ok"
    assert person.asked == [f"Passphrase of {files[1]}: "]


def test_all_keys_are_tried_until_the_node_hangs_up(node: OpenSshNode, tmp_path: Path) -> None:
    for number in range(8):
        generate_key(tmp_path / f"key{number}")
    target = replace(endpoint(node), identity_files=tuple(str(tmp_path / f"key{n}") for n in range(8)))
    authorize(node, tmp_path / "key5.pub")
    assert log_in(target) == "ok"  # the sixth: sshd's MaxAuthTries
    authorize(node, tmp_path / "key7.pub")
    sentence = log_in(target)
    assert "it hung up after 6 of them, the limit of its MaxAuthTries): name the right key" in sentence
    restart(node, "MaxAuthTries 20")
    assert log_in(target) == "ok"


def test_a_certificate_opens_where_the_key_alone_does_not(node: OpenSshNode, tmp_path: Path) -> None:
    authority, key = tmp_path / "authority", tmp_path / "key"
    generate_key(authority)
    generate_key(key, "rsa", "", "-b", "2048")
    certify(authority, key, node.user)
    authorize(node)
    restart(node, f"TrustedUserCAKeys {authority}.pub")
    assert log_in(replace(endpoint(node), identity_files=(str(key),))) == "ok"  # key-cert.pub is found
    elsewhere = tmp_path / "elsewhere.pub"
    (tmp_path / "key-cert.pub").rename(elsewhere)
    assert "did not let" in log_in(replace(endpoint(node), identity_files=(str(key),)))
    target = replace(endpoint(node), identity_files=(str(key),), certificate_files=(str(elsewhere),))
    assert log_in(target) == "ok"


def test_a_key_that_others_can_read_is_not_used(node: OpenSshNode, tmp_path: Path) -> None:
    key = tmp_path / "key"
    generate_key(key)
    authorize(node, key.with_suffix(".pub"))
    target = replace(endpoint(node), identity_files=(str(key),))
    for mode in (0o640, 0o604, 0o610):
        key.chmod(mode)
        assert not ssh_opens(key)
        sentence = log_in(target)
        assert f"{key} is not used, since others may read it (mode {mode:04o}): `chmod 600 {key}`" in sentence
    assert node.log.count("Failed publickey") == 0
    key.chmod(0o400)
    assert log_in(target) == "ok"


def write_directory(path: Path) -> None:
    path.mkdir()


def write_sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 100 << 20)


def write_text(text: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(text)

    return write


def cut(part: slice) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        generate_key(path)
        path.with_name(f"{path.name}.pub").unlink()
        path.write_text(path.read_text()[part])

    return write


def change(old: str, new: str, count: int = -1) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        generate_key(path)
        path.write_bytes(path.read_text().replace(old, new, count).encode())

    return write


def damage(*words: str) -> Callable[[Path], None]:
    """One letter in the middle."""

    def write(path: Path) -> None:
        generate_key(path, *words)
        text = path.read_text()
        path.write_text(f"{text[:-60]}!{text[-59:]}")

    return write


def write_public(path: Path) -> None:
    generate_key(path)
    path.with_name(f"{path.name}.pub").rename(path)


def write_swapped(path: Path) -> None:
    generate_key(path)
    generate_key(path.with_name("other"))
    shutil.copy(path.with_name("other.pub"), path.with_name(f"{path.name}.pub"))


PEM_DSA = "-----BEGIN DSA PRIVATE KEY-----\nMIIB\n-----END DSA PRIVATE KEY-----\n"
NO_KEYS: dict[str, tuple[Callable[[Path], None], str]] = {
    "garbage": (write_text("not a key\n"), "{} is not a key of any format that is known here"),
    "empty": (write_text(""), "{} is empty"),
    "nul": (write_text("key\0key"), "{} is not a key: it holds binary data"),
    "directory": (write_directory, "{} is a directory: name the file of the private key"),
    "fifo": (os.mkfifo, "{} is not a file: name the file of the private key"),
    "huge": (write_sparse, "{} is not a key: it is larger than 1 MB"),
    "putty": (
        write_text("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n"),
        "{0} is PuTTY's: convert it with `puttygen {0} -O private-openssh -o NEW`",
    ),
    "ssh.com": (write_text("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n"), "{} is ssh.com's: convert it"),
    "rfc4716": (write_text("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n"), "{} is a public key (RFC 4716)"),
    "x509": (write_text("-----BEGIN CERTIFICATE-----\nMIIB\n"), "{} is an X.509 certificate"),
    "dsa": (write_text(PEM_DSA), "{} is a DSA key, which no OpenSSH of today takes"),
    "ssh1": (write_text("SSH PRIVATE KEY FILE FORMAT 1.1\n\0\0"), "{} is of SSH 1"),
    "public": (write_public, "{} is a public key, and no agent holds its private half"),
    "no end": (cut(slice(-20)), "{} is not a private key, or not all of one"),
    "no line break": (cut(slice(-1)), "{} is not a usable key: its last line is missing, or does not end"),
    "CR LF": (change("\n", "\r\n"), "{} is not a usable key: its lines end as on Windows (CR LF)"),
    "preamble": (change("-", "\n-", 1), "{} is not a usable key: something stands before the key"),
    "damaged": (damage("ed25519"), "{} is not a usable key: it is damaged"),
    "damaged PEM": (
        damage("ecdsa", SECRET, "-m", "PEM"),
        "{} is not a usable key: it is damaged",
    ),
    "empty PEM": (
        write_text("-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n"),
        "{} is not a usable key: it is empty",
    ),
    "swapped": (write_swapped, "{0} is not the private half of {0}.pub"),
}


@pytest.mark.parametrize("case", NO_KEYS)
def test_a_file_that_is_no_key_is_named(node: OpenSshNode, tmp_path: Path, case: str) -> None:
    write, words = NO_KEYS[case]
    key = tmp_path / "key"
    write(key)
    if key.is_file():
        key.chmod(0o600)
        if case not in ("swapped", "huge"):  # ssh-keygen takes minutes to say no to the latter
            assert not ssh_opens(key)
    generate_key(tmp_path / "good")
    if case == "swapped":
        authorize(node, tmp_path / "good.pub", tmp_path / "other.pub")
    else:
        authorize(node, tmp_path / "good.pub")
    target = replace(endpoint(node), identity_files=(str(key),))
    assert words.format(key) in log_in(target, Person(SECRET))
    assert log_in(replace(target, identity_files=(str(key), str(tmp_path / "good"))), Person(SECRET)) == "ok"


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="cannot be read"):
        read_key_file(f"{tmp_path}/a\0b")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UnusableError, match="cannot be read \\(Too many levels"):
        read_key_file(str(tmp_path / "loop"))


def test_a_security_key_s_file_is_told_to_go_into_the_agent(tmp_path: Path) -> None:
    generate_key(tmp_path / "key")
    inside = container.parse((tmp_path / "key").read_bytes())
    fake = string(b"sk-ssh-ed25519@openssh.com") + string(bytes(32)) + string(b"ssh:")
    written = replace(inside, public=fake).decrypted(b"")
    (tmp_path / "key").write_bytes(written)
    with pytest.raises(UnusableError, match="is a security key's: load it into ssh-agent with `ssh-add"):
        read_key_file(str(tmp_path / "key"))
