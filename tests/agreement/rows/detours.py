"""Ways to a node that are not direct: jump hosts, proxy commands, and what may go wrong on them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.agreement.place import Place
from tests.agreement.row import Person, Row
from tests.agreement.rows.passwords import RIGHT, WRONG
from tests.agreement.world import OPERATOR

_JUMP = "ProxyJump gw"
YES, NO = Person(contact=("yes",)), Person(contact=("no",))


def by_way_of(*names: str, server: str = "", known: tuple[str, ...] | None = None) -> Callable[[Place], None]:
    """Jump hosts of these names, the first with these lines of sshd_config; ``known`` are the servers whose
    keys are in known_hosts.
    """

    def prepare(place: Place) -> None:
        for number, name in enumerate(names):
            place.server(name, server if number == 0 else "")
        if known is not None:
            place.known = [f"<name:{name}> <key:{name}>" for name in known]

    return prepare


def _knowing(*lines: str) -> Callable[[Place], None]:
    """One jump host, and these lines in known_hosts."""

    def prepare(place: Place) -> None:
        by_way_of("gw")(place)
        place.known = list(lines)

    return prepare


def _by_password(*names: str) -> Callable[[Place], None]:
    """These servers take a password, and no key."""

    def prepare(place: Place) -> None:
        place.node.extra.insert(0, "PasswordAuthentication yes")
        by_way_of("gw", server="PasswordAuthentication yes")(place)
        for name in names:
            place.authorize(server=place.servers[name])

    return prepare


def _key_words(words: str) -> Callable[[Place], None]:
    """The jump host's authorized_keys has these words before the key."""

    def prepare(place: Place) -> None:
        by_way_of("gw")(place)
        file = place.servers["gw"].authorized_keys
        file.write_text(place.filled(f"{words} {file.read_text()}"))

    return prepare


def _own_key(place: Place) -> None:
    by_way_of("gw")(place)
    place.authorize(place.key(place.ssh / "for-gw"), server=place.servers["gw"])


_PASSES = """import array, socket, sys
way = socket.create_connection((sys.argv[1], int(sys.argv[2])))
out = socket.socket(fileno=1)
out.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [way.fileno()]))])
"""
_CARRIES = """import os, select, socket, sys
way = socket.create_connection((sys.argv[1], int(sys.argv[2])))
ends = {0: way.fileno(), way.fileno(): 1}
while True:
    for end in select.select(list(ends), [], [])[0]:
        data = os.read(end, 65536)
        if not data:
            sys.exit()
        while data:
            data = data[os.write(ends[end], data):]
"""


def _program(text: str, *, words: str = "", config: str = "") -> Callable[[Place], None]:
    """A program that makes the connection, as ProxyCommand."""

    def prepare(place: Place) -> None:
        file = Path(place.directory / "way.py")
        file.write_text(text)
        place.config = f"ProxyCommand {words}{sys.executable} {file} %h %p\n{config}"

    return prepare


