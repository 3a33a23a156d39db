"""What a test needs of this machine: says the marks `slow`, `root` and `sshd`, and skips what cannot be run.

In CI nothing is skipped for it: there the machine has to have everything.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from functools import partial

import pytest

from tests.agreement.world import no_world
from tests.rigs.netns import no_namespaces
from tests.rigs.openssh import no_sshd
from tests.rigs.pam import no_pam
from tests.rigs.sudo import no_program
from tests.rigs.systemd import no_systemd

_BRINGS_UP = (
    "tests.agreement.run",
    "tests.console.glass",
    "tests.console.screen",
    "tests.plain.terminals",
    "tests.rollout.preflight.provoking",
    "tests.rigs.logind",
    "tests.rigs.openssh",
    "tests.rigs.systemd",
    "tests.rollout.engine_operator",
    "tui.rehearsal.cluster",
)
"""A test module that takes a class or a function from one of these brings something up."""
_BRINGING_UP = {"shared", "rehearse", "node", "make_node", "rehearsal", "terminal"}
"""Fixtures that do so, or a parameter of a test that does."""
_MOUNTING = {"disk", "tiny_disk"}
"""Fixtures that mount something."""


def _no_root() -> str:
    return "" if os.getuid() == 0 else "needs root"


_ROOT: dict[str, Callable[[], str]] = {
    "a world of its own": no_world,
    "namespaces": no_namespaces,
    "sudo": partial(no_program, "sudo"),
    "pam": no_pam,
    "doas": partial(no_program, "doas"),
    "systemd": no_systemd,
}


@functools.cache
def _missing(mark: str, what: str) -> str:
    if mark == "sshd":
        return no_sshd()
    return _ROOT.get(what, _no_root)()


def mark(item: pytest.Item) -> None:
    """Give a test the marks that follow from what it takes."""
    module = vars(getattr(item, "module", None) or object).values()
    homes = {getattr(value, "__module__", None) for value in module}
    fixtures = set(getattr(item, "fixturenames", ()))
    if homes & set(_BRINGS_UP) or fixtures & _BRINGING_UP or item.get_closest_marker("sshd"):
        item.add_marker("slow")
    if fixtures & _MOUNTING:
        item.add_marker(pytest.mark.root("a small disk"))


def skip_if_missing(item: pytest.Item) -> None:
    """Skip a test that needs what is not here."""
    if os.environ.get("CI"):
        return
    for need in (*item.iter_markers("sshd"), *item.iter_markers("root")):
        why = _missing(need.name, *map(str, need.args[:1] or ("",)))
        if why:
            pytest.skip(why)
