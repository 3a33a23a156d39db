"""What a person can do about what stands now: each choice with what it means, the recommended one first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tui.expressware.versions import needs_enforce
from tui.model import intents as it
from tui.model import problems
from tui.model.problems import Cure, Problem
from tui.model.run import LedgerLine, Node, Run, Step
from tui.model.states import Progress, RerunScope, RunStatus
from tui.model.steps import StepName
from tui.rollout.decisions.next_action import DID_NOT_RUN, DID_RUN
from tui.rollout.interface import Choice
from tui.rollout.procedure.left_out import sentence

_RESUMABLE = (RunStatus.PAUSE_PENDING, RunStatus.BLOCKED)


def choices(run: Run) -> tuple[Choice, ...]:
    """What a person can do about what stands now, the recommended choice first."""
    found: list[Choice] = []
    node = run.working
    step = run.next_step
    problem = problems.of(run.code)
    ending = problem is problems.STILL_OUT
    if node is not None and step is not None and step.status.broken:
        found += [replace(c, recommended=c.recommended and not ending) for c in _cures(run, node, step)]
        found.append(
            _from_log_in(node.name, f"rerun {node.name} from log in", "do every step of the node again")
        )
    elif (
        Cure.SAY_WHETHER_IT_RAN in problem.cures
        and run.status.paused
        and node is not None
        and step is not None
    ):
        found += _whether_it_ran(node.name, step)
    elif problem is not problems.LEDGER_OPEN and (run.status.paused or run.status in _RESUMABLE):
        blocked = run.status is RunStatus.BLOCKED
        word, meaning = ("check again", "every check is made anew") if blocked else ("resume", "go on")
        if problem is problems.FILES_CHANGED:
            word, meaning = _with_files(run)
        elif problem is problems.RISKS_OPEN:
            word, meaning = "go on, knowing the risks", "you know of them; it is kept with your name"
        wanted = problem.first not in (Cure.PUT_BACK, Cure.ADOPT) and problem is not problems.FILES_CHANGED
        asks = problem in (problems.FILES_CHANGED, problems.RISKS_OPEN)
        intent = it.Resume(agrees_to=problem.code if asks else "")
        found.append(Choice(word, meaning, intent, recommended=wanted))
        if problem is problems.FILES_CHANGED:
            found.append(_LOOK_AGAIN)
    found += _left_by_others(run)
    found += _about_the_ledger(run)
    if node is not None and (run.status.paused or run.offer is not None):
        found += _leave_out(run, node.name)
    found += _gone(run)
    if not run.status.final:
        found.append(_end(run))
    return tuple(sorted(found, key=lambda choice: not choice.recommended))


_LOOK_AGAIN = Choice("look again", "the files are compared once more", it.Resume(), recommended=True)
"""Where files changed, that comes first: nobody shall agree by a habit of the fingers."""


def _with_files(run: Run) -> tuple[str, str]:
    """What a resume agrees to, where watched files are not as they were."""
    found = {node.name: node.files_found for node in run.nodes.values() if node.files_found is not None}
    changed = [f"{name}:{change.path}" for name, each in found.items() for change in each.changes]
    unknown = [name for name, each in found.items() if not each.changes]
    word = "go on with the changed file" + ("s" if len(changed) > 1 else "")
    if not changed:
        word = "go on without knowing the files"
    of_whom = [*changed, *(f"{name}, whose files are not known" for name in unknown)]
    return word, f"you have looked at {', '.join(of_whom)}; what was put back meanwhile is as it was"


def _whether_it_ran(name: str, step: Step) -> Iterator[Choice]:
    """Look again, or say what was found on the node."""
    yield Choice("look again", "the node is asked once more", it.Resume(), recommended=True)
    for check, word, meaning in (
        (
            DID_NOT_RUN,
            f"it did not run: offer {step.name.words} again",
            "you have looked, and it did not",
        ),
        (
            DID_RUN,
            "it ran",
            "its end is not known: the step counts as failed, and can be rerun or overridden",
        ),
    ):
        intent = it.Override(node=name, check=check, reason="")
        yield Choice(word, meaning, intent, dangerous=True, needs_reason=True)


def _left_by_others(run: Run) -> Iterator[Choice]:
    """Take over, or sign off, what a console that is lost has left out."""
    if run.status.final:
        return
    for name, left in run.left_out.items():
        undo = "; ".join(line.undo for line in left.lines if line.what != "node")
        meaning = f"{sentence(left)}; this run puts it back: {undo or 'look at the node'}"
        adopt = it.AdoptOut(node=name)
        yield Choice(f"adopt what was left out on {name}", meaning, adopt, recommended=True, dangerous=True)
        meaning = "you have seen to it yourself, and the node serves"
        settle = it.SettleOut(node=name, reason="")
        word = f"sign off what was left out on {name}"
        yield Choice(word, meaning, settle, dangerous=True, needs_reason=True)


def _about_the_ledger(run: Run) -> Iterator[Choice]:
    """Put back, sign off, or take up again what is out of service, unless a step of it is under way."""
    step = run.next_step
    if run.status.final or (step is not None and step.status.active):
        return
    undoing = step is not None and step.name is StepName.PUT_BACK
    for name in dict.fromkeys(line.node for line in run.open_ledger):
        node, lines = run.nodes[name], run.still_out(name)
        if run.current not in (None, name):
            continue
        if node.progress is Progress.HELD:
            yield Choice(
                f"release {name}",
                "take the hold away: only then can it be put back",
                it.ReleaseNode(node=name),
            )
        elif not undoing:
            yield _put_back(run, name, lines)
        if run.current is None or undoing:
            yield from (_sign_off(line) for line in lines)
        if run.current is None and node.progress is not Progress.HELD:
            yield _from_log_in(name, f"rerun {name}", "take the node up again and finish it")


def _put_back(run: Run, name: str, lines: tuple[LedgerLine, ...]) -> Choice:
    undos = [line.added.undo for line in reversed(lines) if line.added.what != "node"]
    words = "; then ".join(undos) or "close its line when all services are seen to run"
    sentence = f"the node stays as it is and serves again; each command is shown to be confirmed: {words}"
    skipped = run.code == problems.LEDGER_OPEN.code and bool(run.nodes[name].skipped)
    wanted = skipped or run.code == problems.STILL_OUT.code
    return Choice(f"put {name} back in service", sentence, it.PutBack(node=name), recommended=wanted)


def _sign_off(line: LedgerLine) -> Choice:
    meaning = f"{line.added.what} on {line.node}: you have seen to it yourself ({line.added.undo})"
    intent = it.SignOff(line=line.line, reason="")
    word = f"sign off {line.thing}"
    return Choice(word, meaning, intent, dangerous=True, needs_reason=True, type_this=line.thing)


def _leave_out(run: Run, name: str) -> Iterator[Choice]:
    out = "; it stays out of service until it is put back, rerun or signed off" if run.still_out(name) else ""
    meaning = f"this run does not update it{out}"
    yield Choice(f"skip {name}", meaning, it.SkipNode(node=name, reason=""), needs_reason=True)
    meaning = f"hands off until it is released{out}"
    yield Choice(f"hold {name}", meaning, it.HoldNode(node=name, reason=""), needs_reason=True)


def _gone(run: Run) -> Iterator[Choice]:
    """Nodes that the cluster file does not have any more: only a person knows whether they are gone."""
    for node in run.nodes.values():
        busy = node.active_step is not None
        if run.status.final or node.in_file or node.left or busy:
            continue
        lines = ", ".join(line.added.what for line in run.still_out(node.name))
        meaning = "it is not in the cluster file any more, and counts no more from then on" + (
            f"; what is still out there is given up: {lines}" if lines else ""
        )
        intent = it.LeftCluster(node=node.name, reason="")
        yield Choice(f"{node.name} has left the cluster", meaning, intent, dangerous=True, needs_reason=True)


def _end(run: Run) -> Choice:
    meaning = "end it here; what is updated stays"
    if run.open_ledger:
        lines = ", ".join(f"{line.added.what} on {line.node}" for line in run.open_ledger)
        meaning += (
            f"; still out of service, and left so: {lines}"
            if run.code == problems.STILL_OUT.code
            else (f"; you are first asked about what is still out of service: {lines}")
        )
    return Choice("cancel the run", meaning, it.CancelRun(reason=""), needs_reason=True)


def _from_log_in(name: str, word: str, meaning: str) -> Choice:
    return Choice(word, meaning, it.RerunStep(node=name, step=StepName.LOG_IN, scope=RerunScope.NODE))


def _cures(run: Run, node: Node, step: Step) -> list[Choice]:
    """What the problem of a step that did not pass is cured by; the first that can be had is recommended."""
    problem = problems.of(step.code)
    reboot_first = problem.first is Cure.REBOOT
    again = _again(node, step, problem)
    found = [_rerun(node, step, problem, recommended=not reboot_first and again is None)]
    found += [again] if again is not None else []
    if Cure.ENFORCE in problem.cures and step.name is StepName.INSTALL and not step.enforce:
        found += _enforced(run, node)
    if _may_reboot(node, step, problem):
        found.append(_reboot(node, step, recommended=reboot_first))
    if Cure.OVERRIDE in problem.cures:
        tried = len(step.attempts) > 1 and not reboot_first
        found = [replace(choice, recommended=choice.recommended and not tried) for choice in found]
        found.append(_override(node, step, problem, recommended=tried))
    return found


def _enforced(run: Run, node: Node) -> Iterator[Choice]:
    """The same with ``--enforce``, unless the step has it by itself; a person signs for it."""
    installed = node.facts.installed if node.facts is not None else None
    if needs_enforce(installed, run.target):
        return
    meaning = f"for when the SIA takes {run.target} for the same version as {installed}, or an older one"
    intent = it.RerunStep(node=node.name, step=StepName.INSTALL, enforce=True)
    yield Choice("rerun install with --enforce", meaning, intent)


def _rerun(node: Node, step: Step, problem: Problem, recommended: bool) -> Choice:
    waits_on = Cure.WAIT_ON in problem.cures
    word = f"wait on for {node.name}" if waits_on else f"rerun {step.name.words}"
    meaning = "no second reboot is ordered" if waits_on else "a new attempt of this step"
    if problem is problems.NOT_IDLE:
        meaning = "applications.stop runs once more, then it is looked at until nothing moves"
    intent = it.RerunStep(node=node.name, step=step.name)
    return Choice(word, meaning, intent, recommended=recommended)


def _again(node: Node, step: Step, problem: Problem) -> Choice | None:
    """What has to be done anew because the node is not as the steps before left it; None when it is."""
    if Cure.REBUILD in problem.cures:
        word = f"build packages again on {node.name}"
        meaning = "from log in: packages for the kernel that runs now, then the installation with them"
        return replace(_from_log_in(node.name, word, meaning), recommended=True)
    if Cure.STOP_AGAIN in problem.cures:
        meaning = "the applications once more, then on from there when nobody has used it for long enough"
        intent = it.RerunStep(node=node.name, step=StepName.STOP_APPLICATIONS, scope=RerunScope.FROM_HERE)
        return Choice(f"stop applications on {node.name} again", meaning, intent, recommended=True)
    if Cure.VERIFY_AGAIN in problem.cures and step.name.row.rests_on_verify:
        meaning = "it is in another boot than the one that was verified; then go on from there"
        intent = it.RerunStep(node=node.name, step=StepName.VERIFY, scope=RerunScope.FROM_HERE)
        return Choice(f"verify {node.name} again", meaning, intent, recommended=True)
    if Cure.FROM_LOG_IN in problem.cures:
        meaning = "do every step of the node again: what was stopped before may run again"
        return replace(_from_log_in(node.name, f"rerun {node.name} from log in", meaning), recommended=True)
    return None


def _may_reboot(node: Node, step: Step, problem: Problem) -> bool:
    """Whether a reboot is worth a line."""
    if step.name is StepName.PUT_BACK and problem.first is not Cure.REBOOT:
        install = node.steps[StepName.INSTALL]
        return install.status.passed or install.code == problems.INSTALLED_WITH_ERRORS.code
    return Cure.REBOOT in problem.cures


def _reboot(node: Node, step: Step, recommended: bool) -> Choice:
    meaning = "asks what the gate's sample says before it reboots"
    meaning = f"the manual's cure; {meaning}" if recommended else f"orders one more; {meaning}"
    cause = step.reason.removeprefix(f"{node.name}: ") or step.code
    intent = it.RequestReboot(node=node.name, reason=f"{step.name.words} failed: {cause}")
    return Choice(f"reboot {node.name}", meaning, intent, recommended=recommended)


def _override(node: Node, step: Step, problem: Problem, recommended: bool) -> Choice:
    reboot = bool(problem.then_reboot)
    word = "go on with reboot needed" if reboot else f"sign off {step.name.words} on {node.name}"
    meaning = (
        "the node can be updated, but only a reboot makes it active"
        if reboot
        else "you have seen to it yourself"
    )
    if problem is problems.STOPPED_BEFORE:
        word = "update it all the same"
        meaning = "the update starts its services: what a person had stopped then runs"
    if problem is problems.NOT_IDLE:
        word, meaning = (
            "go on though it is not idle",
            "what still uses it may keep the services from stopping",
        )
    if problem is problems.LINK_ERRORS:
        word = "agree to the link errors"
        meaning = "they are known; verify looks at all else again"
    if problem is problems.FEWER_SERVICES:
        word = "agree to fewer services"
        meaning = (
            "the new version is meant to be without them; verify looks again, and holds later nodes to it"
        )
    intent = it.Override(node=node.name, check=step.code, reason="")
    return Choice(word, meaning, intent, recommended=recommended, dangerous=True, needs_reason=True)
