"""The cluster file: what an operator writes down about a cluster, checked before anything is touched.

TOML in, one frozen model out. Every error names the file, the key and what to write instead.
"""

from __future__ import annotations

import difflib
import tomllib
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator

from tui.model.change import Agreed, Free, Frozen, SameMachine, table_in
from tui.model.names import address_words, is_address
from tui.model.nodeset import NODE_LIMIT, node_names
from tui.model.states import PauseMode
from tui.model.strict import StrictModel
from tui.model.values import (
    VISIBLE,
    CountPattern,
    HostName,
    NodePathText,
    OneLine,
    Seconds,
    SecondsOrNone,
    TextLine,
    UserName,
    Version,
    VersionPattern,
)
from tui.model.window import Window

Become = Literal["none", "sudo", "doas", "su"]
"""How a login becomes root on a node."""

NOT_KNOWN_YET = "0.0.0"
"""A target version that an import has left to be filled in."""
DIS_ADMIN = "dis_admin"
"""In ``policy.waive``: without a view nobody has to confirm that dis_admin shows a node active."""

_LONGEST = 1000
"""Characters of an error: a value may be a megabyte."""


class ClusterFileError(Exception):
    """The cluster file cannot be used; the text is one sentence: what, where, what to do."""


Family = Literal["MX", "PX", "IX", "DX", "GX"]
FAMILIES: tuple[str, ...] = get_args(Family)
"""Hardware families: those of the manuals, and GX, as the drivers of 5.25 call their own."""


class Section(StrictModel):
    """A table of the cluster file; every key says what its change means for a run (``tui.model.change``)."""


class Cluster(Section):
    """Which nodes there are."""

    name: Frozen[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]]
    family: Frozen[Family]
    nodes: Agreed[str]
    """Who was in the run stays in it: a name can only be added by agreement."""
    management_node: Frozen[HostName | None] = None
    update_management: Agreed[Literal["first", "last", "no"]] = "no"
    part_of: Frozen[OneLine | None] = None
    """The name of a larger cluster whose other nodes the file leaves out on purpose."""


class Target(Section):
    """What to install."""

    version: Frozen[Version]
    sia: Frozen[NodePathText]
    sha256: Frozen[Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None] = None
    rolling_from: Agreed[tuple[VersionPattern, ...]] = ()


class Ssh(Section):
    """How to reach the nodes; ``~`` stands for the operator's home."""

    user: SameMachine[UserName | None] = None
    become: Agreed[Become] = "none"
    ssh_config: SameMachine[OneLine | None] = None
    known_hosts: SameMachine[OneLine | None] = None
    keepalive: Free[Seconds] = 5.0


class Policy(Section):
    """How careful the run is; times in seconds."""

    allowed_down: Agreed[Annotated[int, Field(ge=1, le=NODE_LIMIT)]] = 1
    pause: Free[PauseMode] = PauseMode.EVERY_STEP
    canary: Free[OneLine | None] = None
    """Who goes first: a node set, of ``cluster.nodes``."""
    reboot: Agreed[Literal["if-needed", "always", "never"]] = "if-needed"
    batch: Agreed[bool] = True
    stable_samples: Agreed[Annotated[int, Field(ge=1, le=100)]] = 3
    stable_every: Agreed[Seconds] = 5.0
    idle_for: Agreed[SecondsOrNone] = 10.0
    """How long nobody may have used PCI Express before services are stopped; 0: one look is enough."""
    restart_timeout: Free[Seconds] = 900.0
    waive: Agreed[tuple[Literal["dis_admin"], ...]] = ()
    """Looks that only a person can make, and for which nobody shall be waited."""
    status_exit: Agreed[Annotated[int, Field(ge=0, le=123)]] = 0
    """The exit code of ``dis_services status`` on a node that is well."""
    window: Window | None = None


class Applications(Section):
    """The operator's own commands, run on each node as root."""

    stop: Agreed[tuple[OneLine, ...]] = ()
    start: Agreed[tuple[OneLine, ...]] = ()
    check: Agreed[tuple[OneLine, ...]] = ()


class View(Section):
    """How the cluster sees a node: a command for the management node and where its count stands."""

    command: Frozen[OneLine]
    unreachable: Frozen[CountPattern] = r"Number of unreachable nodes\D*(\d+)"
    timeout: Free[Seconds] = 20.0


class Paths(Section):
    """Where things lie on the nodes."""

    dis: Frozen[NodePathText] = "/opt/DIS"
    state: Frozen[NodePathText] = "/var/lib/rollcall"


class Interconnect(Section):
    """What ``rollcall import`` found: the adapters, NodeIds and sockets of the cluster."""

    dishosts: Free[tuple[TextLine, ...]] = ()
    """Every line of ``dishosts.conf``, as it was written."""


