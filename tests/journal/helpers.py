"""Short runs to write into a journal."""

import subprocess
import sys
from pathlib import Path

from hypothesis import strategies as st
from pydantic import BaseModel, JsonValue

from tests.rigs.waiting import patience
from tui.journal import Journal
from tui.model.events import PAYLOADS, NodeProgress, NoteAdded, Payload, RunCreated
from tui.model.states import PauseMode, Progress
from tui.model.strict import StrictModel

CREATED = RunCreated(
    run_id="20261122-171500-9f3c",
    cluster="px",
    cluster_file="/etc/px.toml",
    target="5.21.2",
    nodes=("px01", "px02"),
    pause_mode=PauseMode.EVERY_STEP,
    host="console1",
    version="0.1.0",
)

st.register_type_strategy(
    JsonValue,  # type: ignore[arg-type]  # an alias; Hypothesis does not find its way through it alone
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
        max_leaves=4,
    ),
)


def build(models: type[BaseModel]) -> None:
    """Those below as well: Hypothesis does not see the fields of one that was not used yet."""
    models.model_rebuild()
    for model in models.__subclasses__():
        build(model)


build(StrictModel)
payloads = st.one_of(*(st.from_type(kind) for kind in PAYLOADS.values()))


def written(directory: Path, *texts: str) -> Path:
    """A closed journal: the run's creation, a node's progress, and a note for each text."""
    journal = Journal.create(directory)
    journal.append(CREATED, actor="anna")
    journal.append(NodeProgress(progress=Progress.PREPARING), actor="engine", node="px01")
    for text in texts:
        journal.append(NoteAdded(text=text), actor="anna")
    journal.close()
    return directory / "events.jsonl"


def same(left: Payload, right: Payload) -> bool:
    """Equal, with NaN equal to NaN."""
    return repr(left) == repr(right)


def run_script(script: str, *arguments: str, options: tuple[str, ...] = ()) -> str:
    """What a fresh interpreter prints; it must end well and complain about nothing."""
    command = [sys.executable, *options, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60 * patience())
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
