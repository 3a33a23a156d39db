"""Whether the server is the one it should be: known_hosts, and ssh_config on new and changed keys."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from tests.agreement.place import Place
from tests.agreement.row import Person, Row
from tests.agreement.world import FAR

_OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ6mq1pX2V1k1p4xA5nQGZ1yJ8M0bBf7v3cXgE3qk0aB"
_ECDSA = (
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt"
    "5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg="
)
_TOO_EASY = "takes a key that nobody has compared"
YES, NO = Person(contact=("yes",)), Person(contact=("no",))


def known(*lines: str) -> Callable[[Place], None]:
    """These lines are all that ~/.ssh/known_hosts has."""

    def prepare(place: Place) -> None:
        place.known = list(lines)

    return prepare


def elsewhere(file: str) -> Callable[[Place], None]:
    """The server's line is in another file, and ~/.ssh/known_hosts is empty."""

    def prepare(place: Place) -> None:
        place.known = []
        (place.ssh / file).write_text(place.filled("<name> <key>\n"))

    return prepare


def _hashed(place: Place) -> None:
    file = place.ssh / "known_hosts"
    file.write_text(place.filled("<name> <key>\n"))
    subprocess.run(["ssh-keygen", "-H", "-f", str(file)], check=True, capture_output=True)
    (place.ssh / "known_hosts.old").unlink()


def _changed(place: Place) -> None:
    other = place.key(place.directory / "another")
    place.known = [f"<name> {' '.join(other.with_suffix('.pub').read_text().split()[:2])}"]


def _both_listed(place: Place) -> None:
    _changed(place)
    assert place.known is not None
    place.known.append("<name> <key>")


def _unreadable(place: Place) -> None:
    (place.ssh / "folder").mkdir()


def _by_variable(place: Place) -> None:
    elsewhere("kh")(place)
    place.environment["KH"] = str(place.ssh / "kh")


def _known_by(kind: str, *more: str) -> Callable[[Place], None]:
    """The server has two host keys, and only the one of this kind is known."""

    def prepare(place: Place) -> None:
        place.known = [f"<name> {place.host_key(kind, *more)}"]

    return prepare


def _both_known(place: Place) -> None:
    place.known = ["<name> <key>", f"<name> {place.host_key('ecdsa')}"]


def _two_kinds(place: Place) -> None:
    place.host_key("rsa", "-b", "2048")


def _far(place: Place) -> None:
    place.node.host = FAR
    place.config += "\nHostName far.example"
    place.known = ["[far.example]:<port> <key>", "<name> <key>"]


def _far_and_changed(place: Place) -> None:
    _far(place)
    assert place.known is not None
    place.known[1] = f"<name> {_OTHER}"


def _garbage(place: Place) -> None:
    place.known = [
        "garbage",
        "<name>",
        "<name> ssh-ed25519 AAAA====",
        "@marker <name> <key>",
        "\x00\xff",
        "",
        "# <name>",
    ]
    place.known += ["<name> ssh-rsa <key>", "<name> <key> a comment"]


def _many(place: Place) -> None:
    place.known = [f"[10.{n // 250}.{n % 250}.1]:22 {_OTHER}" for n in range(20_000)]
    place.known.append("<name> <key>")


def _command(words: str) -> Callable[[Place], None]:
    def prepare(place: Place) -> None:
        place.known = []
        (place.directory / "lines").write_text(place.filled("<name> <key>\n"))
        place.config = place.filled(f"KnownHostsCommand {words}")

    return prepare


