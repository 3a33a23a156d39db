"""The console on an engine that only looks, over real nodes: what the leading console does is shown."""

from pathlib import Path

from tests.console.screen import Seat
from tests.rollout.engine_operator import cluster, console
from tui.console.app import ConsoleConfig, RollcallApp
from tui.model import intents as it
from tui.model.states import PauseMode
from tui.rollout.open_run import RunOptions
from tui.rollout.viewer.viewer import Viewer


async def test_an_onlooker_sees_the_board_move(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as leader:
            await leader.needed()
            engine = await Viewer.open(
                rehearsal.cluster_file,
                RunOptions(state_dir=tmp_path / "s", front_end="console", read_only=True),
            )

            async def open_engine() -> Viewer:
                return engine

            clock = [0.0]
            app = RollcallApp(ConsoleConfig(open_engine), title="demo", monotonic=lambda: clock[0])
            try:
                async with app.run_test(size=(120, 36)) as pilot:
                    seat = Seat(app, pilot, clock)
                    await seat.until(lambda: app.board is not None and app.board.is_mounted, "a board")
                    await seat.shows("read-only", "px01", "only looking at run")
                    assert leader.engine.submit(it.SelectNode(node="px01")).accepted
                    await seat.shows("px01: packages waits for you")
                    await seat.press("enter", "y")
                    assert leader.run.offer is not None, "a viewer's keys confirmed something"
                    await seat.press("q")
                    assert app.return_code == 0
            finally:
                await engine.close()
