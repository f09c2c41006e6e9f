"""How far a step moved each weight, worked out afterwards, against the weights before and after."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from playground.choices import (  # noqa: E402
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Cosine,
    Optimiser,
    PerceptronRule,
    Plateau,
    RMSprop,
)
from playground.experiment import Training  # noqa: E402
from playground.optimising import make_optimiser, take_step  # noqa: E402
from playground.training import Trainer  # noqa: E402
from playground.updating import needs_copy, update_of  # noqa: E402
from tests.examples import preset, small  # noqa: E402


def variants(kind: type[Optimiser], **options: tuple[Any, ...]) -> list[Optimiser]:
    """Make an optimiser with every combination of these options."""
    return [kind(**dict(zip(options, chosen, strict=True))) for chosen in itertools.product(*options.values())]


DECAY = (0.0, 0.02)

ALL = [
    *variants(SGD, momentum=(0.0, 0.9), nesterov=(False, True), weight_decay=DECAY),
    *variants(PerceptronRule, momentum=(0.0, 0.5), weight_decay=DECAY),
    *variants(Adam, beta1=(0.0, 0.9), beta2=(0.0, 0.999), epsilon=(1e-8, 0.1), weight_decay=DECAY),
    *variants(AdamW, beta1=(0.9,), weight_decay=(0.0, 0.01, 0.5)),
    *variants(RMSprop, alpha=(0.0, 0.99), momentum=(0.0, 0.9), weight_decay=DECAY),
    *variants(Adagrad, lr_decay=(0.0, 0.1), weight_decay=DECAY),
]


def told(choice: Optimiser) -> str:
    return "-".join([choice.key, *(f"{getattr(choice, name)}" for name in choice.parameters)])


def test_every_optimiser_that_can_be_chosen_is_among_those_tried_here():
    assert {type(choice) for choice in ALL} == set(Optimiser.members.values())


@pytest.mark.parametrize("choice", ALL, ids=told)
def test_the_step_is_what_the_weights_differ_by_and_its_terms_make_it_up(choice):
    torch.manual_seed(3)
    weight = torch.nn.Parameter(torch.randn(4, 3, dtype=torch.float64))
    optimiser = make_optimiser(choice, [weight], torch.device("cpu"))
    for step in range(4):
        before = weight.detach().clone()
        weight.grad = torch.randn(4, 3, dtype=torch.float64)
        take_step(optimiser)
        for group in optimiser.param_groups:  # a schedule goes on: this is the rate of the next step
            group["lr"] *= 0.7
        copy = before if needs_copy(optimiser, optimiser.param_groups[0]) else None
        found = update_of(optimiser, weight, copy)
        assert found is not None
        assert torch.allclose(found.change, weight.detach() - before, rtol=1e-9, atol=1e-13)
        assert torch.allclose(found.before, before, rtol=1e-9, atol=1e-13)
        assert torch.equal(found.terms["g"], weight.grad)
        assert found.rates["lr"] == pytest.approx(choice.learning_rate * 0.7**step)
        assert torch.allclose(by_the_book(found), found.change, rtol=1e-9, atol=1e-13)


def by_the_book(found: Any) -> Any:
    """Put the named terms together again, as the formula has them."""
    terms, rates = found.terms, found.rates
    rate, w = rates["lr"], terms["w"]
    if "m_hat" in terms:  # Adam; decoupled where nothing was added to the gradient
        plain = -rate * terms["m_hat"] / (terms["v_hat"].sqrt() + rates["epsilon"])
        return plain if not torch.equal(terms["d"], terms["g"]) else plain - rate * rates["decay"] * w
    if "v" in terms:
        if "lr_decay" in rates:
            rate /= 1 + (rates["t"] - 1) * rates["lr_decay"]
        return -rate * (terms["m"] if "m" in terms else terms["d"] / (terms["v"].sqrt() + rates["epsilon"]))
    if "m" not in terms:
        return -rate * terms["d"]
    ahead = terms["d"] + rates["momentum"] * terms["m"] if rates["nesterov"] else terms["m"]
    return -rate * ahead


@pytest.mark.parametrize(
    "choice", [Adagrad(weight_decay=0.1), RMSprop(weight_decay=0.1), SGD(learning_rate=10.0, weight_decay=0.1)]
)
def test_where_the_weights_before_cannot_be_told_it_says_so_rather_than_guess(choice):
    weight = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    optimiser = make_optimiser(choice, [weight], torch.device("cpu"))
    before = weight.detach().clone()
    weight.grad = torch.tensor([0.5, 0.25])
    take_step(optimiser)
    assert update_of(optimiser, weight) is None
    found = update_of(optimiser, weight, before)
    assert found is not None and torch.allclose(found.change, weight.detach() - before)


def test_what_takes_no_step_has_none():
    frozen, moved, other = (torch.nn.Parameter(torch.ones(2)) for _ in range(3))
    frozen.requires_grad_(False)
    optimiser = make_optimiser(Adam(), [frozen, moved], torch.device("cpu"))
    assert update_of(optimiser, moved) is None
    moved.grad = other.grad = torch.ones(2)
    take_step(optimiser)
    assert update_of(optimiser, moved) is not None
    assert update_of(optimiser, frozen) is None and update_of(optimiser, other) is None


SCHEDULED = [
    Training(batch_size=16, epochs=3, optimiser=SGD(momentum=0.9), schedule=Cosine(), warm_up=0.3),
    Training(batch_size=16, epochs=60, optimiser=Adam(learning_rate=0.05), schedule=Plateau(gamma=0.1, wait=1)),
    Training(batch_size=16, epochs=2, optimiser=AdamW(weight_decay=0.3), clip_norm=0.1, l2=0.01),
    Training(batch_size=16, epochs=2, optimiser=SGD(nesterov=True, momentum=0.8, weight_decay=0.1), clip_value=0.01),
]


@pytest.mark.parametrize("training", SCHEDULED)
def test_in_a_run_the_rate_is_that_of_the_step_whatever_the_schedule_or_a_person_says_since(training):
    run = Trainer(replace(small(), training=training), device="cpu")
    steps = run.steps()
    before = {p: p.detach().clone() for p in run.network.parameters()}
    slowed = set()
    for step in steps:
        if step.number == 4:
            run.set_learning_rate(run.pace.rate * 3)  # counts from the next step on
        for weight in run.network.parameters():
            found = update_of(run.optimiser, weight)
            assert found is not None
            assert torch.allclose(found.change, weight.detach() - before[weight], rtol=1e-4, atol=3e-7), step.number
            before[weight] = weight.detach().clone()
        slowed.add(run.pace.plateaus)
    assert len(slowed) > 1 or not isinstance(training.schedule, Plateau)


def test_generator_and_discriminator_each_take_the_steps_of_their_own_optimiser():
    """The generator steps every other time; between, its last step is still what it was."""
    points = preset("gan-points")
    training = points.training.replace(
        optimiser=AdamW(weight_decay=0.1), opponent=RMSprop(momentum=0.5), opponent_steps=2, schedule=Cosine()
    )
    run = Trainer(replace(points, training=training), device="cpu")
    assert run.contest is not None
    sides = ((run.optimiser, run.contest.own), (run.contest.optimiser, run.contest.theirs))
    before = [[p.detach().clone() for p in weights] for _, weights in sides]
    moved = [[p * 0 for p in weights] for weights in before]
    for step in run.steps(6):
        for k, (optimiser, weights) in enumerate(sides):
            if k == 0 and step.number % 2:
                assert all(torch.equal(p, old) for p, old in zip(weights, before[0], strict=True))
            else:
                moved[k] = [p.detach() - old for p, old in zip(weights, before[k], strict=True)]
                before[k] = [p.detach().clone() for p in weights]
            for weight, expected in zip(weights, moved[k], strict=True):
                found = update_of(optimiser, weight)
                if k == 0 and step.number < 2:
                    assert found is None
                else:
                    assert found is not None and torch.allclose(found.change, expected, rtol=1e-3, atol=3e-7)
            assert update_of(optimiser, sides[1 - k][1][0]) is None