ROWS = (
    Row("a plain line"),
    Row("a hashed line", prepare=_hashed),
    Row("a line without the port", prepare=known("127.0.0.1 <key>")),
    Row("a pattern for every host", prepare=known("* <key>")),
    Row("a pattern with ? and *", prepare=known("[127.0.0.?]:* <key>")),
    Row("a pattern that leaves the host out", prepare=known("*,!<name> <key>"), names="known_hosts"),
    Row("several names on one line", prepare=known("px99,<name>,10.0.0.9 <key>")),
    Row("the name, and not the address that is dialled", prepare=known("px01 <key>"), names="known_hosts"),
    Row("garbage around the line", prepare=_garbage),
    Row("a file of 20,000 lines", prepare=_many),
    Row("HostKeyAlias, listed", "HostKeyAlias alias", prepare=known("alias <key>")),
    Row("HostKeyAlias, not listed", "HostKeyAlias alias", names="known_hosts"),
    Row("@revoked", prepare=known("<name> <key>", "@revoked * <key>"), names="known_hosts"),
    Row("@revoked another key", prepare=known("<name> <key>", f"@revoked * {_OTHER}")),
    Row("a changed key", prepare=_changed, names="known_hosts"),
    Row("a changed key, and a person who says yes", prepare=_changed, person=YES, names="known_hosts"),
    Row("the old key and the new one", prepare=_both_listed),
    Row(
        "changed, StrictHostKeyChecking accept-new",
        "StrictHostKeyChecking accept-new",
        prepare=_changed,
        names="known_hosts",
    ),
    Row(
        "changed, StrictHostKeyChecking no",
        "StrictHostKeyChecking no",
        prepare=_changed,
        names="StrictHostKeyChecking",
        stricter=_TOO_EASY,
    ),
    Row("new, nobody there", prepare=known(), names="known_hosts"),
    Row("new, a person says yes", prepare=known(), person=YES),
    Row("new, a person says no", prepare=known(), person=NO, names="known_hosts"),
    Row("new, a person types the fingerprint", prepare=known(), person=Person(contact=("<fingerprint>",))),
    Row(
        "new, a person types another fingerprint, then no",
        prepare=known(),
        person=Person(contact=("SHA256:another", "no")),
        names="known_hosts",
    ),
    Row("new, a person types something, then yes", prepare=known(), person=Person(contact=("sure", "yes"))),
    Row("new, hashed when written down", "HashKnownHosts yes", prepare=known(), person=YES),
    Row(
        "new, written to the first of two files",
        "UserKnownHostsFile <ssh>/one <ssh>/two",
        prepare=known(),
        person=YES,
    ),
    Row("new, written under HostKeyAlias", "HostKeyAlias alias", prepare=known(), person=YES),
    Row("new, UserKnownHostsFile none", "UserKnownHostsFile none", person=YES),
    Row("new, UserKnownHostsFile /dev/null", "UserKnownHostsFile /dev/null", person=YES),
    Row(
        "new, StrictHostKeyChecking yes",
        "StrictHostKeyChecking yes",
        prepare=known(),
        person=YES,
        names="StrictHostKeyChecking",
    ),
    Row("new, StrictHostKeyChecking accept-new", "StrictHostKeyChecking accept-new", prepare=known()),
    Row(
        "new, StrictHostKeyChecking no",
        "StrictHostKeyChecking no",
        prepare=known(),
        names="StrictHostKeyChecking",
        stricter=_TOO_EASY,
    ),
    Row("new, BatchMode", "BatchMode yes", prepare=known(), person=YES, names="BatchMode"),
    Row(
        "new, NoHostAuthenticationForLocalhost",
        "NoHostAuthenticationForLocalhost yes",
        prepare=known(),
        names="NoHostAuthenticationForLocalhost",
        stricter="a tunnel to anywhere is localhost, too",
    ),
    Row(
        "UserKnownHostsFile with a blank",
        'UserKnownHostsFile "<ssh>/known hosts"',
        prepare=elsewhere("known hosts"),
    ),
    Row(
        "UserKnownHostsFile with tokens",
        "UserKnownHostsFile %d/.ssh/of-%n-%p",
        prepare=lambda p: elsewhere(f"of-px01-{p.node.port}")(p),
    ),
    Row("UserKnownHostsFile with a variable", "UserKnownHostsFile ${KH}", prepare=_by_variable),
    Row(
        "UserKnownHostsFile, the second of two",
        "UserKnownHostsFile <ssh>/none <ssh>/two",
        prepare=elsewhere("two"),
    ),
    Row(
        "UserKnownHostsFile is a folder",
        "UserKnownHostsFile <ssh>/folder",
        prepare=_unreadable,
        names="folder",
    ),
    Row("GlobalKnownHostsFile", "GlobalKnownHostsFile <ssh>/global", prepare=elsewhere("global")),
    Row("only ECDSA is known of two", prepare=_known_by("ecdsa")),
    Row("only RSA is known of two", prepare=_known_by("rsa", "-b", "2048")),
    Row(
        "another kind is known",
        prepare=known(f"<name> {_ECDSA}"),
        names="known_hosts",
    ),
    Row("CheckHostIP, name and address are listed", "CheckHostIP yes", prepare=_far),
    Row(
        "CheckHostIP, the address has another key",
        "CheckHostIP yes",
        prepare=_far_and_changed,
        names="CheckHostIP",
    ),
    Row("no CheckHostIP, the address has another key", prepare=_far_and_changed),
    Row(
        "HostKeyAlgorithms without the known kind",
        "HostKeyAlgorithms rsa-sha2-512",
        prepare=_two_kinds,
        names="known_hosts",
    ),
    Row(
        "HostKeyAlgorithms with the known kind",
        "HostKeyAlgorithms rsa-sha2-512",
        prepare=_known_by("rsa", "-b", "2048"),
    ),
    Row(
        "HostKeyAlgorithms that the server has none of",
        "HostKeyAlgorithms -ssh-ed25519*",
        names="HostKeyAlgorithms",
    ),
    Row("HostKeyAlgorithms ^ecdsa", "HostKeyAlgorithms ^ecdsa-sha2-nistp256", prepare=_both_known),
    Row(
        "HostKeyAlgorithms +ssh-rsa, a server of SHA-1 only",
        "HostKeyAlgorithms +ssh-rsa",
        "HostKeyAlgorithms ssh-rsa",
        prepare=_known_by("rsa", "-b", "2048"),
        names="HostKeyAlgorithms|sshd_config",
        stricter="SHA-1 signatures can be forged",
    ),
    Row(
        "RequiredRSASize above the host key",
        "RequiredRSASize 3072",
        prepare=_known_by("rsa", "-b", "2048"),
        names="RequiredRSASize",
    ),
    Row(
        "a host key of 1024 bits",
        "RequiredRSASize 2048",
        prepare=_known_by("rsa", "-b", "1024"),
        names="RequiredRSASize",
    ),
    Row(
        "KnownHostsCommand that knows the key",
        prepare=_command("/bin/cat <dir>/lines"),
        names="KnownHostsCommand",
        stricter="which keys are trusted is to be read in a file",
    ),
    Row("KnownHostsCommand that knows none", prepare=_command("/bin/true"), names="KnownHostsCommand"),
    Row("KnownHostsCommand that fails", prepare=_command("/bin/false"), names="KnownHostsCommand"),
    Row("VerifyHostKeyDNS, known", "VerifyHostKeyDNS yes"),
    Row("VerifyHostKeyDNS, new", "VerifyHostKeyDNS yes", prepare=known(), names="known_hosts"),
)
