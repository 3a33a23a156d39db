"""Names as lines of known_hosts bear them: bare or ``[host]:port``, patterns with negation, hashed."""

from __future__ import annotations

import base64
import hmac
import os

HASHED = "|1|"


def entry_name(host: str, port: int) -> str:
    """The name a host's lines bear: bare for port 22, ``[host]:port`` otherwise."""
    return host.lower() if port == 22 else f"[{host.lower()}]:{port}"


def name_bytes(name: str) -> bytes:
    """As it stands in the file; a HostKeyAlias may be any bytes."""
    return name.encode("utf-8", "surrogateescape")


def hashed_name(name: str) -> str:
    """``name`` as HashKnownHosts has it written."""
    salt = os.urandom(20)
    words = (base64.b64encode(part).decode() for part in (salt, digest(salt, name)))
    return HASHED + "|".join(words)


def digest(salt: bytes, name: str) -> bytes:
    """What a hashed name has in the place of ``name``."""
    return hmac.digest(salt, name_bytes(name), "sha1")


def matches(names: str, name: str) -> bool:
    """Whether a line's names mean ``name``."""
    if names.startswith(HASHED):
        try:
            salt, hashed = (base64.b64decode(part) for part in names.removeprefix(HASHED).split("|"))
        except ValueError:
            return False
        return digest(salt, name) == hashed
    found = False
    for raw in names.lower().split(","):
        pattern = raw.removeprefix("!")
        if _fits(pattern, name):
            if raw != pattern:
                return False
            found = True
    return found


def _fits(pattern: str, text: str) -> bool:
    """Not fnmatch: ssh's patterns know only * and ?, so that "[host]:22" stays literal."""
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    at = read = 0
    star, resume = -1, 0
    while read < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume, at = at, read, at + 1
        elif at < len(pattern) and pattern[at] in ("?", text[read]):
            at, read = at + 1, read + 1
        elif star >= 0:  # the last star takes one sign more; what stood before it need not be tried again
            resume += 1
            at, read = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")
