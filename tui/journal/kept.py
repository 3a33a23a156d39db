"""Texts that a run keeps by the SHA-256 of what they were made from: each once, for its owner only."""

from __future__ import annotations

from pathlib import Path

from tui.journal.errors import JournalError
from tui.journal.files import make_private, replace_file


class KeptTexts:
    """The directory ``files`` of a run."""

    def __init__(self, run_directory: Path) -> None:
        self._directory = run_directory / "files"

    def has(self, digest: str) -> bool:
        """Whether it is kept."""
        return (self._directory / digest).exists()

    def keep(self, digest: str, text: str) -> None:
        """Write it down. Raises JournalError."""
        try:
            make_private(self._directory)
            replace_file(self._directory / digest, text.encode())
        except OSError as error:
            where = self._directory / digest
            fix = "free space or repair the disk, then resume the run"
            raise JournalError(f"{where} cannot be written: {error.strerror}; {fix}.") from None

    def read(self, digest: str) -> str | None:
        """The text; None for one that is not kept, or cannot be read any more."""
        try:
            return (self._directory / digest).read_text()
        except (OSError, UnicodeDecodeError):
            return None
