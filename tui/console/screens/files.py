"""The files that are watched on the nodes: what is not as it was, what our installation changed, and all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from typing_extensions import override

from tui.console.screens.document import RunScreen
from tui.console.view.lines import hanging, heading, line
from tui.console.view.text import fit
from tui.model.events import FileChange
from tui.model.nodeset import folded
from tui.text.sanitize import sanitize_line
from tui.text.terminal import Line

_INKS = {"+": "ok", "-": "bad", "@": "quiet"}


class FilesScreen(RunScreen):
    """What waits for a person's word stands first."""

    TITLE = "Watched files"
    live = True

    @override
    def lines(self, width: int) -> list[Line]:
        found = [*self._trouble(width), *self._installed(width), *self._known(width)]
        return found[1:] or [line(("No file has been looked at yet: that is when a run begins.", "quiet"))]

    def _trouble(self, width: int) -> Iterator[Line]:
        for node in self.model.run.nodes.values():
            if (files := node.files_found) is not None:
                yield from heading(f"{sanitize_line(node.name, 64)}: not as it was")
                if files.unknown:
                    yield from hanging(["  "], sanitize_line(files.unknown), width, self.model.glyphs, "warn")
                yield from self._changes(files.changes, width)

    def _installed(self, width: int) -> Iterator[Line]:
        for node in self.model.run.nodes.values():
            if node.files is not None and node.files.how == "install" and node.files.changes:
                yield from heading(f"{sanitize_line(node.name, 64)}: changed by the installation")
                yield from self._changes(node.files.changes, width)

    def _changes(self, changes: Iterable[FileChange], width: int) -> Iterator[Line]:
        glyphs = self.model.glyphs
        for change in changes:
            yield from hanging(["  "], f"{sanitize_line(change.path)} {change.how}", width, glyphs)
            for text in change.difference:
                ink = _INKS.get(text[:1], "quiet")
                yield from hanging([("    ", ink)], sanitize_line(text), width, glyphs, ink)

    def _known(self, width: int) -> Iterator[Line]:
        """Each content of each file once, with who has it."""
        alike: dict[tuple[str, str], list[str]] = {}
        for node in self.model.run.nodes.values():
            seen = node.files_agreed or node.files
            for file in (seen.files if seen is not None else None) or ():
                what = f"leads to {file.link}" if file.link else file.sha256[:12]
                alike.setdefault((file.path, what), []).append(node.name)
        if alike:
            yield from heading("As they are known")
        for (path, what), names in sorted(alike.items()):
            head = [f"  {fit(sanitize_line(path), max(20, width // 2 - 2), self.model.glyphs)}  "]
            yield from hanging([*head], f"{sanitize_line(what)}  {folded(names)}", width, self.model.glyphs)
