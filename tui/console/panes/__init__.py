"""Panes of output: from an attempt's bytes to rows on the screen."""
