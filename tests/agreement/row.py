"""A set-up: what ssh_config and the server say, what lies about, and who is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.agreement.place import Place


@dataclass(frozen=True)
class Person:
    """What somebody at the keyboard answers to each kind of question, one after the other; the last answer
    is given again. Empty: declined.
    """

    password: tuple[str, ...] = ()
    passphrase: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()
    """To a host key that is new."""


NOBODY = Person()


@dataclass(frozen=True)
class Row:
    """One set-up. ``client`` are lines of ssh_config for px01, which go before the usual ones (address,
    port, User root); ``server`` lines of its sshd_config. Both may hold words in angle brackets: see
    `Place.filled`.
    """

    name: str
    client: str = ""
    server: str = ""
    prepare: Callable[[Place], None] | None = None
    person: Person = NOBODY
    names: str = ""
    """What Rollcall's sentence has to name where it does not get in: one of several, with a stroke between
    them; empty: any keyword, or a file.
    """
    stricter: str = ""
    """Why Rollcall is meant to refuse what ssh(1) accepts; empty: it is not."""
    target: str = "px01"
    file: str = ""
    """An ssh_config that is named (`ssh -F`, ssh_config in the cluster file), in place of ~/.ssh/config."""
    given: Mapping[str, str] = field(default_factory=dict)
    """HostName, Port, User, UserKnownHostsFile that go before ssh_config, as in a cluster file; filled."""
