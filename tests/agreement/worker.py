"""``python -m tests.agreement.worker DIRECTORY``: in a world of its own, tries the rows named on stdin."""

from __future__ import annotations

import json
import sys
import traceback
from dataclasses import asdict
from pathlib import Path

from tests.agreement.result import Result
from tests.agreement.rows import ROWS
from tests.agreement.trying import try_both
from tests.agreement.verdict import judge
from tests.agreement.world import home_of_root


def one(world: Path, group: str, name: str) -> Result:
    """Try one row; a rig that fails is told as such and stops nothing else."""
    row = next(row for row in ROWS[group] if row.name == name)
    try:
        ssh, rollcall, allowed = try_both(world, row)
    except Exception:  # noqa: BLE001  # whatever it is, the table has to show it
        return Result(group, name, "broken", traceback.format_exc())
    finding = judge(row, ssh, rollcall, allowed)
    why, theirs, ours = (_short(world, text) for text in (finding.why, ssh.words, rollcall.words))
    return Result(group, name, finding.verdict, why, ssh.entered, theirs, rollcall.entered, ours)


def _short(world: Path, text: str) -> str:
    return text.replace(str(home_of_root(world)), "~").replace(str(world / "row"), "/row")


def main() -> None:
    """Until stdin ends."""
    world = Path(sys.argv[1])
    for line in sys.stdin:
        group, name = json.loads(line)
        print(json.dumps(asdict(one(world, group, name))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
