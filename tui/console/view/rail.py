"""The steps of one node, what aborting would mean now, why a step failed, and the facts of the node."""

from __future__ import annotations

from statistics import median

from textual.content import Content

from tui.console.look.marks import abort_words, health_mark, step_mark
from tui.console.view.nodes import about, versions
from tui.console.view.text import behind, clauses, fit, wrapped
from tui.console.view_model import ViewModel
from tui.model.run import Node, Run, Step
from tui.model.states import Health, RunStatus, Service, StepStatus
from tui.model.steps import StepName
from tui.text.durations import clock, looked, since
from tui.text.sanitize import paragraph, sanitize_line

_WORDLESS = (StepStatus.SUCCEEDED, StepStatus.RUNNING, StepStatus.VERIFYING, StepStatus.PENDING)
"""States whose time, or its absence, says enough beside the sign."""


_LINK_WORDS = {"new": "not tried yet", "backoff": "down, tried again soon"}
"""Phases of a connection whose names are the program's, as people say them."""


def rail(model: ViewModel, node: Node, width: int, height: int) -> Content:
    """Everything the rail says about ``node``, at most ``width`` columns wide.

    Where ``height`` rows do not hold it down to the node's health, gaps go, then steps over or far off.
    """
    told = [_abort(model, node, width), _failure(model, node, width), _gone_past(model, node, width)]
    health, others = _facts(model, node, width)
    content = Content()
    for passed, pending in ((False, False), (True, False), (True, True)):
        steps = Content("\n").join(_folded(model, node, width, passed, pending))
        for gap in ("\n\n", "\n"):
            upto = Content(gap).join([steps, *(part for part in told if part), health])
            content = Content("\n").join([upto, others])
            if upto.plain.count("\n") < height or not node.steps:
                return content
    return content


def _folded(model: ViewModel, node: Node, width: int, passed: bool, pending: bool) -> list[Content]:
    """The steps, those that passed at first and those that are to come at last as one row each."""
    steps, rows, glyphs = list(node.steps.values()), _steps(model, node, width), model.glyphs
    start, end = 0, len(steps)
    while passed and start < end and steps[start].status.passed and not steps[start].gone_past:
        start += 1
    while pending and end > start and steps[end - 1].status is StepStatus.PENDING:
        end -= 1
    if end < len(steps) - 1:
        words = f"{glyphs.idle} {steps[end].name.short} {glyphs.more} {steps[-1].name.short}"
        rows[end:] = [Content.styled(fit(words, width, glyphs).rstrip(), "$ink-quiet")]
    if start > 1:
        took = clock(sum(step.attempt.seconds or 0.0 for step in steps[:start] if step.attempt is not None))
        words = f"{steps[0].name.short} {glyphs.more} {steps[start - 1].name.short}"
        head, tail = (f"{glyphs.done} ", "$ink-ok"), (f" {took}", "$ink-quiet")
        rows[:start] = [Content.assemble(head, fit(words, width - 3 - len(took), glyphs), tail)]
    return rows


def _steps(model: ViewModel, node: Node, width: int) -> list[Content]:
    if not node.steps:
        blocked = model.run.status is RunStatus.BLOCKED
        words = "no plan before the checks pass" if blocked else "the plan is being made"
        return [Content.styled(words, "$ink-quiet")]
    return [_step(model, node, step, width) for step in node.steps.values()]


def _step(model: ViewModel, node: Node, step: Step, width: int) -> Content:
    glyphs = model.glyphs
    mark = step_mark(step, glyphs)
    ink = f"$ink-{mark.ink}"
    note, note_ink = _time(model, node, step)
    word = "" if step.status in _WORDLESS else mark.word
    if step.status is StepStatus.AWAITING_CONFIRM and model.run.status is not RunStatus.RUNNING:
        word = RunStatus.PAUSED_BY_USER.words
    tail = "  ".join(part for part in (word, note) if part)
    name_style = "$ink-quiet" if step.status is StepStatus.PENDING else "bold" if step.status.active else ""
    done = step.attempt is not None and step.status is StepStatus.SUCCEEDED
    summary = step.attempt.summary if step.attempt and done else ""
    room = width - 2 - len(tail) - 1
    name = step.name.words if len(step.name.words) <= room else step.name.short
    if said := clauses(glyphs.plain(about(node.name, summary, 200)), room - len(name) - 2):
        filled = fit(said, room - len(name) - 2, glyphs)
        middle = Content.assemble((name, name_style), "  ", (filled, "$ink-quiet"))
    else:
        middle = Content.assemble((fit(name, room, glyphs), name_style))
    return Content.assemble((f"{mark.glyph} ", ink), middle, " ", (tail, note_ink or ink))


