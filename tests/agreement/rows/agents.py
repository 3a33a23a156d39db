"""Keys in agents and in certificates, and the order in which they are tried."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.agreement.place import Place
from tests.agreement.row import Person, Row

_RSA = ("rsa", "-b", "2048")
_DEVICE = "keys on devices are for an agent to use"


def holding(number: int, right: int, *, config: str = "") -> Callable[[Place], None]:
    """An agent with so many keys, of which one opens px01; their files are gone but for the public ones."""

    def prepare(place: Place) -> None:
        keys = [place.key(place.ssh / f"key{n}") for n in range(number)]
        place.agent(*keys)
        place.authorize(keys[right])
        for key in (*keys, place.ssh / "id_ed25519"):
            key.unlink()
        place.config = f"{place.config}\n{config}"

    return prepare


def _two_right(place: Place) -> None:
    """Both keys of the agent open px01, and a file too."""
    holding(2, 0)(place)
    place.authorize(*(place.ssh / f"key{n}" for n in (0, 1)), place.key(place.ssh / "id_ed25519"))


def _two_right_one_named(place: Place) -> None:
    _two_right(place)
    place.config = "IdentityFile <ssh>/key1"


def _file_and_agent(place: Place) -> None:
    """The agent's key is wrong, the file's right."""
    holding(3, 0)(place)
    place.authorize(place.key(place.ssh / "id_ed25519"))


def _at(word: str) -> Callable[[Place], None]:
    """SSH_AUTH_SOCK is not set: ssh_config says where the agent is."""

    def prepare(place: Place) -> None:
        holding(1, 0)(place)
        place.environment["MY_AGENT"] = place.environment.pop("SSH_AUTH_SOCK")
        place.config = f"IdentityAgent {word}"

    return prepare


def _locked(place: Place) -> None:
    place.agent(place.ssh / "id_ed25519")
    program = place.directory / "password"
    program.write_text("#!/bin/sh\necho locked\n")
    program.chmod(0o700)
    place.environment |= {"SSH_ASKPASS": str(program), "SSH_ASKPASS_REQUIRE": "force"}
    place.add("-x")


def _to_be_confirmed(place: Place) -> None:
    """The agent asks its own person before it signs, and nobody is there; a file has another right key."""
    other = place.key(place.directory / "asked")
    place.agent()
    place.add("-c", str(other))
    place.authorize(other, place.ssh / "id_ed25519")


def _for_this_host(place: Place) -> None:
    (place.ssh / "known_hosts").write_text(place.filled("<name> <key>\n"))
    place.agent()
    place.add(
        "-H",
        str(place.ssh / "known_hosts"),
        "-h",
        f"root@{place.node.known_as}",
        str(place.ssh / "id_ed25519"),
    )
    (place.ssh / "id_ed25519").unlink()


def _silent_agent(place: Place) -> None:
    """What the variable names is a file, not a socket."""
    (place.directory / "agent.sock").write_text("")
    place.environment["SSH_AUTH_SOCK"] = str(place.directory / "agent.sock")


def certified(
    *words: str,
    names: str = "root",
    kind: tuple[str, ...] = ("ed25519",),
    plain: bool = False,
    elsewhere: bool = False,
    held: bool = False,
) -> Callable[[Place], None]:
    """px01 trusts an authority of users, and no key but by it (``plain``: the key too). The certificate is
    ``elsewhere``, for CertificateFile, or ``held`` by an agent alone.
    """

    def prepare(place: Place) -> None:
        authority = place.key(place.directory / "users")
        place.node.extra.append(f"TrustedUserCAKeys {authority}.pub")
        key = place.key(
            place.ssh / "id_ed25519" if kind[0] == "ed25519" else place.ssh / "id_rsa", kind[0], "", *kind[1:]
        )
        certificate = place.certify(authority, key, *(("-n", names) if names else ()), *words, serial=11)
        place.authorize(*([key] if plain else []))
        if elsewhere:
            certificate.rename(place.directory / "the-cert.pub")
        if held:
            place.agent(key)
            for path in (key, certificate, Path(f"{key}.pub")):
                path.unlink()

    return prepare


def _encrypted_and_held(place: Place) -> None:
    """The file is encrypted, the agent has its key: nobody is asked for anything."""
    key = place.key(place.ssh / "locked")
    place.agent(key)
    place.authorize(key)
    place.key(key, "ed25519", "a phrase")


ROWS = (
    Row("an agent with the right key", prepare=holding(1, 0)),
    Row("an agent, the fifth key is right", prepare=holding(5, 4)),
    Row("an agent, the sixth key is right", prepare=holding(6, 5)),
    Row("an agent, the eighth key is right", prepare=holding(8, 7), names="MaxAuthTries"),
    Row("an agent, the tenth key is right, MaxAuthTries 20", "", "MaxAuthTries 20", prepare=holding(10, 9)),
    Row("an agent with eight keys, the right one is named", "IdentityFile <ssh>/key7", prepare=holding(8, 7)),
    Row(
        "an agent with eight keys, IdentitiesOnly and the right one",
        "IdentitiesOnly yes\nIdentityFile <ssh>/key7",
        prepare=holding(8, 7),
    ),
    Row(
        "an agent with eight keys, IdentitiesOnly and its public file",
        "IdentitiesOnly yes\nIdentityFile <ssh>/key7.pub",
        prepare=holding(8, 7),
    ),
    Row(
        "IdentitiesOnly and a wrong key",
        "IdentitiesOnly yes\nIdentityFile <ssh>/key0",
        prepare=holding(2, 1),
        names="IdentitiesOnly",
    ),
    Row("two right keys in the agent and one in a file", prepare=_two_right),
    Row("the same, the second is named", prepare=_two_right_one_named),
    Row("wrong keys in the agent, the right one in a file", prepare=_file_and_agent),
    Row("IdentityAgent none", "IdentityAgent none", prepare=holding(1, 0), names="IdentityAgent"),
    Row("IdentityAgent with a path", prepare=_at("<dir>/agent.sock")),
    Row("IdentityAgent $VAR", prepare=_at("$MY_AGENT")),
    Row("IdentityAgent ${VAR}", prepare=_at("${MY_AGENT}")),
    Row("IdentityAgent $VAR that is not set", prepare=_at("$NO_AGENT"), names="IdentityAgent"),
    Row("IdentityAgent SSH_AUTH_SOCK", "IdentityAgent SSH_AUTH_SOCK", prepare=holding(1, 0)),
    Row(
        "IdentityAgent that is not there",
        "IdentityAgent <dir>/none",
        prepare=holding(1, 0),
        names="IdentityAgent|/none",
    ),
    Row("SSH_AUTH_SOCK is a file", prepare=_silent_agent),
    Row("an agent that is locked, and the file", prepare=_locked),
    Row("an agent that will not sign, and the file", prepare=_to_be_confirmed),
    Row(
        "a key in the agent for this host alone",
        prepare=_for_this_host,
        names="ssh-add -h",
        stricter="the agent cannot be told which host it signs for",
    ),
    Row("AddKeysToAgent yes", "AddKeysToAgent yes", prepare=lambda place: (place.agent(), None)[1]),
    Row("a certificate beside the key", prepare=certified()),
    Row("a certificate over an RSA key", prepare=certified(kind=_RSA)),
    Row("a certificate and the key, both right", prepare=certified(plain=True)),
    Row("an expired certificate", prepare=certified("-V", "20200101:20210101"), names="ertificate"),
    Row("an expired certificate, the key is right", prepare=certified("-V", "20200101:20210101", plain=True)),
    Row("a certificate for another name", prepare=certified(names="other"), names="ertificate"),
    Row("a certificate for nobody", prepare=certified(names=""), names="ertificate"),
    Row("a certificate for this address", prepare=certified("-O", "source-address=127.0.0.0/8")),
    Row(
        "a certificate for another address",
        prepare=certified("-O", "source-address=10.0.0.0/8"),
        names="ertificate",
    ),
    Row("a host's certificate", prepare=certified("-h"), names="ertificate"),
    Row("CertificateFile", "CertificateFile <dir>/the-cert.pub", prepare=certified(elsewhere=True)),
    Row("CertificateFile that is not there", "CertificateFile <dir>/the-cert.pub", prepare=certified()),
    Row("a certificate in the agent", prepare=certified(held=True)),
    Row(
        "PubkeyAcceptedAlgorithms without certificates",
        "PubkeyAcceptedAlgorithms ssh-ed25519",
        prepare=certified(),
        names="PubkeyAcceptedAlgorithms",
    ),
    Row(
        "PubkeyAcceptedAlgorithms for certificates only",
        "PubkeyAcceptedAlgorithms ssh-ed25519-cert-v01@openssh.com",
        prepare=certified(),
    ),
    Row(
        "PKCS11Provider that is not there",
        "PKCS11Provider /nonexistent.so",
        names="PKCS11Provider",
        stricter=_DEVICE,
    ),
    Row("HostbasedAuthentication yes", "HostbasedAuthentication yes"),
    Row("GSSAPIAuthentication yes", "GSSAPIAuthentication yes"),
    Row(
        "PreferredAuthentications gssapi-with-mic,hostbased",
        "PreferredAuthentications gssapi-with-mic,hostbased",
        names="PreferredAuthentications",
    ),
    Row(
        "a passphrase for what the agent holds",
        "IdentityFile <ssh>/locked",
        prepare=_encrypted_and_held,
        person=Person(passphrase=("wrong",)),
    ),
)
