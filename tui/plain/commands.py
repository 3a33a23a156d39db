"""The commands of plain mode: the console's words, typed at any question."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from tui.journal.follow import OutputFollower
from tui.model import intents as it
from tui.model.nodeset import folded
from tui.model.run import Node
from tui.model.states import PauseMode, RunStatus
from tui.model.verdict import sentence
from tui.plain.lines import check_lines, event_line
from tui.plain.talk import NOTHING, Talk
from tui.rollout.decisions.reruns import reruns
from tui.rollout.interface import Choice
from tui.rollout.plan import alike
from tui.text.commands import COMMANDS, MODES
from tui.text.counted import counted
from tui.text.durations import time_of_day

STATUS, FIND = "status", "find"
LAST = 40
"""Events that the journal shows when nobody says how many."""

Command = Callable[[str], Awaitable[None]]


class Commands:
    """What can be typed instead of an answer; none of it answers the question that stands."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._engine = talk.engine
        self._by_id: dict[str, Command] = {
            "next-node": self._next,
            "confirm": self._confirm,
            "rerun": self._rerun,
            "skip-node": self._skip,
            "hold-node": self._hold,
            "cancel": self._cancel,
            "pause": self._pause,
            "pause-mode": self._mode,
            "sign-off": self._sign_off,
            "note": self._note,
            "journal": self._journal,
            "plan": self._plan,
            "checks": self._checks,
            "files": self._files,
            "summary": self._summary,
            "help": self._help,
        }

    async def run(self, answer: str) -> bool:
        """Carry out ``hold px03 fan failure``; False when the answer is no command."""
        typed = answer.lower()
        if typed == STATUS:
            await self._status("")
            return True
        if typed.split(" ")[0] == FIND:
            await self._find(answer[len(FIND) :].strip())
            return True
        for name, command in self._by_id.items():
            word = COMMANDS[name].word
            if typed == word or typed.startswith(f"{word} "):
                if command == self._next and self._engine.state.current is None:
                    return False  # it answers the question that then stands
                await command(answer[len(word) :].strip())
                return True
        return False

    async def _node(self, given: str) -> tuple[Node | None, str]:
        """The node that is named, or asked for, and what stands after it."""
        name, _, rest = given.partition(" ")
        nodes = self._engine.state.nodes
        if not name:
            now = self._engine.state.current
            standing = f" Enter means {now}" if now else " Enter turns back"
            name = await self._talk.ask(f"Which node? Type its name.{standing}: ") or now or ""
        if name and name not in nodes:
            self._talk.say(f"There is no node {name} in this run.")
        return nodes.get(name), rest.strip()

    async def _next(self, _: str) -> None:
        now = self._engine.state.current
        self._talk.say(f"{now} is being worked on; finish, skip or hold it first.")

    async def _confirm(self, _: str) -> None:
        if self._engine.state.offer is None:
            self._talk.say("Nothing is offered now.")

    async def _rerun(self, given: str) -> None:
        node, _ = await self._node(given)
        if node is None:
            return
        if choices := reruns(node):
            await self._talk.choose(choices)
        else:
            self._talk.say(f"Nothing has run on {node.name} yet.")

    async def _skip(self, given: str) -> None:
        node, reason = await self._node(given)
        if node is not None:
            await self._with_reason(reason, lambda why: it.SkipNode(node=node.name, reason=why))

    async def _hold(self, given: str) -> None:
        node, reason = await self._node(given)
        if node is None:
            return
        if not node.hold:
            await self._with_reason(reason, lambda why: it.HoldNode(node=node.name, reason=why))
            return
        self._talk.say(f"{node.name} is held: {node.hold}.")
        if await self._talk.ask(f"Release {node.name}? Type y for yes. Enter means no: ") == "y":
            self._talk.submit(it.ReleaseNode(node=node.name))

    async def _with_reason(self, given: str, intent: Callable[[str], it.Intent]) -> None:
        if reason := await self._talk.reason(given):
            self._talk.submit(intent(reason))
        else:
            self._talk.say(NOTHING)

    async def _cancel(self, _: str) -> None:
        await self._of_kind(it.CancelRun, "This run cannot be ended now.")

    async def _sign_off(self, _: str) -> None:
        await self._of_kind(it.SignOff, "Nothing that the run took out of service can be signed off now.")

    async def _of_kind(self, kind: type[it.Intent], none: str) -> None:
        if choices := [choice for choice in self._engine.choices() if isinstance(choice.intent, kind)]:
            await self._talk.choose(choices)
        else:
            self._talk.say(none)

    async def _pause(self, _: str) -> None:
        status = self._engine.state.status
        again = status.paused or status is RunStatus.PAUSE_PENDING
        if self._talk.submit(it.Resume() if again else it.Pause()):
            self._talk.say("The run goes on." if again else "The run is paused.")

    async def _mode(self, given: str) -> None:
        now = self._engine.state.pause_mode
        modes: list[PauseMode] = list(MODES)
        self._talk.say(f"The pause mode is {MODES[now].word}.")
        choices = [Choice(*MODES[mode], it.ChangePauseMode(mode=mode)) for mode in modes]
        named = next((choice for choice in choices if choice.word == given.lower()), None)
        if named is not None:
            self._talk.submit(named.intent)
        else:
            await self._talk.choose(choices)

    async def _note(self, given: str) -> None:
        text = given or await self._talk.ask("What should the journal say? Enter turns back: ")
        if text:
            self._talk.submit(it.AddNote(text=text))
        else:
            self._talk.say(NOTHING)

    async def _journal(self, given: str) -> None:
        events = self._engine.events()
        count = int(given) if given.isascii() and given.isdecimal() and len(given) < 7 else LAST
        told = [(event, event_line(event, self._engine.state)) for event in events]
        lines = [f"{time_of_day(event.time)} {line}" for event, line in told if line]
        if len(lines) > count:
            more = len(lines) - count
            self._talk.say(
                f"The last {count} of {len(lines)} events; journal {len(lines)} shows {more} more."
            )
        self._talk.say(*lines[-count:] if count else ())

    async def _find(self, words: str) -> None:
        """Where the words stand in the journal and in what the steps have printed, the newest last."""
        words = words or await self._talk.ask("Find what? Enter turns back: ") or ""
        if not words:
            self._talk.say(NOTHING)
            return
        last, count = deque[str](maxlen=LAST), 0
        async for line in self._everything():
            if words.casefold() in line.casefold():
                last.append(line)
                count += 1
        self._talk.say(
            *last, f"{counted(count, 'line')} with {words}{', these are the last' * (count > LAST)}."
        )

    async def _everything(self) -> AsyncIterator[str]:
        run, engine = self._engine.state, self._engine
        for event in engine.events():
            if told := event_line(event, run):
                yield f"{time_of_day(event.time)} {told}"
        for node, step in ((each, step) for each in run.nodes.values() for step in each.steps.values()):
            for attempt in step.attempts:
                output = OutputFollower(partial(engine.output, node.name, step.name, attempt.number))
                while (lines := output.read()) is not None:
                    for line in lines:
                        yield f"{node.name} {step.name.words}| {line.text}"
                    await asyncio.sleep(0)  # there may be gigabytes of it

    async def _plan(self, _: str) -> None:
        for names, commands in alike(self._engine.plan()):
            for planned in commands:
                note = f" ({planned.note})" if planned.note else ""
                runs = planned.command or "nothing is run on the node"
                self._talk.say(f"{planned.node}, {planned.step.words}: {runs}{note}")
            if names[1:]:
                self._talk.say(f"{folded(names[1:])}: as {names[0]}.")

    async def _checks(self, _: str) -> None:
        checks = self._engine.state.checks
        passed = sum(check.result.verdict == "passed" for check in checks)
        for check in checks:
            if check.result.verdict != "passed":
                self._talk.say(*check_lines(check.node, check.result))
        self._talk.say(
            f"{passed} of {len(checks)} checks passed." if checks else "No check has been made yet."
        )

    async def _files(self, _: str) -> None:
        found = [(node.name, node.files_found or node.files) for node in self._engine.state.nodes.values()]
        changed = [
            (name, files) for name, files in found if files is not None and (files.changes or files.unknown)
        ]
        for name, files in changed:
            self._talk.say(f"{name}: {files.unknown}." if files.unknown else "")
            for change in files.changes:
                self._talk.say(f"{name}: {change.path} {change.how}.", *change.difference)
        if not changed:
            self._talk.say("No watched file is known to differ from before.")

    async def _summary(self, _: str) -> None:
        run = self._engine.state
        self._talk.say(sentence(run))
        for node in run.nodes.values():
            for step in node.steps.values():
                if step.gone_past:
                    self._talk.say(f"{node.name}: {step.name.words} failed, {step.gone_past}.")
        for line in run.open_ledger:
            what = f"Still out of service: {line.added.what} on {line.node}"
            self._talk.say(f"{what}. To put back: {line.added.undo}")

    async def _status(self, _: str) -> None:
        run = self._engine.state
        for node in run.nodes.values():
            why = f": {node.hold or node.progress_reason}" if node.hold or node.progress_reason else ""
            self._talk.say(f"{node.name} is {node.progress.words}{why}. It is seen {node.health.value}.")
        self._talk.say(*advice_lines(self._talk))

    async def _help(self, _: str) -> None:
        self._talk.say("At each question one of these words can be typed instead of an answer:")
        for word, what in COMMANDS.values():
            self._talk.say(f"{word}: {what}")
        self._talk.say("decide: Show what can be chosen now, such as after a failure.")
        self._talk.say(f"{FIND}: Show where the words behind it stand in the journal and in all output.")
        self._talk.say(f"{STATUS}: Show how each node stands, and why nothing moves.")


def advice_lines(talk: Talk) -> tuple[str, ...]:
    """Why nothing moves, and what to do."""
    advice = talk.engine.advice()
    return f"{advice.why}.", f"Next: {advice.next_action}." if advice.next_action else ""
