"""Whatever a platform makes of a report, the parser reads what was reported."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tui.expressware.services import Service, parse_report
from tui.text.marks import Verdict

OK, FAILED = Verdict.OK, Verdict.FAILED


@dataclass(frozen=True)
class Told:
    """One service as a script would report it."""

    service: Service
    words: str
    verdict: Verdict
    reason: str = ""


def _words(service: Service, verb: str) -> str:
    ending = {Service.SUPERSOCKETS: " drivers", Service.NODE_MANAGER: "", Service.NETWORK_MANAGER: ""}
    version = " 5.21.2 (  November 13th 2007 )" if verb == "Starting" else ending.get(service, " driver")
    return f"{verb} Dolphin {service.value}{version}"


@st.composite
def told_services(draw: st.DrawFn) -> list[Told]:
    verb = draw(st.sampled_from(["Starting", "Stopping"]))
    told = []
    for service in draw(st.lists(st.sampled_from(Service), min_size=1, max_size=8)):
        reason = draw(
            st.sampled_from(
                [
                    "",
                    "",
                    "",
                    "rmmod failed - see /var/log/dis_mx.log and syslog",
                    "insmod failed -  see /var/log/x",
                ]
            )
        )
        told.append(Told(service, _words(service, verb), FAILED if reason else OK, " ".join(reason.split())))
    return told


@st.composite
def red_hat(draw: st.DrawFn, text: str, verdict: Verdict) -> str:
    """A text with its mark: blanks, a cursor move, colours, a carriage return, or a page's single blank."""
    gap = draw(
        st.sampled_from([" ", "   ", "\x1b[60G", "\r\x1b[60G", " " * max(1, 59 - len(text)), "\x9b60G"])
    )
    colour, off = draw(
        st.sampled_from([("", ""), ("\x1b[0;32m", "\x1b[0;39m"), ("\x1b[1;31m", "\x1b(B\x1b[m")])
    )
    mark = draw(st.sampled_from(["OK", " OK ", "  OK  "])) if verdict is OK else "FAILED"
    return f"{text}{gap}[{colour}{mark}{off}]{draw(st.sampled_from(['', chr(13), '  ']))}\n"


@st.composite
def rendered(draw: st.DrawFn) -> tuple[list[Told], str]:
    """Reports as one of the platforms prints them, with the noise of a login around."""
    told = draw(told_services())
    platform = draw(st.sampled_from(["red hat", "debian", "no marks"]))
    out = draw(st.sampled_from(["", "Welcome to node 7\n", "\x1b]0;root@px07\x07Last login: Tue\n"]))
    for line in told:
        text = line.words.replace(" Dolphin", draw(st.sampled_from([" Dolphin", "  Dolphin"])))
        if platform == "red hat" and line.reason:
            out += f"{text}\n" + draw(red_hat(f"ERROR: {line.reason}", FAILED))
        elif platform == "red hat":
            out += draw(red_hat(text, OK))
        elif platform == "debian":
            out += f"{text}\nERROR: {line.reason} ... failed!\n" if line.reason else f"{text}.\n"
        else:
            out += f"{text}\n" + (f"#* ERROR: ERROR: {line.reason}\n" if line.reason else "")
    return told, out.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@given(rendered())
def test_any_rendering_reads_back(case: tuple[list[Told], str]) -> None:
    told, output = case
    for report in (parse_report(output), parse_report(output.encode())):
        read = [(line.service, line.words, line.verdict, line.reason) for line in report.lines]
        assert read == [(t.service, " ".join(t.words.split()), t.verdict, t.reason) for t in told]
        assert report.all_ok is all(t.verdict is OK for t in told)