ROWS = (
    Row("one jump host", _JUMP, prepare=by_way_of("gw")),
    Row("two jump hosts", "ProxyJump gw,gw2", prepare=by_way_of("gw", "gw2")),
    Row("three jump hosts", "ProxyJump gw,gw2,gw3", prepare=by_way_of("gw", "gw2", "gw3")),
    Row(
        "a jump host that has one itself",
        f"{_JUMP}\nHost gw\nProxyJump gw2\nHost px01",
        prepare=by_way_of("gw", "gw2"),
    ),
    Row("ProxyJump user@host:port", f"ProxyJump {OPERATOR}@127.0.0.1:<port:gw>", prepare=by_way_of("gw")),
    Row(
        "ProxyJump ssh://user@host:port",
        f"ProxyJump ssh://{OPERATOR}@127.0.0.1:<port:gw>",
        prepare=by_way_of("gw"),
    ),
    Row("ProxyJump none", f"ProxyJump none\n{_JUMP}", prepare=by_way_of("gw")),
    Row("ProxyJump with blanks", "ProxyJump gw, gw2", prepare=by_way_of("gw", "gw2"), names="ssh_config"),
    Row(
        "another user on the jump host",
        f"{_JUMP}\nHost gw\nUser {OPERATOR}\nHost px01",
        prepare=by_way_of("gw"),
    ),
    Row(
        "a key of its own for the jump host",
        f"{_JUMP}\nHost gw\nIdentityFile <ssh>/for-gw\nHost px01",
        prepare=_own_key,
    ),
    Row("a jump host that nobody answers at", "ProxyJump 127.0.0.1:1", names="jump host"),
    Row("a jump host whose name nobody knows", "ProxyJump unheard-of.example", names="unheard-of.example"),
    Row(
        "a node that is down behind a jump host",
        f"{_JUMP}\nPort 1",
        prepare=by_way_of("gw"),
        names="jump host",
    ),
    Row(
        "AllowTcpForwarding no on the jump host",
        _JUMP,
        prepare=by_way_of("gw", server="AllowTcpForwarding no"),
        names="AllowTcpForwarding",
    ),
    Row(
        "AllowTcpForwarding local on the jump host",
        _JUMP,
        prepare=by_way_of("gw", server="AllowTcpForwarding local"),
    ),
    Row(
        "DisableForwarding on the jump host",
        _JUMP,
        prepare=by_way_of("gw", server="DisableForwarding yes"),
        names="AllowTcpForwarding",
    ),
    Row(
        "PermitOpen elsewhere on the jump host",
        _JUMP,
        prepare=by_way_of("gw", server="PermitOpen 10.0.0.1:22"),
        names="PermitOpen",
    ),
    Row(
        "PermitOpen for the node on the jump host",
        _JUMP,
        prepare=by_way_of("gw", server="PermitOpen 127.0.0.1:<port>"),
    ),
    Row("MaxSessions 1 on the jump host", _JUMP, prepare=by_way_of("gw", server="MaxSessions 1")),
    Row("ForceCommand on the jump host", _JUMP, prepare=by_way_of("gw", server="ForceCommand /bin/false")),
    Row("no shell on the jump host", f"{_JUMP}\nHost gw\nUser nologin\nHost px01", prepare=by_way_of("gw")),
    Row(
        "a key with restrict on the jump host",
        _JUMP,
        prepare=_key_words("restrict"),
        names="AllowTcpForwarding",
    ),
    Row(
        "a key with restrict,port-forwarding there",
        _JUMP,
        prepare=_key_words('restrict,port-forwarding,permitopen="127.0.0.1:<port>"'),
    ),
    Row("the jump host's key is new", _JUMP, prepare=by_way_of("gw", known=("px01",)), names="known_hosts"),
    Row(
        "the jump host's key is new, a person says yes",
        _JUMP,
        prepare=by_way_of("gw", known=("px01",)),
        person=YES,
    ),
    Row(
        "the jump host's key is new, a person says no",
        _JUMP,
        prepare=by_way_of("gw", known=("px01",)),
        person=NO,
        names="known_hosts",
    ),
    Row("both keys are new, a person says yes", _JUMP, prepare=by_way_of("gw", known=()), person=YES),
    Row(
        "the jump host's key is new, its StrictHostKeyChecking yes",
        f"{_JUMP}\nHost gw\nStrictHostKeyChecking yes\nHost px01",
        prepare=by_way_of("gw", known=("px01",)),
        person=YES,
        names="StrictHostKeyChecking",
    ),
    Row(
        "the jump host's key is new, the node's accept-new",
        f"{_JUMP}\nStrictHostKeyChecking accept-new",
        prepare=by_way_of("gw", known=("px01",)),
        names="known_hosts",
    ),
    Row(
        "the node's key is new behind a jump host",
        _JUMP,
        prepare=by_way_of("gw", known=("gw",)),
        names="known_hosts",
    ),
    Row(
        "the jump host's key has changed",
        _JUMP,
        prepare=_knowing("<name> <key>", "<name:gw> <key>"),
        person=YES,
        names="known_hosts",
    ),
    Row(
        "RevokedHostKeys for the jump host",
        f"{_JUMP}\nHost gw\nRevokedHostKeys <server:gw>/host_ed25519.pub\nHost px01",
        prepare=by_way_of("gw"),
        names="RevokedHostKeys|/host_ed25519.pub",
    ),
    Row(
        "Ciphers for the jump host",
        f"{_JUMP}\nHost gw\nCiphers aes256-ctr\nHost px01",
        prepare=by_way_of("gw"),
    ),
    Row(
        "PubkeyAuthentication no for the jump host",
        f"{_JUMP}\nHost gw\nPubkeyAuthentication no\nHost px01",
        prepare=by_way_of("gw"),
        names="PubkeyAuthentication",
    ),
    Row("a password for the jump host", _JUMP, prepare=_by_password("gw"), person=RIGHT),
    Row(
        "passwords for both",
        f"{_JUMP}\nHost gw\nUser {OPERATOR}\nHost px01",
        prepare=_by_password("gw", "px01"),
        person=RIGHT,
    ),
    Row(
        "a wrong password for the jump host",
        _JUMP,
        prepare=_by_password("gw"),
        person=WRONG,
        names="jump host",
    ),
    Row(
        "BatchMode for the jump host",
        f"{_JUMP}\nHost gw\nBatchMode yes\nHost px01",
        prepare=_by_password("gw"),
        person=RIGHT,
        names="BatchMode",
    ),
    Row("BatchMode for the node alone", f"{_JUMP}\nBatchMode yes", prepare=_by_password("gw"), person=RIGHT),
    Row(
        "HostKeyAlias behind a jump host",
        f"{_JUMP}\nHostKeyAlias alias",
        prepare=_knowing("alias <key>", "<name:gw> <key:gw>"),
    ),
    Row("ProxyCommand ssh -W", "ProxyCommand ssh -W %h:%p gw", prepare=by_way_of("gw")),
    Row(
        "ProxyCommand with all its tokens",
        "ProxyCommand ssh -W [%h]:%p -l %r gw; : %n %%",
        prepare=by_way_of("gw"),
    ),
    Row("ProxyCommand of a program", prepare=_program(_CARRIES)),
    Row("ProxyCommand with a variable before it", prepare=_program(_CARRIES, words="env WAY=1 ")),
    Row("ProxyCommand none", "ProxyCommand none\nProxyCommand /bin/false"),
    Row("ProxyCommand that fails", "ProxyCommand echo no way >&2; exit 1", names="ProxyCommand"),
    Row("ProxyCommand that is not there", "ProxyCommand /nonexistent %h", names="ProxyCommand"),
    Row("ProxyCommand that talks first", prepare=_program(f"print('welcome', flush=True)\n{_CARRIES}")),
    Row(
        "ProxyCommand before ProxyJump",
        "ProxyCommand /bin/false\nProxyJump gw",
        prepare=by_way_of("gw"),
        names="ProxyCommand",
    ),
    Row("ProxyJump before ProxyCommand", "ProxyJump gw\nProxyCommand /bin/false", prepare=by_way_of("gw")),
    Row(
        "ProxyUseFdpass",
        prepare=_program(_PASSES, config="ProxyUseFdpass yes"),
        names="ProxyUseFdpass",
        stricter="a socket is taken from a program of our own alone",
    ),
    Row(
        "a changed key behind a ProxyCommand",
        "ProxyCommand ssh -W %h:%p gw",
        prepare=_knowing("<name> <key:gw>", "<name:gw> <key:gw>"),
        names="known_hosts",
    ),
)
