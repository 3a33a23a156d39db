"""Passwords and passphrases: asked for once, kept in memory only, never written anywhere."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from tui.remote.options import AskPerson, Question


class SecretStore:
    """Answers from a person, by kind, e.g. ``("login", "root")`` or ``("passphrase", path)``.

    Several connecting threads may want the same secret at the same moment; the person sees one prompt
    and all of them get its answer.
    """

    def __init__(
        self,
        ask: AskPerson | None,
        aside: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> None:
        """``aside``: entered while a thread waits until another has been answered."""
        self._ask = ask
        self._aside = aside
        self._answers: dict[tuple[str, ...], str | None] = {}
        self._locks: dict[tuple[str, ...], threading.Lock] = {}
        self._given_up: dict[tuple[str, ...], str] = {}
        self._guard = threading.Lock()

    def __repr__(self) -> str:
        return "SecretStore(...)"

    @property
    def can_ask(self) -> bool:
        """Whether there is a person to ask."""
        return self._ask is not None

    def get(self, kind: tuple[str, ...], prompt: str) -> str | None:
        """The secret of this kind; None when nobody can be asked, or it was declined or wrong."""
        if self._ask is None:
            return None
        with self._guard:
            lock = self._locks.setdefault(kind, threading.Lock())
        with self.waiting(lock):
            if kind not in self._answers:
                self._answers[kind] = self._ask(Question(prompt)) or None
            return self._answers[kind]

    @contextlib.contextmanager
    def waiting(self, lock: threading.Lock) -> Iterator[None]:
        """Hold ``lock``; whoever has it may be waiting for a person."""
        if not lock.acquire(blocking=False):
            with self._aside():
                lock.acquire()
        try:
            yield
        finally:
            lock.release()

    @property
    def aside(self) -> contextlib.AbstractContextManager[None]:
        """To be entered for a wait that may be one for a person."""
        return self._aside()

    def ask(self, question: Question) -> str | None:
        """An answer that is not remembered."""
        return self._ask(question) if self._ask is not None else None

    def give_up(self, kind: tuple[str, ...], why: str) -> None:
        """Ask for this no more until a person wants another try; ``why`` is for the sentence that says so."""
        with self._guard:
            self._given_up[kind] = why

    def given_up(self, kind: tuple[str, ...]) -> str:
        """Why it is not asked for; "" if it may be."""
        return self._given_up.get(kind, "")

    def reject(self, kind: tuple[str, ...]) -> None:
        """The secret turned out wrong: never offer it again."""
        self._answers[kind] = None

    def allow_again(self) -> None:
        """A person wants another try: secrets that were declined or wrong may be asked for anew."""
        with self._guard:
            for kind in [kind for kind, answer in self._answers.items() if answer is None]:
                del self._answers[kind]
            self._given_up.clear()
