"""Private keys: their formats and passphrases, where they lie, and what ssh_config says of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.agreement.place import Place
from tests.agreement.row import Person, Row

PHRASE = "a phrase $(id) \u00e9"
RSA = ("rsa", "-b", "2048")
_KEY = "IdentityFile <ssh>/key"
_RIGHT = Person(passphrase=(PHRASE,))
_WRONG = Person(passphrase=("wrong",))


def own(kind: str = "ed25519", *more: str, phrase: str = "", mode: int = 0o600) -> Callable[[Place], None]:
    """Only a key of this kind, at ~/.ssh/key, opens px01."""

    def prepare(place: Place) -> None:
        key = place.key(place.ssh / "key", kind, phrase, *more)
        key.chmod(mode)
        place.authorize(key)

    return prepare


def _encrypted(name: str, kind: str = "ed25519", *more: str) -> Row:
    return Row(f"encrypted, {name}", _KEY, prepare=own(kind, *more, phrase=PHRASE), person=_RIGHT)


def rewritten(change: Callable[[str], str]) -> Callable[[Place], None]:
    """The key file's text is changed."""

    def prepare(place: Place) -> None:
        own()(place)
        (place.ssh / "key").write_text(change((place.ssh / "key").read_text()))

    return prepare


def _without_public(place: Place) -> None:
    own()(place)
    (place.ssh / "key.pub").unlink()


def _encrypted_without_public(place: Place) -> None:
    own(*RSA, "-m", "PEM", phrase=PHRASE)(place)
    (place.ssh / "key.pub").unlink()


def _anothers_public(place: Place) -> None:
    own()(place)
    other = place.key(place.directory / "other")
    (place.ssh / "key.pub").write_text(Path(f"{other}.pub").read_text())