class NodeEntry(Section):
    """What is special about one node."""

    host: SameMachine[HostName | None] = None
    port: SameMachine[Annotated[int, Field(ge=1, le=65535)] | None] = None
    hold: Agreed[OneLine | None] = None


class ClusterFile(Section):
    """The whole file."""

    cluster: Cluster
    target: Target
    ssh: Ssh = Ssh()
    policy: Policy = Policy()
    applications: Applications = Applications()
    view: View | None = None
    paths: Paths = Paths()
    interconnect: Interconnect = Interconnect()
    node: dict[str, NodeEntry] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _belongs_together(self) -> ClusterFile:
        names, known = self.nodes, self.machines
        management = self.cluster.management_node
        for name in known:
            if is_address(name):
                raise ValueError(address_words(name))
        if management in names:
            raise ValueError(
                f"cluster.management_node {management} also stands in cluster.nodes; name it once"
            )
        if management is None and self.cluster.update_management != "no":
            raise ValueError(
                f'cluster.update_management = "{self.cluster.update_management}" needs a management_node'
            )
        if self.view is not None and management is None:
            raise ValueError("view.command is run on cluster.management_node, which is not given")
        if self.target.sia.startswith(f"{self.paths.state}/"):
            raise ValueError("target.sia lies below paths.state, which a run empties at its end; move it")
        for name in self.node:
            if name not in known:
                raise ValueError(f"node.{name} is not in cluster.nodes{_nearest(name, known)}")
        for name in self.canary:
            if name not in names:
                raise ValueError(f"policy.canary: {name} is not in cluster.nodes{_nearest(name, names)}")
        return self

    @property
    def nodes(self) -> tuple[str, ...]:
        """The Cluster Nodes' names, in node-set order."""
        return node_names(self.cluster.nodes)

    @property
    def canary(self) -> tuple[str, ...]:
        """The Cluster Nodes that go first; empty when the file names none."""
        return node_names(self.policy.canary) if self.policy.canary else ()

    @property
    def machines(self) -> tuple[str, ...]:
        """Every machine to connect to: the Cluster Nodes and the management node."""
        management = self.cluster.management_node
        return (*self.nodes, management) if management else self.nodes


def _nearest(name: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {close[0]}?" if close else ""


def parse_cluster_file(text: str, source: str) -> ClusterFile:
    """Read the file's text. ``source`` is its name, for errors. Raises ClusterFileError."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number of 5000 digits, or brackets as deep
        raise ClusterFileError(_one_line(f"{source}: not valid TOML: {error}.")) from None
    try:
        return ClusterFile.model_validate(data)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        # a typo explains the missing key
        problems.sort(key=lambda problem: problem["type"] != "extra_forbidden")
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        sentence = f"{_sentence(problems[0])}{more}"
        raise ClusterFileError(
            _one_line(f"{source}: {sentence}{'' if sentence.endswith('?') else '.'}")
        ) from None


def _one_line(sentence: str) -> str:
    """The sentence with whatever a key or value brought into it made visible, and no longer than a screen."""
    shown = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in sentence)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} ..."


def _sentence(problem: Any) -> str:
    """One problem as a sentence: the key, what is wrong, and the nearest valid key."""
    where = tuple(str(part) for part in problem["loc"])
    key = ".".join(where)
    message = str(problem["msg"]).removeprefix("Value error, ")
    match problem["type"]:
        case "extra_forbidden":
            known = _keys_at(where[:-1])
            return f"unknown key {key}{_nearest(where[-1], known) or '; known here: ' + ', '.join(known)}"
        case "missing":
            return f"key {key} is missing"
        case "int_parsing" | "int_type" | "int_from_float":
            return f"{key}: write a whole number, without quotes (it says {problem.get('input')!r})"
        case "string_type":
            return f"{key}: write a text in quotes (it says {problem.get('input')!r})"
        case "bool_parsing" | "bool_type":
            return f"{key}: write true or false, without quotes (it says {problem.get('input')!r})"
        case "string_pattern_mismatch" if where[-1] == "sha256":
            return f"{key}: write the 64 hexadecimal digits that sha256sum prints"
        case "string_pattern_mismatch" if VISIBLE in message:
            return f"{key}: write one line of text, without control characters"
        case _:
            shown = problem.get("input")
            told = isinstance(shown, str | int | float | bool) and repr(shown) not in message
            got = f" (it says {shown!r})" if key and told else ""
            return f"{key}: {message}{got}" if key else message


def _keys_at(where: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that are valid in the table at ``where``."""
    model: type[BaseModel] = ClusterFile
    for part in where:
        if part in model.model_fields:
            model = table_in(model.model_fields[part].annotation)[0] or model
    return tuple(model.model_fields)
