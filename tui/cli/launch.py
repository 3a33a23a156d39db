"""A run as a front end opens and leaves it: the same for the console and for plain mode.

Light to import: what is heavy comes in ``open``, behind the console's first paint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

# ruff: noqa: PLC0415

if TYPE_CHECKING:
    from tui.model.events import Event
    from tui.plain.outcome import RunOutcome
    from tui.rollout.interface import Engine
    from tui.rollout.open_run import OpenRun, RunOptions
    from tui.rollout.options import Agree
    from tui.rollout.viewer.viewer import Viewer


class Opening:
    """Opens the run at most once; ``resume`` is the command that takes it up again."""

    def __init__(self, find: Callable[[], Path], options: Callable[[], RunOptions], resume: str) -> None:
        self._find = find
        self._options = options
        self._resume = resume
        self._session: OpenRun | None = None
        self._viewer: Viewer | None = None
        self._report = ""
        self._no_report = ""

    async def open(self, agree: Agree | None = None) -> Engine:
        """Find the cluster file (a rehearsal is started for it), then open the run, or only look at it.

        ``agree`` asks a person about a file that has changed since the run began.
        """
        from tui.remote.link.threads import on_thread

        options = replace(self._options(), agree=agree)
        cluster_file = await on_thread("aside", self._find)
        if options.read_only:
            from tui.rollout.viewer.viewer import Viewer

            self._viewer = await Viewer.open(cluster_file, options)
            return self._viewer
        from tui.rollout.open_run import OpenRun

        self._session = await OpenRun.open(cluster_file, options)
        return self._session.engine

    async def close(self, reason: str = "") -> None:
        """Leave the run and write its reports, if it is ours to write about."""
        from tui.journal import JournalError
        from tui.report import write_reports

        if self._viewer is not None:
            await self._viewer.close()
            return
        assert self._session is not None
        await self._session.close(reason)
        if self._session.engine.read_only:
            return
        try:
            self._report = str(write_reports(self._session.run_dir)[0])
        except JournalError as error:
            self._no_report = str(error)

    def outcome(self, stopped: str = "") -> RunOutcome:
        """How it stands; ``stopped`` is why the front end left before the run was over."""
        from tui.plain.outcome import RunOutcome

        if self._viewer is not None:
            return RunOutcome(self._viewer.state, stopped, "", "")
        assert self._session is not None
        engine = self._session.engine
        lost = engine.read_only
        return RunOutcome(
            engine.state,
            stopped,
            self._resume,
            self._report,
            self._no_report,
            report_to_be="" if lost else str(self._session.run_dir / "report.html"),
            locked_out=lost,
        )

    def events(self, after: int) -> list[Event]:
        """What the journal has after event number ``after``. Raises JournalError."""
        from tui.journal import read_events

        if self._viewer is not None:
            return [event for event in self._viewer.events() if event.seq > after]
        assert self._session is not None
        return [event for event in read_events(self._session.run_dir) if event.seq > after]
