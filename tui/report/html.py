"""The report as one HTML file that needs nothing else: no script, no font, no image from anywhere."""

from __future__ import annotations

from pathlib import Path

from tui.report import words
from tui.report.shapes import Report
from tui.text.counted import counted
from tui.text.durations import exact, moment

TEMPLATE = "report.html.j2"


def render_html(report: Report) -> str:
    """The whole page. Every value is cleaned of escapes and HTML-escaped on its way in."""
    import jinja2  # noqa: PLC0415  loaded only here

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        finalize=words.clean,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    for shared in (moment, exact, counted, words.versions, words.proof, words.detours):
        environment.filters[shared.__name__] = shared
    for kind in (words.run_kind, words.node_kind, words.step_kind, words.status_kind):
        environment.filters[kind.__name__] = kind
    for told in (words.overrides, words.taken_out, words.verdicts):
        environment.filters[told.__name__] = told
    return environment.get_template(TEMPLATE).render(report=report)
