"""Rollcall beside ssh(1), class by class: nowhere weaker, and no refusal without a keyword or a file."""

from __future__ import annotations

import pytest

from tests.agreement.rows import ROWS
from tests.agreement.run import tried
from tests.agreement.table import bad, line
from tests.rigs.openssh import needs_sshd

CLEAN = ("host keys", "host certificates", "algorithms", "detours", "addresses", "ssh_config")


@needs_sshd
@pytest.mark.root("a world of its own")
@pytest.mark.parametrize("group", CLEAN)
def test_nowhere_weaker_than_ssh(group: str) -> None:
    sample = ROWS[group][::2]  # all of them: python -m tests.agreement
    results = tried([(group, row.name) for row in sample], workers=1)
    assert [line(result) for result in results if bad(result)] == []


def test_names_of_set_ups_are_their_own() -> None:
    assert {group: len({row.name for row in rows}) for group, rows in ROWS.items()} == {
        group: len(rows) for group, rows in ROWS.items()
    }
