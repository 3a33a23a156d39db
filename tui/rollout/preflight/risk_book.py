"""The risk book: named risks, each with a rule on what the preflight knows; shipped, and the operator's.

A rule is a list of sentences that all have to hold; facts and ways to compare are a closed set, so that a
rule which cannot be understood is found when it is read, not when it is needed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import AfterValidator, Field, ValidationError

import tui
from tui.model.clusterfile import Family
from tui.model.strict import StrictModel
from tui.text.sanitize import sanitize_line

NAME = "risks.toml"
ORDERED = ("installed", "loaded", "kernel")
"""Facts that are versions: they can be before another."""
FACTS = (
    *ORDERED,
    "arch",
    "distribution",
    "packages",
    "development-build",
    "sockets",
    "supersockets-users",
    "programs",
    "ip-over-pcie",
    "frontend",
    "view",
    "batch",
    "reboot",
    "applications",
)
_RULE = re.compile(r"(?P<fact>\S+) (?P<how>is not|is|has|before|from) (?P<value>\S.*)")


class RiskBookError(Exception):
    """A file of risks cannot be used. The message is one sentence: file, risk, what to do."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One sentence of a rule."""

    fact: str
    how: str
    value: str


def condition(text: str) -> Condition:
    """Read one. Raises ValueError with what to write instead."""
    found = _RULE.fullmatch(" ".join(text.split()))
    if found is None:
        raise ValueError(f"{text!r} is no rule: write FACT is VALUE (or: is not, has, before, from)")
    fact, how, value = found["fact"], found["how"], found["value"]
    if fact not in FACTS:
        raise ValueError(f"{fact!r} is no fact; known are {', '.join(FACTS)}")
    if how in ("before", "from") and (fact not in ORDERED or not re.match("[0-9]", value)):
        raise ValueError(f"{text!r}: before and from compare the versions {', '.join(ORDERED)} with a number")
    return Condition(fact, how, value)


def _checked(text: str) -> str:
    condition(text)
    return text


Sentence = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Risk(StrictModel):
    """One named risk. ``start`` and ``to`` are what is installed and what shall be."""

    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9.-]{0,59}$")]
    families: tuple[Family, ...] = ()
    start: Annotated[tuple[Sentence, ...], Field(alias="from")] = ()
    to: tuple[Sentence, ...] = ()
    when: tuple[Annotated[Sentence, AfterValidator(_checked)], ...] = ()
    message: Sentence
    remedy: Sentence
    source: Sentence

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Its rule."""
        return tuple(map(condition, self.when))


class _Book(StrictModel):
    risk: tuple[dict[str, object], ...] = ()


def shipped() -> Path:
    """The file that comes with Rollcall: in an installed package, or in a clone of the repository."""
    package = Path(tui.__file__).parent
    installed = package / "shipped" / NAME
    return installed if installed.exists() else package.parent / "config" / NAME


def own() -> Path:
    """Where the operator's own risks are looked for."""
    return platformdirs.user_config_path("rollcall") / NAME


def read_book(paths: Iterable[Path] | None = None) -> tuple[Risk, ...]:
    """Every risk, by name the last one read. Raises RiskBookError."""
    found: dict[str, Risk] = {}
    for path in (shipped(), *([own()] if own().exists() else [])) if paths is None else paths:
        found |= {risk.name: risk for risk in _read(path)}
    return tuple(found.values())


def _read(path: Path) -> list[Risk]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise RiskBookError(f"{path} cannot be read: {error}") from None
    try:
        book = _Book.model_validate(tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        words = sanitize_line(str(error), 200)
        raise RiskBookError(f"{path} is no book of risks: {words}; correct it, or move it away") from None
    risks: list[Risk] = []
    for number, entry in enumerate(book.risk, 1):
        name = entry.get("name") or f"number {number}"
        try:
            risk = Risk.model_validate(entry)
        except ValidationError as error:
            where = f"{path}, risk {sanitize_line(str(name), 60)}"
            raise RiskBookError(f"{where}: {_words(error)}; correct it, or take the risk out") from None
        if risk.name in {other.name for other in risks}:
            raise RiskBookError(f"{path}, risk {risk.name}: stands there twice; take one of them out")
        risks.append(risk)
    return risks


def _words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    message = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = "is no key of a risk"
    return sanitize_line(f"{key}: {message}", 240)
