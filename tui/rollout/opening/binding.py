"""A run that is taken up is bound to what it began with: its cluster file is compared, never just believed.

What comes out is one cluster file value, made of the bound values and those changes that may be taken; the
engine knows no other. What changed, and what became of it, is an event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import ValidationError

from tui.journal import JournalError
from tui.model import events as ev
from tui.model.binding import Difference, as_data, differences, from_data, gone, rebuilt
from tui.model.change import Change
from tui.model.clusterfile import ClusterFile, ClusterFileError
from tui.model.run import Run
from tui.model.states import Progress
from tui.remote import Endpoint, Fleet
from tui.rollout.opening.file import OpeningError
from tui.rollout.opening.found import Found
from tui.rollout.options import Agree
from tui.rollout.plan import frozen_plan
from tui.text.changed_file import value_words

Machines = Mapping[str, ev.Reached]

NOT_UPDATED = "update_management = no"

OLDER = (
    "this run was begun by an older version of Rollcall; from here on it is bound to what the cluster file "
    "says now"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run goes by from here on, and how that came."""

    config: ClusterFile
    before: ClusterFile
    """What it was bound to until now."""
    now: ClusterFile
    """What the file says; the same as ``before`` where it cannot be used."""
    found: tuple[Difference, ...] = ()
    taken: tuple[Difference, ...] = ()
    why: str = ""

    @property
    def added(self) -> tuple[str, ...]:
        """Nodes that come into the run."""
        return tuple(name for name in self.config.nodes if name not in self.before.nodes)

    def without(self, change: Change) -> Terms:
        """The same with the changes of one class left out."""
        wanted = [difference for difference in self.taken if difference.change is not change]
        config, taken = rebuilt(self.before, self.now, wanted)
        return replace(self, config=config, taken=taken)


def begun(config: ClusterFile) -> Terms:
    """A run that begins is bound to its file."""
    return Terms(config, config, config)


async def resumed_terms(run: Run, found: Found, agree: Agree | None) -> Terms:
    """What the unfinished run goes by now. Raises OpeningError (4) where nobody is there to agree."""
    before = _bound(run, found.file)
    if before is None:
        raise ClusterFileError(found.unusable)
    if found.file is None:
        words = f"{found.unusable.rstrip('.')}; something is out, so the run goes on with what it began with"
        return Terms(before, before, before, why=words)
    differing = tuple(_possible(run, d) for d in differences(before, found.file))
    at_once = [d for d in differing if d.change in (Change.FREE, Change.SAME_MACHINE)]
    config, taken = rebuilt(before, found.file, at_once)
    config_agreed, to_agree = rebuilt(config, found.file, [d for d in differing if d.change is Change.AGREED])
    if to_agree and await _agreed(run, found, to_agree, agree):
        config, taken = config_agreed, (*taken, *to_agree)
    # what does not go together with a frozen value stays as it was, whoever agrees
    differing = tuple(
        replace(d, change=Change.FROZEN) if d.change is Change.AGREED and d not in to_agree else d
        for d in differing
    )
    return Terms(config, before, found.file, differing, taken, "" if run.bound is not None else OLDER)


def looked_at(found: Found) -> ClusterFile:
    """What a console goes by that only looks: the run's own nodes, by the way to them that the file has now.

    Raises JournalError or OpeningError.
    """
    record, before = found.record, found.file
    if record is not None and record.run.bound is not None:
        before = _bound(record.run, found.file)
    if before is None:
        raise ClusterFileError(found.unusable)
    now = found.file or before
    at_once = (Change.FREE, Change.SAME_MACHINE)
    return rebuilt(before, now, [d for d in differences(before, now) if d.change in at_once])[0]


def replaces(run: Run, found: Found) -> bool:
    """Whether the unfinished run gives way to a new one: nothing was begun in it, and its file has changed
    in what a run is bound to.
    """
    untouched = run.plan is None and not run.anything_out
    if found.file is None or not untouched or run.bound is None:
        return False
    serious = (Change.AGREED, Change.FROZEN)
    return any(d.change in serious for d in differences(from_data(run.bound.file), found.file))


def reached(fleet: Fleet) -> dict[str, ev.Reached]:
    """How each machine is reached, as ``ssh -G`` resolved it."""
    return {name: _reached(fleet.client(name).endpoint) for name in fleet.nodes}


def consequences(run: Run, terms: Terms, machines: Machines) -> Iterator[tuple[ev.Payload, str | None]]:
    """The events, with their nodes, by which the run is bound anew; none where all is as it was."""
    bound = _event(run, terms, machines)
    if run.bound is None or bound.changed or bound.why or set(bound.gone) != _gone_before(run):
        yield bound, None
    for difference in terms.taken:
        yield from _effect(run, terms, difference)
    if run.plan is not None and terms.taken:
        plan = frozen_plan(terms.config, run.plan.sia_sha256)
        if plan != run.plan:
            yield plan, None


def _event(run: Run, terms: Terms, machines: Machines) -> ev.RunBound:
    changed = [_changed(d, taken=d in terms.taken) for d in terms.found]
    if run.bound is not None:
        changed += _other_ways(run.bound.machines, machines)
    left = gone(terms.before, terms.now) if terms.found else _gone_before(run) if terms.why else ()
    return ev.RunBound(
        file=as_data(terms.config),
        machines=dict(machines),
        changed=tuple(changed),
        added=terms.added,
        gone=tuple(left),
        why=terms.why,
    )


