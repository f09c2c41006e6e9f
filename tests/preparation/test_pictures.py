"""Images get another size, and masks with them."""

from __future__ import annotations

import numpy as np
import pytest

from playground.data import Data, Examples
from playground.data.clips import Clips
from playground.data.detection import Detection
from playground.facts import DataFacts, Target
from playground.preparation import Preparation, prepare
from playground.preparation.pictures import resized
from playground.shape import Shape
from playground.text import Refusal

pytest.importorskip("PIL")


def masked() -> Data:
    x = np.zeros((3, 2, 4, 6), dtype=np.float32)
    x[:, 1, :, 3:] = 1.0
    mask = (x[:, 1] > 0).astype(np.int64)
    facts = DataFacts(
        {"x": Shape(channels=2, height=4, width=6)},
        {"mask": Target(("no", "yes"), Shape(height=4, width=6)), "label": Target(("a", "b"))},
        {"train": 3},
    )
    return Data(facts, {"train": Examples({"x": x}, {"mask": mask, "label": np.array([0, 1, 0])})})


def test_images_and_masks_get_the_same_size() -> None:
    data = resized(masked(), (8, 12))
    train = data.splits["train"]
    assert train.inputs["x"].shape == (3, 2, 8, 12) and train.targets["mask"].shape == (3, 8, 12)
    assert data.facts.inputs["x"].sizes == (2, 8, 12) and data.facts.targets["mask"].shape.sizes == (8, 12)
    assert ((train.inputs["x"][:, 1] > 0.5) == train.targets["mask"]).all()
    assert train.targets["label"].tolist() == [0, 1, 0]


def test_a_side_of_0_stays() -> None:
    assert resized(masked(), (0, 3)).facts.inputs["x"].sizes == (2, 4, 3)
    data = masked()
    assert resized(data, (0, 0)) is data is resized(data, (4, 6))


def test_made_smaller_an_image_keeps_its_mean() -> None:
    data = masked()
    data.splits["train"].inputs["x"][:] = np.random.default_rng(1).random((3, 2, 4, 6))
    small = resized(data, (2, 3)).splits["train"].inputs["x"]
    assert np.allclose(small.mean(), data.splits["train"].inputs["x"].mean(), atol=0.05)


def test_what_would_fill_the_memory_is_refused() -> None:
    data = masked().with_splits({"train": masked().splits["train"].take(np.zeros(3000, dtype=int))})
    with pytest.raises(Refusal, match="make them smaller"):
        resized(data, (512, 512))


@pytest.mark.parametrize(
    "source", [Clips(count=90, frames=2, size="16"), Detection(count=100, shapes="two", size="16")]
)
@pytest.mark.parametrize(("setting", "value"), [("flip", True), ("rotate", 5.0)])
def test_what_would_make_the_answers_wrong_is_refused(source, setting, value):
    with pytest.raises(Refusal, match="left") as refused:
        prepare(source.read(), Preparation(**{setting: value}), 1)
    assert f"Augment: {setting}" in str(refused.value), "it says what to change"


def test_what_keeps_the_answers_right_is_not_refused():
    prepare(Clips(count=90, frames=2, size="16").read(), Preparation(shift=2, crop=0.1, noise=0.1), 1)
    for shapes in ("one", "two"):
        source = Detection(count=100, shapes=shapes, size="16")
        prepare(source.read(), Preparation(flip=shapes == "one", rotate=0.0, shift=1), 1)
