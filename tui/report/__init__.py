"""Reports: pure functions of a run's events and output files, made again at any time."""

from __future__ import annotations

import json
from pathlib import Path

from tui.journal.errors import JournalError
from tui.journal.files import replace_file
from tui.report.facts import build as build
from tui.report.facts import read_report as read_report
from tui.report.html import render_html as render_html
from tui.report.markdown import render_markdown as render_markdown
from tui.report.shapes import Report as Report


def render_json(report: Report) -> str:
    """The report as ASCII JSON; its shape is ``tui/report/shapes.py``."""
    return json.dumps(report.model_dump(mode="json"), indent=2) + "\n"


def write_reports(run_directory: Path, report: Report | None = None) -> tuple[Path, Path]:
    """Write ``report.html`` and ``report.json`` into the run's directory. Raises JournalError."""
    report = report or read_report(run_directory)
    html, data = run_directory / "report.html", run_directory / "report.json"
    write_file(html, render_html(report))
    write_file(data, render_json(report))
    return html, data


def write_file(path: Path, content: str) -> None:
    """Put a report somewhere, whole or not at all. Raises JournalError."""
    try:
        replace_file(path, content.encode("utf-8", "replace"))
    except OSError as error:
        raise JournalError(f"{path} cannot be written: {error.strerror}.") from None
