"""Host certificates: who signed, for whom, until when, and what has been revoked."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.agreement.place import Place
from tests.agreement.row import Row

RSA = ("rsa", "-b", "2048")


def certified(
    *words: str,
    names: str = "127.0.0.1",
    trusted: str = "@cert-authority * <ca>",
    more: str = "",
    authority: tuple[str, ...] = ("ed25519",),
    host: bool = True,
) -> Callable[[Place], None]:
    """px01 shows a certificate over its key, made with these words of ssh-keygen; ``trusted`` and ``more``
    are the lines of known_hosts, <ca> in them the authority's key.
    """

    def prepare(place: Place) -> None:
        ca = place.key(place.directory / "ca", authority[0], "", *authority[1:])
        principals = ("-n", names) if names else ()
        path = place.certify(
            ca,
            place.node.directory / "host_ed25519",
            *(("-h",) if host else ()),
            *principals,
            *words,
            serial=7,
        )
        place.node.extra.append(f"HostCertificate {path}")
        public = " ".join(Path(f"{ca}.pub").read_text().split()[:2])
        place.known = [line.replace("<ca>", public) for line in (trusted, more) if line]

    return prepare


def revoking(make: Callable[[Place], None]) -> Callable[[Place], None]:
    """A good certificate, and ``<dir>/revoked`` made by ``make``."""

    def both(place: Place) -> None:
        certified()(place)
        make(place)

    return both


def listed(file: str) -> Callable[[Place], None]:
    """The public key in this file is the list."""

    def make(place: Place) -> None:
        (place.directory / "revoked").write_text(Path(place.filled(file)).read_text())

    return make


def krl(*lines: str) -> Callable[[Place], None]:
    """A key revocation list, made of these lines as ssh-keygen -k reads them."""

    def make(place: Place) -> None:
        spec = place.directory / "krl-spec"
        spec.write_text("".join(f"{place.filled(line)}\n" for line in lines))
        command = ["ssh-keygen", "-q", "-k", "-f", str(place.directory / "revoked")]
        command += ["-s", f"{place.directory}/ca.pub"] if (place.directory / "ca.pub").exists() else []
        subprocess.run([*command, str(spec)], check=True)

    return make


def krl_of_key(place: Place) -> None:
    """A key revocation list with px01's host key itself, and no certificate anywhere."""
    command = ["ssh-keygen", "-q", "-k", "-f", str(place.directory / "revoked")]
    subprocess.run([*command, f"{place.node.directory}/host_ed25519.pub"], check=True)


