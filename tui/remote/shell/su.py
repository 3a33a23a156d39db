"""Root by su, where neither sudo nor doas is: root's own password, read from the same pipe as the script."""

from __future__ import annotations

import re
from dataclasses import replace

from typing_extensions import override

from tui.remote.errors import Kind
from tui.remote.shell.root_program import RootProgram
from tui.remote.ssh.endpoint import Endpoint

# In the C locale; a "New password: ", for one that has expired, is not for us to answer.
_PROMPT = re.compile(rb"(?:\A|\n)(?:(?:UNIX|LDAP) )?[Pp]assword(?: for root[^\n:]*)?: ?\Z")


class Su(RootProgram):
    """su reads one line of its input, byte by byte, and only when it wants a password: by PAM (util-linux)
    or by itself (busybox). Its own environment goes along, and root's login shell may be any.
    """

    name = "su"
    run = """exec su -c "exec /bin/sh -c '$5' sh '' $3 $4" root"""
    without = 'use become = "sudo" or "doas", or log in as root'

    @override
    def asks(self, said: bytes) -> bool:
        return _PROMPT.search(said) is not None

    @override
    def owner(self, endpoint: Endpoint) -> Endpoint:
        return replace(endpoint, user="root")

    @override
    def refusal(self, endpoint: Endpoint, words: str, asked: bool) -> tuple[Kind, str] | None:
        lower = words.lower()
        if "from a terminal" in lower or "must be a tty" in lower:
            rest = (
                "its su takes a password only from a terminal; "
                'use become = "sudo" or "doas" under [ssh], or log in as root.'
            )
            return "tty-required", rest
        if "permission denied" in lower or "not in group" in lower:
            rest = (
                f"{endpoint.user} may not become root with su (often for those in the group wheel or sudo "
                "only, by pam_wheel); add the user there, or log in as root."
            )
            return "not-allowed", rest
        wrong = "authentication failure" in lower or "incorrect password" in lower
        return ("wrong-password", "") if asked and wrong and "locked" not in lower else None