def _changed(difference: Difference, *, taken: bool) -> ev.ChangedKey:
    return ev.ChangedKey(
        key=difference.key,
        change=difference.change,
        old=value_words(difference.old),
        new=value_words(difference.new),
        taken=taken,
    )


def _other_ways(before: Machines, now: Machines) -> Iterator[ev.ChangedKey]:
    """Machines that are reached in another way: ssh_config is a file of the operator's, too."""
    for name, way in now.items():
        old = before.get(name)
        if old is not None and old != way:
            words = (_way_words(old), _way_words(way))
            yield ev.ChangedKey(
                key=f"way to {name}", change=Change.SAME_MACHINE, old=words[0], new=words[1], taken=True
            )


def _way_words(way: ev.Reached) -> str:
    alias = f", host key of {way.host_key_alias}" if way.host_key_alias else ""
    proxy = f", through {way.proxy}" if way.proxy else ""
    return f"{way.user}@{way.host}:{way.port}{alias}{proxy}"


def _reached(endpoint: Endpoint) -> ev.Reached:
    hops = [f"{hop.user}@{hop.address}" for hop in reversed(endpoint.proxy_jump)]
    # only the program's name: its arguments may hold a password
    program = (endpoint.proxy_command or "").split(maxsplit=1)[:1]
    return ev.Reached(
        host=endpoint.host,
        port=endpoint.port,
        user=endpoint.user,
        host_key_alias=endpoint.host_key_alias or "",
        proxy=", ".join((*hops, *program)),
    )


def _bound(run: Run, file: ClusterFile | None) -> ClusterFile | None:
    """What the run is bound to; of a run of an older version, what its journal tells beside today's file."""
    if run.bound is not None:
        try:
            return from_data(run.bound.file)
        except ValidationError:
            raise JournalError(
                f"run {run.run_id} is bound to a cluster file that this version of Rollcall cannot read; "
                "take it up with the version that began it."
            ) from None
    return _as_begun(run, file) if file is not None else None


def _as_begun(run: Run, file: ClusterFile) -> ClusterFile:
    data = as_data(file)
    nodes = [node.name for node in run.nodes.values() if not node.management]
    management = next((node.name for node in run.nodes.values() if node.management), None)
    data["cluster"] |= {"name": run.cluster, "nodes": ",".join(nodes), "management_node": management}
    data["target"] |= {"version": run.target}
    if run.plan is not None:
        data["target"] |= {"sia": run.plan.sia}
        data["policy"] |= {"allowed_down": run.plan.allowed_down}
    data["node"] = {name: entry for name, entry in data["node"].items() if name in (*nodes, management)}
    if management is None:
        data.pop("view", None)
        data["cluster"] |= {"update_management": "no"}
    try:
        return from_data(data)
    except ValidationError:
        raise OpeningError(
            f"run {run.run_id} of {run.cluster} cannot be taken up with this cluster file: its nodes, target "
            "or archive are others; take it up with the file that it was begun with.",
            1,
        ) from None


def _possible(run: Run, difference: Difference) -> Difference:
    """The management node cannot come into the run, or leave it, while it is worked on."""
    if difference.path != ("cluster", "update_management"):
        return difference
    management = next((node for node in run.nodes.values() if node.management), None)
    begun = management is not None and any(step.attempts for step in management.steps.values())
    return replace(difference, change=Change.FROZEN) if begun else difference


async def _agreed(run: Run, found: Found, changes: Iterable[Difference], agree: Agree | None) -> bool:
    lines = tuple(f"{d.key}: {value_words(d.old)} -> {value_words(d.new)}" for d in changes)
    if agree is not None:
        return await agree(run.cluster, lines)
    raise OpeningError(
        f"{found.path} has changed since run {run.run_id} began, and a person has to agree to it: "
        f"{', '.join(lines)}; start without --yes, or set it back.",
        4,
    )


def _gone_before(run: Run) -> set[str]:
    return {node.name for node in run.nodes.values() if not node.in_file}


def _effect(run: Run, terms: Terms, difference: Difference) -> Iterator[tuple[ev.Payload, str | None]]:
    """What a change that was taken does to the run itself."""
    match difference.path:
        case ("policy", "pause"):
            yield run.with_pause_mode(terms.config.policy.pause), None
        case ("node", name, "hold") if (node := run.nodes.get(name)) is not None:
            hold = terms.config.node[name].hold if name in terms.config.node else None
            untouched = not node.progress.done and run.current != name
            if hold and untouched:
                yield ev.NodeHeld(reason=hold), name
            elif not hold and node.progress is Progress.HELD:
                yield ev.NodeHeld(released=True), name
        case ("cluster", "update_management"):
            yield from _management(run, terms)


def _management(run: Run, terms: Terms) -> Iterator[tuple[ev.Payload, str | None]]:
    node = next((node for node in run.nodes.values() if node.management), None)
    if node is None or run.plan is None:
        return
    when = terms.config.cluster.update_management
    if when == "no" and node.progress is Progress.WAITING:
        yield ev.NodeSkipped(reason=NOT_UPDATED), node.name
    elif when != "no" and node.skipped == NOT_UPDATED:
        reason = f"update_management = {when}"
        yield ev.NodeProgress(progress=Progress.WAITING, reason=reason), node.name
