"""Where the terminal's own cursor stands: on what has the focus, for who reads with a finger or an ear."""

from __future__ import annotations

from itertools import islice
from typing import Protocol, runtime_checkable

from textual import events, on
from textual.app import App
from textual.content import Content
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, OptionList


@runtime_checkable
class HasCursor(Protocol):
    """A widget that knows which of its cells is the one."""

    @property
    def cursor_cell(self) -> Offset:
        """The cell, from the upper left one of its content."""
        ...


class CursorApp(App[int]):
    """An app whose cursor follows the focus."""

    @on(events.DescendantFocus)
    def _still(self, event: events.DescendantFocus) -> None:
        """The terminal's cursor blinks by itself; Textual's would cost bytes all the time."""
        if isinstance(event.widget, Input):
            event.widget.cursor_blink = False

    @property
    def cursor_position(self) -> Offset:
        """Read by Textual behind each frame: the terminal's cursor goes there."""
        return cursor_place(self.screen) if self.screen_stack else Offset(0, 0)

    @cursor_position.setter
    def cursor_position(self, place: Offset) -> None:
        """What a widget of Textual's says is not needed."""


def cursor_place(screen: Screen[object]) -> Offset:
    """The cell of the screen; where nothing has the focus, that of what is said."""
    widget = screen.focused or next(iter(screen.query("#doing")), None)
    if widget is None:
        return Offset(0, 0)
    if isinstance(widget, Input):
        return widget.cursor_screen_offset
    return _inside(widget, widget.content_region.offset + _cell(widget))


def _cell(widget: Widget) -> Offset:
    if isinstance(widget, HasCursor):
        return widget.cursor_cell
    if isinstance(widget, OptionList) and widget.highlighted is not None:
        above = islice(widget.options, widget.highlighted)
        return Offset(0, sum(_rows(option.prompt) for option in above) - widget.scroll_offset.y)
    return Offset(0, 0)


def _rows(prompt: object) -> int:
    return prompt.plain.count("\n") + 1 if isinstance(prompt, Content) else 1


def _inside(widget: Widget, place: Offset) -> Offset:
    region = widget.region
    return Offset(
        max(region.x, min(place.x, region.right - 1)), max(region.y, min(place.y, region.bottom - 1))
    )
