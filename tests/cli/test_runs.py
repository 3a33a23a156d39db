"""Commands on recorded runs, and the ones that only read files."""

import json
import threading
from pathlib import Path

import pytest

from tests.journal.story import HOSTILE, Story
from tui.cli.main import main
from tui.journal import listed, run_directory
from tui.model.clusterfile import parse_cluster_file
from tui.model.states import RunStatus

RUN = "20261122-221500-9f3c"
EXAMPLE = str(Path(__file__).parents[2] / "config" / "cluster.toml")


def story(state: Path, run_id: str = RUN) -> Story:
    return Story(run_directory(state, "px-prod", run_id))


@pytest.fixture
def failed(tmp_path: Path) -> Path:
    """A state directory with one run that failed, and a node that printed hostile text."""
    told = story(tmp_path)
    told.update("px01")
    told.fail_install("px02", HOSTILE.encode() + b"\n[FAILED]\n")
    told.close()
    return tmp_path


def say(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(words)
    return code, capsys.readouterr().out


def test_runs_are_listed_for_people_and_programs(failed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = say(capsys, "runs", "--state-dir", str(failed))
    assert code == 0
    told = "1 of 3 machines runs 5.21.2; px02 failed"
    assert out == f"{RUN}  px-prod          paused on error            {told}\n"
    _, out = say(capsys, "runs", "--state-dir", str(failed), "--json")
    row = json.loads(out)
    assert (row["run"], row["exit"], row["error"]) == (RUN, 3, None)
    assert row["directory"] == str(run_directory(failed, "px-prod", RUN))


def test_what_is_kept_of_a_long_run_is_believed_of_its_very_bytes_only(
    failed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed, "KEPT_FROM", 1)
    directory = run_directory(failed, "px-prod", RUN)
    journal, kept = directory / "events.jsonl", directory / listed.LISTED
    _, first = say(capsys, "runs", "--state-dir", str(failed))
    kept.write_text(kept.read_text().replace("px02 failed", "as it was kept"))
    assert "as it was kept" in say(capsys, "runs", "--state-dir", str(failed))[1]
    whole = journal.read_bytes()
    for other in (whole.replace(b"px02", b"px09", 1), whole + b"nonsense\n", whole[:-1] + b" "):
        journal.write_bytes(other)
        said = say(capsys, "runs", "--state-dir", str(failed))[1]
        assert "as it was kept" not in said
        assert said != first
    journal.write_bytes(whole)
    for spoiled in ("", "[]", "{"):
        kept.write_text(spoiled)
        assert say(capsys, "runs", "--state-dir", str(failed))[1] == first


def test_a_run_is_played_back_with_its_output_in_place(
    failed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = say(capsys, "replay", "px-prod", "--state-dir", str(failed), "--speed", "1000")
    assert code == 0
    lines = out.splitlines()
    begun = next(index for index, line in enumerate(lines) if "px02 install: attempt 1 begins" in line)
    assert lines[begun + 1].startswith("px02 install| <script>")
    assert lines[begun + 2] == "px02 install| [FAILED]"
    assert lines[begun + 3].endswith("px02 install: failed; the SIA said no; exit code 1, 79 bytes of output")
    assert lines[-1].startswith("1 of 3 machines runs 5.21.2; px02 failed. The run is paused on error")
    assert not any(sign in out for sign in "\x1b\x07\x9b\u202e")


def test_a_run_is_followed_to_its_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = story(tmp_path)
    told.update("px01")
    codes: list[int] = []
    watcher = threading.Thread(target=lambda: codes.append(main(["watch", "--state-dir", str(tmp_path)])))
    watcher.start()
    told.update("px02")
    told.status(RunStatus.COMPLETED, "all nodes run 5.21.2")
    told.close()
    watcher.join(20)
    out = capsys.readouterr().out
    assert codes == [0]
    assert out.count("now updated") == 2
    assert "px02 install| install on px02" in out


def test_reports_go_where_they_are_wanted(
    failed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--state-dir", str(failed)]
    code, out = say(capsys, "report", *place)
    assert code == 0
    assert [Path(line).name for line in out.splitlines()] == ["report.html", "report.json"]
    page, data = tmp_path / "a.html", tmp_path / "a.json"
    code, out = say(
        capsys, "report", RUN[:9], *place, "--html", str(page), "--json", str(data), "--markdown", "-"
    )
    assert code == 0
    assert page.read_text().startswith("<!doctype html>")
    assert json.loads(data.read_text())["exit_code"] == 3
    assert out.endswith("`\n")
    assert "# px-prod to 5.21.2: paused on error" in out
    assert main(["report", *place, "--html", str(tmp_path / "no" / "where.html")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_an_ambiguous_or_unknown_run_is_named(failed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story(failed, "20261122-221501-0000").close()
    assert main(["report", "20261122", "--state-dir", str(failed)]) == 1
    assert "More than one run is called 20261122" in capsys.readouterr().err
    assert main(["report", "px-prood", "--state-dir", str(failed)]) == 1
    assert "No run or cluster is called px-prood" in capsys.readouterr().err


def test_a_damaged_run_is_listed_and_not_followed(failed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = run_directory(failed, "px-prod", RUN) / "events.jsonl"
    path.write_bytes(path.read_bytes() + b"nonsense\n")
    code, out = say(capsys, "runs", "--state-dir", str(failed))
    assert code == 0
    assert "is not an event" in out
    assert main(["watch", "--state-dir", str(failed)]) == 1
    assert "is not an event" in capsys.readouterr().err
    assert main(["report", "--state-dir", str(failed)]) == 1
    written, told = capsys.readouterr()
    assert [Path(line).name for line in written.splitlines()] == ["report.html", "report.json"]
    assert f"{path} line 52 is not an event" in told
    assert "The report tells what stands before that." in told


def test_the_plan_is_told_without_touching_a_node(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = say(capsys, "plan", EXAMPLE)
    lines = out.splitlines()
    assert lines[0].startswith("px01         log in")
    assert any(
        line.startswith("px01         install") and "--install-node --use-rpms" in line for line in lines
    )
    assert "px[02-08]    as px01" in lines
    _, out = say(capsys, "plan", EXAMPLE, "--json")
    assert {json.loads(line)["node"] for line in out.splitlines()} >= {"px01", "px08", "pxmgmt"}
    _, out = say(capsys, "plan", EXAMPLE, "--markdown")
    assert out.startswith("# Rolling update of px-prod to 5.21.2")


DISHOSTS = """# PX-HARDWARE
DISHOSTVERSION 4
HOSTNAME: node01
ADAPTER: node01_a0 4 0 8
HOSTNAME: node02
ADAPTER: node02_a0 8 0 8
"""


def test_a_list_of_hosts_becomes_a_cluster_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "dishosts.conf", tmp_path / "cluster.toml"
    source.write_text(DISHOSTS)
    code, out = say(capsys, "import", str(source))
    assert code == 0
    config = parse_cluster_file(out, "printed")
    assert (config.nodes, config.cluster.family) == (("node01", "node02"), "PX")
    assert main(["import", str(source), "-o", str(target)]) == 0
    assert f"{target} is written; fill in [target]" in capsys.readouterr().err
    assert parse_cluster_file(target.read_text(), "written") == config
    assert main(["import", str(source), "-o", str(target)]) == 1
    assert "exists already" in capsys.readouterr().err


def test_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = say(capsys, "version")
    assert code == 0
    assert out.startswith("rollcall 0.")
