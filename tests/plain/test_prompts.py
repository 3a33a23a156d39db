"""A changed cluster file is agreed to by typing the cluster's name, and by nothing else."""

import io
import os

import pytest

from tui.plain.prompts import agreement
from tui.plain.terminal import Terminal

CHANGES = ("policy.allowed_down: 1 -> 2",)


@pytest.mark.parametrize(
    ("typed", "agreed"), [("demo\n", True), ("y\n", False), ("\n", False), ("", False), ("demo2\n", False)]
)
async def test_only_the_name_is_a_yes(typed: str, agreed: bool) -> None:
    source, sink = os.pipe()
    os.write(sink, typed.encode())
    os.close(sink)
    out = io.StringIO()
    assert await agreement(Terminal(out, source=source))("demo", CHANGES) is agreed
    os.close(source)
    assert CHANGES[0] in out.getvalue()
    assert "Type demo to agree to that" in out.getvalue()
