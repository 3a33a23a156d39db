"""What ssh_config demands of a connection, from the facts that `ssh -G` gives."""

from __future__ import annotations

from tui.remote.ssh.endpoint import HostKeyPolicy, LoginPolicy, StrictChecking

Facts = dict[str, list[str]]
"""ssh_config keyword, lower case, to its values."""


def one(facts: Facts, key: str) -> str | None:
    """The first value of a keyword; None where it is not set or is "none"."""
    value = facts.get(key, [""])[0]
    return None if value in ("", "none") and key != "identityagent" else value or None


def _strict(value: str | None) -> StrictChecking:
    """`ssh -G` says true and false for yes and no."""
    match value:
        case "true" | "yes":
            return "yes"
        case "accept-new":
            return "accept-new"
        case "false" | "no" | "off":
            return "no"
        case _:
            return "ask"


_METHODS = {
    "publickey": "pubkeyauthentication",
    "keyboard-interactive": "kbdinteractiveauthentication",
    "password": "passwordauthentication",
}


def login_policy(facts: Facts) -> LoginPolicy:
    """How ssh_config lets a person or a key log in."""
    preferred = one(facts, "preferredauthentications")
    order = preferred.split(",") if preferred else list(_METHODS)
    prompts = one(facts, "numberofpasswordprompts") or "3"
    return LoginPolicy(
        methods=tuple(
            name for name in order if name in _METHODS and one(facts, _METHODS[name]) not in ("no", "false")
        ),
        prompts=int(prompts) if prompts.isdigit() else 3,
        batch=one(facts, "batchmode") == "yes",
    )


def host_key_policy(facts: Facts, own_files: tuple[str, ...]) -> HostKeyPolicy:
    """What is done with a key that known_hosts does not list; ``own_files`` are the user's own."""
    return HostKeyPolicy(
        strict=_strict(one(facts, "stricthostkeychecking")),
        hashed=one(facts, "hashknownhosts") == "yes",
        own_files=own_files,
    )
