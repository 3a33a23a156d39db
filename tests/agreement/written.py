"""What a try wrote below ~/.ssh, in a form that does not depend on the salt of a hashed name."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path


def written(before: Path, after: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Every line that was added or taken away, with the file's name; ``names`` are those a hash may stand
    for.
    """
    changes = []
    files = {path.relative_to(root) for root in (before, after) for path in root.rglob("*") if path.is_file()}
    for file in sorted(files):
        old, new = _lines(before / file), _lines(after / file)
        changes += [f"{file}: + {_plain(line, names)}" for line in new - old]
        changes += [f"{file}: - {_plain(line, names)}" for line in old - new]
    return tuple(sorted(changes))


def _lines(path: Path) -> set[str]:
    return set(path.read_text(errors="replace").splitlines()) if path.is_file() else set()


def _plain(line: str, names: Sequence[str]) -> str:
    word, _, rest = line.partition(" ")
    if not word.startswith("|1|"):
        return line
    salt, digest = (base64.b64decode(part) for part in word.split("|")[2:4])
    found = [name for name in names if hmac.new(salt, name.encode(), hashlib.sha1).digest() == digest]
    return f"hashed({', '.join(found)}) {rest}"
