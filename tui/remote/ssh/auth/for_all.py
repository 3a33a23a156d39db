"""Whether a password that one node took is for all nodes of the cluster: only a person can say so."""

from __future__ import annotations

from tui.remote.options import Question
from tui.remote.ssh.auth.passwords import Passwords
from tui.remote.ssh.endpoint import Endpoint


class DeclinedError(Exception):
    """The person gave no answer at all."""


def password_for_all(book: Passwords, owner: Endpoint, what: str, own: tuple[str, ...]) -> str | None:
    """What another node took, if a person says that it is for all; None where it is not, or nothing is known.

    ``what`` is the password in a sentence, ``own`` what is given up when each node has its own. Raises
    DeclinedError.
    """
    offered = book.offered(owner)
    if offered is None or book.secrets.given_up(own):
        return None
    password, where = offered
    answer = book.secrets.ask(
        Question(
            f"Send it to {owner.node} and all other nodes, too? yes, or Enter to type another: ",
            hidden=False,
            lines=(f"{where} took the {what}.", f"{owner.where} wants one now."),
            title="One password for all nodes?",
        )
    )
    if answer is None:
        raise DeclinedError
    if answer.strip().lower() not in ("yes", "y"):
        book.secrets.give_up(own, "each node has its own")
        return None
    book.for_all(owner.user, password)
    return password
