"""First weights have the spread that their source promises."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from playground.choices import He, Identity, Initialisation, Normal, Orthogonal, Usual, Xavier, Zeros  # noqa: E402
from playground.initialising import initialise  # noqa: E402


def made(how: Initialisation, module: torch.nn.Module | None = None) -> torch.nn.Module:
    torch.manual_seed(0)
    module = module or torch.nn.Linear(400, 300)
    initialise(module, how)
    return module


def test_as_usual_changes_nothing() -> None:
    torch.manual_seed(0)
    assert torch.equal(made(Usual()).weight, (torch.manual_seed(0), torch.nn.Linear(400, 300))[1].weight)


@pytest.mark.parametrize(
    ("how", "spread"),
    [(Normal(spread=0.3), 0.3), (Xavier(), (2 / 700) ** 0.5), (He(), (2 / 400) ** 0.5), (Zeros(), 0.0)],
    ids=lambda value: getattr(value, "key", ""),
)
def test_the_spread_is_the_published_one_and_biases_are_0(how: Initialisation, spread: float) -> None:
    layer = made(how)
    assert layer.weight.std().item() == pytest.approx(spread, rel=0.01)
    assert layer.bias.eq(0).all()


def test_orthogonal_matrices_stretch_nothing() -> None:
    weight = made(Orthogonal()).weight
    assert torch.allclose(weight @ weight.T, torch.eye(300), atol=1e-4)


def test_the_identity_passes_its_input_on() -> None:
    x = torch.randn(3, 5)
    assert torch.equal(made(Identity(), torch.nn.Linear(5, 5))(x), x)
    image = torch.randn(1, 4, 6, 6)
    assert torch.equal(made(Identity(), torch.nn.Conv2d(4, 4, 3, padding=1))(image), image)


def test_norms_stay_and_what_stands_for_nothing_stays_zero() -> None:
    norm = made(Zeros(), torch.nn.BatchNorm2d(3))
    assert norm.weight.eq(1).all()
    assert made(Normal(spread=1.0), torch.nn.Embedding(5, 3, padding_idx=0)).weight[0].eq(0).all()
