"""Two themes of our own, dark and light, on Okabe and Ito's colours, told apart by all."""

from __future__ import annotations

from textual.theme import Theme

# Okabe and Ito's set: blue 0072B2, sky blue 56B4E9, bluish green 009E73, vermillion D55E00, orange E69F00,
# yellow F0E442, reddish purple CC79A7; lightened or darkened for contrast of at least 4.5 on the background.
DARK = Theme(
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
    variables={
        "ink-ok": "#2FBF94",
        "ink-busy": "#56B4E9",
        "ink-bad": "#FF7A3C",
        "ink-warn": "#F0E442",
        "ink-held": "#D98FB8",
        "ink-quiet": "#8494A4",
        "ink-accent": "#E69F00",
        "ink-strong": "#F2F6FA",
        "frame": "#34424F",
        "frame-focus": "#56B4E9",
        "cursor-back": "#56B4E9",
        "cursor-fore": "#10151B",
        "found-back": "#5C4A10",
        "border": "#56B4E9",
        "border-blurred": "#34424F",
        "scrollbar": "#34424F",
        "scrollbar-hover": "#4A5C6C",
        "scrollbar-active": "#56B4E9",
        "scrollbar-background": "#10151B",
        "scrollbar-background-hover": "#10151B",
        "scrollbar-background-active": "#10151B",
        "block-cursor-background": "#56B4E9",
        "block-cursor-foreground": "#10151B",
    },
)

LIGHT = Theme(
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
    variables={
        "ink-ok": "#00694D",
        "ink-busy": "#00639B",
        "ink-bad": "#B04400",
        "ink-warn": "#7A6300",
        "ink-held": "#94467A",
        "ink-quiet": "#5B6874",
        "ink-accent": "#9A5B00",
        "ink-strong": "#0B1218",
        "frame": "#BFCAD3",
        "frame-focus": "#0072B2",
        "cursor-back": "#0072B2",
        "cursor-fore": "#FFFFFF",
        "found-back": "#FCE9A6",
        "border": "#0072B2",
        "border-blurred": "#BFCAD3",
        "scrollbar": "#BFCAD3",
        "scrollbar-hover": "#9DACB8",
        "scrollbar-active": "#0072B2",
        "scrollbar-background": "#FAFBFC",
        "scrollbar-background-hover": "#FAFBFC",
        "scrollbar-background-active": "#FAFBFC",
        "block-cursor-background": "#0072B2",
        "block-cursor-foreground": "#FFFFFF",
    },
)


def defaults(theme: Theme) -> dict[str, str]:
    """What our own variables stand for under a theme that does not set them, such as one of Textual's."""
    text = theme.foreground or ("#D5DCE4" if theme.dark else "#1D2730")
    quiet = "#8C98A4" if theme.dark else "#5B6874"
    base = DARK if theme.dark else LIGHT
    chosen = {
        "ink-ok": theme.success,
        "ink-busy": theme.primary,
        "ink-bad": theme.error,
        "ink-warn": theme.warning,
        "ink-held": theme.secondary,
        "ink-quiet": quiet,
        "ink-accent": theme.accent,
        "ink-strong": text,
        "frame": theme.panel,
        "frame-focus": theme.primary,
        "cursor-back": theme.primary,
        "cursor-fore": theme.background,
    }
    return {**base.variables, **{name: colour for name, colour in chosen.items() if colour}}