def _elsewhere(name: str) -> Callable[[Place], None]:
    def prepare(place: Place) -> None:
        path = Path(place.filled(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        place.authorize(place.key(path))
        place.environment["KEYS"] = str(place.ssh)

    return prepare


def _two_usual(place: Place) -> None:
    place.authorize(place.key(place.ssh / "id_rsa", *RSA[:1], "", *RSA[1:]), place.ssh / "id_ed25519")


def _many(number: int) -> Callable[[Place], None]:
    """So many keys in files, of which the last is right."""

    def prepare(place: Place) -> None:
        keys = [place.key(place.ssh / f"key{n}") for n in range(number)]
        place.authorize(keys[-1])
        place.config += "".join(f"\nIdentityFile {key}" for key in keys)

    return prepare


def _two_phrases(place: Place) -> None:
    """The first key is not the right one, and encrypted: nobody needs its passphrase."""
    place.key(place.ssh / "first", "ed25519", PHRASE)
    own()(place)


ROWS = (
    Row("the usual key"),
    Row("two usual ones, both right", prepare=_two_usual),
    *(Row(f"{' '.join(kind)}", _KEY, prepare=own(*kind)) for kind in (RSA, ("rsa", "-b", "4096"))),
    *(Row(f"ecdsa {bits}", _KEY, prepare=own("ecdsa", "-b", bits)) for bits in ("256", "384", "521")),
    Row("rsa in PEM", _KEY, prepare=own(*RSA, "-m", "PEM")),
    Row("rsa in PKCS8", _KEY, prepare=own(*RSA, "-m", "PKCS8")),
    Row("ecdsa in PEM", _KEY, prepare=own("ecdsa", "-m", "PEM")),
    Row("ecdsa in PKCS8", _KEY, prepare=own("ecdsa", "-m", "PKCS8")),
    Row("dsa, which nobody takes any more", _KEY, prepare=own("dsa"), names="/key"),
    _encrypted("ed25519"),
    _encrypted("rsa", *RSA),
    _encrypted("rsa in PEM", *RSA, "-m", "PEM"),
    _encrypted("rsa in PKCS8", *RSA, "-m", "PKCS8"),
    _encrypted("ecdsa in PEM", "ecdsa", "-m", "PEM"),
    _encrypted("ecdsa in PKCS8", "ecdsa", "-m", "PKCS8"),
    *(
        _encrypted(f"by {cipher.partition('@')[0]}", "ed25519", "-Z", cipher)
        for cipher in ("aes256-cbc", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "3des-cbc")
    ),
    Row(
        "a wrong passphrase, then the right one",
        _KEY,
        prepare=own(phrase=PHRASE),
        person=Person(passphrase=("wrong", PHRASE)),
    ),
    Row("wrong passphrases only", _KEY, prepare=own(phrase=PHRASE), person=_WRONG, names="/key"),
    Row(
        "wrong passphrases only, PKCS8",
        _KEY,
        prepare=own(*RSA, "-m", "PKCS8", phrase=PHRASE),
        person=_WRONG,
        names="/key",
    ),
    Row(
        "a wrong passphrase and NumberOfPasswordPrompts 1",
        f"{_KEY}\nNumberOfPasswordPrompts 1",
        prepare=own(phrase=PHRASE),
        person=Person(passphrase=("wrong", PHRASE)),
        names="/key",
    ),
    Row("no passphrase given", _KEY, prepare=own(phrase=PHRASE), names="/key"),
    Row(
        "encrypted, and BatchMode",
        f"{_KEY}\nBatchMode yes",
        prepare=own(phrase=PHRASE),
        person=_RIGHT,
        names="BatchMode",
    ),
    Row(
        "a passphrase that is not needed",
        f"IdentityFile <ssh>/first\n{_KEY}",
        prepare=_two_phrases,
        person=Person(passphrase=(PHRASE,)),
    ),
    Row("others can read the file", _KEY, prepare=own(mode=0o644), names="/key"),
    Row("the group can read the file", _KEY, prepare=own(mode=0o640), names="/key"),
    Row(
        "others can read the encrypted file",
        _KEY,
        prepare=own(mode=0o644, phrase=PHRASE),
        person=_RIGHT,
        names="/key",
    ),
    Row("only to be read", _KEY, prepare=own(mode=0o400)),
    Row("no public file beside it", _KEY, prepare=_without_public),
    Row("encrypted PEM without a public file", _KEY, prepare=_encrypted_without_public, person=_RIGHT),
    Row("another's public file beside it", _KEY, prepare=_anothers_public, names="/key"),
    Row("not a key", _KEY, prepare=rewritten(lambda _: "not a key\n"), names="/key"),
    Row("empty", _KEY, prepare=rewritten(lambda _: ""), names="/key"),
    Row("cut short", _KEY, prepare=rewritten(lambda text: text[:200]), names="/key"),
    Row("with CR LF", _KEY, prepare=rewritten(lambda text: text.replace("\n", "\r\n"))),
    Row("without its last line break", _KEY, prepare=rewritten(str.rstrip)),
    Row("text before the key", _KEY, prepare=rewritten(lambda text: f"my key\n{text}"), names="/key"),
    Row("IdentityFile that is not there", _KEY, names="/key"),
    Row("IdentityFile none", "IdentityFile none", names="IdentityFile"),
    Row("IdentityFile with ~", "IdentityFile ~/.ssh/mine", prepare=_elsewhere("<ssh>/mine")),
    Row(
        "IdentityFile with tokens",
        "IdentityFile %d/.ssh/%r@%h-%p-%n",
        prepare=_elsewhere("<ssh>/root@127.0.0.1-<port>-px01"),
    ),
    Row("IdentityFile with a variable", "IdentityFile ${KEYS}/mine", prepare=_elsewhere("<ssh>/mine")),
    Row(
        "IdentityFile with a variable that is not set",
        "IdentityFile ${NO_KEYS}/mine",
        prepare=_elsewhere("<ssh>/mine"),
        names="NO_KEYS",
    ),
    Row(
        "IdentityFile with blanks", 'IdentityFile "<ssh>/my own key"', prepare=_elsewhere("<ssh>/my own key")
    ),
    Row("IdentityFile, the second is right", prepare=_many(2)),
    Row("IdentityFile, the fifth is right", prepare=_many(5)),
    Row("IdentityFile, the sixth is right", prepare=_many(6)),
    Row("IdentityFile, the seventh is right", prepare=_many(7), names="MaxAuthTries"),
    Row("IdentityFile, the tenth is right, MaxAuthTries 20", "", "MaxAuthTries 20", prepare=_many(10)),
    Row("MaxAuthTries 2, the third is right", "", "MaxAuthTries 2", prepare=_many(3), names="MaxAuthTries"),
    Row("MaxAuthTries 1, the first is right", "", "MaxAuthTries 1"),
    Row("PubkeyAuthentication no", "PubkeyAuthentication no", names="PubkeyAuthentication"),
    Row(
        "PreferredAuthentications without publickey",
        "PreferredAuthentications password",
        names="PreferredAuthentications",
    ),
    Row(
        "PubkeyAcceptedAlgorithms without the key's",
        f"{_KEY}\nPubkeyAcceptedAlgorithms ssh-ed25519",
        prepare=own(*RSA),
        names="PubkeyAcceptedAlgorithms",
    ),
    Row(
        "PubkeyAcceptedAlgorithms -ssh-ed25519",
        "PubkeyAcceptedAlgorithms -ssh-ed25519*",
        names="PubkeyAcceptedAlgorithms",
    ),
    Row(
        "PubkeyAcceptedAlgorithms rsa-sha2-256",
        f"{_KEY}\nPubkeyAcceptedAlgorithms rsa-sha2-256",
        prepare=own(*RSA),
    ),
    Row(
        "the server takes rsa-sha2-256 only",
        _KEY,
        "PubkeyAcceptedAlgorithms rsa-sha2-256",
        prepare=own(*RSA),
        names="/key",
    ),
    Row(
        "the server does not take the key's kind",
        _KEY,
        "PubkeyAcceptedAlgorithms ssh-ed25519",
        prepare=own(*RSA),
        names="/key",
    ),
    Row(
        "SHA-1 only, on both sides",
        f"{_KEY}\nPubkeyAcceptedAlgorithms ssh-rsa",
        "PubkeyAcceptedAlgorithms ssh-rsa",
        prepare=own(*RSA),
        names="PubkeyAcceptedAlgorithms",
        stricter="SHA-1 signatures can be forged",
    ),
    Row(
        "RequiredRSASize above the key",
        f"{_KEY}\nRequiredRSASize 3072",
        prepare=own(*RSA),
        names="RequiredRSASize",
    ),
    Row(
        "the server's RequiredRSASize above the key",
        _KEY,
        "RequiredRSASize 3072",
        prepare=own(*RSA),
        names="/key",
    ),
    Row("rsa of 1024 bits", _KEY, prepare=own("rsa", "-b", "1024")),
    Row(
        "a key that the server does not know",
        _KEY,
        prepare=lambda place: (place.key(place.ssh / "key"), None)[1],
        names="/key",
    ),
)
