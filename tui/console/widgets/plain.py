"""Styled text that never meets a markup parser: the only way this console shows words."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Plain(Static):
    """A ``Static`` that takes ready ``Content``; a string is shown as it is, brackets and all."""

    def __init__(
        self,
        content: Content | str = "",
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(
            Content(content) if isinstance(content, str) else content, markup=False, id=id, classes=classes
        )
        self._shown: Content | None = None

    def show(self, content: Content, layout: bool = True) -> None:
        """Show something else; the same again costs nothing. ``layout`` is off where the size is fixed."""
        if self._shown is not None and self._shown.is_same(content):
            return
        self._shown = content
        self.update(content, layout=layout)