def krl_of_hash(place: Place) -> None:
    """The same by the key's SHA-256."""
    fingerprint = subprocess.run(
        ["ssh-keygen", "-lf", f"{place.node.directory}/host_ed25519.pub"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()[1]
    krl(f"hash: {fingerprint}")(place)


def _garbage(place: Place) -> None:
    (place.directory / "revoked").write_bytes(b"SSHKRL\n\x00" + bytes(range(200)))


def _text_garbage(place: Place) -> None:
    (place.directory / "revoked").write_text("this is no key\n")


def _another_key(place: Place) -> None:
    other = place.key(place.directory / "another")
    (place.directory / "revoked").write_text(Path(f"{other}.pub").read_text())


def _empty(place: Place) -> None:
    (place.directory / "revoked").write_text("")


REVOKED = "RevokedHostKeys <dir>/revoked"
_HOST_KEY = "<server>/host_ed25519.pub"

ROWS = (
    Row("a good certificate", prepare=certified()),
    Row("for this host only", prepare=certified(trusted="@cert-authority <name> <ca>")),
    Row(
        "an authority for other hosts",
        prepare=certified(trusted="@cert-authority *.example <ca>"),
        names="known_hosts",
    ),
    Row(
        "an authority for other hosts, the plain key is known",
        prepare=certified(trusted="@cert-authority *.example <ca>", more="<name> <key>"),
    ),
    Row("an authority that nobody lists", prepare=certified(trusted=""), names="known_hosts"),
    Row("for a name in place of the address", prepare=certified(names="px01"), names="certificate"),
    Row("for HostKeyAlias", "HostKeyAlias px01.alias", prepare=certified(names="px01.alias")),
    Row(
        "for a pattern that fits",
        prepare=certified(names="127.*"),
        names="certificate",
        stricter="versions of ssh(1) differ on patterns in a certificate",
    ),
    Row(
        "for anybody",
        prepare=certified(names=""),
        names="certificate",
        stricter="versions of ssh(1) differ on a certificate for nobody",
    ),
    Row("expired", prepare=certified("-V", "20200101:20210101"), names="certificate"),
    Row("not valid yet", prepare=certified("-V", "20400101:20410101"), names="certificate"),
    Row("expired, the plain key is known", prepare=certified("-V", "20200101:20210101", more="<name> <key>")),
    Row("a user's certificate in its place", prepare=certified(host=False), names="certificate"),
    Row("an option that nobody knows", prepare=certified("-O", "critical:unheard-of=1"), names="certificate"),
    Row("signed by RSA with SHA-512", prepare=certified(authority=RSA)),
    Row("signed by RSA with SHA-256", prepare=certified("-t", "rsa-sha2-256", authority=RSA)),
    Row(
        "signed by RSA with SHA-1",
        prepare=certified("-t", "ssh-rsa", authority=RSA),
        names="CASignatureAlgorithms|ssh-rsa",
    ),
    Row("signed by ECDSA", prepare=certified(authority=("ecdsa",))),
    Row(
        "signed by RSA of 1024 bits",
        "RequiredRSASize 2048",
        prepare=certified(authority=("rsa", "-b", "1024")),
        names="RequiredRSASize",
    ),
    Row(
        "CASignatureAlgorithms without the authority's",
        "CASignatureAlgorithms ssh-ed25519",
        prepare=certified(authority=RSA),
        names="CASignatureAlgorithms",
    ),
    Row(
        "CASignatureAlgorithms with the authority's", "CASignatureAlgorithms ssh-ed25519", prepare=certified()
    ),
    Row(
        "CASignatureAlgorithms +ssh-rsa, signed with SHA-1",
        "CASignatureAlgorithms +ssh-rsa",
        prepare=certified("-t", "ssh-rsa", authority=RSA),
        names="CASignatureAlgorithms",
        stricter="SHA-1 signatures can be forged",
    ),
    Row(
        "HostKeyAlgorithms for certificates only",
        "HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com",
        prepare=certified(),
    ),
    Row(
        "HostKeyAlgorithms without certificates",
        "HostKeyAlgorithms ssh-ed25519",
        prepare=certified(),
        names="known_hosts",
    ),
    Row("@revoked authority", prepare=certified(more="@revoked * <ca>"), names="known_hosts"),
    Row(
        "@revoked plain key under a good certificate",
        prepare=certified(more="@revoked * <key>"),
        names="known_hosts",
    ),
    Row("RevokedHostKeys lists another key", REVOKED, prepare=_another_key),
    Row("RevokedHostKeys is empty", REVOKED, prepare=_empty),
    Row("RevokedHostKeys none", "RevokedHostKeys none"),
    Row(
        "RevokedHostKeys lists the key", REVOKED, prepare=listed(_HOST_KEY), names="RevokedHostKeys|/revoked"
    ),
    Row(
        "RevokedHostKeys lists the authority",
        REVOKED,
        prepare=revoking(listed("<dir>/ca.pub")),
        names="RevokedHostKeys|/revoked",
    ),
    Row(
        "RevokedHostKeys lists the key under a certificate",
        REVOKED,
        prepare=revoking(listed(_HOST_KEY)),
        names="RevokedHostKeys|/revoked",
    ),
    Row(
        "RevokedHostKeys lists the certificate",
        REVOKED,
        prepare=revoking(listed("<server>/host_ed25519-cert.pub")),
        names="RevokedHostKeys|/revoked",
    ),
    Row("a KRL with the key", REVOKED, prepare=krl_of_key, names="RevokedHostKeys|/revoked"),
    Row("a KRL with the key's SHA-256", REVOKED, prepare=krl_of_hash, names="RevokedHostKeys|/revoked"),
    Row(
        "a KRL with the certificate's number",
        REVOKED,
        prepare=revoking(krl("serial: 5-9")),
        names="RevokedHostKeys|/revoked",
    ),
    Row(
        "a KRL with another number",
        REVOKED,
        prepare=revoking(krl("serial: 8")),
        names="RevokedHostKeys|/revoked",
    ),
    Row(
        "a KRL with the certificate's name",
        REVOKED,
        prepare=revoking(krl("id: host_ed25519-7")),
        names="RevokedHostKeys|/revoked",
    ),
    Row("a KRL that is damaged", REVOKED, prepare=_garbage, names="RevokedHostKeys|/revoked"),
    Row(
        "RevokedHostKeys is no list of keys", REVOKED, prepare=_text_garbage, names="RevokedHostKeys|/revoked"
    ),
    Row("RevokedHostKeys is not there", REVOKED, names="RevokedHostKeys|/revoked"),
    Row("RevokedHostKeys is a folder", "RevokedHostKeys <dir>", names="RevokedHostKeys|/revoked"),
)
