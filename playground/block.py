"""The declaration of a block: what a layer is called, what can be set, what it makes of a shape, what it costs.

A block knows nothing of torch. It says *which* layer it stands for as a `Layer`, a name and arguments: the
network resolves the name, export prints it. Ports follow from the signature of `output`: every parameter is an
input port, ``*xs`` takes any number of wires, a default of ``None`` makes a port optional.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, NamedTuple

from playground.declare import AUTO, Declared
from playground.facts import DataFacts
from playground.shape import Shape, ShapeError
from playground.text import Sentence, note, say

FAMILIES = (
    note("Data"),
    note("Dense"),
    note("Convolution"),
    note("Pooling"),
    note("Activation"),
    note("Normalisation"),
    note("Recurrent"),
    note("Attention"),
    note("Combine"),
)
"""The families of the palette, in its order."""

FOLLOWERS: Mapping[str, tuple[str, ...]] = {
    "Data": ("Conv2D", "Embedding", "Convolution", "Recurrent", "Attention", "Dense", "Flatten"),
    "Dense": ("ReLU", "Activation", "Normalisation", "Dense", "Output"),
    "Embedding": ("Conv1D", "Recurrent", "Attention", "MeanOverTime", "MaxOverTime", "Dropout"),
    "Convolution": ("ReLU", "BatchNorm", "Activation", "MaxPool2D", "Normalisation", "Convolution", "Pooling"),
    "Pooling": ("Conv2D", "Dense", "Flatten", "Convolution", "Normalisation"),
    "Activation": (
        *("MaxPool2D", "AvgPool2D", "Conv2D", "Dense", "Normalisation"),
        *("Flatten", "Pooling", "Convolution", "Output"),
    ),
    "Normalisation": ("ReLU", "Activation", "MaxPool2D", "Conv2D", "Dense", "Attention", "Flatten", "Pooling"),
    "Recurrent": ("Dense", "LastStep", "Recurrent", "Normalisation", "Attention"),
    "Attention": ("Add", "Normalisation", "Dense"),
    "PositionalEncoding": ("Attention", "Dense", "Dropout"),
    "Combine": ("ReLU", "Activation", "Normalisation", "Convolution", "Dense", "Flatten"),
    "Flatten": ("Dense",),
}
"""What typically comes after a block, by its name or else its family: blocks and families, the likeliest first."""


@dataclass(frozen=True, slots=True, init=False)
class Layer:
    """A layer by name and arguments: ``Layer("nn.Linear", 84, 10, bias=True)``.

    ``nn.…`` is `torch.nn`, ``layers.…`` is `playground.layers`, and so are ``recurrent.…`` and ``attention.…``.
    """

    name: str
    args: tuple[Any, ...]
    kwargs: tuple[tuple[str, Any], ...]

    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(
            self, "args", tuple(int(a) if isinstance(a, int) and not isinstance(a, bool) else a for a in args)
        )
        object.__setattr__(self, "kwargs", tuple(kwargs.items()))

    def __str__(self) -> str:
        arguments = [repr(a) for a in self.args] + [f"{name}={value!r}" for name, value in self.kwargs]
        return f"{self.name}({', '.join(arguments)})"


class Port(NamedTuple):
    """A place where a wire ends."""

    name: str
    optional: bool = False
    variadic: bool = False


class Window(NamedTuple):
    """How a block looks at an image, for the receptive field: per axis (height, width)."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int] = (0, 0)
    """How far the first window begins before the image."""


