"""The keys by which sentences name commands: a person's own, where they gave others."""

from __future__ import annotations

from collections.abc import Mapping
from string import punctuation
from typing import Any

from textual.app import App
from textual.binding import Binding

_SIGNS = {next(iter(Binding.make_bindings([(sign, "")]))).key: sign for sign in punctuation if sign != ","}
_SIGNS["comma"] = ","
_NAMES = {sign: name for name, sign in _SIGNS.items()}


def shown(key: str) -> str:
    """A key as people read it: ``/`` for ``slash``."""
    return _SIGNS.get(key, key)


def name_of(key: str) -> str:
    """The same the other way: Textual's name of what people write."""
    return _NAMES.get(key, key)


def named(app: App[Any], command: str, usual: str) -> str:
    """The key of the command with this id, as people read it; a bare app has the ``usual`` ones."""
    keys: Mapping[str, str] = getattr(app, "keys", {})
    return keys.get(command, usual)
