"""Rollcall: a rolling update of a Dolphin eXpressWare cluster, one node at a time."""

__version__ = "0.1.0"
