"""The machines themselves: their kernels, and what a build needs where one will be made."""

from __future__ import annotations

from collections.abc import Iterable

from tui.expressware.facts import Facts
from tui.model.events import PreflightResult
from tui.model.nodeset import folded
from tui.rollout.preflight.finding import Finding, about, error, passed, warning
from tui.rollout.preflight.inspected import ClusterFacts, InspectedNode
from tui.text.sanitize import brief

Kind = tuple[str | None, str | None, str | None]
"""Architecture, distribution, kernel: packages fit where all three are the same."""


def kind(facts: Facts) -> Kind:
    """What decides whose packages a machine can use."""
    return facts.arch, facts.distribution, facts.kernel


def kernel(cluster: ClusterFacts, node: InspectedNode) -> Iterable[PreflightResult]:
    """A node that boots another kernel comes back without drivers; where none are, it does not matter."""
    if node.management:
        return
    kernels = node.readiness.kernels
    impact = "after its next reboot the node would run another kernel, without the drivers built for this one"
    choose = f"boot it before the update, or make {kernels.running} the default again; then check again"
    if kernels.default is not None and kernels.default != kernels.running:
        words = (
            f"its next boot takes kernel {kernels.default}, not the running {kernels.running} ({kernels.how})"
        )
        yield error("kernel", brief(words), impact, choose)
    elif kernels.default is not None:
        yield passed("kernel", f"the running kernel {kernels.running} is also the one of the next boot")
    elif kernels.installed == (kernels.running,) and kernels.silent:
        yield passed("kernel", f"the running kernel {kernels.running} is the only one that is installed")
    else:
        others = [name for name in kernels.installed if name != kernels.running]
        words = f"which kernel it boots next is not known ({kernels.how or 'its boot loader does not tell'})"
        words += f"; besides the running {kernels.running} it has {', '.join(others[-3:])}" if others else ""
        remedy = f"find out which one it boots next; if not the running one: {choose}"
        yield warning("kernel", brief(words), impact, remedy)


def kinds(cluster: ClusterFacts) -> Iterable[Finding]:
    """Nodes of different kinds are no mistake, but each costs a build. The management node may differ."""
    found: dict[Kind, list[str]] = {}
    for node in cluster.ordered:
        if not node.management:
            found.setdefault(kind(node.facts), []).append(node.name)
    if len(found) > 1:
        each = "; ".join(f"{folded(names)}: {_words(key)}" for key, names in found.items())
        words = f"{len(found)} kinds of nodes: {each}"
        impact = "packages are built once for each kind"
        remedy = "nothing, if that is meant; else bring the nodes to one kernel first"
        yield Finding(None, warning("platforms", words, impact, remedy))
    for key in found if len(found) == 1 else ():
        yield Finding(None, passed("platforms", f"all nodes alike ({_words(key)}): packages are built once"))


def build(cluster: ClusterFacts) -> Iterable[Finding]:
    """The first machine of each kind builds; it alone needs compiler and kernel headers."""
    for group in _groups(cluster):
        builder, lacking = group[0], ", ".join(group[0].readiness.lacking)
        if not lacking:
            served = folded(node.name for node in group)
            yield Finding(None, passed("build", f"{builder.name} can build the packages for {served}"))
            continue
        able = [node.name for node in group if not node.readiness.lacking]
        words = f"to build packages it lacks {lacking}"
        if able:
            impact = f"the build fails if {builder.name} is the first node of its kind to be taken"
            yield about(builder.name, warning("build", words, impact, f"install it, or begin with {able[0]}"))
        else:
            remedy = "install it there, or on another node of the same kind; then check again"
            yield about(builder.name, error("build", words, "the build would fail", remedy))


def builders(cluster: ClusterFacts) -> frozenset[str]:
    """The machines that will build: the first one of each kind."""
    return frozenset(group[0].name for group in _groups(cluster))


def _groups(cluster: ClusterFacts) -> Iterable[list[InspectedNode]]:
    groups: dict[Kind, list[InspectedNode]] = {}
    for node in cluster.to_update:
        groups.setdefault(kind(node.facts), []).append(node)
    return groups.values()


def _words(key: Kind) -> str:
    return ", ".join(word or "unknown" for word in key)
