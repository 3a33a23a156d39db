"""Rollcall: a rolling update of a Dolphin eXpressWare cluster, one node at a time."""

import sys

__version__ = "0.1.0"

# paramiko would load invoke (and with it yaml and unittest.mock: a third of its time) for `Match exec` alone,
# which is read without an OpenSSH client only; see tui/remote/ssh/config/reading.py.
sys.modules.setdefault("invoke", None)  # type: ignore[arg-type]
