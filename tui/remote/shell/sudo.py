"""Root by sudo: no PTY, and a prompt that is a word made up for this one use."""

from __future__ import annotations

from typing_extensions import override

from tui.remote.errors import Kind
from tui.remote.shell.root_program import RootProgram
from tui.remote.shell.scripts import new_mark
from tui.remote.ssh.auth.passwords import Passwords
from tui.remote.ssh.endpoint import Endpoint


class Sudo(RootProgram):
    """The user's own password, where sudoers wants one."""

    name = "sudo"
    # sudo repeats the command, but not the prompt, when it refuses.
    run = 'exec sudo -S -p "$6" -- /bin/sh -c "$5" sh "$ROLLCALL_SYSROOT" "$3" "$4"'
    without = "allow the user NOPASSWD in sudoers"

    def __init__(self, book: Passwords) -> None:
        self._prompt = new_mark()
        super().__init__(book, self._prompt)

    @override
    def asks(self, said: bytes) -> bool:
        return self._prompt.encode() in said

    @override
    def refusal(self, endpoint: Endpoint, words: str, asked: bool) -> tuple[Kind, str] | None:
        user = endpoint.user
        words = words.replace(self._prompt, "")
        if "a tty" in words or "a terminal is required" in words:
            rest = f"sudo there insists on a terminal; remove requiretty for {user} from its sudoers."
            return "tty-required", rest
        if "not allowed" in words or "not in the sudoers" in words or "may not run sudo" in words:
            rest = f"{user} may not become root with sudo; add the user to sudoers, or log in as root."
            return "not-allowed", rest
        return ("wrong-password", "") if asked else None
