"""A run that is being opened asks the person at the console about a changed cluster file."""

import pytest

from tests.rigs.waiting import wait_until_async
from tui.console.app import ConsoleConfig, RollcallApp
from tui.console.dialogs.entry import EntryDialog
from tui.console.prompts import AgreementPrompt
from tui.rollout.interface import Engine

CHANGES = ("policy.allowed_down: 1 -> 2",)


@pytest.mark.parametrize(("keys", "agreed"), [(("d", "e", "m", "o", "enter"), True), (("escape",), False)])
async def test_typing_the_name_agrees_and_esc_does_not(keys: tuple[str, ...], agreed: bool) -> None:
    prompt, answers = AgreementPrompt(), list[bool]()

    async def open_engine() -> Engine:
        answers.append(await prompt.ask("demo", CHANGES))
        raise OSError("that is all")

    app = RollcallApp(ConsoleConfig(open_engine=open_engine, agreement=prompt))
    async with app.run_test() as pilot:
        await wait_until_async(lambda: _listens(app), 30)
        shown = " ".join(str(widget.render()) for widget in app.screen.query("#question"))
        assert CHANGES[0] in shown
        await pilot.press(*keys)
        await wait_until_async(lambda: bool(answers), 30)
    assert answers == [agreed]


def _listens(app: RollcallApp) -> bool:
    """The dialog is there, and takes keys."""
    return isinstance(app.screen, EntryDialog) and app.screen.deaf_until < app.monotonic()


async def test_without_a_console_nobody_agrees() -> None:
    assert not await AgreementPrompt().ask("demo", CHANGES)
