"""A person's own keys: ``keys.toml`` in the configuration directory, read and held against the commands."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from textual.keys import Keys

from tui.console.commands.base import KeyCommand
from tui.console.commands.table import COMMANDS, with_keys
from tui.console.look.keys import name_of, shown
from tui.text.sanitize import sanitize_line

FIXED = {
    *("escape", "up", "down", "left", "right", "home", "end", "pageup", "pagedown", "space", "backspace"),
    *("ctrl+p", "ctrl+c", "ctrl+q", "ctrl+l"),
}
"""Keys that mean the same in every screen, or by which terminals interrupt."""
_KNOWN = {key.value for key in Keys} | {"tab", "enter"}
_MODIFIERS = ("ctrl", "shift", "alt")


class KeysFileError(Exception):
    """One sentence: the file, the key and what to do."""


def commands_of(path: PurePath | None) -> tuple[dict[str, str], tuple[KeyCommand, ...]]:
    """A person's own keys by command, and the commands with them. Raises KeysFileError."""
    own = read_keys(Path(path), COMMANDS) if path is not None else {}
    return own, with_keys(own)


def read_keys(path: Path, commands: Sequence[KeyCommand]) -> dict[str, str]:
    """Command and its keys, for those that the file names; nothing without a file. Raises KeysFileError."""
    try:
        file = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise KeysFileError(f"{path} cannot be read: {error.strerror or error}; mend or remove it.") from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise KeysFileError(f"{path} is not TOML: {error}; mend or remove it.") from None
    names = [command.id for command in commands]
    found: dict[str, str] = {}
    for name, value in file.items():
        if name not in names:
            raise KeysFileError(f"{path}: there is no command {sanitize_line(name, 40)}{_near(name, names)}.")
        found[name] = ",".join(_keys(path, name, value))
    _refuse_doubles(path, found, commands)
    if "quit" in found:
        found["quit"] += ",ctrl+q,ctrl+c"
    return found


def _near(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"


def _keys(path: Path, name: str, value: object) -> list[str]:
    """The keys of one command, by Textual's names."""
    values = [
        each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str) and each
    ]
    if not values or (isinstance(value, list) and len(values) < len(value)):
        raise KeysFileError(f'{path}: {name} is neither a key nor a list of keys; write {name} = "f5".')
    return [_key(path, name, each) for each in values]


def _key(path: Path, name: str, text: str) -> str:
    *modifiers, last = [text] if len(text) == 1 else text.split("+")
    known = len(last) == 1 and last.isprintable() and last != " "
    if not (known or last in _KNOWN) or not all(each in _MODIFIERS for each in modifiers):
        raise KeysFileError(
            f"{path}: {name}: there is no key {sanitize_line(text, 40)}; one is n, ?, f5 or ctrl+n."
        )
    key = "+".join([*modifiers, name_of(last)])
    if key in FIXED:
        raise KeysFileError(f"{path}: {name}: {text} has a fixed meaning; choose another key.")
    return key


def _refuse_doubles(path: Path, found: Mapping[str, str], commands: Sequence[KeyCommand]) -> None:
    owners: dict[str, str] = {}
    for command in commands:
        for key in found.get(command.id, command.keys).split(","):
            other = owners.setdefault(key, command.id)
            if other != command.id:
                raise KeysFileError(
                    f"{path}: the key {shown(key)} is that of {other} and of {command.id}; "
                    f"give {command.id if command.id in found else other} another one."
                )