def _time(model: ViewModel, node: Node, step: Step) -> tuple[str, str]:
    """How long the step took, or takes against what it took elsewhere; and its ink when it is late."""
    attempt = step.attempt
    if step.status is StepStatus.DETACHED:
        return clock(since(step.since, model.now())), "$ink-warn"
    if step.status.active:
        seconds = since(attempt.started if attempt else step.since, model.now())
        usual = typical(model.run, step.name, node.name)
        late = (plan := model.run.planned(node, step.name)) is not None and seconds > plan.warn_after
        text = f"{clock(seconds)} / ~{clock(usual)}" if usual else clock(seconds)
        return (f"slow  {text}", "$ink-warn") if late else (text, "$ink-busy")
    if attempt is not None and attempt.seconds is not None and step.status is not StepStatus.PENDING:
        return clock(attempt.seconds), "$ink-quiet" if step.status.passed else ""
    return "", ""


def typical(run: Run, name: StepName, except_node: str) -> float | None:
    """The median of what this step took on other nodes of this run, in seconds."""
    took = [
        step.attempt.seconds
        for node in run.nodes.values()
        if node.name != except_node
        and (step := node.steps.get(name)) is not None
        and step.status is StepStatus.SUCCEEDED
        and step.attempt is not None
        and step.attempt.seconds is not None
    ]
    return median(took) if took else None


def _abort(model: ViewModel, node: Node, width: int) -> Content:
    step = node.current_step
    plan = model.run.planned(node, step.name) if step and step.status.active else None
    if plan is None:
        return Content()
    head = "abort now: "
    pieces = wrapped(abort_words(plan.abort_class).removeprefix("is "), width - len(head))
    return Content("\n").join(behind(head, "$ink-quiet", pieces, "$ink-accent"))


def _failure(model: ViewModel, node: Node, width: int) -> Content:
    """Why the step in hand did not pass, and the remedy behind a sign of its own."""
    step = node.current_step
    if step is None or not step.status.broken or not (step.reason or step.remedy):
        return Content()
    glyphs, lines = model.glyphs, []
    for sign, text, ink in ((glyphs.bad, step.reason, "$ink-bad"), (glyphs.arrow, step.remedy, "")):
        if text:
            said = glyphs.plain(paragraph(text.removeprefix(f"{node.name}: "), 8))
            pieces = wrapped(said, width - len(sign) - 1)
            lines += behind(f"{sign} ", ink or "$ink-accent", pieces, ink)
    return Content("\n").join(lines)


def _gone_past(model: ViewModel, node: Node, width: int) -> Content:
    """Who went past what failed, and why: it stays true when the node is updated."""
    glyphs, lines = model.glyphs, []
    for step in node.steps.values():
        if step.gone_past:
            said = glyphs.plain(sanitize_line(f"{step.name.words} failed, {step.gone_past}", 400))
            pieces = wrapped(said, width - len(glyphs.warn) - 1)
            lines += behind(f"{glyphs.warn} ", "$ink-warn", pieces, "")
    return Content("\n").join(lines)


def _trip(seconds: float) -> str:
    """How long a heartbeat takes, by size: the figure itself is another one each second."""
    bound = next((bound for bound in (30, 100, 300, 1000) if seconds * 1000 < bound), None)
    return f"<{bound} ms" if bound is not None else f"{seconds:.0f} s"


def _facts(model: ViewModel, node: Node, width: int) -> tuple[Content, Content]:
    """The node's health, and what else is known of it."""
    glyphs = model.glyphs
    live = model.engine.live(node.name)
    health = health_mark(node.health, glyphs)
    seen = f"{looked(live.age)} ago" if live.age is not None else "not answered yet"
    rows: list[tuple[str, str, str]] = [
        ("health", f"{health.glyph} {health.word}, {seen}", f"$ink-{health.ink}")
    ]
    if node.health is Health.UNREACHABLE and live.phase == "up":
        rows = [("health", "? not looked at yet", "$ink-warn")]  # it has only just let us in
    elif node.health_detail and health.ink != "ok":
        rows.append(("", about(node.name, node.health_detail, 200), "$ink-quiet"))
    others = len(rows)
    rows.append(("version", versions(node) or "not read yet", ""))
    if live.phase != "up":
        reason = about(node.name, live.reason, 200)
        word = _LINK_WORDS.get(live.phase, sanitize_line(live.phase, 40))
        rows.append(("link", f"{word}: {reason}" if reason else word, "$ink-warn"))
    elif live.rtt is not None:
        rows.append(("link", f"up, {_trip(live.rtt)}", ""))
    if node.service is not Service.IN_SERVICE:
        out = model.run.out_words(node.name).removesuffix(" of service")
        rows.append(("service", f"{out}, by this run", "$ink-warn"))
    if node.reboot_reason:
        rows.append(("reboot", sanitize_line(node.reboot_reason, 200), "$ink-warn"))
    if node.hold:
        rows.append(("hold", sanitize_line(node.hold, 200), "$ink-held"))
    if node.facts is not None:
        rows.append(("kernel", sanitize_line(node.facts.kernel, 60), "$ink-quiet"))
    lines = [
        Content("\n").join(behind(f"{word:<9}", "$ink-quiet", wrapped(glyphs.plain(text), width - 9), ink))
        for word, text, ink in rows
    ]
    return Content("\n").join(lines[:others]), Content("\n").join(lines[others:])
