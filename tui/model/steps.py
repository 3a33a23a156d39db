"""The steps of the procedure: one row each, with all that is known of a step before it is carried out.

How a step is carried out is its class in ``rollout/procedure/``; whatever else has to know which steps do
what asks the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tab(StrEnum):
    """Where the console shows a step's output: the word on the tab."""

    SIA = "SIA"
    BUILD = "build"
    LOG_IN = "log in"
    SERVICES = "dis_services"
    APPLICATIONS = "applications"
    REBOOT = "reboot"


@dataclass(frozen=True, slots=True)
class Row:
    """What there is to know of one step."""

    tab: Tab
    words: str = ""
    """As people read it, where that is not the name itself."""
    does: str = ""
    """What it does, where the name does not say it."""
    short: str = ""
    """The same where there is little room."""
    takes_out: bool = False
    """Takes the node out of service, or changes it while it is out."""
    brings_back: bool = False
    """Says nothing any more once a step that takes out was done again."""
    rests_on_verify: bool = False
    """Rests on what was verified in this boot; the others, on what was found and stopped in it."""
    any_boot: bool = False
    """Judges by itself what it means that the node is in another boot than before."""
    unproves: bool = False
    """What was verified before it proves nothing any more."""


class StepName(StrEnum):
    """The manual's steps for one node, in the manual's order."""

    row: Row

    LOG_IN = "log-in", Row(Tab.LOG_IN, any_boot=True)
    PACKAGES = "packages", Row(Tab.BUILD, does="build packages")
    STOP_APPLICATIONS = "stop-applications", Row(Tab.APPLICATIONS, short="stop apps", takes_out=True)
    STOP_SERVICES = "stop-services", Row(Tab.SERVICES, takes_out=True)
    INSTALL = "install", Row(Tab.SIA, takes_out=True, unproves=True)
    REBOOT = "reboot", Row(Tab.REBOOT, takes_out=True, any_boot=True, unproves=True)
    VERIFY = "verify", Row(Tab.SERVICES, brings_back=True, any_boot=True, unproves=True)
    START_APPLICATIONS = (
        "start-applications",
        Row(
            Tab.APPLICATIONS,
            words="restart applications",
            short="restart apps",
            brings_back=True,
            rests_on_verify=True,
        ),
    )
    RETURN = "return-to-service", Row(Tab.SERVICES, short="return", brings_back=True, rests_on_verify=True)
    PUT_BACK = "put-back", Row(Tab.SERVICES, any_boot=True)
    """No step of the manual: the undo of what the run took out of service on the node."""

    def __new__(cls, value: str, row: Row) -> StepName:
        """A member is its value, as the journal has it, with its row beside it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.row = row
        return member

    @property
    def words(self) -> str:
        """The step's name as people read it: ``stop services``."""
        return self.row.words or self.value.replace("-", " ")

    @property
    def does(self) -> str:
        """What a yes to it does: ``build packages``."""
        return self.row.does or self.words

    @property
    def short(self) -> str:
        """The same where there is little room: ``stop apps``."""
        return self.row.short or self.words


def shown_in(tab: Tab) -> tuple[StepName, ...]:
    """The steps whose output a tab shows."""
    return tuple(step for step in StepName if step.row.tab is tab)
