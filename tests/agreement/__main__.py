"""``python -m tests.agreement``: try every set-up with ssh(1) and with Rollcall, print the table.

The exit code is 1 when Rollcall is weaker than ssh(1) anywhere, or refuses without a keyword or file.
"""

from __future__ import annotations

import argparse
import os
import sys

from tests.agreement.result import Result
from tests.agreement.run import chosen, tried
from tests.agreement.table import bad, line, markdown, sums
from tests.agreement.world import no_world
from tests.rigs.openssh import no_sshd


def main() -> int:
    """Arguments in, exit code out."""
    parser = argparse.ArgumentParser(prog="python -m tests.agreement", description=__doc__)
    parser.add_argument("-k", metavar="WORD", default="", help="only set-ups whose class or name holds WORD")
    parser.add_argument("-j", metavar="N", type=int, default=os.cpu_count() or 1, help="so many at a time")
    parser.add_argument("-v", action="store_true", help="what both programs said, also where they agree")
    parser.add_argument("--markdown", action="store_true", help="only the sums by class, for the README")
    options = parser.parse_args()
    if missing := no_world() or no_sshd():
        parser.error(missing)

    say = sys.stdout.write

    def show(result: Result) -> None:
        if not options.markdown:
            say(f"{line(result)}\n")
            if options.v:
                say(f"    ssh:      {result.ssh_words}\n    Rollcall: {result.rollcall_words}\n")
            sys.stdout.flush()

    results = tried(chosen(options.k), options.j, show)
    say(f"{markdown(results)}\n" if options.markdown else f"\n{len(results)} set-ups: {sums(results)}\n")
    return 1 if any(bad(result) for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
