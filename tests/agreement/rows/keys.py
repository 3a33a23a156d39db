"""Private keys: their formats, agents, certificates, and what ssh_config says of them."""

from __future__ import annotations

from tests.agreement.row import Row

ROWS = (Row("the usual key"),)
