"""`rollcall check` on nodes where somebody has prepared the directory for Rollcall's own files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.rollout.preflight.provoking import Hands, broken, check


@pytest.mark.skipif(os.getuid() != 0, reason="needs another owner's files")
def test_a_directory_that_an_ordinary_user_has_made_is_found(tmp_path: Path) -> None:
    def prepare(hands: Hands) -> None:
        hands.config(r"\[applications\]", '[paths]\nstate = "/var/tmp/x"\n\n[applications]')
        place = hands.path("px01", "/var/tmp/x/jobs").parent
        (place / "jobs").symlink_to(victim)
        for path in (place / "jobs", place):
            os.chown(path, 65534, 65534, follow_symlinks=False)

    victim = tmp_path / "victim"
    victim.mkdir()
    with broken(tmp_path / "c", prepare, nodes=2, management=None) as rehearsal:
        for name in ("px01", "px02"):
            (rehearsal.node(name).sysroot / "var/tmp").mkdir(parents=True, exist_ok=True)
        (rehearsal.node("px02").sysroot / "var/tmp").chmod(0o1777)
        answer = check(rehearsal.cluster_file)
    assert [each.verdict for each in answer.of("places", "px01")] == ["error"], answer.trouble
    assert "/var/tmp/x belongs to another user" in answer.of("places", "px01")[0].summary
    assert "everybody may write to /var/tmp" in answer.of("places", "px02")[0].summary
    assert list(victim.iterdir()) == []
