"""Occlusion is what a double loop over the picture finds, at once or slice by slice, and leaves the run as it was."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.convolution import Conv2D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.preparation import Preparation  # noqa: E402
from playground.probes import occlusion  # noqa: E402
from playground.probes.occlusion import Occluding, Occlusion, mean_colour, patch_at, sizes  # noqa: E402
from playground.text import Refusal  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.probes.conftest import chain, image_graph, images  # noqa: E402
from tests.probes.test_class_activation import DELICATE  # noqa: E402
from tests.probes.test_clip import clips, reading  # noqa: E402


def looped(run, image, number, patch, stride, grey, value):
    """Cover cell after cell, with a margin around it, and run each picture through by itself."""

    def found(picture):
        run.network.eval()
        with torch.no_grad():
            scores = run.network({"image": run.feeds.entering("image", picture[None])})["output_1"][0]
        run.network.train()
        return float((torch.softmax(scores, 0) if value == "probability" else scores)[number])

    height, width = image.shape[1:]
    before = (patch - stride) // 2
    drops = []
    for top in range(0, height, stride):
        for left in range(0, width, stride):
            covered = image.copy()
            for y in range(top - before, top - before + patch):
                for x in range(left - before, left - before + patch):
                    if 0 <= y < height and 0 <= x < width:
                        covered[:, y, x] = grey
            drops.append(found(image) - found(covered))
    return np.array(drops).reshape(-(-height // stride), -(-width // stride))


@pytest.mark.parametrize("value", ["probability", "score"])
@pytest.mark.parametrize(("patch", "stride"), [(4, 3), (5, 5), (1, 1), (12, 6)])
def test_the_drops_are_those_of_a_double_loop(pictured, value, patch, stride):
    run = pictured()
    image = run.data.splits["validation"].inputs["image"][5]
    grey = run.data.splits["train"].inputs["image"].mean()
    answer = Occlusion(index=5, number=2, patch=patch, stride=stride, value=value).measure(run)
    assert answer.live and (answer.patch, answer.stride) == (patch, stride)
    expected = looped(run, image, 2, patch, stride, grey, value)
    np.testing.assert_allclose(answer.drop, expected, rtol=1e-3, atol=1e-6)
    assert np.abs(expected).max() > 1e-3 and (expected < 0).any()


def test_the_grey_is_the_mean_colour_of_the_data_before_they_are_standardised():
    data = images(channels=3)
    data.splits["train"].inputs["image"][:, 1] += 4
    experiment = Experiment(graph=image_graph(), preparation=Preparation(standardise=True), training=Training())
    run = Trainer(experiment, data, device="cpu")
    grey = mean_colour(run, "image")
    np.testing.assert_allclose(
        grey[:, 0, 0], run.data.splits["train"].inputs["image"].mean(axis=(0, 2, 3)), rtol=1e-4, atol=1e-5
    )
    image = run.data.splits["validation"].inputs["image"][0]
    answer = Occlusion(number=0, patch=6, stride=4).measure(run)
    np.testing.assert_allclose(
        answer.drop, looped(run, image, 0, 6, 4, grey[:, 0, 0], "probability"), rtol=1e-3, atol=1e-6
    )


def test_only_what_decides_is_missed(pictured):
    graph = chain(Input(field="image"), Conv2D(channels=2, kernel=1), Flatten(), Dense(units=3), Output(target="label"))
    run = pictured(graph=graph)
    with torch.no_grad():
        run.network.conv_1.weight.copy_(torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1))
        run.network.conv_1.bias.zero_()
        run.network.dense_1.weight.zero_()
        run.network.dense_1.weight[0].view(2, 12, 12)[0, 2, 9] = 1.0  # class 0: how bright this pixel is
    run.data.splits["validation"].inputs["image"][4] = 5.0
    answer = Occlusion(number=0, index=4, patch=3, stride=3, value="score").measure(run)
    assert np.count_nonzero(np.abs(answer.drop) > 1e-5) == 1 and answer.drop[0, 3] == pytest.approx(
        5 - run.data.splits["train"].inputs["image"].mean(), rel=1e-4
    )


def test_every_pixel_is_covered_and_the_patch_ends_with_the_picture():
    for height, width, patch, stride in ((28, 28, 0, 0), (32, 20, 7, 3), (5, 9, 4, 4), (224, 224, 3, 1), (6, 6, 99, 0)):
        patch, stride = sizes(height, width, patch, stride)
        rows, columns = -(-height // stride), -(-width // stride)
        assert rows <= occlusion.MOST_ROWS and columns <= occlusion.MOST_ROWS and patch >= stride >= 1
        times = np.zeros((height, width), int)
        for row in range(rows):
            for column in range(columns):
                down, across = patch_at(patch, stride, (height, width), row, column)
                assert down.first <= row * stride and across.first <= column * stride
                times[down.first : down.last + 1, across.first : across.last + 1] += 1
        assert times.min() >= 1
    assert sizes(28, 28, 0, 0) == (7, 3) and sizes(224, 224, 0, 0) == (56, 28) and sizes(224, 224, 3, 1) == (4, 4)


def test_what_would_take_too_long_is_left_to_be_asked_for(pictured, monkeypatch):
    run = pictured()
    whole = Occlusion(number=1).measure(run)
    monkeypatch.setattr(occlusion, "LIVE_WORK", 1000)
    answer = Occlusion(number=1).measure(run)
    assert not answer.live and np.isnan(answer.drop).all() and answer.drop.shape == whole.drop.shape
    assert answer.seen.probability == pytest.approx(whole.seen.probability)
    monkeypatch.setattr(occlusion, "SLICE_WORK", 5 * run.report.macs)
    slices = Occluding(Occlusion(number=1)).work(run)
    shares, partials = [], []
    while True:
        try:
            share, partial = next(slices)
        except StopIteration as end:
            np.testing.assert_allclose(end.value.drop, whole.drop, rtol=1e-4, atol=1e-6)
            break
        shares.append(share)
        partials.append(partial)
    n = whole.drop.size
    assert len(shares) == 1 + -(-n // 5) and shares == sorted(shares) and shares[-1] == 1.0
    assert np.count_nonzero(np.isfinite(partials[1].drop)) == 5 and np.isnan(partials[0].drop).all()


def test_training_goes_on_meanwhile_and_the_answer_is_that_of_the_beginning(pictured, monkeypatch):
    graph = chain(Input(field="image"), *DELICATE)
    expected = Occlusion(number=1, index=3).measure(pictured(graph=graph))
    alone = [step.loss for step in pictured(graph=graph).steps(8)]
    run = pictured(graph=graph)
    monkeypatch.setattr(occlusion, "SLICE_WORK", 4 * run.report.macs)
    slices = Occluding(Occlusion(number=1, index=3)).work(run)
    next(slices)
    losses = []
    for step in run.steps(8):
        losses.append(step.loss)
        next(slices, None)
    assert losses == alone
    while True:
        try:
            next(slices)
        except StopIteration as end:
            np.testing.assert_allclose(end.value.drop, expected.drop, rtol=1e-4, atol=1e-6)
            assert end.value.step == 0
            break
    assert not np.allclose(Occlusion(number=1, index=3).measure(run).drop, expected.drop, atol=1e-3)


def test_it_can_be_given_up_between_two_slices(pictured):
    run = pictured(graph=chain(Input(field="image"), *DELICATE))
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    slices = Occluding(Occlusion()).work(run)
    next(slices)
    next(slices)
    slices.close()
    assert all(torch.equal(value, before[name]) for name, value in run.network.state_dict().items())


def test_the_run_is_left_as_it_was(pictured, size_of):
    run = pictured(graph=chain(Input(field="image"), *DELICATE))
    next(run.steps())
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    gradients, dice = [p.grad.clone() for p in run.network.parameters()], torch.get_rng_state()
    data = run.data.splits["validation"].inputs["image"].copy()
    answer = Occlusion(patch=3, stride=1).measure(run)
    assert answer.live and answer.drop.any() and size_of(answer) <= 256 * 1024
    for _ in Occluding(Occlusion()).work(run):
        pass
    assert all(torch.equal(value, before[name]) for name, value in run.network.state_dict().items())
    assert all(torch.equal(p.grad, g) for p, g in zip(run.network.parameters(), gradients, strict=True))
    assert torch.equal(torch.get_rng_state(), dice) and all(module.training for module in run.network.modules())
    assert np.array_equal(run.data.splits["validation"].inputs["image"], data)


def test_the_frames_of_a_clip_are_covered_all_at_once():
    data = clips()
    run = Trainer(Experiment(graph=reading(), training=Training(batch_size=4)), data, device="cpu")
    answer = Occlusion(number=1, split="train", index=2, patch=4, stride=4, frame=3).measure(run)
    clip = data.splits["train"].inputs["x"][2].copy()
    clip[:, :, :4, 4:] = data.splits["train"].inputs["x"].mean()
    with torch.no_grad():
        given = run.network({"x": torch.as_tensor(np.stack([data.splits["train"].inputs["x"][2], clip]))})["output_1"]
    before, after = torch.softmax(given, dim=1)[:, 1].tolist()
    assert answer.drop.shape == (2, 2) and answer.drop[0, 1] == pytest.approx(before - after, abs=1e-5)
    assert answer.seen.frame == 3 and answer.seen.image.shape == (1, 8, 8)


def test_without_classes_or_pictures_there_is_nothing_to_cover(pictured, planar):
    from playground.data.planar import Xor

    run = planar(Xor(count=40), Output(task="binary", loss="binary_cross_entropy"), 1)
    assert Occlusion().measure(run) is None
    with pytest.raises(Refusal, match="classes"):
        next(Occluding(Occlusion()).work(run))
