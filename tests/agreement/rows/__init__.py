"""All set-ups, by class."""

from tests.agreement.row import Row
from tests.agreement.rows import host_keys, keys

ROWS: dict[str, tuple[Row, ...]] = {
    "host keys": host_keys.ROWS,
    "keys": keys.ROWS,
}
