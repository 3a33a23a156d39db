"""Random intents, faults and health changes against the real engine, for as long as anybody likes.

The nodes are scripted: they keep the truth, and a referee below the engine compares it with every promise at
every instant. ``scripted_truth.Referee`` holds the promises; here is what happens, and in which order.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.faults.scripted_engine import ScriptedRun
from tests.faults.tally import ROWS, Row
from tui.model import intents as it
from tui.model import problems
from tui.model.problems import Cure
from tui.model.states import PauseMode, RerunScope
from tui.model.steps import StepName

pytestmark = pytest.mark.slow  # by what it computes

EXAMPLES, STEPS = (2000, 60) if os.environ.get("ROLLCALL_FAULTS") == "all" else (40, 30)

NODES = ("n1", "n2", "n3")
names = st.sampled_from(["the one", "the one", "the one", *NODES])
"""``the one``: that is being worked on."""
read = st.just("read")
typed = st.sampled_from(["the one", "the one", *NODES, ""])
reasons = st.sampled_from(["as the test says", "as the test says", ""])
OVERRIDES = [code for code, problem in problems.KNOWN.items() if Cure.OVERRIDE in problem.cures]
tokens = st.sampled_from(["right", "right", "right", "stale", "staler", "0" * 16])

ASKED: st.SearchStrategy[it.Intent] = st.one_of(
    st.builds(it.SelectNode, node=names),
    st.builds(it.ConfirmStep, token=tokens, typed=typed, sample=st.sampled_from(["right", "right", "other"])),
    st.builds(it.ConfirmStep, token=tokens, typed=read, sample=st.just("right")),
    st.builds(it.DeclineStep, token=tokens),
    st.builds(it.RerunStep, node=names, step=st.sampled_from(StepName), scope=st.sampled_from(RerunScope)),
    st.builds(it.RerunStep, node=names, step=st.sampled_from(StepName), scope=st.sampled_from(RerunScope)),
    st.builds(it.Override, node=names, check=st.sampled_from(OVERRIDES), reason=reasons, typed=typed),
    st.builds(it.RequestReboot, node=names),
    st.builds(it.SkipNode, node=names, reason=reasons),
    st.builds(it.HoldNode, node=names, reason=reasons),
    st.builds(it.PutBack, node=names),
    st.builds(it.ReleaseNode, node=st.sampled_from(NODES)),
    st.sampled_from([it.Pause(), it.Resume()]),
    st.builds(it.ChangePauseMode, mode=st.sampled_from(PauseMode)),
    st.builds(it.CancelStep, node=names, typed=typed),
    st.builds(
        it.SignOff,
        line=st.builds("{}/{}".format, names, st.sampled_from(["node", "services", "applications"])),
        reason=reasons,
    ),
)
WRONG = ("stop-apps:refuses", "stop-services:refuses", "install:refuses", "install:half", "no-return")
CASES = Row("random intents, faults, health", "scripted nodes, allowed_down 1 and 2")
"""One case is one sequence."""


class GateMachine(RuleBasedStateMachine):
    """One run of three nodes."""

    scripted: ScriptedRun

    @initialize(
        allowed=st.sampled_from([1, 1, 2]),
        view=st.booleans(),
        reboot=st.sampled_from(["if-needed", "if-needed", "always"]),
        pause=st.sampled_from(PauseMode),
        steps=st.integers(0, 12),
    )
    def open(self, allowed: int, view: bool, reboot: str, pause: PauseMode, steps: int) -> None:
        self.scripted = ScriptedRun(NODES, allowed=allowed, view=view, reboot=reboot, pause=pause)
        self.operator_goes_on(steps)

    @rule(steps=st.integers(1, 5))
    def operator_goes_on(self, steps: int) -> None:
        """What a sensible operator does, so that runs get somewhere."""
        for _ in range(steps):
            self.scripted.go_on()

    @rule(which=st.integers(0, 9))
    def operator_takes_a_choice(self, which: int) -> None:
        """Not always the recommended one."""
        self.scripted.choose(which)

    @rule(seconds=st.sampled_from([0.0, 0.06, 0.3, 1.1, 4.0, 21.0, 90.0]))
    def time_passes(self, seconds: float) -> None:
        self.scripted.loop.advance(seconds)

    @rule(intent=ASKED)
    def somebody_asks(self, intent: it.Intent) -> None:
        self.scripted.submit(self.meant(intent))

    @rule(first=ASKED, then=ASKED)
    def somebody_is_quick(self, first: it.Intent, then: it.Intent) -> None:
        """Two keys before anything could come of the first."""
        self.scripted.submit(self.meant(first), self.meant(then))

    @rule(name=st.sampled_from(NODES), power=st.booleans())
    def others_fail_right_after_a_confirm(self, name: str, power: bool) -> None:
        self.scripted.idle()
        if self.scripted.confirm(self.token("right")).accepted and name != self.scripted.run.current:
            if power:
                self.scripted.cluster.power_off(name)
            else:
                self.scripted.cluster.change(name, services=False)

    @rule(sure=st.integers(0, 9))
    def run_is_canceled(self, sure: int) -> None:
        if sure == 0:  # seldom: nothing happens after it
            self.scripted.submit(it.CancelRun(reason="enough"))

    @rule(name=names, wrong=st.sampled_from(WRONG))
    def next_job_goes_wrong(self, name: str, wrong: str) -> None:
        self.scripted.machines[self.one(name)].faults.add(wrong)

    @rule(name=names, what=st.sampled_from(["off", "on", "reboot", "services", "fixed"]))
    def node_is_hit(self, name: str, what: str) -> None:
        cluster, node = self.scripted.cluster, self.one(name)
        hits: dict[str, Callable[[str], None]] = {
            "off": cluster.power_off,
            "on": cluster.power_on,
            "reboot": cluster.reboot,
            "services": lambda name: cluster.change(name, services=False),
            "fixed": self.scripted.fix,
        }
        hits[what](node)

    @rule(name=names, key=st.sampled_from(["linked", "hanging", "disabled_link"]), value=st.booleans())
    def health_changes(self, name: str, key: str, value: bool) -> None:
        if key != "disabled_link" or self.scripted.config.view is not None:  # nobody else could see it
            self.scripted.cluster.change(self.one(name), **{key: value})

    @rule(answers=st.booleans(), unstable=st.booleans())
    def cluster_view_changes(self, answers: bool, unstable: bool) -> None:
        self.scripted.cluster.view_answers = answers
        self.scripted.cluster.unstable = unstable

    @rule(
        moment=st.sampled_from(["before", "after", "staged"]),
        name=names,
        seconds=st.sampled_from([1.0, 30.0]),
    )
    def connection_breaks_at_the_next_start(self, moment: str, name: str, seconds: float) -> None:
        client = self.scripted.fleet.client(self.one(name))
        client.cut, client.cut_for = moment, seconds

    @rule(leaves=st.booleans(), resumes=st.booleans())
    def another_console_takes_up(self, leaves: bool, resumes: bool) -> None:
        self.scripted.restart(leaves=leaves)
        if resumes:
            self.operator_goes_on(1)

    @invariant()
    def every_promise_is_kept(self) -> None:
        self.scripted.check()

    def teardown(self) -> None:
        if hasattr(self, "scripted"):
            try:
                self.scripted.bring_to_an_end()
                self.scripted.check()
                CASES.cases += 1
            finally:
                self.scripted.close()

    def one(self, name: str) -> str:
        """The node's name."""
        return (self.scripted.run.current or NODES[0]) if name == "the one" else name

    def meant(self, intent: it.Intent) -> it.Intent:
        """The intent with real names and tokens."""
        words = {
            key: self.token(value) if key == "token" else value.replace("the one", self.one("the one"))
            for key, value in intent
            if isinstance(value, str) and key in ("node", "typed", "line", "token")
        }
        reading = self.scripted.engine.reading() if isinstance(intent, it.ConfirmStep) else None
        if isinstance(intent, it.ConfirmStep) and reading is not None:
            words |= {"sample": reading.sample} if intent.sample == "right" else {}
            words |= {"typed": reading.value} if intent.typed == "read" else {}
        return intent.model_copy(update=words)

    def token(self, word: str) -> str:
        """The token that is offered, or one that was."""
        offer, old = self.scripted.run.offer, self.scripted.tokens
        if word == "right":
            return offer.offered.token if offer is not None else "none"
        return {"stale": old[-1:], "staler": old[-2:][:1]}.get(word, [word])[0] if old else word


def test_no_sequence_breaks_a_promise() -> None:
    if CASES not in ROWS:
        ROWS.append(CASES)
    run_state_machine_as_test(
        GateMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
