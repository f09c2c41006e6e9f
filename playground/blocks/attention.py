"""Attention: every step looks at all others and takes from those that matter to it."""

from __future__ import annotations

from playground.block import Block, Layer, Window, sequence
from playground.declare import integer, number, switch
from playground.shape import Shape, ShapeError
from playground.text import say


class ScaledDotProductAttention(Block):
    """Takes from every value as much as its key resembles the query, in several heads side by side.

    Vaswani et al. (2017). It learns nothing itself: queries, keys and values come from Dense layers before it. All
    three from one sequence make self-attention; queries from one and keys and values from another, cross-attention.
    """

    family = "Attention"
    stem = "attention"
    formula = r"y = \mathrm{softmax}\left(\frac{Q K^\top}{\sqrt{d_k}}\right) V"
    heads: int = integer(
        1, low=1, high=1024, help="Into how many parts the features are cut; each looks around by itself"
    )
    causal: bool = switch(
        False, label="Hide the future", help="No step sees what comes after it (masked attention), as a writer must not"
    )
    dropout: float = number(
        0.0, low=0.0, high=0.95, help="The share of attention weights that is silenced while training"
    )

    def output(self, query: Shape, key: Shape, value: Shape) -> Shape:  # type: ignore[override]  # three ports
        for one in (query, key, value):
            sequence(one, "Attention")
        self._matched(query, key, value)
        for features in (int(query.features), int(value.features)):
            if features % self.heads:
                raise ShapeError(
                    say(
                        "{heads} heads do not divide the {features} features that come in; choose a number that does",
                        heads=self.heads,
                        features=features,
                    )
                )
        return Shape(time=query.time, features=value.features)

    def layer(self, query: Shape, key: Shape, value: Shape) -> Layer:  # type: ignore[override]  # three ports
        return Layer("attention.ScaledDotProductAttention", self.heads, causal=self.causal, dropout=self.dropout)

    def weights(self, query: Shape, key: Shape, value: Shape) -> dict[str, tuple[int, ...]]:  # type: ignore[override]  # three ports
        return {}

    def macs(self, query: Shape, key: Shape, value: Shape) -> int:  # type: ignore[override]  # three ports
        """Count Q Kᵀ and the weighted sum of the values, all of both: what a mask hides is computed, too."""
        return int(query.time) * int(key.time) * (int(query.features) + int(value.features))

    def kept(self, query: Shape, key: Shape, value: Shape) -> int:  # type: ignore[override]  # three ports
        """Count a number for each query and head; all the weights only where some of them are silenced."""
        return self.heads * int(query.time) * (2 * int(key.time) if self.dropout else 1)

    def window(self, query: Shape, key: Shape, value: Shape) -> Window | None:  # type: ignore[override]  # three ports
        return None

    def equations(self) -> str:
        if self.heads == 1 and not self.causal:
            return self.formula
        hidden = r" + M" if self.causal else ""
        i = "_i" if self.heads > 1 else ""
        head = rf"\mathrm{{softmax}}\left(\frac{{Q{i} K{i}^\top}}{{\sqrt{{d_k}}}}{hidden}\right) V{i}"
        mask = r"M_{ts} = \begin{cases} 0 & s \le t \\ -\infty & s > t \end{cases}"
        lines = [rf"h_i = {head}", rf"y = [h_1; \dots; h_{{{self.heads}}}]"] if i else [rf"y = {head}"]
        together = r" \\ ".join([*lines, mask] if hidden else lines)
        return rf"\begin{{matrix}} {together} \end{{matrix}}"

    def summary(self) -> str:
        return " ".join([*([f"h = {self.heads}"] if self.heads > 1 else []), *("◣" if self.causal else "")])

    def _matched(self, query: Shape, key: Shape, value: Shape) -> None:
        """Refuse what cannot be multiplied or does not belong together."""
        if query.features != key.features:
            raise ShapeError(
                say(
                    "queries and keys are compared and must be equally long, but they have {query} and {key} features",
                    query=int(query.features),
                    key=int(key.features),
                )
            )
        if key.time != value.time:
            raise ShapeError(
                say(
                    "every key needs a value, but there are {keys} keys and {values} values; "
                    "take both from the same sequence",
                    keys=int(key.time),
                    values=int(value.time),
                )
            )
        if self.causal and query.time != key.time:
            raise ShapeError(
                say(
                    "hiding the future makes sense within one sequence, but there are {queries} queries and {keys} "
                    "keys; switch it off here",
                    queries=int(query.time),
                    keys=int(key.time),
                )
            )
