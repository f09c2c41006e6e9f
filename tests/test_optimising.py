"""What is done to gradients and learning rates, against their formulas."""

from __future__ import annotations

import itertools
import math

import pytest

torch = pytest.importorskip("torch")


from playground.choices import (  # noqa: E402
    Adam,
    Constant,
    Cosine,
    Exponential,
    Optimiser,
    Plateau,
    Schedule,
    Stepwise,
)
from playground.experiment import Training  # noqa: E402
from playground.optimising import Pace, Pull, make_optimiser  # noqa: E402


def weights() -> tuple[torch.Tensor, torch.Tensor]:
    """A matrix and a bias with gradients of 1, 2, 3…"""
    matrix = torch.tensor([[1.0, -2.0], [0.5, 0.0]], requires_grad=True)
    bias = torch.tensor([3.0], requires_grad=True)
    matrix.grad, bias.grad = torch.tensor([[1.0, 2.0], [3.0, -4.0]]), torch.tensor([5.0])
    return matrix, bias


def test_nothing_is_done_where_nothing_is_wished() -> None:
    assert not Pull(Training(), weights()).active


def test_l1_and_l2_are_the_gradients_of_their_penalties_and_leave_biases_alone() -> None:
    matrix, bias = weights()
    before = matrix.grad.clone()
    Pull(Training(l1=0.1, l2=0.3), (matrix, bias))()
    penalty = 0.1 * matrix.abs().sum() + 0.15 * matrix.square().sum()
    (wanted,) = torch.autograd.grad(penalty, matrix)
    assert torch.allclose(matrix.grad, before + wanted) and bias.grad.item() == 5.0


def test_gradients_are_shortened_together_and_cut_off_one_by_one() -> None:
    matrix, bias = weights()
    length = math.sqrt(1 + 4 + 9 + 16 + 25)
    Pull(Training(clip_norm=2.0), (matrix, bias))()
    assert bias.grad.item() == pytest.approx(5 * 2 / length, rel=1e-5)
    assert math.hypot(matrix.grad.norm().item(), bias.grad.item()) == pytest.approx(2.0, rel=1e-5)
    matrix, bias = weights()
    Pull(Training(clip_value=2.5), (matrix, bias))()
    assert matrix.grad.tolist() == [[1.0, 2.0], [2.5, -2.5]] and bias.grad.item() == 2.5


def rates(schedule: Schedule, planned: int = 100, **more: float) -> list[float]:
    pace = Pace(Training(schedule=schedule, optimiser=Adam(learning_rate=0.1), **more), planned)
    return [pace.at(step) for step in range(planned)]


def test_schedules() -> None:
    assert set(rates(Constant())) == {0.1}
    steps = rates(Stepwise(times=2, gamma=0.5))
    assert (steps[0], steps[33], steps[34], steps[66], steps[67], steps[99]) == (0.1, 0.1, 0.05, 0.05, 0.025, 0.025)
    falling = rates(Exponential(floor=0.01))
    assert all(b / a == pytest.approx(0.01 ** (1 / 100)) for a, b in itertools.pairwise(falling))
    assert rates(Cosine())[50] == pytest.approx(0.05)


def test_the_rate_rises_evenly_to_its_value_and_then_follows_the_schedule() -> None:
    warm, cold = rates(Cosine(), warm_up=0.2), rates(Cosine())
    assert warm[20:] == cold[20:]
    shares = [a / b for a, b in zip(warm[:20], cold[:20], strict=True)]
    assert shares == pytest.approx([(k + 1) / 21 for k in range(20)])


def test_a_plateau_lowers_the_rate_and_is_remembered() -> None:
    settings = Training(schedule=Plateau(gamma=0.5, wait=2), optimiser=Adam(learning_rate=0.1))
    pace = Pace(settings, 100)
    for loss in (1.0, 0.9, 0.95, 0.9, 0.8, 0.9, 0.9, 0.9, 0.9):
        pace.heard(loss)
    assert pace.plateaus == 3 and pace.at(50) == pytest.approx(0.1 / 8)
    other = Pace(settings, 100)
    other.set_state(pace.state())
    assert (other.best, other.since, other.plateaus) == (pace.best, pace.since, pace.plateaus)


@pytest.mark.parametrize("key", list(Optimiser.members))
def test_every_optimiser_is_torchs_with_all_its_parameters(key: str) -> None:
    choice = Optimiser.members[key]()
    made = make_optimiser(choice, [torch.zeros(2, requires_grad=True)], torch.device("cpu"))
    assert type(made).__name__ == choice.target
    (group,) = made.param_groups
    assert group["lr"] == choice.learning_rate and group["weight_decay"] == choice.weight_decay
