"""The scripts that are sent to a node: each goes over the wire with the prelude before it."""

from __future__ import annotations

import functools
import importlib.resources
import secrets
import shlex
from typing import Literal

ScriptName = Literal[
    "prelude", "refuse", "place", "last", "cancel", "job", "supervise", "status", "transfer", "claim"
]


@functools.cache
def script(name: ScriptName) -> str:
    """The text of ``node/<name>.sh``."""
    return importlib.resources.files("tui.remote.node").joinpath(f"{name}.sh").read_text("utf-8")


def with_prelude(text: str) -> str:
    """``text`` in the surroundings every script of a node may count on ($R, PATH, LC_ALL, umask)."""
    return f"{script('prelude')}\n{text}"


_NEEDS: dict[str, tuple[ScriptName, ...]] = {"job": ("last", "cancel"), "claim": ("last",)}
"""What a script's functions call, besides refuse.sh and place.sh."""


def call(name: Literal["place", "job", "transfer", "claim"], *words: str | int) -> str:
    """The functions of ``name`` followed by a call with ``words``, each quoted for a POSIX shell."""
    texts = "\n".join(
        script(need) for need in dict.fromkeys(("refuse", "place", *_NEEDS.get(name, ()), name))
    )
    return f"{texts}\n{name} {' '.join(shlex.quote(str(word)) for word in words)}"


# What runs on the node for every exec: a constant, so nothing can be injected into it, in words that sh, csh
# and fish read alike. It reads a script of known length (`read` and `head -c` take no byte too many, so what
# follows on stdin is the script's own) and runs it only when it came whole: its last line repeats the mark of
# the first one. The mark on both outputs tells where the script's own output begins, after whatever a login
# script printed.
BOOTSTRAP = (
    'IFS=" " read -r n m && s=$(head -c "$n") && case $s in '
    '*"#$m") echo "$m"; echo "$m" >&2; eval "$s" ;; *) exit 65 ;; esac'
)


def new_mark() -> str:
    """A word that nothing else on a node prints."""
    return f"rollcall-{secrets.token_hex(12)}"


def framed(text: str, mark: str) -> bytes:
    """``text`` as ``BOOTSTRAP`` wants it on stdin. Raises ValueError for a NUL, which no shell can hold."""
    if "\0" in text:
        raise ValueError("a script cannot hold a NUL")
    body = f"{with_prelude(text)}\n#{mark}".encode()
    return f"{len(body)} {mark}\n".encode() + body
