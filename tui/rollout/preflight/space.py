"""Whether what will be written has room: sizes are compared with what is free, file system by file system."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tui.model.events import PreflightResult
from tui.rollout.preflight.finding import error, passed, warning
from tui.rollout.preflight.inspected import ClusterFacts, InspectedNode
from tui.rollout.preflight.platforms import builders

LOW_SPACE, NO_SPACE = 1_000_000_000, 100_000_000
"""Free bytes of a file system that is written to: a warning below the first, an error below the second."""

BUILD_FACTOR, INSTALLED_FACTOR = 10, 3
"""How many times the archive a build, and what is installed, are assumed to take: nothing documents it."""


@dataclass
class _Mount:
    """A file system: what is free, what uses it, and what will need room on it (certain, or only assumed)."""

    free: int
    paths: list[str] = field(default_factory=list)
    certain: list[tuple[str, int]] = field(default_factory=list)
    assumed: list[tuple[str, int]] = field(default_factory=list)


def space(cluster: ClusterFacts, node: InspectedNode) -> Iterable[PreflightResult]:
    """Every file system that a build or an installation writes to, once."""
    mounts: dict[str, _Mount] = {}
    for place in node.readiness.spaces:
        mounts.setdefault(place.mount, _Mount(place.free_bytes)).paths.append(place.path)
    _needs(cluster, node, mounts)
    impact = "a full disk breaks the build or the installation"
    told = False
    for name, mount in mounts.items():
        uses = ", ".join(mount.paths)
        words = f"only {_megabytes(mount.free)} free on {name} (for {uses})"
        sure = sum(size for _, size in mount.certain)
        whole = sure + sum(size for _, size in mount.assumed)
        if mount.free < NO_SPACE:
            yield error("disk-space", words, impact, "make room")
        elif mount.free < sure:
            words += f", and {_megabytes(sure)} are needed: {_list(mount.certain)}"
            yield error("disk-space", words, impact, "make room, then check again")
        elif mount.free < whole:
            words += f", and it may need {_megabytes(whole)}: {_list([*mount.certain, *mount.assumed])}"
            yield warning("disk-space", words, impact, "make room, or be sure that less is enough")
        elif mount.free < LOW_SPACE:
            yield warning("disk-space", words, impact, "make room")
        else:
            continue
        told = True
    if not mounts:
        impact = "a full disk would break the build or the installation"
        yield warning("disk-space", "how much space is free could not be read", impact, "look with df")
    elif not told:
        yield passed("disk-space", "enough room for the archive, the packages and the build wherever they go")


def _needs(cluster: ClusterFacts, node: InspectedNode, mounts: dict[str, _Mount]) -> None:
    """Enter what will be written on the node; without a size of the archive nothing is known to be needed."""
    size = node.readiness.sia_bytes if node.facts.sia_present else cluster.local_bytes
    if size is None or node.at_target(cluster.config.target.version):
        return
    paths = cluster.config.paths
    state = next((mount for mount in mounts.values() if paths.state in mount.paths), None)
    dis = next((mount for mount in mounts.values() if paths.dis in mount.paths), None)
    if state is not None:
        if not node.facts.sia_present:
            state.certain.append(("the archive", size))
        state.assumed.append(("packages, taken to be as large as the archive", size))
        if node.name in builders(cluster):
            words = f"a build, taken to need {BUILD_FACTOR} times the archive"
            state.assumed.append((words, BUILD_FACTOR * size))
    if dis is not None:
        words = f"the installation, taken to need {INSTALLED_FACTOR} times the archive"
        dis.assumed.append((words, INSTALLED_FACTOR * size))


def _list(needs: list[tuple[str, int]]) -> str:
    return ", ".join(f"{_megabytes(size)} for {what}" for what, size in needs)


def _megabytes(size: int) -> str:
    return f"{size // 1_000_000} MB"
