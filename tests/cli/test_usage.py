"""Wrong command lines: exit code 1, one sentence, nothing changed."""

from pathlib import Path

import pytest

from tui.cli.main import COMMANDS, main

EXAMPLE = str(Path(__file__).parents[2] / "config" / "cluster.toml")

WRONG = [
    ("demoo", "there is no command demoo; did you mean demo?"),
    ("frob", "there is no command frob; there are demo, run, check"),
    ("demo --nodes x", "x is not a whole number"),
    ("demo --nodes 0", "a demo has 1 to 99 nodes"),
    ("demo --nodes 1000000", "a demo has 1 to 99 nodes"),
    ("demo --family QX", "there is no --family QX; there are MX, PX, IX, DX"),
    ("demo --pause sometimes", "there is no --pause sometimes"),
    ("demo --pace 0", "0 is not a number between 0.01 and 1000"),
    ("demo --pace nan", "nan is not a number between 0.01 and 1000"),
    ("demo --fault px01=stop-bussy", "there is no fault stop-bussy; did you mean stop-busy?"),
    ("demo --fault px01=zzz", "wrong-host, hostkey-changed"),
    ("demo --fault px1=stop-busy", "there is no node px1; did you mean px01?"),
    ("demo --fault px01", "write NODE=FAULT"),
    ("demo --resume --new", "not allowed with"),
    ("demo --yes", "--yes and --json belong to --plain"),
    ("demo --frob", "unknown argument --frob"),
    ("demo", "the console needs a terminal; add --plain"),
    ("demo --plain --resume", "no unfinished rehearsal to take up"),
    ("run", "arguments are required: CLUSTER"),
    ("run /nowhere.toml", "/nowhere.toml: there is no such cluster file"),
    ("run --plaine {example}", "unknown argument --plaine; did you mean --plain?"),
    ("run {broken} --plain --yes", "unknown key cluster.nodez; did you mean nodes?"),
    ("run {example} --plain --nodes zz99", "--nodes: zz99 is not in the cluster file"),
    ("run {example} --plain --resume", "no unfinished run to resume"),
    ("check {broken}", "unknown key cluster.nodez"),
    ("check {example} --jsonn", "unknown argument --jsonn; did you mean --json?"),
    ("check /", "/ cannot be read: Is a directory"),
    ("plan {binary}", "not UTF-8 text"),
    ("plan --markdown --json {example}", "not allowed with"),
    ("rehearse {broken}", "unknown key cluster.nodez"),
    ("rehearse {example} --plain --fault px99=chatty", "there is no node px99; there are px01, px02"),
    ("status /nowhere.toml", "there is no such cluster file"),
    ("watch", "There are no recorded runs"),
    ("replay", "There are no recorded runs"),
    ("replay x --speed -1", "is not a number between"),
    ("report nothing", "There are no recorded runs"),
    ("import /nowhere", "/nowhere: No such file"),
    ("import {broken}", "broken.toml, line "),
    ("unlock /nowhere.toml", "there is no such cluster file"),
    ("version --frob", "unknown argument --frob"),
]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    broken = tmp_path / "broken.toml"
    broken.write_text(Path(EXAMPLE).read_text().replace("nodes =", "nodez ="))
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    return {"example": EXAMPLE, "broken": str(broken), "binary": str(binary)}


def test_no_command_at_all_shows_the_help_and_is_no_success(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    said = capfd.readouterr()
    assert "a rolling update of a dolphin" in said.out.lower()
    assert all(f"\n    {name} " in said.out for name in COMMANDS)
    assert said.err == ""


def test_a_state_directory_that_cannot_be_written_says_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").write_text("")
    assert main(["demo", "--plain", "--state-dir", str(tmp_path / "state")]) == 1
    said = capfd.readouterr().err
    assert (
        f"{tmp_path}/state/runs/demo cannot be written: File exists; --state-dir names another place." in said
    )


@pytest.mark.parametrize(("line", "sentence"), WRONG, ids=[line or "nothing" for line, _ in WRONG])
def test_a_wrong_command_line_is_one_sentence(
    line: str, sentence: str, files: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = line.format(**files).split()
    place = (
        [words[0], "--state-dir", str(tmp_path / "state"), *words[1:]]
        if words and words[0] in COMMANDS
        else words
    )
    assert main(place) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert sentence in err
    assert err.startswith("rollcall: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert not list((tmp_path / "state").rglob("events.jsonl"))


def test_every_command_of_the_contract_is_there_and_takes_a_state_dir(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = "demo run check plan rehearse status runs watch replay report import unlock version"
    assert set(COMMANDS) == set(words.split())
    for name in COMMANDS:
        with pytest.raises(SystemExit) as left:
            main([name, "--help"])
        assert left.value.code == 0
        assert "--state-dir" in capsys.readouterr().out


def test_a_fault_of_our_own_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def trip(_arguments: object) -> int:
        raise RuntimeError("-".join(("secret", "looking")))

    monkeypatch.setitem(COMMANDS, "version", trip)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert main(["version"]) == 1
    err = capsys.readouterr().err
    assert "a fault in Rollcall itself (RuntimeError)" in err
    assert "Traceback" not in err
    kept = next(tmp_path.glob("rollcall-crash-*"))
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "trip" in kept.read_text()
    assert "secret-looking" not in kept.read_text()
