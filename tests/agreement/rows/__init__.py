"""All set-ups, by class."""

from tests.agreement.row import Row
from tests.agreement.rows import agents, algorithms, host_certificates, host_keys, keys

ROWS: dict[str, tuple[Row, ...]] = {
    "host keys": host_keys.ROWS,
    "host certificates": host_certificates.ROWS,
    "algorithms": algorithms.ROWS,
    "keys": keys.ROWS,
    "agents": agents.ROWS,
}
