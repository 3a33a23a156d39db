"""All set-ups, by class."""

from tests.agreement.row import Row
from tests.agreement.rows import (
    addresses,
    agents,
    algorithms,
    detours,
    host_certificates,
    host_keys,
    keys,
    passwords,
    reading,
    sessions,
)

ROWS: dict[str, tuple[Row, ...]] = {
    "host keys": host_keys.ROWS,
    "host certificates": host_certificates.ROWS,
    "algorithms": algorithms.ROWS,
    "keys": keys.ROWS,
    "agents": agents.ROWS,
    "passwords": passwords.ROWS,
    "detours": detours.ROWS,
    "addresses": addresses.ROWS,
    "ssh_config": reading.ROWS,
    "sessions": sessions.ROWS,
}
