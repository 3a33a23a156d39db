"""What ssh_config says of one name, to be asked keyword by keyword."""

from __future__ import annotations

from dataclasses import dataclass

from tui.remote.errors import RemoteError
from tui.remote.ssh.config.keywords import Values, class_of, spelled


@dataclass(frozen=True)
class Facts:
    """``values`` are what is said of ``name``, a node or a jump host on the way to it; ``own`` is what ssh
    says by itself, without any file.
    """

    node: str
    name: str
    values: Values
    own: Values
    hop: bool = False

    def refusal(self, words: str) -> RemoteError:
        """The error that tells what is wrong with ssh_config, under the node's name."""
        where = f"{self.node}: jump host {self.name}" if self.hop else self.node
        return RemoteError("config", self.node, f"{where}: ssh_config {words}.")

    def one(self, key: str, default: str = "") -> str:
        """The first value of a keyword; ``default`` where it is not set or is "none"."""
        value = next(iter(self.values.get(key, [])), "")
        return default if value in ("", "none") else value

    def yes(self, key: str) -> bool:
        """Whether a switch is on; `ssh -G` says true of some."""
        return self.one(key) in ("yes", "true")

    def number(self, key: str, default: int) -> int:
        """A keyword's number; raises RemoteError for what is none."""
        text = self.one(key, str(default))
        if not (text.isascii() and text.isdecimal()) or len(text) > 18:
            raise self.refusal(f"says {spelled(key)} {text}, which is not a number")
        return int(text)

    def names(self, key: str) -> tuple[str, ...] | None:
        """The names in a list of algorithms; None where it is the one that ssh has by itself."""
        values = self.values.get(key)
        return None if not values or values == self.own.get(key) else tuple(values[0].split(","))

    def refuse_what_is_not_kept(self) -> None:
        """Raise RemoteError for a restriction that cannot be kept, or that is not known here."""
        for key, values in self.values.items():
            keyword, value = class_of(key), next(iter(values), "none")
            first, more, _ = value.partition(" ")
            # no more of it than a word: a command may hold a password
            said = f"says {spelled(key)} {first}{' ...' if more else ''}"
            if keyword is None and values != self.own.get(key):
                raise self.refusal(f"{said}, which is not known here; take it out for this host")
            restricts = keyword is not None and keyword.kind == "refused" and value not in keyword.harmless
            if keyword is not None and restricts and not (self.hop and keyword.session):
                raise self.refusal(f"{said}, which is not kept here; {keyword.why}")
