import html.parser
import json
import re
from pathlib import Path

import pytest

from tests.journal.story import HOSTILE, NEW, OLD, Story
from tui.journal import JournalError
from tui.model import events as ev
from tui.model.states import ConfirmClass, Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.report import facts, read_report, render_html, render_json, render_markdown, write_reports
from tui.report.words import detours


def finished(directory: Path) -> Story:
    story = Story(directory)
    for node in story.nodes:
        story.update(node)
    story.say(ev.NodeProgress(progress=Progress.ALREADY_AT_TARGET, reason="5.21.2 already"), "pxmgmt")
    story.status(RunStatus.COMPLETED, f"all nodes run {NEW}")
    return story


def broken(directory: Path) -> dict[str, str]:
    """The promises that the report finds broken, with the evidence."""
    return {
        promise.name: promise.evidence for promise in read_report(directory).invariants if not promise.holds
    }


def test_a_finished_run_is_told_with_its_proofs(tmp_path: Path) -> None:
    report = read_report(finished(tmp_path / "run").close())
    assert report.exit_code == 0
    assert report.verdict.startswith("3 of 3 machines run 5.21.2. The run is completed")
    assert [promise.name for promise in report.invariants if not promise.holds] == []
    node = report.nodes[0]
    assert node.before is not None
    assert node.proof is not None
    assert (node.before.installed, node.proof.installed, node.proof.active) == (OLD, NEW, NEW)
    assert node.proof_words == "verify done"
    assert node.seconds is not None
    assert node.seconds > 20
    attempt = node.steps[2].attempts[0]
    assert (attempt.target, attempt.confirmed_by, attempt.exit_code) == ("root@px01", "anna", 0)
    assert attempt.output.intact is True
    assert attempt.output.size == len(b"install on px01\n")
    assert report.still_out == ()
    confirms = [decision for decision in report.decisions if decision.what == "confirmed: run install"]
    assert [(decision.who, decision.node, decision.why) for decision in confirms] == [
        ("anna", "px01", "first time"),
        ("anna", "px02", "first time"),
    ]


def test_a_failed_run_says_what_is_out_and_what_to_do(tmp_path: Path) -> None:
    story = Story(tmp_path / "run")
    story.fail_install("px01")
    report = read_report(story.close())
    assert report.exit_code == 3
    assert report.verdict == (
        "0 of 3 machines run 5.21.2; px01 failed. The run is paused on error: px01: the SIA failed."
    )
    assert [(line.node, line.undo) for line in report.still_out] == [("px01", "dis_services start")]
    assert broken(story.directory) == {}
    page = render_html(report)
    assert "Still out:" in page
    assert "dis_services start" in page
    assert "#* ERROR: disk full" in page
    assert "rerun install" in render_markdown(report)
    assert "On the way: install failed" in page
    assert "on the way: install failed" in render_markdown(report)


def test_a_node_that_was_updated_by_a_detour_says_so(tmp_path: Path) -> None:
    story = Story(tmp_path / "run")
    story.fail_install("px01")
    for step in (StepName.INSTALL, StepName.REBOOT):
        story.attempt("px01", step, 2)
    px01 = read_report(story.close()).nodes[0]
    assert detours(px01) == "install failed; rebooted"
    assert detours(px01.model_copy(update={"steps": ()})) == ""


def test_a_step_that_was_gone_past_is_told_as_that(tmp_path: Path) -> None:
    story = Story(tmp_path / "run")
    story.fail_install("px01")
    past = ev.StepState(
        status=StepStatus.SKIPPED, code="application-check", reason="gone past by anna: seen to it"
    )
    for step in (StepName.INSTALL, StepName.REBOOT):  # the second was never begun
        story.say(past, "px01", step=step, actor="anna")
    report = read_report(story.close())
    told = "failed, gone past by anna: seen to it"
    assert detours(report.nodes[0]) == f"install failed; install {told}; reboot {told}"
    for drawn in (render_html(report), render_markdown(report)):
        assert drawn.count(told) >= 2
        assert ">skipped<" not in drawn


def rows(page: str, title: str) -> list[str]:
    """The rows of the table below a heading."""
    return page.partition(f"<h2>{title}")[2].partition("</table>")[0].split("<tr>")[2:]


def test_the_page_marks_what_is_open_what_was_gone_past_and_what_failed_apart(tmp_path: Path) -> None:
    story = Story(tmp_path / "run", ("px01", "px02", "px03"))
    story.update("px01")
    story.fail_install("px02")
    page = render_html(read_report(story.close()))
    first, second, *others = rows(page, "Nodes")
    assert 'class="good">✔&nbsp;updated' in first
    assert 'class="bad">✘&nbsp;failed' in second
    assert ['class="open">waiting' in row for row in others] == [True, True]
    ledger = rows(page, "Ledger")
    assert [re.findall("px0[12]", row) for row in ledger] == [["px01"], ["px02"]], "one row a node"
    assert "✔&nbsp;put back" in ledger[0]
    assert "✘&nbsp;still out: services" in ledger[1]
    assert "override" not in page.partition("<h2>")[0]