class Block(Declared):
    """The base of all blocks. A subclass that declares `members` would start another catalogue."""

    members: ClassVar[dict[str, type[Any]]] = {}
    family: ClassVar[str]
    formula: ClassVar[str] = ""
    """What the block computes, as LaTeX."""
    outputs: ClassVar[tuple[str, ...]] = ("out",)
    """The names of the output ports."""
    stem: ClassVar[str] = ""
    """What ids of its nodes begin with; by default the block's name in lower case."""
    has_gradient: ClassVar[bool] = True
    """False where the derivative is zero everywhere, so that nothing in front of it can learn."""
    frame_by_frame: ClassVar[bool] = False
    """Whether it takes clips as well as images, every frame by itself; its own rules are asked of one frame."""
    word_by_word: ClassVar[bool] = False
    """Whether it takes words that are spelt out, each by itself; its own rules are asked of one, a text of letters."""
    elementwise: ClassVar[bool] = False
    """Whether each number that leaves hangs on the ones at its place alone, as with activations; not with Softmax."""
    edge: ClassVar[str] = ""
    """``in`` or ``out`` for what stands on the edge of a group."""

    def output(self, x: Shape, /) -> Shape | dict[str, Shape]:
        """Say what shape comes out, by plain arithmetic; raise `ShapeError` for what cannot come in.

        A block with several output ports returns a shape for each by name.
        """
        raise NotImplementedError

    def layer(self, x: Shape, /) -> Layer:
        """Name the layer that does it, for inputs of these shapes."""
        raise NotImplementedError

    def weights(self, x: Shape, /) -> Mapping[str, tuple[int, ...]]:
        """Name the learnable tensors and their shapes, as the layer's ``named_parameters`` will."""
        return {}

    def macs(self, x: Shape, /) -> int:
        """Count the multiply-accumulates of one example (convolutions, dense layers, matrix products)."""
        return 0

    def kept(self, x: Shape, /, *more: Shape | None) -> int:
        """Count the numbers that training keeps of one example besides what leaves: for a loop, those of each step."""
        return 0

    def window(self, x: Shape, /) -> Window | None:
        """Say how each output pixel looks at the input; ``None`` where it sees all of it or none."""
        return Window((1, 1), (1, 1))

    def summary(self) -> str:
        """Return the few words that the node's face shows: ``6 @ 5×5``."""
        return ""

    def equations(self) -> str:
        """Return what it computes as LaTeX, with these parameters; by default the same with all."""
        return self.formula

    @property
    def name(self) -> str:
        """The block's name in files, lists and on the canvas."""
        return type(self).key

    # -- what follows from the declaration ---------------------------------------------------------------------

    @classmethod
    def ports(cls) -> tuple[Port, ...]:
        """Return the input ports, in order."""
        return _ports(cls)  # type: ignore[arg-type]  # mypy takes a class's own hash for its instances'

    def resolve(self, facts: DataFacts) -> Block:
        """Fill every parameter that is left on ``auto`` from the facts of the data."""
        filled: dict[str, Any] = {}
        for name, parameter in self.parameters.items():
            if parameter.auto and getattr(self, name) == AUTO:
                value = facts.auto(parameter.auto)
                if value is None:
                    raise ShapeError(
                        say(
                            "{name} is auto, but the data does not say how many there are; set it",
                            name=Sentence(parameter.label),
                        )
                    )
                filled[name] = value
        return self.replace(**filled) if filled else self


CATALOGUE: Mapping[str, type[Block]] = Block.members
"""Every block by name; importing `playground.blocks` fills it."""


@cache
def _ports(cls: type[Block]) -> tuple[Port, ...]:
    ports = []
    for parameter in list(inspect.signature(cls.output).parameters.values())[1:]:
        variadic = parameter.kind is inspect.Parameter.VAR_POSITIONAL
        ports.append(Port(parameter.name, parameter.default is None, variadic))
    return tuple(ports)


def flat(x: Shape, name: str) -> int:
    """Return the number of features of a flat row (or of each step of a sequence), or explain what is wrong."""
    if "features" not in x:
        raise ShapeError(
            say(
                "{block} wants a flat row of features, but {shape} comes in; put Flatten before it", block=name, shape=x
            ),
            "Flatten",
        )
    return int(x.features)


def image(x: Shape, name: str) -> Shape:
    """Return the shape if it is an image's, or explain what is wrong."""
    if not x.is_image:
        raise ShapeError(
            say("{block} wants an image (channels × height × width), but {shape} comes in", block=name, shape=x)
        )
    return x


def sequence(x: Shape, name: str) -> Shape:
    """Return the shape if it is that of features over time, or explain what is wrong."""
    if x.names != ("time", "features"):
        raise ShapeError(
            say("{block} wants a sequence (time × features), but {shape} comes in", block=name, shape=x),
            "Embedding" if x.names == ("time",) else "",
        )
    return x
