"""Many nodes on real sshd: a cold look, warm ones, watching them; and how all of that grows with them."""

from __future__ import annotations

import functools
import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.benchmarks.figure import Figure, limit
from tests.rigs.openssh import no_sshd
from tui.expressware.facts import facts_script
from tui.expressware.probe import glance_script, probe_script
from tui.expressware.users import users_shell
from tui.rehearsal import Plan, Rehearsal
from tui.remote.shell.scripts import script, with_prelude

HERE = Path(__file__).parent
DIS = "/opt/DIS"
GLANCES = 5
"""Pings between two whole looks at a node that is well."""

Found = dict[str, float]


@contextmanager
def cluster(nodes: int, *, hurried: bool = False) -> Iterator[Rehearsal]:
    """So many nodes that are up, looked at as often as by default, or more often."""
    names = tuple(f"px{number:04}" for number in range(1, nodes + 1))
    with tempfile.TemporaryDirectory() as place:
        rehearsal = Rehearsal.create(Path(place) / "rehearsal", Plan(nodes=names, face="openssh"))
        text = rehearsal.cluster_file.read_text()
        if not hurried:
            rehearsal.cluster_file.write_text(re.sub("(?m)^stable_.*\n", "", text))
        rehearsal.start()
        try:
            yield rehearsal
        finally:
            rehearsal.stop()


def taken(command: Sequence[str], **environment: str) -> float:
    """Milliseconds by the clock: what the nodes compute is in it, as they are on this machine."""
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    return 1000 * (time.monotonic() - begun)


def cold(rehearsal: Rehearsal, place: Path) -> Iterator[Figure]:
    """`status`, beside logins that run the very same scripts once."""
    config, nodes = shlex.quote(str(rehearsal.ssh_config)), ",".join(rehearsal.nodes)
    file = place / "work.sh"
    facts = facts_script(DIS, None, "/var/lib/rollcall", users_shell(DIS))
    file.write_text(with_prelude(probe_script(DIS) + facts))
    options = f"-F {config} -o KexAlgorithms=curve25519-sha256"
    each = f"ssh {options} @ sh -s < {shlex.quote(str(file))}"
    names = f"printf '%s\\n' {' '.join(rehearsal.nodes)}"
    work = f"eval {shlex.quote(file.read_text())}"
    peers = {
        "ssh": ("sh", "-c", f"{names} | xargs -P 64 -I@ sh -c {shlex.quote(each)}"),
        "clush": ("clush", "-f", "64", "-O", f"ssh_options={options}", "-w", nodes, work),
        "pdsh": ("pdsh", "-R", "ssh", "-f", "64", "-w", nodes, work),
    }

    def ours() -> float:
        return taken((sys.executable, "-m", "tui", "status", str(rehearsal.cluster_file)))

    for name, command in peers.items():
        peer = functools.partial(taken, command, PDSH_SSH_ARGS_APPEND=options)
        yield Figure(
            f"`status` of {len(rehearsal.nodes)} nodes, cold",
            "ms",
            ours,
            f"`{name}` that does the same",
            peer if shutil.which(name) else None,
            rounds=3,
        )


def watched(rehearsal: Rehearsal, seconds: float, *only: str) -> Found:
    """What a console costs."""
    words = ("-m", "tests.benchmarks.watching", str(rehearsal.cluster_file), str(seconds), *only)
    done = subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return dict(json.loads(done.stdout))


def with_asyncssh() -> str:
    """A Python that has it; empty when there is none."""
    for python in filter(None, (sys.executable, shutil.which("python3"))):
        if not subprocess.run([python, "-c", "import asyncssh"], capture_output=True, check=False).returncode:
            return python
    return ""


class Turns:
    """Measures once for all the rows that show a part of it."""

    def __init__(self, measure: Callable[[], Found]) -> None:
        self._measure = measure
        self._found: list[Found] = []
        self._asked: dict[str, int] = {}

    def part(self, key: str) -> float:
        """The next time that ``key`` is asked for tells of the next measurement."""
        number = self._asked.get(key, 0)
        self._asked[key] = number + 1
        if number == len(self._found):
            self._found.append(self._measure())
        return self._found[number][key]

    def of(self, key: str) -> Callable[[], float]:
        """A measure of that part."""
        return functools.partial(self.part, key)