def test_overrides_stand_first_and_decisions_of_no_person_are_folded(tmp_path: Path) -> None:
    story = Story(tmp_path / "run", ("px01",))
    story.attempt("px01", StepName.INSTALL, ends=StepStatus.FAILED)
    used = ev.OverrideUsed(check="installed-with-errors", reason="seen to it")
    story.say(used, "px01", step=StepName.INSTALL, actor="eva@console1")
    story.say(ev.NodeSelected(reason="next"), "px01", actor="--yes of eva@console1")
    story.say(ev.PreflightResult(check="tools", verdict="passed", summary="all there"), "px01")
    story.status(RunStatus.COMPLETED)
    report = read_report(story.close())
    said = "eva@console1 went past installed-with-errors at px01 install: seen to it"
    summary = render_html(report).partition("<h2>")[0]
    assert 'class="warn">!&nbsp;1 override:' in summary
    assert said in summary
    assert 'class="warn">!&nbsp;completed' in summary
    assert "box" not in summary.partition("<header>")[2].replace('class="box warn"', ""), "no empty box"
    assert f"**Override:** {said}" in render_markdown(report)
    page = render_html(report)
    shown, _, folded = page.partition("<h2>Decisions")[2].partition("<details>")
    assert "eva@console1" in shown
    assert "--yes" not in shown
    assert "<summary>1 decision by an option" in folded
    assert "<summary>1 check: 1 passed</summary>" in page
    node = report.nodes[0]
    assert node.working is not None
    assert node.waiting is None, "it has not come to its end"


class Reader(html.parser.HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [str(value) for name, value in attrs if name in ("src", "href", "srcset", "action")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def hostile(directory: Path) -> Path:
    story = Story(directory)
    story.fail_install("px01", HOSTILE.encode() + b"\xff\n\x9b2J")
    story.say(ev.NoteAdded(text=HOSTILE), actor=HOSTILE)
    story.say(ev.NodeSkipped(reason=HOSTILE), "px02", actor="anna")
    story.status(RunStatus.PAUSED_ON_ERROR, HOSTILE, HOSTILE, HOSTILE)
    return story.close()


def test_foreign_text_is_harmless_in_html(tmp_path: Path) -> None:
    page = render_html(read_report(hostile(tmp_path / "run")))
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert "script" not in reader.tags
    assert all(link.startswith("#node-") for link in reader.links)
    assert page.count("&lt;script&gt;") >= 4
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", page)
    assert "owned" not in page
    assert "[  OK  ]" in page
    assert "http" not in page.replace("http-equiv", "")


def test_foreign_text_is_harmless_in_markdown(tmp_path: Path) -> None:
    said = render_markdown(read_report(hostile(tmp_path / "run")))
    assert "<script>" not in re.sub("`[^`]*`", "", said)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", said)
    tables = [row for row in said.splitlines() if row.startswith("|")]
    cells = [len(re.findall(r"(?<!\\)\|", row)) for row in tables]
    assert set(cells) == {7, 8}


def test_the_same_record_gives_the_same_report(tmp_path: Path) -> None:
    directory = finished(tmp_path / "run").close()
    page, data = write_reports(directory)
    first = page.read_bytes(), data.read_bytes()
    assert write_reports(directory) == (page, data)
    assert (page.read_bytes(), data.read_bytes()) == first
    assert page.stat().st_mode & 0o777 == 0o600
    parsed = json.loads(first[1])
    assert parsed["nodes"][0]["steps"][2]["attempts"][0]["output"]["intact"] is True
    assert parsed["status"] == "completed"
    assert parsed == json.loads(render_json(read_report(directory)))


def test_changed_output_shows(tmp_path: Path) -> None:
    directory = finished(tmp_path / "run").close()
    output = directory / "output" / "px01" / "install-1.log"
    output.write_bytes(output.read_bytes().replace(b"px01", b"px02"))
    assert broken(directory) == {"output-intact": "output/px01/install-1.log is not what was recorded"}
    assert "not what was recorded" in render_html(read_report(directory))


def test_the_sum_of_much_output_is_quoted_unless_it_is_to_be_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "SUMMED_BYTES", 0)
    directory = finished(tmp_path / "run").close()
    output = directory / "output" / "px01" / "install-1.log"
    output.write_bytes(output.read_bytes().replace(b"px01", b"px02"))
    report = read_report(directory)
    (told,) = (line for line in report.invariants if line.name == "output-intact")
    assert told.holds
    assert "of the recorded size (report --verify reads what is in them)" in told.evidence
    assert "not computed anew" in render_html(report)
    assert not all(line.holds for line in read_report(directory, verify=True).invariants)
    output.write_bytes(output.read_bytes() + b"more")
    assert "output-intact" in broken(directory)


def test_a_damaged_journal_is_reported_as_far_as_it_goes(tmp_path: Path) -> None:
    directory = finished(tmp_path / "run").close()
    path = directory / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:20]) + b"nonsense\n" + b"".join(lines[20:]))
    report = read_report(directory)
    assert report.events == 20
    assert "line 21 is not an event" in broken(directory)["chain-intact"]
    assert "The record is damaged" in render_html(report)
    path.write_bytes(b"")
    with pytest.raises(JournalError):
        read_report(directory)


