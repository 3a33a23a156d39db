"""Texts kept beside a run: what cannot be read is not there, and nothing stops."""

from __future__ import annotations

from pathlib import Path

from tui.journal.kept import KeptTexts


def test_what_is_kept_is_read_and_what_is_damaged_is_not_there(tmp_path: Path) -> None:
    kept, digest = KeptTexts(tmp_path), "a" * 64
    assert (kept.has(digest), kept.read(digest)) == (False, None)
    kept.keep(digest, "one\n")
    assert (kept.has(digest), kept.read(digest)) == (True, "one\n")
    (tmp_path / "files" / digest).write_bytes(b"\xff\xfe")
    assert kept.read(digest) is None
    (tmp_path / "files" / digest).unlink()
    (tmp_path / "files" / digest).mkdir()
    assert kept.read(digest) is None
