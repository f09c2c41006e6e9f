"""The placeholder for a block that this version does not know."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from playground.block import Block, Layer, Port
from playground.shape import Shape, ShapeError
from playground.text import say


class Unknown(Block):
    """Stands for a block of another version or an extension, and keeps its data for the next save."""

    members: ClassVar[dict[str, type[Any]]] = {}  # of its own: it is in no list to choose from
    family = "Combine"
    called: str
    data: str
    inputs: tuple[str, ...]
    outs: tuple[str, ...]

    @classmethod
    def keeping(cls, called: str, fields: Mapping[str, Any], inputs: Iterable[str], outs: Iterable[str]) -> Unknown:
        """Make one for the fields of a file and for the ports that wires of that file name."""
        return cls(
            called=called, data=json.dumps(fields), inputs=tuple(dict.fromkeys(inputs)), outs=tuple(dict.fromkeys(outs))
        )

    @property
    def name(self) -> str:
        return self.called

    @property
    def outputs(self) -> tuple[str, ...]:  # type: ignore[override]  # as many as its wires need
        return self.outs or ("out",)

    def ports(self) -> tuple[Port, ...]:  # type: ignore[override]  # likewise
        return tuple(Port(name, optional=True, variadic=True) for name in self.inputs or ("in",))

    def output(self, *xs: Shape) -> Shape:
        raise ShapeError(
            say("this version does not know the block {name}; update the program or replace the node", name=self.called)
        )

    def layer(self, *xs: Shape) -> Layer:
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        fields: dict[str, Any] = json.loads(self.data)
        return fields
