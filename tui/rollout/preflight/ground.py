"""Does what the update stands on (SSH, directories, this console) run over the interconnect that it stops?"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence

from tui.expressware.ground import Carried, Ground, ground_script, read_ground
from tui.expressware.tagged import read_answer
from tui.model.events import PreflightResult
from tui.rollout.preflight.finding import Finding, error, passed, warning
from tui.rollout.preflight.inspected import ClusterFacts, InspectedNode
from tui.text.sanitize import brief

LOCAL_TIMEOUT_S = 10.0
MOVE = "give another --state-dir, or run Rollcall elsewhere"
_GOES = "it goes when the services stop"


def ground(cluster: ClusterFacts, node: InspectedNode) -> Iterable[PreflightResult]:
    """A machine: the way that SSH takes, and where its directories lie."""
    paths, seen = cluster.config.paths, node.readiness.ground
    if seen.interconnect is None:
        yield _unknown("which network interfaces it has cannot be read")
        return
    if not seen.interconnect:
        yield passed("ground", "it has no interface of the interconnect, so nothing here runs over it")
        return
    moves = {
        paths.state: "set paths.state to a local directory",
        cluster.config.target.sia: "put the archive on a local disk, and set target.sia",
        paths.dis: "install eXpressWare on a local disk",
    }
    found = [*_ssh(seen, node.name), *_places(seen, moves), *_others(seen)]
    yield from found
    if not found:
        yield passed("ground", "neither SSH nor any directory that is needed runs over the interconnect")


def _ssh(seen: Ground, name: str) -> Iterable[PreflightResult]:
    if over := [way for way in seen.ssh if seen.over(way)]:
        ways = " and ".join(way.what for way in over)
        words = f"the way of {ways} is {over[0].interface}, which is the interconnect itself"
        impact = f"{_GOES}, and with it every look at the node and every way to bring it back"
        remedy = f"reach it over Ethernet: node.{name}.host, or HostName in ssh_config; then check again"
        yield error("ground", words, impact, remedy)
    for way in seen.ssh if not over else ():
        if way.why:
            why = brief(way.why, 200)
            yield _unknown(f"whether {way.what} runs over the interconnect is not known: {why}")


def _places(seen: Ground, moves: Mapping[str, str]) -> Iterable[PreflightResult]:
    """``moves``: each path that is needed, and how it comes to lie elsewhere."""
    if not seen.mounts_read:
        yield _unknown("which file systems are mounted cannot be read")
        return
    for path, remedy in moves.items():
        if all(known != path for known, _ in seen.places):
            yield _unknown(f"on which file system {path} lies cannot be told")
        elif (below := seen.below(path)) is not None:
            yield from _carried(seen, below, f"{path} lies on {below.point}, {below.source}", remedy)


def _carried(seen: Ground, below: Carried, words: str, remedy: str) -> Iterable[PreflightResult]:
    if seen.over(below.way):
        impact = "it hangs when the services stop, and the step with it"
        over = f"{words}, which comes over {below.way.interface}, the interconnect itself"
        yield error("ground", over, impact, f"{remedy}; then check again")
    elif below.way.why:
        why = brief(below.way.why, 200)
        yield _unknown(f"{words}; whether that comes over the interconnect is not known: {why}")


def _others(seen: Ground) -> Iterable[PreflightResult]:
    """Mounts that an update does not need, but somebody else does."""
    needed = {point for _, point in seen.places}
    points = sorted({each.point for each in seen.carried if seen.over(each.way)} - needed)
    if points:
        impact = "whoever uses them hangs while the node is out, and may keep its services from stopping"
        remedy = "unmount them in applications.stop, and mount them again in applications.start"
        words = f"file systems come over the interconnect: {brief(', '.join(points))}"
        yield warning("ground", words, impact, remedy)


def _unknown(words: str) -> PreflightResult:
    impact = "what runs over the interconnect goes when the services stop"
    return warning("ground", words, impact, "look there with ip and findmnt, and make sure of it")


def look_here(places: Sequence[str]) -> Ground:
    """The same look at this machine. Blocks for as long as a dead mount lets it, at the most some seconds."""
    environment = {key: value for key, value in os.environ.items() if key != "ROLLCALL_SYSROOT"}
    script = f"R=\nPATH=/usr/local/sbin:/usr/sbin:/sbin:$PATH\n{ground_script(places)}"
    try:
        done = subprocess.run(
            ["/bin/sh", "-s"],
            input=script.encode(),
            capture_output=True,
            env=environment,
            check=False,
            timeout=LOCAL_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return Ground()
    return read_ground(read_answer(done.stdout, exit_code=done.returncode, asked_at=0.0))


def here(seen: Ground, places: Sequence[str]) -> Iterable[Finding]:
    """This console's own places: its journal, and its home."""
    if seen.interconnect is None:
        yield Finding(None, _unknown("what this machine's own directories come over could not be looked at"))
        return
    found = list(_places(seen, dict.fromkeys(places, MOVE))) if seen.interconnect else []
    for result in found:
        yield Finding(None, result.model_copy(update={"summary": f"this console: {result.summary}"}))
    if not found:
        yield Finding(
            None, passed("ground", "this console's own directories do not come over the interconnect")
        )
