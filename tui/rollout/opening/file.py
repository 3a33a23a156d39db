"""The cluster file as it is read from disk, and what is told when a run cannot be opened."""

from __future__ import annotations

from pathlib import Path

from tui.model.clusterfile import ClusterFile, ClusterFileError, parse_cluster_file


class OpeningError(Exception):
    """The run cannot be opened; one sentence, with the exit code of the contract."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def load_cluster_file(path: Path) -> ClusterFile:
    """Read and check a cluster file. Raises ClusterFileError with one sentence."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors begin a file with a byte order mark
    except FileNotFoundError:
        raise ClusterFileError(f"{path}: there is no such cluster file.") from None
    except UnicodeDecodeError:
        raise ClusterFileError(f"{path}: not UTF-8 text, so not a TOML file.") from None
    except OSError as error:
        raise ClusterFileError(f"{path} cannot be read: {error.strerror}.") from None
    return parse_cluster_file(text, str(path))