def warm(rehearsal: Rehearsal, place: Path, seconds: float) -> Iterator[Figure]:
    """On links that stand: looks at all at once, the event loop meanwhile, pings, and looks now and then."""
    count = len(rehearsal.nodes)
    file = place / "look.sh"
    file.write_text(with_prelude(probe_script(DIS)))
    python = with_asyncssh()

    def peer() -> Found:
        words = (str(HERE / "asyncssh_peer.py"), str(rehearsal.ssh_config), str(file), str(seconds))
        done = subprocess.run([python, *words, *rehearsal.nodes], check=True, capture_output=True)
        return dict(json.loads(done.stdout))

    ours, theirs = Turns(lambda: watched(rehearsal, seconds)), Turns(peer)
    for key, what, unit, against in (
        ("sweep", f"all {count} nodes looked at, warm", "ms", "the same by asyncssh"),
        ("p99", "lateness of the event loop meanwhile, p99", "ms", "asyncssh's"),
        ("most", "lateness of the event loop meanwhile, most", "ms", "asyncssh's"),
        ("pings", f"{count} nodes pinged, client CPU a second", "ms", "`true` run as often by asyncssh"),
    ):
        yield Figure(what, unit, ours.of(key), against, theirs.of(key) if python else None, rounds=3)
    what = f"health of {count} nodes, client CPU a second"
    yield Figure(what, "ms", ours.of("health"), "pings alone", ours.of("quiet"), rounds=3)


def look_cost(root: Path, requests: Sequence[str]) -> float:
    """Milliseconds of a node's CPU a request, without what sshd takes."""
    look, glance = probe_script(DIS).encode(), glance_script().encode()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(
        ["/bin/sh", "-c", with_prelude(script("status"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "ROLLCALL_SYSROOT": str(root)},
    ) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None
        shell.stdin.write(b"define %d\n%bglance %d\n%b" % (len(look), look, len(glance), glance))
        for number, request in enumerate(requests):
            shell.stdin.write(f"{request} {number}\n".encode())
            shell.stdin.flush()
            while not shell.stdout.readline().startswith((b"done ", b"pong ")):
                pass
        shell.stdin.close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * spent / len(requests)


def on_the_node(root: Path, times: int) -> Figure:
    """What a node that is well pays for being watched, in the mean of glances and whole looks."""
    return Figure(
        "node CPU a look",
        "ms",
        lambda: look_cost(root, ("probe", *("ping",) * GLANCES) * times),
        "a ping with its glance",
        lambda: look_cost(root, ("ping",) * 10 * times),
    )


def growth(few: Rehearsal, many: Rehearsal, seconds: float) -> Iterator[Figure]:
    """What a node of many costs beside one of few, and the threads that are no reader of a connection."""
    counts = len(few.nodes), len(many.nodes)
    small, large = (Turns(functools.partial(watched, each, seconds, "pings")) for each in (few, many))
    what = f"{counts[1]} nodes"
    for key, words, unit in (
        ("memory", "memory a node", "kB"),
        ("logins", "client CPU a login", "ms"),
        ("pings", "pings, client CPU a second and node", "ms"),
    ):
        yield Figure(
            f"{what}: {words}",
            unit,
            lambda key=key: large.part(key) / counts[1],  # type: ignore[misc]
            f"of {counts[0]}",
            lambda key=key: small.part(key) / counts[0],  # type: ignore[misc]
            rounds=1,
        )
    yield Figure(f"{what}: threads beside readers", "", large.of("threads"), "goal", limit(16), rounds=1)


@contextmanager
def figures(short: bool) -> Iterator[tuple[Figure, ...]]:
    """All of them. Two cores cannot play more nodes: their servers take longer than a link waits."""
    if no_sshd():
        yield ()
        return
    seconds = 1.0 if short else 15.0
    sizes = (2, 3) if short else (256, 16, 64)
    with ExitStack() as kept:
        place = Path(kept.enter_context(tempfile.TemporaryDirectory()))
        first, *others = (kept.enter_context(cluster(size, hurried=short)) for size in sizes)
        found = [
            *cold(first, place),
            *warm(first, place, seconds),
            on_the_node(first.directory / "nodes" / first.nodes[0] / "root", 2 if short else 50),
        ]
        few = others[0]
        for larger in (*others[1:], first):
            found += growth(few, larger, seconds)
        yield tuple(found)
