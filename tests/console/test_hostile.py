"""Hostile text in every place that a node, a file or a person can write to: shown whole, steering nothing."""

from __future__ import annotations

import ast
import unicodedata
from pathlib import Path

import pytest

import tui.console
from tests.console.screen import Seat, seated
from tests.console.story import STOPPED, begin, end, offer, pick, start
from tests.console.story_engine import StoryEngine
from tui.model.intents import RequestReboot
from tui.model.steps import StepName
from tui.rollout.interface import Advice, Candidate, Choice, Live, PlannedCommand

EVIL = "[  OK  ] [/opt/x] [bold]\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\u2066\u200b\r\x08\x00\x7f[FAILED]"
BYTES = (
    EVIL.encode("utf-8", "replace")
    + b"\n\xff\xfe\x9b2J invalid\n"
    + b"y" * 1_000_000
    + b"\n\x1b]0;owned\x07after\n\x1bP\x1b\\[root@n01 ~]\n"
    + STOPPED
)


class HostileDesk(StoryEngine):
    """Every sentence that the engine can say comes from the enemy."""

    def advice(self) -> Advice:
        return Advice(EVIL, EVIL, urgent=True)

    def candidates(self) -> tuple[Candidate, ...]:
        return (Candidate("px05", True, EVIL), Candidate("px06", False, EVIL))

    def choices(self) -> tuple[Choice, ...]:
        return (Choice(EVIL, EVIL, RequestReboot(node="px04"), dangerous=True, needs_reason=True),)

    def plan(self) -> tuple[PlannedCommand, ...]:
        return (PlannedCommand("px01", StepName.INSTALL, EVIL, EVIL),)

    def live(self, node: str) -> Live:
        return Live("lost", EVIL, 1.0, None)


def hostile(offered: bool = False, running: bool = False) -> HostileDesk:
    engine = HostileDesk()
    begin(engine, held={"px07": EVIL})
    engine.tell(
        "preflight.result", "px01", check=EVIL, verdict="error", summary=EVIL, impact=EVIL, remedy=EVIL
    )
    pick(engine, "px04")
    engine.tell("gate.sample", "px04", moment="pick", open=False, reasons=[EVIL])
    engine.tell("node.health", "px05", health="degraded", detail=EVIL)
    engine.tell("node.skipped", "px08", reason=EVIL)
    engine.tell("node.progress", "px06", progress="failed", reason=EVIL)
    engine.tell("ledger.added", "px04", line=EVIL, what="services", before=EVIL, undo=EVIL)
    engine.tell(
        "node.facts",
        "px04",
        hostname=EVIL,
        machine_id=EVIL,
        boot_id=EVIL,
        kernel=EVIL,
        arch=EVIL,
        distribution=EVIL,
        installed=EVIL,
        active=EVIL,
        active_is_installed=False,
        sia_present=True,
    )
    start(engine, "px04", StepName.STOP_SERVICES, output=BYTES)
    end(engine, "px04", StepName.STOP_SERVICES, summary=EVIL)
    start(engine, "px04", StepName.INSTALL, output=BYTES)
    if not running:
        end(engine, "px04", StepName.INSTALL, status="failed", code=1, summary=EVIL)
        engine.tell(
            "step.state",
            "px04",
            StepName.INSTALL,
            status="failed",
            reason=EVIL,
            remedy=EVIL,
            reboot_reason=EVIL,
        )
    engine.tell("note.added", text=EVIL)
    if offered:
        offer(
            engine, "px04", StepName.INSTALL, attempt=2, undo=EVIL, gate=EVIL, unavailable=EVIL, reason=EVIL
        )
    return engine


def check(seat: Seat) -> None:
    """Nothing on the screen steers a terminal, and brackets are brackets."""
    bad = {
        c for c in seat.text.replace("\n", "") if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn")
    }
    assert bad == set()
    assert "owned" not in seat.text


@pytest.mark.parametrize(("width", "height"), [(160, 48), (80, 24)])
async def test_the_board(width: int, height: int) -> None:
    async with seated(hostile(), width, height) as seat:
        await seat.shows("[/opt/x]", "[FAILED]")
        check(seat)
        for key in ("left", "tab", "pageup", "tab", "home", "end", "f"):
            await seat.press(key)
            check(seat)


async def test_the_panes_show_brackets_verdicts_and_invalid_bytes() -> None:
    async with seated(hostile(), 160, 48) as seat:
        await seat.press("tab", "tab")
        await seat.shows("[root@n01 ~]", "✔ Stopping Dolphin IRM driver", "after")
        await seat.press("home")
        await seat.shows("[FAILED]", "\ufffd\ufffd\ufffd2J invalid")
        check(seat)


async def test_every_screen_and_dialog() -> None:
    engine = hostile()
    async with seated(engine, 120, 40) as seat:
        for key in ("o", "j", "l", "S", "c", "q", "x", "r", "s", "h", "enter", "ctrl+p", "n"):
            if key == "n":
                engine.tell("node.progress", "px04", progress="updated", reason=EVIL)
            await seat.press(key)
            check(seat)
            await seat.press("enter")
            check(seat)
            await seat.press(*"ok", "enter")
            check(seat)
            while not seat.on_board:
                await seat.press("escape")


@pytest.mark.parametrize("kind", ["plain", "signature"])
async def test_the_confirm(kind: str) -> None:
    engine = hostile()
    evil = dict.fromkeys(("undo", "gate", "unavailable"), EVIL)
    offer(engine, "px04", StepName.INSTALL, attempt=2, confirm_class=kind, **evil)
    async with seated(engine, 120, 40) as seat:
        await seat.shows("Confirm install on px04" if kind == "plain" else "INSTALL px04", "[/opt/x]")
        check(seat)


async def test_a_thousand_hostile_node_names_fold() -> None:
    engine = StoryEngine("n[0001-1000]")
    begin(engine, held={"n0500": EVIL})
    async with seated(engine) as seat:
        check(seat)
        await seat.press("slash", *"held", "enter")
        await seat.shows("n0500 ▬ held")
        check(seat)


CONSOLE = Path(tui.console.__file__).parent
ALLOWED_STATIC = CONSOLE / "widgets" / "plain.py"


@pytest.mark.parametrize(
    "path", sorted(CONSOLE.rglob("*.py")), ids=lambda path: str(path.relative_to(CONSOLE))
)
def test_no_text_meets_a_markup_parser(path: Path) -> None:
    """Words are shown by ``Plain``, ``Content`` or segments; titles and buttons get ``Content``."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert name not in {
                "from_markup",
                "from_ansi",
                "Label",
                "notify",
                "Markdown",
                "Text",
                "render_str",
            }
            assert name != "Static"
            if name == "Button":
                assert _is_content(node.args[0])
            if name == "OptionList":
                assert any(
                    word.arg == "markup" and ast.unparse(word.value) == "False" for word in node.keywords
                )
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(("_title", "_subtitle")):
            ours = ast.unparse(node.targets[0]) == "self._title"
            assert ours or path == ALLOWED_STATIC or _is_content(node.value), ast.unparse(node)
        if isinstance(node, ast.ClassDef) and path != ALLOWED_STATIC:
            assert "Static" not in {ast.unparse(base) for base in node.bases}


def _is_content(value: ast.expr) -> bool:
    if isinstance(value, ast.IfExp):
        return _is_content(value.body) and _is_content(value.orelse)
    return ast.unparse(value).startswith("Content") or ast.unparse(value) == "None"
