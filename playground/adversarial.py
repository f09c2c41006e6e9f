"""Who is who where a generator and a discriminator learn in turn, and what can be wrong with the two.

`RealOrGenerated` (the joint) hands both kinds of examples to the discriminator in one batch, so behind it there are
twice as many rows as examples. Whatever has weights before its port `generated` is the generator's, behind it the
discriminator's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from playground.block import Block
from playground.blocks.data import Input, Output
from playground.blocks.generative import Noise, RealOrGenerated
from playground.checks import at_path
from playground.graph import Graph
from playground.report import Fix, NodeReport, Problem, Report
from playground.text import say


@dataclass(frozen=True)
class Sides:
    """Which nodes of a graph are whose.

    Attributes:
        output: the Output that tells real examples from generated ones.
        joint: where the two meet.
        real, generated: the nodes whose values arrive there.
        before: all that the generated examples depend on.
        behind: all that sees both kinds, the joint included: of these there are two rows for each example.
    """

    output: str
    joint: str
    real: str
    generated: str
    before: frozenset[str]
    behind: frozenset[str]


def sides_of(report: Report) -> Sides | None:
    """Return the two sides of a network that has no problems; None where there is no discriminator."""
    output = next((id for id, block in report.outputs.items() if block.adversarial), "")
    joints = _joints(report.graph, _before(report.graph, [output])) if output else []
    if not joints:
        return None
    ends = _ends(report.graph, joints[0])
    if len(ends) < 2:
        return None
    return Sides(
        output,
        joints[0],
        ends["real"],
        ends["generated"],
        frozenset(_before(report.graph, [ends["generated"]])),
        frozenset(_behind(report.graph, joints[0])),
    )


def doubled(graph: Graph) -> frozenset[str]:
    """Return the nodes that see two rows for each example, a real one and a generated one."""
    return frozenset(id for joint in _joints(graph, graph.nodes) for id in _behind(graph, joint))


def adversarial_problems(graph: Graph, nodes: Mapping[str, NodeReport]) -> list[Problem]:
    """Check that the two sides are there, apart from each other, and that each has something to learn with."""
    found = [problem for id in graph.nodes if (problem := _unfed(graph, id))]
    for joint in _joints(graph, graph.nodes):
        found += _mixed_up(graph, joint)
    judging = [id for id, node in graph.nodes.items() if _is_adversarial(node.block) and not node.state]
    for other in judging[1:]:
        message = say(
            "{first} and {second} both tell real from generated examples; one has to go", first=judging[0], second=other
        )
        found.append(Problem(other, message, (_without(other),)))
    return found + (_two_sides(graph, judging[0], nodes) if judging else [])


def _two_sides(graph: Graph, output: str, nodes: Mapping[str, NodeReport]) -> list[Problem]:
    """Check the sides of an Output."""
    upstream = _before(graph, [output])
    joints = _joints(graph, upstream)
    if not joints:
        message = say(
            "nothing brings real and generated examples to {node}; put RealOrGenerated before the discriminator",
            node=output,
        )
        return [Problem(output, message)]
    if len(joints) > 1:
        message = say(
            "{first} and {second} both bring real and generated examples; one has to go",
            first=joints[0],
            second=joints[1],
        )
        return [Problem(output, message)]
    joint, ends = joints[0], _ends(graph, joints[0])
    if len(ends) < 2:
        return []  # a wire is missing, which has been told
    real, before = _before(graph, [ends["real"]]), _before(graph, [ends["generated"]])
    telling = upstream & _behind(graph, joint)
    found = [*_learning_before_real(joint, real, nodes), *_idle(joint, before, telling, nodes)]
    return found + _shared(before, telling, nodes)


def _learning_before_real(joint: str, real: Iterable[str], nodes: Mapping[str, NodeReport]) -> list[Problem]:
    message = say(
        "what is real must not be learnt, but this has weights and stands before the port real of {joint}; freeze it",
        joint=joint,
    )
    freeze = say("Freeze")
    return [
        Problem(id, message, (Fix(freeze, at_path(id, lambda graph, own: graph.mark(own, frozen=True))),))
        for id in sorted(real)
        if id in nodes and nodes[id].trainable
    ]


def _idle(joint: str, before: set[str], telling: set[str], nodes: Mapping[str, NodeReport]) -> list[Problem]:
    """Say which side has nothing to learn with."""
    found = []
    if _known(before, nodes) and not any(nodes[id].trainable for id in before if id in nodes):
        message = say("nothing before the port generated has weights that learn; put a Noise and a Dense there")
        found.append(Problem(joint, message))
    if _known(telling, nodes) and not any(nodes[id].trainable for id in telling if id in nodes):
        message = say(
            "nothing behind {joint} has weights that learn to tell the two apart; put a Dense there", joint=joint
        )
        found.append(Problem(joint, message))
    return found


def _shared(before: set[str], telling: set[str], nodes: Mapping[str, NodeReport]) -> list[Problem]:
    """Say where generator and discriminator have weights in common."""
    found = []
    for one, other in ((before, telling), (telling, before)):
        for id in sorted(one & nodes.keys()):
            if owner := next((owner for owner in nodes[id].shared.values() if owner in other), ""):
                message = say(
                    "{node} and {owner} share weights, but one belongs to the generator and one to the discriminator; "
                    "untie them",
                    node=id,
                    owner=owner,
                )
                untie = Fix(say("Untie {node}", node=id), at_path(id, lambda graph, own: graph.mark(own, tied_to="")))
                found.append(Problem(id, message, (untie,)))
    return found


def _mixed_up(graph: Graph, joint: str) -> list[Problem]:
    """Say where what holds two rows for each example meets what holds one."""
    found, behind = [], _behind(graph, joint)
    for id in sorted(behind - {joint}):
        node = graph.nodes[id]
        if isinstance(node.block, Output) and not node.state and not _is_adversarial(node.block):
            message = say(
                "real and generated examples arrive here together, two for each target; only an Output with the task "
                "“Real or generated” can judge them"
            )
            found.append(Problem(id, message))
        elif any(wire.source not in behind for wire in graph.incoming[id]):
            message = say(
                "one wire brings real and generated examples together, another does not; draw it from behind {joint}",
                joint=joint,
            )
            found.append(Problem(id, message))
    return found


def _unfed(graph: Graph, id: str) -> Problem | None:
    """Say that nobody knows how many rows to draw."""
    if not isinstance(graph.nodes[id].block, Noise) or any(isinstance(n.block, Input) for n in graph.nodes.values()):
        return None
    return Problem(id, say("Noise draws a row for each example, but there is no Input to say how many; add one"))


# -- looking around ----------------------------------------------------------------------------------------------


def _is_adversarial(block: Block) -> bool:
    return isinstance(block, Output) and block.adversarial


def _without(id: str) -> Fix:
    return Fix(say("Take {node} away", node=id), at_path(id, lambda graph, own: graph.remove([own])))


def _joints(graph: Graph, among: Iterable[str]) -> list[str]:
    here = set(among)
    return [id for id, n in graph.nodes.items() if id in here and isinstance(n.block, RealOrGenerated) and not n.state]


def _ends(graph: Graph, joint: str) -> dict[str, str]:
    """Return the node at each port of a joint."""
    return {wire.target_port: wire.source for wire in graph.incoming[joint]}


def _known(ids: set[str], nodes: Mapping[str, NodeReport]) -> bool:
    return ids <= nodes.keys()


def _before(graph: Graph, ids: list[str]) -> set[str]:
    """Return nodes and all that they depend on."""
    queue, found = [*ids], set(ids)
    for id in queue:
        fresh = [wire.source for wire in graph.incoming[id] if wire.source not in found]
        found.update(fresh)
        queue.extend(fresh)
    return found


def _behind(graph: Graph, id: str) -> set[str]:
    """Return a node and all that depends on it."""
    queue, found = [id], {id}
    for at in queue:
        fresh = [wire.target for wire in graph.outgoing[at] if wire.target not in found]
        found.update(fresh)
        queue.extend(fresh)
    return found
