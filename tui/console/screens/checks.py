"""The preflight: one row a check and node, errors first, each with its impact and its remedy."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from typing_extensions import override

from tui.console.dialogs.entry import EntryDialog
from tui.console.look.marks import verdict_mark
from tui.console.screens.document import RunScreen
from tui.console.view.lines import Part, hanging, line
from tui.console.view.text import fit
from tui.model.intents import Resume
from tui.model.run import Check
from tui.model.states import RunStatus
from tui.text.durations import age, since
from tui.text.sanitize import sanitize_line
from tui.text.terminal import Line

_ORDER = {"error": 0, "warning": 1, "passed": 2}
OLD = 1800.0
"""Seconds after which the checks should be made again."""


class ChecksScreen(RunScreen):
    """Live, because checks come in one by one."""

    TITLE = "Preflight checks"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "verdict", "Which", show=False),
        Binding("r", "again", "Again", show=False),
        Binding("w", "word", "Word", show=False),
    ]
    live = True
    _trouble = False
    """Leave out what passed."""
    _word = ""
    """Show those only in which it stands."""

    @override
    def hints(self) -> str:
        again = "r check again · " if self._blocked else ""
        word = f"w with '{self._word}'" if self._word else "w with a word"
        return f"{again}v {'all' if self._trouble else 'only trouble'} · {word} · {super().hints()}"

    @property
    def _blocked(self) -> bool:
        """Only then does a person's word have the checks made again."""
        return self.model.run.status is RunStatus.BLOCKED

    def action_verdict(self) -> None:
        """Turn between all checks and those that did not pass."""
        self._trouble = not self._trouble
        self.renew()

    def action_word(self) -> None:
        """Ask for a word; none shows all again."""
        question = Content("Show only the checks in which this stands; nothing shows all of them.")
        dialog = EntryDialog("Which checks", question, refuse=lambda _text: "")
        dialog.glyphs = self.model.glyphs
        self.app.push_screen(dialog, self._with_word)

    def _with_word(self, word: str | None) -> None:
        if word is not None:
            self._word = sanitize_line(word, 40)
            self.renew()

    def action_again(self) -> None:
        """Have the engine make the checks again, where they have stopped the run."""
        if self._blocked:
            self.model.engine.submit(Resume())
            self.renew()

    @override
    def renew(self) -> None:
        self.show_frame()
        super().renew()

    @override
    def lines(self, width: int) -> list[Line]:
        run = self.model.run
        # Within a verdict and kind: nodes in the run's order, not in that of their answers.
        place = {name: index for index, name in enumerate(run.order)}
        kinds = {check.result.check: index for index, check in reversed(list(enumerate(run.checks)))}
        checks = sorted(
            run.checks,
            key=lambda check: (
                _ORDER.get(check.result.verdict, 0),
                kinds[check.result.check],
                place.get(check.node or "", -1),
            ),
        )
        found: list[Line] = []
        for lacking in run.not_simulated:
            found += hanging([("not simulated  ", "warn")], sanitize_line(lacking), width, self.model.glyphs)
        if not checks:
            return [*found, line(("No check has been made yet.", "quiet"))]
        found += [self._count(checks), Line("")]
        shown = [check for check in checks if not self._trouble or check.result.verdict != "passed"]
        if not shown:
            return [*found, line(("Every check has passed; v shows them.", "quiet"))]
        of_word = [check for check in shown if self._word.lower() in _words(check)]
        for check in of_word:
            found += self._lines_of(check, width)
        none = f"None of the {len(shown)} checks here has '{self._word}'; w and Enter show them."
        return found if of_word else [*found, line((none, "quiet"))]

    def _count(self, checks: list[Check]) -> Line:
        parts: list[Part] = []
        for verdict, word in (("error", "error"), ("warning", "warning"), ("passed", "passed")):
            count = sum(1 for check in checks if check.result.verdict == verdict)
            plural = "s" if count != 1 and verdict != "passed" else ""
            parts.append(
                (
                    f"{count} {word}{plural}   ",
                    verdict_mark(verdict, self.model.glyphs).ink if count else "quiet",
                )
            )
        seconds = since(max(check.time for check in checks), self.model.now())
        parts.append((f"made {age(seconds)} ago", "warn" if seconds > OLD else "quiet"))
        return line(*parts)

    def _lines_of(self, check: Check, width: int) -> list[Line]:
        glyphs, result = self.model.glyphs, check.result
        mark = verdict_mark(result.verdict, glyphs)
        head: list[Part] = [
            (f"{mark.glyph} {mark.word:<8} ", mark.ink),
            (fit(sanitize_line(check.node or "cluster", 40), 12, glyphs) + " ", "strong"),
            fit(sanitize_line(result.check, 60), 20, glyphs) + "  ",
        ]
        found = hanging(head, sanitize_line(result.summary), width, glyphs)
        for word, text in (("impact", result.impact), ("remedy", result.remedy)):
            if text:
                ink = "accent" if word == "remedy" else "quiet"
                found += hanging([" " * 11, (f"{word:<8}", "quiet")], sanitize_line(text), width, glyphs, ink)
        return found


def _words(check: Check) -> str:
    result = check.result
    said = (
        check.node or "cluster",
        result.check,
        result.verdict,
        result.summary,
        result.impact,
        result.remedy,
    )
    return sanitize_line(" ".join(said)).lower()
