"""What can stand behind a key of the cluster file, checked as it is read: durations, paths, patterns."""

from __future__ import annotations

import re
import warnings
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from tui.model.nodeset import host_name

VISIBLE = r"[^\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
"""A character that no terminal and no editor takes for anything but text; a tab is one."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def _duration(value: object) -> float:
    """Seconds from ``"500ms"``, ``"5s"``, ``"15m"`` or ``"2h"``."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h)", value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError('write a duration such as "5s", "500ms" or "15m"')
    seconds = float(match[1]) * _UNITS[match[2]]
    if not 0 < seconds <= 7 * 86400:
        raise ValueError("a duration lies between one millisecond and a week")
    return seconds


def _absolute(value: str) -> str:
    path = value.rstrip("/")
    if not re.fullmatch(f"/{VISIBLE}+", path) or "\t" in path:
        raise ValueError("write an absolute path below /, without control characters")
    if {".", ".."} & set(path.split("/")):
        raise ValueError("write the path without . and .. in it")
    return path


def _regex(value: str) -> str:
    if not re.fullmatch(f"{VISIBLE}+", value):
        raise ValueError("write one line of text, without control characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Python only wonders about is a slip, too
            compiled = re.compile(value)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise ValueError(f"not a regular expression: {error}") from None
    if compiled.groups < 1:
        raise ValueError("the expression needs a group for the number, such as (\\d+)")
    if "node" in compiled.groupindex and "count" not in compiled.groupindex:
        raise ValueError("the expression has a group (?P<node>...) and needs (?P<count>\\d+) beside it")
    return value


def _written(seconds: float) -> str:
    """As the file would say it: exactly the same number when it is read again."""
    number = f"{int(seconds)}" if seconds.is_integer() else f"{Decimal(repr(seconds)):f}"
    return f"{number}s"


Seconds = Annotated[
    float,
    BeforeValidator(_duration),
    PlainSerializer(_written, when_used="json"),
    Field(json_schema_extra={"type": "string", "examples": ["5s", "15m"]}),
]
SecondsOrNone = Annotated[
    float,
    BeforeValidator(lambda value: 0.0 if value in ("0", "0s") else _duration(value)),
    PlainSerializer(_written, when_used="json"),
    Field(json_schema_extra={"type": "string", "examples": ["10s", "0s"]}),
]
"""The same, and ``0s`` for none at all."""
NodePathText = Annotated[str, AfterValidator(_absolute)]
HostName = Annotated[str, AfterValidator(host_name)]
CountPattern = Annotated[str, AfterValidator(_regex)]
OneLine = Annotated[str, Field(pattern=f"^{VISIBLE}+$")]
TextLine = Annotated[str, Field(pattern=f"^{VISIBLE}*$")]
"""The same, or nothing at all."""
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+~:-]{0,99}$")]
VersionPattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+~:*?!\[\]-]{1,100}$")]
UserName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@\\+][A-Za-z0-9_.@\\+-]{0,63}$")]
