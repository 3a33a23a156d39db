"""What a server makes of a login that it has let in, and whom it lets in at all."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from tests.agreement.place import Place
from tests.agreement.row import Row
from tests.agreement.world import OPERATOR, PAM, ask_by_pam

_COMMAND = "the server runs something else than it was asked for"


def words(text: str) -> Callable[[Place], None]:
    """authorized_keys has these words before the key."""

    def prepare(place: Place) -> None:
        file = place.node.authorized_keys
        file.write_text(place.filled(f"{text} {file.read_text()}"))

    return prepare


def _banner(text: str) -> Callable[[Place], None]:
    def prepare(place: Place) -> None:
        (place.directory / "banner").write_text(text)
        place.node.extra.insert(0, f"Banner {place.directory}/banner")

    return prepare


def _noisy(text: str) -> Callable[[Place], None]:
    """What bash reads before each command."""

    def prepare(place: Place) -> None:
        home = place.world / "homes/noisy"
        (home / ".bashrc").write_text(text)

    return prepare


def _pam(lines: str) -> Callable[[Place], None]:
    def prepare(_: Place) -> None:
        ask_by_pam(f"{PAM}\n{lines}")

    return prepare


def _no_logins(place: Place) -> None:
    ask_by_pam(f"{PAM}\naccount required pam_nologin.so file={place.directory}/nologin")
    (place.directory / "nologin").write_text("This machine is going down.\n")


def _revoked(place: Place) -> None:
    (place.directory / "revoked").write_text(Path(f"{place.ssh}/id_ed25519.pub").read_text())
    place.node.extra.insert(0, f"RevokedKeys {place.directory}/revoked")


def _busy(place: Place) -> None:
    """One connection that is not logged in, all the time."""

    def dial() -> None:
        place.listeners.append(socket.create_connection(("127.0.0.1", place.node.port)))

    place.before.append(dial)


ROWS = (
    Row("MaxSessions 10", "", "MaxSessions 10"),
    Row("MaxSessions 2", "", "MaxSessions 2"),
    Row(
        "MaxSessions 1",
        "",
        "MaxSessions 1",
        names="MaxSessions",
        stricter="one command and the watch on it are two",
    ),
    Row("MaxSessions 0", "", "MaxSessions 0", names="MaxSessions"),
    Row("MaxStartups 1", "", "MaxStartups 1:100:1"),
    Row("MaxStartups 1, and somebody is logging in", "", "MaxStartups 1", _busy, names="MaxStartups"),
    Row("a login that takes a while", "", "UsePAM yes", _pam("account optional pam_exec.so /bin/sleep 2")),
    Row("LoginGraceTime 2", "", "LoginGraceTime 2"),
    Row("ForceCommand that says something", "", "ForceCommand echo no", names="ForceCommand"),
    Row("ForceCommand that says in", "", "ForceCommand echo in", names="ForceCommand", stricter=_COMMAND),
    Row("ForceCommand that does as it was asked", "", 'ForceCommand eval "$SSH_ORIGINAL_COMMAND"'),
    Row("ForceCommand internal-sftp", "", "ForceCommand internal-sftp", names="internal-sftp|ForceCommand"),
    Row("a key with a command", "", "", words('command="echo in"'), names="ommand", stricter=_COMMAND),
    Row("a key with restrict", "", "", words("restrict")),
    Row("a key from here", "", "", words('from="127.0.0.0/8"')),
    Row("a key from elsewhere", "", "", words('from="10.0.0.0/8"'), names="authorized_keys"),
    Row("a key that has expired", "", "", words('expiry-time="20200101"'), names="authorized_keys"),
    Row("a key that the server has revoked", prepare=_revoked, names="authorized_keys"),
    Row("AuthorizedKeysFile none", "", "AuthorizedKeysFile none", names="authorized_keys"),
    Row("PubkeyAuthentication no on the server", "", "PubkeyAuthentication no", names="nothing"),
    Row("a short banner", prepare=_banner("Authorized use only.\n")),
    Row("a long banner with escapes", prepare=_banner("\x1b[2J\x07" + "x" * 20_000 + "\n")),
    Row("a line before the protocol's", "", "VersionAddendum of its own"),
    Row("PermitRootLogin no", "", "PermitRootLogin no", names="PermitRootLogin"),
    Row("PermitRootLogin prohibit-password", "", "PermitRootLogin prohibit-password"),
    Row(
        "PermitRootLogin forced-commands-only",
        "",
        "PermitRootLogin forced-commands-only",
        names="PermitRootLogin",
    ),
    Row("AllowUsers another", "", "AllowUsers other", names="AllowUsers"),
    Row("AllowUsers from elsewhere", "", "AllowUsers root@10.*", names="AllowUsers"),
    Row("DenyUsers root", "", "DenyUsers root", names="AllowUsers"),
    Row("a user who is not root", f"User {OPERATOR}"),
    Row("a shell that lets nobody in", "User nologin", names="shell"),
    Row("a shell that is not there", "User shell-gone", names="shell"),
    Row("a shell that talks first", "User noisy", prepare=_noisy("echo welcome; echo beware >&2\n")),
    Row("a shell that ends at once", "User noisy", prepare=_noisy("exit 3\n"), names="shell"),
    Row("ChrootDirectory that is not there", "", "ChrootDirectory /nonexistent", names="shell"),
    Row("PermitTTY no", "", "PermitTTY no"),
    Row("DisableForwarding yes", "", "DisableForwarding yes"),
    Row(
        "PAM: an account that is shut",
        "",
        "UsePAM yes",
        _pam("account required pam_deny.so"),
        names="account",
    ),
    Row(
        "PAM: a session that is refused",
        "",
        "UsePAM yes",
        _pam("session required pam_deny.so"),
        names="shell",
    ),
    Row(
        "PAM: nobody may log in now",
        f"User {OPERATOR}",
        "UsePAM yes",
        _no_logins,
        names="starting or shutting down",
    ),
    Row("PAM and a key", "", "UsePAM yes"),
    Row("ClientAliveInterval 1", "", "ClientAliveInterval 1\nClientAliveCountMax 1"),
)