def two_out(story: Story) -> None:
    story.take_out("px01")
    story.take_out("px02")


def closed_gate(story: Story) -> None:
    story.gate("px01", opened=False)
    token = story.offer("px01", StepName.STOP_SERVICES)
    story.say(ev.StepConfirmed(token=token), "px01", step=StepName.STOP_SERVICES, attempt=1)
    begin(story, "px01", StepName.STOP_SERVICES)


def begin(story: Story, node: str, step: StepName, number: int = 1, job: str | None = None) -> None:
    started = ev.AttemptStarted(job_id=job, boot_id="b1", command="x", output="y", confirmed_by="")
    story.say(started, node, step=step, attempt=number)


def unconfirmed(story: Story) -> None:
    begin(story, "px01", StepName.INSTALL)


def stale_yes(story: Story) -> None:
    token = story.offer("px01", StepName.INSTALL)
    for _ in range(2):
        story.say(ev.StepConfirmed(token=token), "px01", step=StepName.INSTALL, attempt=1)


def yes_for_another(story: Story) -> None:
    token = story.offer("px01", StepName.INSTALL)
    story.say(ev.StepConfirmed(token=token), "px02", step=StepName.INSTALL, attempt=1)


def same_job_twice(story: Story) -> None:
    story.attempt("px01", StepName.INSTALL, 1, ends=StepStatus.FAILED)
    token = story.offer("px01", StepName.INSTALL, 2)
    story.say(ev.StepConfirmed(token=token), "px01", step=StepName.INSTALL, attempt=2)
    begin(story, "px01", StepName.INSTALL, 2, "run.px01.install.1")


def same_attempt_twice(story: Story) -> None:
    story.attempt("px01", StepName.LOG_IN)
    begin(story, "px01", StepName.LOG_IN)


def updated_unverified(story: Story) -> None:
    story.facts("px01", NEW)
    story.say(ev.NodeProgress(progress=Progress.UPDATED), "px01")


def updated_before_a_reboot(story: Story) -> None:
    story.attempt("px01", StepName.VERIFY)
    story.attempt("px01", StepName.REBOOT)
    story.say(ev.NodeProgress(progress=Progress.UPDATED), "px01")


def updated_with_the_old_driver(story: Story) -> None:
    story.attempt("px01", StepName.VERIFY)
    story.facts("px01", NEW, OLD)
    story.say(ev.NodeProgress(progress=Progress.UPDATED), "px01")


def run_on_a_held_node(story: Story) -> None:
    story.say(ev.NodeHeld(reason="fan"), "px01")
    story.attempt("px01", StepName.LOG_IN)


def completed_with_something_out(story: Story) -> None:
    story.take_out("px01")
    story.status(RunStatus.COMPLETED)


def eyes_by_an_option(story: Story) -> None:
    looked = story.offer("px01", StepName.VERIFY, confirm_class=ConfirmClass.EYES)
    yes = ev.StepConfirmed(token=looked)
    story.say(yes, "px01", step=StepName.VERIFY, attempt=1, actor="--yes of anna@console1")


def signed_by_the_program(story: Story) -> None:
    story.take_out("px01")
    story.say(ev.LedgerUndone(line="px01/services", how="signed-off", reason="why not"), "px01")


def override_by_a_mode(story: Story) -> None:
    story.attempt("px01", StepName.INSTALL, 1, ends=StepStatus.FAILED)
    used = ev.OverrideUsed(check="installed-with-errors", reason="")
    story.say(used, "px01", step=StepName.INSTALL, actor="pause mode none")


@pytest.mark.parametrize(
    ("misdeed", "names"),
    [
        (two_out, {"never-two"}),
        (closed_gate, {"gate-before-stop"}),
        (unconfirmed, {"tokens-once"}),
        (stale_yes, {"tokens-once"}),
        (yes_for_another, {"tokens-once"}),
        (same_job_twice, {"never-twice"}),
        (same_attempt_twice, {"never-twice"}),
        (updated_unverified, {"verified"}),
        (updated_before_a_reboot, {"verified"}),
        (updated_with_the_old_driver, {"verified"}),
        (run_on_a_held_node, {"holds-kept"}),
        (completed_with_something_out, {"ledger-closed"}),
        (eyes_by_an_option, {"persons-word"}),
        (signed_by_the_program, {"persons-word"}),
        (override_by_a_mode, {"persons-word"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_promise_is_found(tmp_path: Path, misdeed: object, names: set[str]) -> None:
    story = Story(tmp_path / "run")
    assert callable(misdeed)
    misdeed(story)
    assert set(broken(story.close())) == names
