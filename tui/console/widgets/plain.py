"""Styled text that never meets a markup parser: the only way this console shows words."""

from __future__ import annotations

from itertools import zip_longest

from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget
from typing_extensions import override


class Plain(Widget, inherit_bindings=False):
    """Shows ready ``Content``; a string is shown as it is, brackets and all."""

    DEFAULT_CSS = "Plain { height: auto; }"

    def __init__(
        self,
        content: Content | str = "",
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._shown = Content(content) if isinstance(content, str) else content

    @override
    def render(self) -> Content:
        return self._shown

    @property
    def at_least(self) -> int:
        """Rows that it takes up however few it shows."""
        return 0

    def show(self, content: Content, *, rows: bool = False) -> None:
        """Show something else; the same again costs nothing.

        With ``rows`` each line is a row and no longer than that, so that only those that changed are painted.
        """
        if self._shown.is_same(content):
            return
        before, self._shown = self._shown, content
        changed = _changed_rows(before, content, self.at_least) if rows else None
        if changed is None:
            self.refresh(layout=True)
        else:
            self.refresh(*(Region(0, y, max(1, self.size.width), 1) for y in changed))


def _changed_rows(before: Content, after: Content, room: int) -> list[int] | None:
    """Which rows are others now; None when their number is another, and not all have ``room``."""
    old, new = before.split("\n", allow_blank=True), after.split("\n", allow_blank=True)
    if len(old) != len(new) and max(len(old), len(new)) > room:
        return None
    lines = zip_longest(old, new)
    return [y for y, (was, line) in enumerate(lines) if was is None or line is None or not line.is_same(was)]


def frame_title(framed: Widget, title: Content) -> None:
    """Set what stands in a frame's upper edge, if it is something else: a title paints the whole frame."""
    if framed.border_title != title.markup:
        framed.border_title = title


def frame_foot(framed: Widget, foot: Content | None) -> None:
    """The same for the lower edge."""
    if framed.border_subtitle != (foot.markup if foot is not None else None):
        framed.border_subtitle = foot
