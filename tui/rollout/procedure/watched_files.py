"""The watched files of the nodes: asked for, compared with how they were, and kept where the run is kept.

The event of a node has each path and SHA-256; the texts, without what may be a secret, lie once in the run's
directory. A text that cannot be had costs its difference, never the comparison.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from tui.expressware.watched import (
    Watched,
    contents_script,
    parse_contents,
    parse_watched,
    watched_script,
    without_secrets,
)
from tui.journal.kept import KeptTexts
from tui.model.events import FileChange, NodeFiles, WatchedFile
from tui.model.run import Node
from tui.remote import RemoteError
from tui.rollout.asking import ask, patiently
from tui.rollout.context import RunContext
from tui.rollout.procedure.step import StepContext
from tui.text.sanitize import sanitize_line

ANSWER_TIMEOUT_S = 15.0
MOST_LINES, LONGEST = 40, 160
"""Of a difference, as it is shown."""

Files = tuple[WatchedFile, ...]
Seen = Mapping[str, Watched]
"""Node to what it has told."""


async def watched(context: RunContext, name: str) -> Watched:
    """The node's files now. Raises RemoteError or TimeoutError when it does not answer."""
    client = context.fleet.client(name)
    return parse_watched(await ask(client, watched_script(context.config.paths.dis), ANSWER_TIMEOUT_S))


async def begin(context: RunContext, names: Collection[str]) -> str:
    """How the files of these nodes are when the run begins; a sentence where that cannot be told of one.

    What is known already stays, when the checks are made once more: a change since then shall be seen.
    """
    asked = [name for name in context.config.machines if name in names]
    answers = await asyncio.gather(*(_patiently(context, name) for name in asked))
    seen = dict(zip(asked, answers, strict=True))
    fresh = {name: each.files for name, each in seen.items() if context.run.nodes[name].files is None}
    await first_seen(context, {name: files for name, files in fresh.items() if files is not None})
    unknown = (f"{name}: {each.unknown}" for name, each in seen.items() if each.files is None)
    return "; ".join(unknown)


async def _patiently(context: RunContext, name: str) -> Watched:
    try:
        return await patiently(lambda: watched(context, name))
    except (RemoteError, TimeoutError) as error:
        return Watched(None, f"it has not told them: {error}")


async def first_seen(context: RunContext, files: Mapping[str, Files]) -> None:
    """Write down, and keep, how the files are when they are first seen in this run."""
    for name, its in files.items():
        context.publisher.publish(NodeFiles(how="first", files=its), node=name)
    await keep_texts(context, files)


async def keep_texts(context: RunContext, files: Mapping[str, Iterable[WatchedFile]]) -> None:
    """Have what is not kept yet brought here, each text from one node; what cannot be had is left out."""
    kept = KeptTexts(context.publisher.journal.directory)
    wanted: dict[str, dict[str, str]] = {}
    taken: set[str] = set()
    for name, its in files.items():
        for file in its:
            if file.sha256 and file.sha256 not in taken and not kept.has(file.sha256):
                wanted.setdefault(name, {})[file.path] = file.sha256
                taken.add(file.sha256)
    brought = await asyncio.gather(*(_texts(context, name, which) for name, which in wanted.items()))
    for texts in brought:
        for digest, text in texts.items():
            kept.keep(digest, text)
            await asyncio.sleep(0)  # each is on the disk before the next: nobody waits for all of them


async def _texts(context: RunContext, name: str, wanted: Mapping[str, str]) -> dict[str, str]:
    try:
        answer = await ask(context.fleet.client(name), contents_script(wanted), ANSWER_TIMEOUT_S)
    except (RemoteError, TimeoutError):
        return {}
    return {digest: without_secrets(content) for digest, content in parse_contents(answer, wanted).items()}


def other_than_known(node: Node, files: Files) -> tuple[FileChange, ...]:
    """The files that are neither as they were first seen nor as a person has agreed to; not yet how."""
    known = [
        {file.path: file for file in seen.files or ()} for seen in (node.files, node.files_agreed) if seen
    ]
    now = {file.path: file for file in files}
    paths = sorted({path for each in (*known, now) for path in each})
    changed = [path for path in paths if all(each.get(path) != now.get(path) for each in known)]
    last = known[-1] if known else {}
    return tuple(FileChange(path=path, how=_how(last.get(path), now.get(path))) for path in changed)


async def told(
    context: RunContext, name: str, files: Files, changes: Iterable[FileChange]
) -> tuple[FileChange, ...]:
    """The changes with the lines in which the texts differ."""
    changes = tuple(changes)
    node = context.run.nodes[name]
    seen = node.files_agreed or node.files
    before = {file.path: file for file in (seen.files if seen is not None else None) or ()}
    now = {file.path: file for file in files}
    paths = [change.path for change in changes]
    await keep_texts(context, {name: [now[path] for path in paths if path in now]})
    kept = KeptTexts(context.publisher.journal.directory)
    return tuple(
        change.model_copy(
            update={"difference": _difference(kept, before.get(change.path), now.get(change.path))}
        )
        for change in changes
    )


async def after_install(context: StepContext) -> None:
    """What our own installation changed is how the files are from now on. Raises RemoteError."""
    run_context, name = context.run_context, context.node_name
    node = context.node
    try:
        seen = await watched(run_context, name)
    except TimeoutError:
        seen = Watched(None, "it has not answered")
    if seen.files is None:
        unknown = NodeFiles(how="install", files=None, unknown=seen.unknown)
        run_context.publisher.publish(unknown, node=name)
        return
    if node.files is None or node.files.files is None:
        await keep_texts(run_context, {name: seen.files})
        changes: tuple[FileChange, ...] = ()
    else:
        changes = await told(run_context, name, seen.files, other_than_known(node, seen.files))
    run_context.publisher.publish(NodeFiles(how="install", files=seen.files, changes=changes), node=name)


def _how(before: WatchedFile | None, now: WatchedFile | None) -> Literal["changed", "appeared", "vanished"]:
    if now is None:
        return "vanished"
    return "appeared" if before is None else "changed"


def _difference(kept: KeptTexts, before: WatchedFile | None, now: WatchedFile | None) -> tuple[str, ...]:
    links = tuple(
        f"{sign} leads to {file.link}" for sign, file in (("-", before), ("+", now)) if file and file.link
    )
    texts = [kept.read(file.sha256) if file and file.sha256 else "" for file in (before, now)]
    if None in texts:
        return (*links, "its text was not kept, so that it cannot be shown in which lines")
    old, new = ([sanitize_line(line, LONGEST) for line in (text or "").splitlines()] for text in texts)
    lines = list(difflib.unified_diff(old, new, n=1, lineterm=""))[2:]
    if not lines and not links:
        return ("only values that may be secret, and are not kept, differ",)
    more = [f"... and {len(lines) - MOST_LINES} lines more"] if len(lines) > MOST_LINES else []
    return (*links, *lines[:MOST_LINES], *more)
