"""Row B12, a generator against a discriminator: who is who, how both learn in turn, what is measured of them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.adversarial import doubled, sides_of  # noqa: E402
from playground.alternating import taken_for_real, told_apart  # noqa: E402
from playground.block import CATALOGUE  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.generative import Noise, RealOrGenerated  # noqa: E402
from playground.blocks.normalisation import BatchNorm, Dropout  # noqa: E402
from playground.checkpoint import Checkpoint, capture, restore  # noqa: E402
from playground.choices import SGD, Adam, Cosine, Plateau, RMSprop  # noqa: E402
from playground.costs import memory_of, rows_of, totals_of  # noqa: E402
from playground.data.planar import Moons  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.graph import Graph, Wire  # noqa: E402
from playground.judging import energy_distance  # noqa: E402
from playground.layers import Noise as NoiseLayer  # noqa: E402
from playground.preparation import Preparation  # noqa: E402
from playground.probes import PROBES  # noqa: E402
from playground.probes.samples import Samples  # noqa: E402
from playground.shape import Shape, ShapeError  # noqa: E402
from playground.training import Blocked, Diverged, Trainer  # noqa: E402
from tests.examples import BINARY, images, planar_facts, preset  # noqa: E402

ReLU = CATALOGUE["ReLU"]
TELLING = Output(target="", task="adversarial", loss="adversarial")
MOONS = Moons(count=80)


def drawn(nodes, wires):
    """Draw a graph: blocks by id, wires as ``source`` → ``target`` or ``target.port``."""
    graph = Graph()
    for id, block in nodes.items():
        graph = graph.add(block, id)
    for source, end in wires:
        target, _, port = end.partition(".")
        graph = graph.connect(Wire(source, target, "out", port or nodes[target].ports()[0].name))
    return graph


def against(maker=(), teller=(), width=2, output=TELLING):
    """A generator of `maker` (then a Dense) and a discriminator of `teller` (then a Dense) for rows."""
    nodes = {"input_1": Input(), "noise_1": Noise(units=3)}
    wires, at = [("input_1", "joint.real")], "noise_1"
    for k, block in enumerate((*maker, Dense(units=width))):
        nodes[f"make_{k}"] = block
        wires.append((at, f"make_{k}"))
        at = f"make_{k}"
    nodes["joint"] = RealOrGenerated()
    wires.append((at, "joint.generated"))
    at = "joint"
    for k, block in enumerate((*teller, Dense(units=1))):
        nodes[f"tell_{k}"] = block
        wires.append((at, f"tell_{k}"))
        at = f"tell_{k}"
    nodes["output_1"] = output
    return drawn(nodes, [*wires, (at, "output_1")])


PLAIN = {"maker": (Dense(units=6), ReLU()), "teller": (Dense(units=6), ReLU())}
DELICATE = {
    "maker": (Dense(units=6), BatchNorm(), ReLU()),
    "teller": (Dense(units=6), BatchNorm(), ReLU(), Dropout(rate=0.3)),
}


def gan(graph=None, **training):
    training = {"batch_size": 16, "epochs": 4, "optimiser": Adam(beta1=0.5), "opponent": Adam(beta1=0.5)} | training
    return Experiment(
        source=MOONS,
        facts=replace(planar_facts(), counts={"train": 64, "validation": 16}),
        graph=graph or against(**PLAIN),
        preparation=Preparation(validation=0.2),
        training=Training(**training),
    )


def trainer(*args, **training):
    return Trainer(gan(*args, **training), device="cpu")


def state(run):
    return {name: value.clone() for name, value in run.network.state_dict().items()}


def changed(before, run):
    return {
        name.split(".")[0] for name, value in run.network.state_dict().items() if not torch.equal(value, before[name])
    }


# -- the layers ----------------------------------------------------------------------------------------------------


def test_noise_is_drawn_anew_in_training_and_is_always_the_same_in_evaluation():
    torch.manual_seed(4)
    layer = NoiseLayer(5)
    one, two = layer(torch.zeros(9, 2)), layer(torch.zeros(9, 2))
    assert one.shape == (9, 5) and not torch.equal(one, two)
    layer.eval()
    before = torch.get_rng_state()
    few, many = layer(torch.zeros(3, 2)), layer(torch.zeros(700, 2))
    assert torch.equal(few, many[:3]) and torch.equal(torch.get_rng_state(), before)
    assert torch.unique(many, dim=0).shape == (700, 5)
    assert many.mean().abs() < 0.1 and many.std().item() == pytest.approx(1, abs=0.05)
    layer.first = 600
    assert torch.equal(layer(torch.zeros(50, 1)), many[600:650])


def test_two_noises_of_one_network_draw_different_numbers():
    graph = against(maker=(CATALOGUE["Add"](),)).configure("noise_1", Noise(units=2)).add(Noise(units=2), "noise_2")
    graph = graph.connect(Wire("noise_2", "make_0", target_port="xs"))
    kept = trainer(graph).look({"x": np.zeros((4, 2), np.float32)}, ("noise_1", "noise_2"))
    assert not torch.equal(kept["noise_1"], kept["noise_2"])


def test_real_examples_come_first_and_generated_ones_behind_them():
    real, made = torch.zeros(2, 3), torch.ones(2, 3)
    assert CATALOGUE["RealOrGenerated"]().layer(Shape(features=3), Shape(features=3)).name == "layers.RealOrGenerated"
    from playground.layers import RealOrGenerated as Joint

    assert Joint()(real, made).tolist() == [[0.0] * 3] * 2 + [[1.0] * 3] * 2


def test_what_is_generated_must_have_the_shape_of_what_is_real():
    with pytest.raises(ShapeError, match="of the shape of the real ones, 2; 3 comes in"):
        RealOrGenerated().output(Shape(features=2), Shape(features=3))
    with pytest.raises(ShapeError, match="a row of features or an image"):
        RealOrGenerated().output(Shape(time=2, features=3), Shape(time=2, features=3))


# -- what can be wrong ---------------------------------------------------------------------------------------------


def problems(graph):
    return {problem.node: str(problem.message) for problem in gan(graph).examined().blocking}


def test_a_complete_pair_has_no_problems_and_its_sides_are_known():
    report = gan().examined()
    assert report.problems == ()
    sides = sides_of(report)
    assert (sides.real, sides.generated, sides.joint, sides.output) == ("input_1", "make_2", "joint", "output_1")
    assert sides.before == {"noise_1", "make_0", "make_1", "make_2"}
    assert sides.behind == doubled(report.graph) == {"joint", "tell_0", "tell_1", "tell_2", "output_1"}


ALONE = drawn(
    {"input_1": Input(), "tell": Dense(units=1), "output_1": TELLING}, [("input_1", "tell"), ("tell", "output_1")]
)
LEARNT = against().insert(Dense(units=2), Wire("input_1", "joint", "out", "real"))


@pytest.mark.parametrize(
    ("graph", "node", "sentence"),
    [
        (ALONE, "output_1", "put RealOrGenerated before the discriminator"),
        (against().configure("tell_0", Dense(units=2)), "output_1", "told by one score, but 2 comes in"),
        (against().mark("make_0", frozen=True), "joint", "nothing before the port generated has weights that learn"),
        (against().mark("tell_0", frozen=True), "joint", "nothing behind joint has weights that learn"),
        (LEARNT, "dense_1", "what is real must not be learnt"),
        (against(output=TELLING.replace(loss="mse")), "output_1", "does not go with the task"),
    ],
)
def test_what_is_missing_on_one_side_is_said_where_it_is_missing(graph, node, sentence):
    assert sentence in problems(graph)[node]


def test_a_sigmoid_before_the_adversarial_loss_would_be_one_too_many():
    graph = against().insert(CATALOGUE["Sigmoid"](), Wire("tell_0", "output_1"))
    (problem,) = gan(graph).examined().problems
    assert "applies sigmoid itself" in str(problem.message)
    assert gan(problem.fixes[0].edit(graph)).examined().problems == ()


def test_the_remedy_for_learnt_real_examples_is_to_freeze_them():
    (problem,) = gan(LEARNT).examined().problems
    assert gan(problem.fixes[0].edit(LEARNT)).examined().problems == ()


def test_a_second_pair_and_shared_weights_are_problems():
    graph = against(maker=(Dense(units=2),), teller=(Dense(units=2),))
    tied = graph.add(Dense(units=2), "extra").connect(Wire("noise_1", "extra"))
    assert (
        "share weights"
        in problems(graph.configure("noise_1", Noise(units=2)).mark("tell_0", tied_to="make_0"))["tell_0"]
    )
    two = graph.add(TELLING, "output_2").connect(Wire("tell_1", "output_2"))
    assert "both tell real from generated" in problems(two)["output_2"]
    assert problems(tied) == {}


def test_an_ordinary_output_cannot_judge_both_kinds_at_once_and_their_rows_do_not_meet_others():
    graph = against(teller=(Dense(units=4),))
    head = graph.add(Dense(units=2), "head").connect(Wire("tell_0", "head")).add(Output(), "output_2")
    assert "two for each target" in problems(head.connect(Wire("head", "output_2")))["output_2"]
    mixed = graph.add(CATALOGUE["Concat"](), "concat").connect(Wire("tell_0", "concat", target_port="xs"))
    mixed = mixed.connect(Wire("input_1", "concat", target_port="xs")).connect(Wire("concat", "tell_1"))
    assert "draw it from behind joint" in problems(mixed)["concat"]


def test_noise_without_an_input_cannot_know_how_many_rows_to_draw():
    blocks = {"noise_1": Noise(), "dense_1": Dense(units=1), "output_1": BINARY}
    graph = drawn(blocks, [("noise_1", "dense_1"), ("dense_1", "output_1")])
    assert "there is no Input to say how many" in problems(graph)["noise_1"]


def test_a_target_that_stands_there_from_before_the_task_was_changed_is_of_no_matter():
    graph = against(**PLAIN, output=TELLING.replace(target="label"))
    report = gan(graph).examined()
    assert report.problems == () and report.outputs["output_1"].target == ""
    next(trainer(graph).steps())


def test_a_joint_that_is_bypassed_is_none():
    assert "put RealOrGenerated" in problems(against().mark("joint", state="bypassed"))["output_1"]


# -- the losses and metrics ----------------------------------------------------------------------------------------


def test_the_losses_are_those_of_the_paper():
    scores = torch.tensor([[2.0], [-1.0], [0.5], [3.0]])  # two real ones, two generated ones
    share = scores.sigmoid().flatten().tolist()
    assert told_apart(scores).flatten().tolist() == pytest.approx(
        [-math.log(share[0]) - math.log(1 - share[2]), -math.log(share[1]) - math.log(1 - share[3])]
    )
    assert taken_for_real(scores).flatten().tolist() == pytest.approx([-math.log(share[2]), -math.log(share[3])])
    target = torch.tensor([[0.8], [0.8], [0.0], [0.0]])  # smoothing takes from the real side only
    wanted = torch.nn.functional.binary_cross_entropy_with_logits(scores, target, reduction="none")
    assert torch.allclose(told_apart(scores, 0.2), wanted[:2] + wanted[2:])


def test_the_energy_distance_is_what_a_double_loop_finds_and_nothing_for_equal_samples():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(7, 2, 3)), rng.normal(size=(5, 2, 3)) + 0.5

    def mean(a, b):
        return sum(np.sqrt(((x - y) ** 2).sum()) for x in a for y in b) / (len(a) * len(b))

    wanted = 2 * mean(one, other) - mean(one, one) - mean(other, other)
    assert energy_distance(torch.tensor(one), torch.tensor(other)) == pytest.approx(wanted, rel=1e-9)
    assert energy_distance(torch.tensor(one), torch.tensor(one)) == pytest.approx(0, abs=1e-6)


def test_evaluation_tells_both_losses_the_shares_and_the_distance_of_the_same_samples_each_time():
    run = trainer()
    list(run.steps(10))
    found = run.evaluate("validation").metrics
    inputs = {"x": torch.as_tensor(run.data.splits["validation"].inputs["x"])}
    run.network.eval()
    with torch.no_grad():
        scores = run.network(inputs)["output_1"]
        values = run.network._run(inputs)
    run.network.train()
    real, made = (values[run.network.first_slot(id)] for id in ("input_1", "make_2"))
    assert found == pytest.approx(
        {
            "loss": told_apart(scores).mean().item(),
            "generator_loss": taken_for_real(scores).mean().item(),
            "real_accuracy": (scores[:16] > 0).float().mean().item(),
            "generated_accuracy": (scores[16:] <= 0).float().mean().item(),
            "energy_distance": energy_distance(real, made),
        }
    )
    assert run.evaluate("validation").metrics == found


def test_no_noise_comes_twice_when_a_split_is_judged_in_pieces(monkeypatch):
    run = trainer()
    whole = run.evaluate("train").metrics
    monkeypatch.setattr("playground.training.EVALUATION_BATCH", 10)
    assert run.evaluate("train").metrics == pytest.approx(whole, rel=1e-5)
    assert all(noise.first == 0 for noise in run.contest._noises)


# -- learning in turn ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [PLAIN, DELICATE], ids=["plain", "delicate"])
def test_each_sides_gradient_is_that_of_its_own_loss_and_the_discriminator_moves_first(parts):
    """By hand: a step of one, then a step of the other through the one as it is by then."""
    rates = {"optimiser": SGD(learning_rate=0.1), "opponent": SGD(learning_rate=0.2)}
    graph = against(**{side: tuple(b for b in blocks if not isinstance(b, Dropout)) for side, blocks in parts.items()})
    run, again = trainer(graph, **rates), trainer(graph, **rates)
    index = run._shuffle.get_state()
    torch.manual_seed(0)
    step = next(run.steps())
    again._shuffle.set_state(index)
    torch.manual_seed(0)
    batch, _ = again.feeds.train.batch(again._next_batch())
    network = again.network.train()
    theirs = [p for name, p in network.named_parameters() if name.startswith("tell")]
    own = [p for name, p in network.named_parameters() if name.startswith("make")]
    for parameters, loss_of, rate in ((theirs, told_apart, 0.2), (own, taken_for_real, 0.1)):
        loss = loss_of(network(batch)["output_1"]).mean()
        if parameters is theirs:
            assert step.loss == pytest.approx(loss.item(), rel=1e-6)
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= rate * gradient
    for (name, one), (_, other) in zip(run.network.named_parameters(), network.named_parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6), name


def test_the_generator_learns_in_every_third_step_only_where_that_is_wished():
    run = trainer(opponent_steps=3)
    moved = []
    for _ in range(6):
        before = state(run)
        next(run.steps(run.number + 1))
        moved.append({name.partition("_")[0] for name in changed(before, run)})
    assert moved == [{"tell"}, {"tell"}, {"tell", "make"}] * 2


def test_a_step_of_one_side_leaves_gradients_and_running_statistics_of_the_other_alone():
    run = trainer(against(**DELICATE), opponent_steps=2)
    next(run.steps(1))
    assert all(p.grad is None for name, p in run.network.named_parameters() if name.startswith("make"))
    statistics = run.network.make_1.num_batches_tracked.item(), run.network.tell_1.num_batches_tracked.item()
    assert statistics == (0, 1)
    gradient = run.network.tell_0.weight.grad.clone()
    batch, wanted = run.feeds.train.batch(run._next_batch())
    run.contest._generate(run, batch, wanted)
    assert torch.equal(run.network.tell_0.weight.grad, gradient)
    assert (run.network.make_1.num_batches_tracked, run.network.tell_1.num_batches_tracked) == (1, 1)
    assert run.network.tell_1.track_running_stats


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"optimiser": RMSprop(), "opponent": Adam(learning_rate=0.01), "opponent_steps": 2},
        {"schedule": Cosine(), "warm_up": 0.3, "clip_norm": 0.5, "l2": 0.01},
        {"schedule": Plateau(gamma=0.5, wait=1), "l1": 0.001, "clip_value": 0.1},
    ],
)
def test_a_run_that_goes_on_equals_one_that_was_never_interrupted_bit_for_bit(settings, tmp_path):
    whole = trainer(against(**DELICATE), **settings)
    losses = [step.loss for step in whole.steps(14)]
    first = trainer(against(**DELICATE), **settings)
    found = [step.loss for step in first.steps(7)]
    capture(first).write(tmp_path / "half.safetensors")
    second = trainer(against(**DELICATE), **settings)
    restore(second, Checkpoint.read(tmp_path / "half.safetensors"))
    assert found + [step.loss for step in second.steps(14)] == losses
    for name, value in second.network.state_dict().items():
        assert torch.equal(value, whole.network.state_dict()[name]), name


def test_both_optimisers_follow_the_schedule_from_their_own_rate():
    run = trainer(schedule=Cosine(), optimiser=Adam(learning_rate=0.01), opponent=Adam(learning_rate=0.04))
    list(run.steps(9))
    (own,), (theirs,) = run.optimiser.param_groups, run.contest.optimiser.param_groups
    assert 0 < own["lr"] < 0.01 and theirs["lr"] == pytest.approx(4 * own["lr"])


def test_a_plateau_is_one_of_the_distance_and_not_of_the_discriminators_loss():
    run = trainer(schedule=Plateau(wait=1), epochs=30)
    found = [one.metrics for step in run.steps() for one in step.evaluations if one.split == "validation"]
    assert run.pace.best == min(one["energy_distance"] for one in found)


def test_a_loss_that_is_no_number_any_more_ends_the_run_with_a_sentence():
    run = trainer(optimiser=SGD(learning_rate=900.0), opponent=SGD(learning_rate=900.0), epochs=200)
    with pytest.raises(Diverged, match="is not a number") as error:
        list(run.steps())
    assert error.value.node


def test_a_discriminator_that_has_won_still_lets_the_generator_learn():
    """Where log(1 − D) is flat, −log D is not: that is why it is used."""
    run = trainer(opponent=Adam(learning_rate=0.0))
    with torch.no_grad():
        run.network.tell_2.bias.fill_(-40.0)
    before = state(run)
    next(run.steps())
    assert {"make_0", "make_2"} <= changed(before, run)
    assert run.network.make_2.weight.grad.abs().max() > 1e-4


def test_what_else_an_output_before_the_joint_asks_for_is_learnt_by_the_generators_side():
    facts = replace(planar_facts(), counts={"train": 64, "validation": 16})
    graph = against(**PLAIN).add(Output(target="x", task="regression", loss="mse", weight=2.0), "output_2")
    graph = graph.connect(Wire("make_2", "output_2"))
    experiment = replace(gan(graph), facts=facts)
    assert experiment.examined().problems == ()
    run = Trainer(experiment, device="cpu")
    list(run.steps(12))
    found = run.evaluate("validation").metrics
    scores = run.look({"x": run.data.splits["validation"].inputs["x"]}, ("make_2",))["make_2"]
    squares = ((scores.numpy() - run.data.splits["validation"].inputs["x"]) ** 2).mean()
    assert found["generator_loss"] > 2.0 * squares > 0


def test_a_batch_of_one_works_without_batch_statistics_and_is_refused_with_them():
    run = trainer(batch_size=1)
    assert len(list(run.steps(3))) == 3
    with pytest.raises(Blocked, match="make batches larger"):
        trainer(against(**DELICATE), batch_size=1)


def test_a_watched_run_equals_an_unwatched_one_and_every_probe_can_be_asked():
    experiment = gan(against(**DELICATE))
    alone = [step.loss for step in Trainer(experiment, device="cpu").steps(6)]
    run = Trainer(experiment, device="cpu")
    nodes = list(run.report.nodes.values())
    watched = []
    for step in run.steps(6):
        watched.append(step.loss)
        for probe in PROBES.values():
            for node in nodes if probe.per_node else nodes[:1]:
                if not probe.per_node or probe.accepts(node):
                    (probe(node=node.id) if probe.per_node else probe()).measure(run)
    assert watched == alone


# -- what it costs, what is seen -----------------------------------------------------------------------------------


def test_the_discriminator_holds_two_rows_for_each_example_and_has_an_optimiser_of_its_own():
    experiment = gan(optimiser=SGD(), opponent=Adam())
    rows = {row.id: row for row in rows_of(experiment.examined())}
    assert (rows["make_0"].activation, rows["tell_0"].activation) == (4 * 6, 2 * 4 * 6)
    assert rows["tell_0"].shape == Shape(features=6)
    totals = totals_of(list(rows.values()))
    theirs = (2 * 6 + 6) + (6 + 1)
    assert totals.opposing == theirs
    assert memory_of(totals, experiment).state == 4 * 2 * theirs  # plain SGD remembers nothing


def test_the_probe_shows_points_of_the_same_noise_and_what_the_discriminator_says_of_the_plane():
    run = trainer()
    first = Samples(cells=10).measure(run)
    assert not first.pictures and first.names == ("x", "y")
    assert first.real.shape == first.made.shape == (16, 2)
    left, right, bottom, top = first.extent
    assert left < first.real[:, 0].min() and first.real[:, 1].max() < top
    at = np.array([left + (right - left) * 3.5 / 10, bottom + (top - bottom) * 8.5 / 10], np.float32)
    score = run.look({"x": at[None]}, ("output_1",))["output_1"]
    assert first.taken[8, 3] == pytest.approx(torch.sigmoid(score).item(), rel=1e-4)
    list(run.steps(5))
    again = Samples(cells=10).measure(run)
    assert np.array_equal(first.real, again.real) and not np.array_equal(first.made, again.made)
    assert np.array_equal(again.made, Samples().measure(run).made)


def test_the_probe_shows_images_on_one_scale_and_nothing_where_nothing_is_generated():
    data = images()
    graph = against(maker=(Dense(units=64), CATALOGUE["Reshape"](shape="channels=1, height=8, width=8")), width=64)
    graph = graph.configure("make_2", CATALOGUE["Conv2D"](channels=1, kernel=3, padding=1))
    graph = graph.insert(CATALOGUE["Flatten"](), Wire("joint", "tell_0"))
    experiment = Experiment(graph=graph, facts=data.facts, training=Training(batch_size=8))
    assert experiment.examined().problems == ()
    answer = Samples(count=5).measure(Trainer(experiment, data, device="cpu"))
    assert answer.pictures and answer.real.shape == answer.made.shape == (5, 8, 8, 1)
    assert Samples().measure(Trainer(preset("xor"), device="cpu")) is None
    assert Samples.suits(experiment) and not Samples.suits(preset("xor"))


# -- the presets ---------------------------------------------------------------------------------------------------


def test_the_gan_has_no_pooling_and_both_its_sides_are_convolutional():
    report = preset("gan").examined()
    assert not [id for id, node in report.nodes.items() if node.block.family == "Pooling"]
    sides = sides_of(report)
    for side, kind in ((sides.before, "ConvTranspose2D"), (sides.behind, "Conv2D")):
        assert sum(report.nodes[id].block.key == kind for id in side) == 2


def test_the_baselines_are_the_mean_image_and_a_normal_distribution_of_the_same_mean_and_spread():
    for name in ("gan", "gan-points"):
        data = Trainer(preset(name), device="cpu").data
        train, held = (np.asarray(data.splits[split].inputs["x"]) for split in ("train", "validation"))
        if name == "gan":
            guess = np.repeat(train.mean(axis=0)[None], len(held), axis=0)
        else:
            guess = np.random.default_rng(0).multivariate_normal(train.mean(axis=0), np.cov(train.T), len(held))
        baseline = energy_distance(torch.as_tensor(held), torch.as_tensor(guess))
        result = preset(name).result
        assert result.baseline == pytest.approx(baseline, rel=0.01) and result.value < 0.7 * baseline


@pytest.mark.slow
def test_points_collapse_to_one_place_where_the_discriminator_is_too_slow():
    """Mode collapse: what must fail does."""
    experiment = preset("gan-points")
    slow = experiment.training.opponent.replace(learning_rate=0.0002)
    run = Trainer(replace(experiment, training=experiment.training.replace(opponent=slow)), device="cpu")
    list(run.steps())
    made, real = Samples().measure(run).made, Samples().measure(run).real
    assert made.std(axis=0).max() < 0.5 * real.std(axis=0).min()
    assert run.evaluate("validation").metrics["energy_distance"] > 1.0
