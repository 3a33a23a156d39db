from hypothesis import given
from hypothesis import strategies as st

from tui.plain.lines import HELD, SHOWN, LineStream

PROGRESS = (b"\n", b"\r", b"\r\n", b"10%\r", b"x" * 90)
FOREIGN = (b"[  OK  ]", b"[FAILED]", b"\x1b[31m", b"\x1b]0;title\x07", b"\xff\xfe", b"\x9b2J")
PIECES = st.sampled_from(PROGRESS + FOREIGN)


def said(stream: LineStream, *chunks: bytes) -> list[str]:
    return [line for chunk in chunks for line in stream.feed(chunk)] + stream.end()


@given(st.lists(PIECES, max_size=30).map(b"".join), st.lists(st.integers(0, 400), max_size=6))
def test_how_bytes_are_cut_into_chunks_does_not_show(data: bytes, cuts: list[int]) -> None:
    ends = sorted(min(cut, len(data)) for cut in cuts)
    chunks = [data[begin:end] for begin, end in zip([0, *ends], [*ends, len(data)], strict=True)]
    assert said(LineStream(), *chunks) == said(LineStream(), data)


@given(st.binary(max_size=300))
def test_no_line_can_move_the_cursor(data: bytes) -> None:
    for line in said(LineStream(), data):
        assert not any((ord(sign) < 32 and sign != "\t") or 0x7F <= ord(sign) < 0xA0 for sign in line)


def test_progress_is_shown_once_and_marks_stay() -> None:
    assert said(LineStream(), b"10%\r50%\r100%\nStopping IRM\x1b[60G[  OK  ]\r\n/opt/[x]") == [
        "100%",
        "Stopping IRM" + " " * 47 + "[  OK  ]",
        "/opt/[x]",
    ]


def test_an_endless_line_is_shown_cut_and_the_next_one_whole() -> None:
    stream = LineStream()
    lines = said(stream, *[b"x" * 1000] * 1000, b"\nnext\n")
    assert lines[0].startswith("x" * SHOWN)
    assert lines[0].endswith("(cut here; the output file has all of it)")
    assert lines[1:] == ["next"]


def test_endless_progress_without_a_line_end_is_not_kept() -> None:
    stream = LineStream()
    for number in range(20_000):
        assert stream.feed(b"%06d done\r" % number) == []
        assert len(stream._held) <= HELD
    assert stream.unfinished == "019999 done"
