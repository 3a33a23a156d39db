"""What is said of started applications is what was seen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tui.rollout.procedure.applications import seen_back


@pytest.mark.parametrize(
    ("check", "job", "words"),
    [
        ("pgrep mysqld", None, "applications are back"),
        ("", object(), "the start command ended well; no check is configured"),
        ("", None, "only a person can see whether applications run"),
    ],
)
def test_without_a_check_nothing_is_claimed(check: str, job: object | None, words: str) -> None:
    applications = SimpleNamespace(check=check)
    context = cast(Any, SimpleNamespace(config=SimpleNamespace(applications=applications)))
    assert words in seen_back(context, cast(Any, job))
