"""What is found on disk when a run is opened: the cluster file, and the unfinished run that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tui.journal import RunRecord, unfinished_run
from tui.model.clusterfile import ClusterFile, ClusterFileError
from tui.rollout.opening.file import load_cluster_file


@dataclass(frozen=True, slots=True)
class Found:
    """A cluster file and its unfinished run."""

    path: Path
    file: ClusterFile | None
    unusable: str
    """Why the file cannot be used, as a sentence; then the run has something out, and needs none."""
    record: RunRecord | None

    @property
    def cluster(self) -> str:
        """The cluster's name: the run's, whatever the file calls it now."""
        if self.record is not None:
            return self.record.cluster
        return self.file.cluster.name if self.file is not None else ""


def find(path: Path, state_dir: Path) -> Found:
    """The file and its unfinished run. Raises ClusterFileError, unless that run has something out."""
    try:
        file = load_cluster_file(path)
    except ClusterFileError as error:
        record = unfinished_run(state_dir, None, path)
        if record is None or record.run.bound is None or not record.run.anything_out:
            raise
        return Found(path, None, str(error), record)
    return Found(path, file, "", unfinished_run(state_dir, file.cluster.name, path))
