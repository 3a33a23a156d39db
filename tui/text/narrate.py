"""What happened, as a sentence: the one telling of each event, for both front ends and the report.

They add their own dress only: time, place and actor, a colour, or less of it. Words of nodes and persons
stand in here as they came, to be made safe by whoever shows them.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import ValidationError

from tui.model import events as ev
from tui.model.states import RunStatus
from tui.text.changed_file import sentences
from tui.text.counted import counted
from tui.text.durations import age


class Told(NamedTuple):
    """``what`` happened and the ``details``: none of them empty."""

    what: str
    details: tuple[str, ...] = ()
    by_actor: bool = False
    """``what`` is what the actor did: ``picked the node``."""

    @property
    def why(self) -> str:
        """The details as one."""
        return "; ".join(self.details)

    @property
    def sentence(self) -> str:
        """All of it."""
        return "; ".join((self.what, *self.details))


def told(event: ev.Event) -> Told:
    """The telling of an event; one of a newer version is told by its type."""
    try:
        payload = event.payload
    except (KeyError, ValidationError):
        return Told(event.type)
    for tell in (_decided, _decided_on_run, _of_run, _of_node, _of_look, _of_step):
        if found := tell(payload, event):
            return found
    return Told(event.type)


def where(event: ev.Event) -> str:
    """``px04 install 2``: node, step and attempt, as far as the event has them; empty for the run."""
    again = str(event.attempt) if (event.attempt or 0) > 1 else ""
    return " ".join(
        part for part in (event.node or "", event.step.words if event.step else "", again) if part
    )


def _tell(what: str, *details: str) -> Told:
    return Told(what, tuple(detail for detail in details if detail))


def _did(what: str, *details: str) -> Told:
    return _tell(what, *details)._replace(by_actor=True)


def _needs(reason: str) -> str:
    return f"the node needs a reboot: {reason}" if reason else ""


def _read(read: ev.PeersRead | None) -> str:
    return f"{read.active} of {read.peers} peers active, looked {age(read.age)} before" if read else ""


def _decided(payload: ev.Payload, event: ev.Event) -> Told | None:
    """What somebody did, in the active voice."""
    match payload:
        case ev.StepConfirmed(typed=typed, read=read):
            return _did(f"confirmed by typing {typed}" if typed else "confirmed", _read(read))
        case ev.StepDeclined():
            return _did("declined")
        case ev.OverrideUsed(check=check, reason=reason):
            return _did(f"went past {check}", reason)
        case ev.LedgerUndone(how="signed-off", line=line, reason=reason):
            return _did(f"signed off {line} on {event.node}", reason)
        case ev.NodeSelected(reason=reason):
            return _did("picked the node", reason)
        case ev.NodeSkipped(reason=reason):
            return _did("skipped the node", reason)
        case ev.NodeLeft(reason=reason):
            return _did("said that the node has left the cluster", reason)
        case ev.NodeFiles(how="agreed", unknown=unknown, changes=changes):
            how = "without knowing the watched files" if unknown else "with the changed files"
            which = (f"{change.path} {change.how}" for change in changes)
            return _did(f"went on {how} of the node", unknown, *which)
        case ev.NodeHeld(released=released, reason=reason):
            return _did("released the node" if released else "held the node", reason)
    return None


def _decided_on_run(payload: ev.Payload, _: ev.Event) -> Told | None:
    match payload:
        case ev.RunState(pause_mode=mode) if mode is not None:
            return _did(f"set the pause mode to {mode.words}")
        case ev.LockBroken(holder=holder):
            return _did("broke the lock", f"held by {holder}")
        case ev.RisksAcknowledged(risks=risks):
            return _did("went on, knowing the risks", *risks)
        case ev.NoteAdded(text=text):
            return _did("noted", text)
        case ev.RunCreated(run_id=name, cluster=cluster, target=target, nodes=nodes):
            return _did(f"began run {name} of {cluster} to {target}", counted(len(nodes), "node"))
        case ev.OperatorJoined(host=host, front_end=front_end):
            return _did(f"joined from {host} ({front_end})")
        case ev.OperatorLeft(reason=reason):
            return _did("left", reason)
    return None


def _of_run(payload: ev.Payload, _: ev.Event) -> Told | None:
    match payload:
        case ev.RunBound():
            return _tell("bound to its cluster file", *sentences(payload))
        case ev.RunState(status=RunStatus.INTERRUPTED):
            return _tell("was left unfinished")
        case ev.RunState(status=RunStatus.RECOVERING):
            return _tell("looking at every node again", "nothing is started")
        case ev.RunState(status=status, summary=summary, next_action=action):
            following = f"next: {action}" if action and not status.final else ""
            return _tell(status.words, summary, following)
        case ev.PlanFrozen(order=order, sia=sia, sia_sha256=digest):
            names = f"in the order {', '.join(order)}"
            return _tell(f"plan made for {counted(len(order), 'machine')}", sia, f"SHA-256 {digest}", names)
        case ev.PreflightResult(check=check, verdict=verdict, summary=summary, impact=impact, remedy=remedy):
            return _tell(f"check {check}: {verdict}", summary, impact, remedy)
        case ev.LockTaken(host=host, pid=pid, on=node):
            return _tell(f"lock taken by process {pid} on {host}", f"kept by {node}" if node else "")
    return None


def _of_node(payload: ev.Payload, _: ev.Event) -> Told | None:
    match payload:
        case ev.GateSample(moment=moment, reasons=reasons, oldest_age=oldest):
            word = "open" if payload.open else "closed"
            return _tell(f"gate {word} ({moment})", *reasons, f"oldest sample {age(oldest)}")
        case ev.NodeProgress(progress=progress, reason=reason):
            return _tell(f"now {progress.words}", reason)
        case ev.NodeHealth(health=health, detail=detail):
            return _tell(f"is {health.value}", detail)
        case ev.NodeFacts(
            installed=installed, active=active, hostname=name, distribution=system, kernel=kernel
        ):
            versions = f"{installed or 'no version'} on disk, {active or 'no driver'} loaded"
            return _tell(versions, f"{name}, {system}, kernel {kernel}")
        case ev.NodeBaseline(version=version, services=services, added=added, removed=removed):
            new = f"new: {', '.join(added)}" if added else ""
            gone = f"gone: {', '.join(removed)}" if removed else ""
            return _tell(f"seen well with {version}", ", ".join(services), new, gone)
        case ev.NodeFiles():
            return _of_files(payload)
        case ev.LedgerAdded(what=what, before=before, undo=undo):
            who = "counts as" if what == "node" else what
            return _tell(f"{who} out of service from here on", f"before: {before}", f"to put back: {undo}")
        case ev.LedgerUndone(line=line, reason=reason):
            return _tell(f"{line} back in service", reason)
        case ev.OutFound(run=run, cluster=cluster, who=who, step=step):
            return _tell("left out of service", f"run {run} of {cluster}, {who}, at {step}")
        case ev.OutSettled(run=run, how=how, reason=reason):
            return _tell(f"what run {run} left out is {how.replace('-', ' ')}", reason)
    return None


def _of_look(payload: ev.Payload, _: ev.Event) -> Told | None:
    """What only one question to a node has told."""
    match payload:
        case ev.NodeReadiness(users=users, kernel_users=modules, users_known=known):
            names = ", ".join((*users, *(f"kernel module {name}" for name in modules)))
            unsure = "" if known else "not every witness could be heard"
            return _tell(f"PCI Express is used by {names or 'nobody that was heard of'}", unsure)
        case ev.NodeErrors(moment=moment, counts=counts, unknown=unknown):
            when = {"before": "before it goes out", "return": "at its return"}.get(moment, "while stable")
            seen = ", ".join(f"{name} {count}" for name, count in counts.items()) or "nothing counted"
            return _tell(f"error counters {when}: {seen}", unknown)
    return None


def _of_files(payload: ev.NodeFiles) -> Told:
    which = counted(len(payload.files or ()), "watched file")
    words = {
        "first": f"{which} seen",
        "install": f"{which} as the installation left them",
        "found": "watched files are not as they were",
    }
    changes = (f"{change.path} {change.how}: {' | '.join(change.difference)}" for change in payload.changes)
    return _tell(words.get(payload.how, payload.how), payload.unknown, *changes)


def _of_step(payload: ev.Payload, event: ev.Event) -> Told | None:
    match payload:
        case ev.StepOffered(command=command, target=target):
            return _tell(f"offered on {target}", command)
        case ev.StepState(gone_past=True, reason=reason, reboot_reason=reboot):
            return _tell(f"failed, {reason}", _needs(reboot))
        case ev.StepState(status=status, reason=reason, remedy=remedy, reboot_reason=reboot):
            return _tell(status.words, reason, remedy, _needs(reboot))
        case ev.AttemptStarted(job_id=job, command=command):
            return _tell(f"attempt {event.attempt} begins", f"job {job}" if job else command)
        case ev.AttemptOutput(offset=offset):
            return _tell(f"{counted(offset, 'byte')} of output on disk")
        case ev.AttemptEnded(status=status, exit_code=code, size=size) as ended:
            ran = f"exit code {code}, {counted(size, 'byte')} of output" if code is not None else ""
            needs = _needs(ended.reboot_reason)
            return _tell(status.words, ended.summary, ended.remedy, needs, ran)
    return None
