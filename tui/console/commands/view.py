"""Commands that change only what is seen: panes, screens, theme."""

from __future__ import annotations

from tui.console.commands.base import Board, Command


class _Widget(Command):
    """A command that only widgets can carry out."""

    group = "What is shown"
    asks = False

    async def run(self, board: Board) -> None:
        if sentence := board.do(self.id):
            # As every refusal does, one of these begins with the command's word.
            board.say(sentence, well=not sentence.startswith(f"{self.word}: "))


class Search(_Widget):
    """Search the pane, or filter the nodes."""

    id, keys, shown_key, word, footer = "search", "slash", "/", "search", 8
    sentence = "Search in the pane that has the focus; from the nodes, filter them by name or state."


class Full(_Widget):
    """One pane over the whole screen."""

    id, keys, word, footer = "full", "f", "full", 9
    sentence = "Give a pane the whole screen, and back."


class Write(_Widget):
    """Write a pane to a file."""

    id, keys, word = "write", "w", "write"
    sentence = "Write all the output of the pane to a file in the directory where Rollcall was started."


class Copy(_Widget):
    """Copy to the clipboard."""

    id, keys, word = "copy", "y", "copy"
    sentence = "Copy what the mouse marked, or else the lines in sight, to the terminal's clipboard."


class Tab(_Widget):
    """Show the pane's other output."""

    id, keys, shown_key, word = "tab", "t", "t", "tab"
    sentence = "Show the pane's next tab: SIA or build; dis_services, applications or reboot."


class Panes(_Widget):
    """Go from pane to pane."""

    id, keys, word, footer = "panes", "tab", "panes", 12
    sentence = "Go to the next part of the board: nodes, SIA, dis_services, steps."


class PanesBack(_Widget):
    """Go from pane to pane, backwards."""

    id, keys, word = "panes-back", "shift+tab", "panes back"
    sentence = "Go to the part of the board before this one."


class Working(_Widget):
    """Back to the node in work."""

    id, keys, shown_key, word = "working", "full_stop", ".", "working"
    sentence = "Put the cursor back on the node that is being worked on."

    def why_not(self, board: Board) -> str:
        """What stands in the way now."""
        return "working: no node is in work" if board.model.run.current is None else ""


class Theme(_Widget):
    """Dark or light."""

    id, keys, word = "theme", "T", "theme"
    sentence = "Change between the dark and the light theme."


class Journal(_Widget):
    """Every event."""

    id, keys, word, footer = "journal", "j", "journal", 10
    sentence = "Show every event with its time, who caused it, and what it says."


class Plan(_Widget):
    """Every command."""

    id, keys, word, footer = "plan", "l,P", "plan", 11
    sentence = "Show every command for every node, in order."


class Checks(_Widget):
    """The preflight."""

    id, keys, word, footer = "checks", "o", "checks", 13
    sentence = "Show the preflight checks: passed, warning or error, what it means and the remedy."


class Summary(_Widget):
    """What happened."""

    id, keys, word = "summary", "S", "summary"
    sentence = "Show what this run has done so far: counts, exceptions, what is still out of service."


class Help(_Widget):
    """All keys."""

    id, keys, shown_key, word, footer = "help", "question_mark,f1", "?", "help", 1
    sentence = "Show every key and what it does."


VIEW_COMMANDS: tuple[type[Command], ...] = (
    Search,
    Full,
    Tab,
    Panes,
    PanesBack,
    Working,
    Write,
    Copy,
    Journal,
    Plan,
    Checks,
    Summary,
    Theme,
    Help,
)
