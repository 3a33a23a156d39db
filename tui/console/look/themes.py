"""Two themes of our own, dark and light, on Okabe and Ito's colours, told apart by all."""

from __future__ import annotations

from dataclasses import replace

from textual.theme import Theme


def _inks(theme: Theme) -> dict[str, str]:
    """Our own variables out of a theme's own colours."""
    chosen = {
        "ink-ok": theme.success,
        "ink-busy": theme.primary,
        "ink-bad": theme.error,
        "ink-warn": theme.warning,
        "ink-held": theme.secondary,
        "ink-quiet": "#8C98A4" if theme.dark else "#5B6874",
        "ink-accent": theme.accent,
        "ink-strong": theme.foreground or ("#D5DCE4" if theme.dark else "#1D2730"),
        "frame": theme.panel,
        "frame-focus": theme.primary,
        "cursor-back": theme.primary,
        "cursor-fore": theme.background,
    }
    return {name: colour for name, colour in chosen.items() if colour}


def _ours(theme: Theme, own: dict[str, str]) -> Theme:
    """The theme with all variables, its ``own`` instead of those that follow from its colours."""
    inks = _inks(theme) | own
    derived = {
        "border": theme.primary,
        "border-blurred": inks["frame"],
        "scrollbar": inks["frame"],
        "scrollbar-active": theme.primary,
        **dict.fromkeys(
            [f"scrollbar-background{state}" for state in ("", "-hover", "-active")], theme.background or ""
        ),
        "block-cursor-background": theme.primary,
        "block-cursor-foreground": inks["cursor-fore"],
    }
    return replace(theme, variables=inks | derived)


# Okabe and Ito's set: blue 0072B2, sky blue 56B4E9, bluish green 009E73, vermillion D55E00, orange E69F00,
# yellow F0E442, reddish purple CC79A7; lightened or darkened for contrast of at least 4.5 on the background.
DARK = _ours(
    Theme(
        name="rollcall-dark",
        dark=True,
        primary="#56B4E9",
        secondary="#7FA6C4",
        accent="#E69F00",
        success="#2FBF94",
        warning="#F0E442",
        error="#FF7A3C",
        foreground="#D5DCE4",
        background="#10151B",
        surface="#151C24",
        panel="#1E2832",
    ),
    {
        "ink-held": "#D98FB8",
        "ink-quiet": "#8494A4",
        "ink-strong": "#F2F6FA",
        "frame": "#34424F",
        "found-back": "#5C4A10",
        "scrollbar-hover": "#4A5C6C",
    },
)
LIGHT = _ours(
    Theme(
        name="rollcall-light",
        dark=False,
        primary="#0072B2",
        secondary="#35607D",
        accent="#9A5B00",
        success="#00694D",
        warning="#7A6300",
        error="#B04400",
        foreground="#1D2730",
        background="#FAFBFC",
        surface="#FFFFFF",
        panel="#EAEFF3",
    ),
    {
        "ink-busy": "#00639B",
        "ink-held": "#94467A",
        "ink-strong": "#0B1218",
        "frame": "#BFCAD3",
        "cursor-fore": "#FFFFFF",
        "found-back": "#FCE9A6",
        "scrollbar-hover": "#9DACB8",
    },
)


def defaults(theme: Theme) -> dict[str, str]:
    """What our own variables stand for under a theme that does not set them, such as one of Textual's."""
    return (DARK if theme.dark else LIGHT).variables | _inks(theme)
