"""Root by doas, which takes a password from a terminal only: it gets one on the node, for that alone."""

from __future__ import annotations

import re

from typing_extensions import override

from tui.remote.errors import Kind
from tui.remote.shell.root_program import RootProgram
from tui.remote.ssh.endpoint import Endpoint

_PROMPT = re.compile(rb"(?:\A|[\r\n])doas \([^\r\n]*\) password: \Z")


class Doas(RootProgram):
    """Where the rule says nopass no terminal is needed. Else `script` (util-linux) gives doas one, which says
    the prompt and takes one line; root's shell keeps the channel's own pipes, byte for byte. It runs in a
    session of its own, since the end of a terminal ends what was begun on it.
    """

    name = "doas"
    run = (
        "e=$(doas -n -- /bin/sh -c : 2>&1 </dev/null) && "
        'exec doas -n -- /bin/sh -c "$5" sh "$ROLLCALL_SYSROOT" "$3" "$4"; '
        'case $e in *" required"*) ;; *) echo "$e" >&2; exit 1 ;; esac; '
        "command -v script >/dev/null || { echo no-script >&2; exit 1; }; "
        'Q=\'exec setsid /bin/sh -c "$0" sh "$@"\' A=$5 S=$ROLLCALL_SYSROOT M=$3 G=$4; export Q A S M G; '
        'exec 3<&0 4>&1 5>&2; { IFS= read -r p && printf "%s\\n" "$p"; } | SHELL=/bin/sh script -q -e -c '
        """'doas -- /bin/sh -c "$Q" "$A" "$S" "$M" "$G" <&3 >&4 2>&5; exit $?' /dev/null >&2"""
    )
    without = "write nopass into the user's rule in doas.conf"

    @override
    def asks(self, said: bytes) -> bool:
        return _PROMPT.search(said) is not None

    @override
    def speaks_on(self, said: bytes) -> bool:
        """The terminal is told to end the line of the prompt."""
        return not said.endswith(b"\n")

    @override
    def refusal(self, endpoint: Endpoint, words: str, asked: bool) -> tuple[Kind, str] | None:
        if "not permitted" in words:
            rest = (
                f"{endpoint.user} may not become root with doas; add the user to its doas.conf, or log in as"
            )
            return "not-allowed", f"{rest} root."
        if "no-script" in words:
            rest = (
                "doas takes a password only from a terminal, and there is no `script` (util-linux) to give "
                f"it one; install that, or {self.without}."
            )
            return "tty-required", rest
        return ("wrong-password", "") if asked and "uthentication failed" in words else None
