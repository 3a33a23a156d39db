"""How ssh_config is read: what wins, what is included, what is no line of it."""

from __future__ import annotations

from collections.abc import Callable

from tests.agreement.place import Place
from tests.agreement.row import Row

_KEY = "IdentityFile <ssh>/mine"
_NO_KEY = "IdentityFile <ssh>/none"


def files(**texts: str) -> Callable[[Place], None]:
    """Only ~/.ssh/mine opens px01; these files are in ~/.ssh too (__ stands for a slash)."""

    def prepare(place: Place) -> None:
        place.authorize(place.key(place.ssh / "mine"))
        for name, text in texts.items():
            path = place.ssh / name.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_text(place.filled(text))

    return prepare


def rewritten(change: Callable[[str], str], mode: int = 0o600) -> Callable[[Place], None]:
    """The text of ~/.ssh/config is changed."""

    def prepare(place: Place) -> None:
        config = place.ssh / "config"
        config.write_text(change(place.ssh_config()))
        config.chmod(mode)

    return prepare


def _system(text: str) -> Callable[[Place], None]:
    def prepare(place: Place) -> None:
        files()(place)
        place.system_config(text)

    return prepare


def _named(place: Place) -> None:
    """~/.ssh/config would not do; the file that is named does."""
    files()(place)
    (place.ssh / "other config").write_text(place.ssh_config())
    (place.ssh / "config").write_text("Host *\nPort 1\n")
    place.system_config("Host *\nUser nobody-here\nPort 1\n")


def _variables(place: Place) -> None:
    files()(place)
    place.environment["MINE"] = f"{place.ssh}/mine"


ROWS = (
    Row("Include, relative to ~/.ssh", "Include more", prepare=files(more=_KEY)),
    Row("Include with a path", "Include <ssh>/more", prepare=files(more=_KEY)),
    Row(
        "Include with ~ and a pattern",
        "Include ~/.ssh/more.d/*.conf",
        prepare=files(**{"more.d__1.conf": _KEY}),
    ),
    Row("Include of two files", "Include one two", prepare=files(one=_NO_KEY, two=_KEY)),
    Row("Include within an include", "Include one", prepare=files(one="Include two", two=_KEY)),
    Row("Include of nothing", f"Include none.d/*\n{_KEY}", prepare=files()),
    Row(
        "Include of a file with another host's lines",
        f"Include one\n{_KEY}",
        prepare=files(one="Host px02\nPort 1\nHost *\n"),
    ),
    Row(
        "Include of a damaged file",
        "Include one",
        prepare=files(one="Host px01\nNoSuchKeyword 1\n"),
        names="NoSuchKeyword".lower(),
    ),
    Row(
        "Match host",
        f"Match host 127.0.0.*\n{_KEY}\nHost px01",
        prepare=files(),
        given={"HostName": "127.0.0.1"},
    ),
    Row(
        "Match host, not this one",
        f"Match host 10.*\n{_KEY}\nHost px01",
        prepare=files(),
        names="/id_ed25519",
    ),
    Row("Match originalhost", f"Match originalhost px0?\n{_KEY}\nHost px01", prepare=files()),
    Row("Match user", f"User root\nMatch user root\n{_KEY}\nHost px01", prepare=files()),
    Row("Match user, given", f"Match user root\n{_KEY}\nHost px01", prepare=files(), given={"User": "root"}),
    Row("Match localuser", f"Match localuser root\n{_KEY}\nHost px01", prepare=files()),
    Row("Match exec true", f'Match exec "test %n = px01"\n{_KEY}\nHost px01', prepare=files()),
    Row("Match exec false", f'Match exec "false"\nPort 1\nHost px01\n{_KEY}', prepare=files()),
    Row("Match all", f"Match all\n{_KEY}\nHost px01", prepare=files()),
    Row("Match final", f"Match final\n{_KEY}\nHost px01", prepare=files()),
    Row(
        "Match with two conditions",
        f"Match originalhost px01 user other\nPort 1\nHost px01\n{_KEY}",
        prepare=files(),
    ),
    Row("Match with a negated condition", f"Match !originalhost px02\n{_KEY}\nHost px01", prepare=files()),
    Row("Match of a kind that nobody knows", "Match phase-of-moon full", names="ssh_config"),
    Row("the first value wins", "Port <port>\nPort 1\nUser root\nUser nobody-here"),
    Row("Host *, before", f"Host *\nUser root\n{_KEY}\nHost px01\nUser nobody-here", prepare=files()),
    Row("Host with a negation", f"Host px* !px01\nPort 1\nHost px01\n{_KEY}", prepare=files()),
    Row("Host px?? and Host PX01", f"Host px??\n{_KEY}\nHost PX01\nPort 1\nHost px01", prepare=files()),
    Row("a comment after a value", f"{_KEY} # the cluster's\nPort <port> # too", prepare=files()),
    Row("keywords in capitals, with = and tabs", "IDENTITYFILE\t=\t<ssh>/mine\nport=<port>", prepare=files()),
    Row("a value in quotes", 'IdentityFile "<ssh>/mine"\nUser "root"', prepare=files()),
    Row("a variable in a path", "IdentityFile ${MINE}", prepare=_variables),
    Row("a file with CR LF", prepare=rewritten(lambda text: text.replace("\n", "\r\n"))),
    Row("a file without its last line break", prepare=rewritten(str.rstrip)),
    Row(
        "a file that begins with a byte order mark",
        prepare=rewritten(lambda text: f"\ufeff{text}"),
        names="config",
    ),
    Row("a file that others can write", prepare=rewritten(str, 0o666), names="config"),
    Row("a typing error in a keyword", "PasswordAuthentification no", names="passwordauthentification"),
    Row("IgnoreUnknown and a typing error", "IgnoreUnknown Password*\nPasswordAuthentification no"),
    Row("a bad port", "Port many", names="config"),
    Row("a bad yes or no", "PubkeyAuthentication perhaps", names="config"),
    Row("a bad algorithm", "Ciphers rot13", names="config"),
    Row("a keyword without a value", "HostKeyAlias", names="config"),
    Row("words too many", "Port <port> 22", names="config"),
    Row("keywords of old", "Protocol 2\nUsePrivilegedPort no\nCompressionLevel 6"),
    Row("/etc/ssh/ssh_config", prepare=_system(f"Host px01\n{_KEY}\n")),
    Row("/etc/ssh/ssh_config comes after", _KEY, prepare=_system("Host *\nPort 1\nUser nobody-here\n")),
    Row(
        "/etc/ssh/ssh_config with Include",
        prepare=_system(f"Include <ssh>/config\nMatch originalhost px01\n{_KEY}\n"),
    ),
    Row("another file is named", _KEY, prepare=_named, file="<ssh>/other config"),
    Row("a file is named that is not there", file="<ssh>/none", names="none"),
    Row("SendEnv and SetEnv", "SendEnv LANG LC_*\nSetEnv A=1"),
    Row("VisualHostKey and LogLevel", "VisualHostKey yes\nLogLevel DEBUG\nFingerprintHash md5"),
    Row("RequestTTY force", "RequestTTY force"),
    Row("ControlMaster auto", "ControlMaster auto\nControlPath <dir>/%C"),
    Row(
        "LocalForward and ForwardAgent",
        "LocalForward <dir>/socket 127.0.0.1:22\nForwardAgent yes\nForwardX11 yes",
    ),
    Row("VerifyHostKeyDNS and UpdateHostKeys ask", "VerifyHostKeyDNS ask\nUpdateHostKeys ask"),
)
