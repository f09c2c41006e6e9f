"""What stands between the two halves of a variational autoencoder: a code that is drawn, not computed."""

from __future__ import annotations

from playground.block import Block, Layer, Window
from playground.declare import number
from playground.shape import Shape, ShapeError
from playground.text import say


class Sample(Block):
    """Draws a code from a normal distribution of this mean and log-variance; what is only evaluated gets the mean.

    It adds β times the Kullback–Leibler divergence from the standard normal distribution to the loss (Kingma and
    Welling 2014), the sum over the code's numbers and the mean over the batch; the loss shown is with it.
    """

    family = "Combine"
    formula = (
        r"\begin{matrix} z = \mu + e^{s/2} \odot \varepsilon,\quad \varepsilon \sim N(0, I) \\ "
        r"L' = L - \frac{\beta}{2} \sum_j (1 + s_j - \mu_j^2 - e^{s_j}) \end{matrix}"
    )
    beta: float = number(
        1.0,
        low=0.0,
        high=1e6,
        log=True,
        label="β",
        help="How much the divergence from the standard normal distribution counts in the loss, which is shown with it",
    )

    def output(self, mean: Shape, log_var: Shape) -> Shape:  # type: ignore[override]  # two ports
        if "time" in mean:
            raise ShapeError(say("Sample wants a row of features or an image, but {shape} comes in", shape=mean))
        if mean != log_var:
            raise ShapeError(
                say(
                    "Sample wants a mean and a log-variance of equal shapes, but {first} and {second} come in",
                    first=mean,
                    second=log_var,
                )
            )
        return mean

    def layer(self, mean: Shape, log_var: Shape) -> Layer:  # type: ignore[override]  # two ports
        return Layer("layers.Sample", self.beta)

    def weights(self, mean: Shape, log_var: Shape) -> dict[str, tuple[int, ...]]:  # type: ignore[override]  # two ports
        return {}

    def macs(self, mean: Shape, log_var: Shape) -> int:  # type: ignore[override]  # two ports
        return 0

    def window(self, mean: Shape, log_var: Shape) -> Window | None:  # type: ignore[override]  # two ports
        return Window((1, 1), (1, 1))

    def summary(self) -> str:
        return f"β {self.beta:g}"
