"""What stands on a card: the block's name, its key parameters, how many weights it has; and names for axes."""

from __future__ import annotations

from playground.blocks.data import Input, Output
from playground.blocks.group import Group
from playground.experiment import Experiment
from playground.graph import Node
from playground.nesting import split
from playground.report import NodeReport
from playground.shape import Shape
from playground.text import Sentence, count, tr
from widgets.canvas import marks
from widgets.canvas.card import Face
from widgets.names import block_name


def face(node: Node, known: NodeReport | None, bad: bool, experiment: Experiment) -> Face:
    """Say what the card of a node shows."""
    parameters = f"{known.parameters:,}" if known and known.parameters else ""
    summary = _summary(node, known, experiment)
    word = marks.state_word(node.state)
    shape = str(known.shape) if known and (node.block.outputs or node.block.edge) else ""
    badge = node.block.summary() if isinstance(node.block, Group) else ""
    return Face(name_of(node), summary, parameters, bad, marks.signs_of(node), node.state, word, shape, badge)


def name_of(node: Node) -> str:
    """Return what stands first on a card: the block's name, the title of a group, the name of a group's port."""
    if isinstance(node.block, Group) and node.block.title:
        return node.block.title
    return split(node.id)[1] if node.block.edge else block_name(node.block)


def shape_in_words(shape: Shape) -> str:
    """Name every axis: ``16 channels × 5 height × 5 width``."""
    return " × ".join(tr("{size} {axis}", size=int(size), axis=Sentence(name)) for name, size in shape)


def unit_words(node: str, unit: int) -> str:
    """Return the tooltip of the picture of a unit."""
    return tr("{node}, unit {n}: what it says at every point of the plane. Click to enlarge it.", node=node, n=unit + 1)


def _summary(node: Node, known: NodeReport | None, experiment: Experiment) -> str:
    block = node.block
    if isinstance(block, Group):
        inside = sum(not one.block.edge for one in block.graph.nodes.values())
        return str(count("{n} node", "{n} nodes", inside))
    if block.edge:
        return tr("Group input") if block.edge == "in" else tr("Group output")
    if isinstance(block, Input):
        alone = sum(isinstance(other.block, Input) for other in experiment.graph.nodes.values()) == 1
        return str(Sentence(experiment.source.title)) if alone else block.field
    if isinstance(block, Output) and block.task == "classification":
        target = experiment.facts.targets.get(block.target)
        if target is not None and target.is_class:
            return str(count("{n} class", "{n} classes", len(target.classes)))
    return (known.block if known else block).summary()
