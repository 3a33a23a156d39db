"""Everything that is said of a recorded run, when every word is the enemy's: whole and harmless."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.hostile.chains import RUN, STEERING, poisoned_run
from tests.plain.terminals import TerminalProcess, rollcall
from tui.cli.main import main

MARKUP = {"html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "span", "section"} | {
    *(
        "table",
        "thead",
        "tr",
        "th",
        "td",
        "a",
        "details",
        "summary",
        "code",
        "br",
        "pre",
        "div",
        "strong",
        "ul",
        "li",
    )
}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("state")
    poisoned_run(state)
    return state


def said(capsys: pytest.CaptureFixture[str], state: Path, *words: str) -> str:
    assert main([*words, "--state-dir", str(state)]) in (0, 3, 4, 7), words
    out, err = capsys.readouterr()
    assert err == ""
    assert not set(out) & STEERING
    return out


class Tags(HTMLParser):
    """What a browser would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_html_report_holds_no_element_that_is_not_its_own(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Tags()
    page.feed(said(capsys, state, "report", RUN, "--html", "-"))
    assert page.tags <= MARKUP
    assert {name for name, _ in page.attributes} <= {
        *("lang", "charset", "name", "content", "http-equiv", "class", "id", "href", "open")
    }
    assert all(value.startswith("#node-") for name, value in page.attributes if name == "href")
    assert page.text.count("<script>alert(1)</script>") > 20  # all of it is there, as text
    assert "{{ 7*7 }}" in page.text
    assert "owned" not in page.text


def test_the_markdown_report_holds_no_markup_that_is_not_its_own(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, state, "report", RUN, "--markdown", "-")
    kinds: set[str] = set()
    headings = []
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    for index, token in enumerate(tokens):
        kinds.add(token.type)
        kinds |= {child.type for child in token.children or ()}
        if token.type == "heading_open":
            headings.append(tokens[index + 1].content)
    foreign = ("html", "link", "image", "s_", "em_", "fence", "code_block", "hr", "blockquote", "ordered")
    assert not {kind for kind in kinds if kind.startswith(foreign)}
    ours = {"px-prod", "Nodes", "Promises,", "Decisions", "Steps", "px01", r"px02&lt;b&gt;\|\[x\](y)"}
    assert {heading.split(" ")[0] for heading in headings} <= ours
    rows = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} <= {7, 8}


def test_what_programs_read_is_ascii(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("report", RUN, "--json", "-"), ("runs", "--json")):
        out = said(capsys, state, *words)
        assert out.isascii()
        json.loads(out)


def test_runs_watch_and_replay(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, state, "runs").count("\n") < 6
    played = said(capsys, state, "replay", RUN, "--speed", "1000")
    watched = said(capsys, state, "watch", RUN)
    for out in (played, watched):
        assert "<script>alert(1)</script>" in out
        # nothing foreign begins a line: each begins with a time, is what a job printed, or is set in
        for line in out.splitlines()[:-1]:
            assert line[:1].isdigit() or line.startswith(("    ", "px01 ", "px02<b>|[x](y) "))
        assert "px02<b>|[x](y) install| [FAILED]" in out


def test_the_reports_that_are_written_are_private(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in said(capsys, state, "report", RUN).splitlines():
        assert Path(path).stat().st_mode & 0o777 == 0o600


def test_an_output_that_takes_only_ascii_gets_ascii(state: Path) -> None:
    """On a terminal whose locale is C, and with files named by the enemy."""
    process = TerminalProcess(
        rollcall("report", RUN, "--html", "-", "--state-dir", str(state)), {"PYTHONIOENCODING": "ascii"}
    )
    try:
        assert process.end() == 0
        assert process.text.isascii()
        assert "</html>" in process.text
    finally:
        process.close()
