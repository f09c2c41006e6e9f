"""The handwritten digits: the same as scikit-learn's own, small and enlarged."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground.data import digits
from playground.data.digits import Digits

pytestmark = pytest.mark.skipif(find_spec("sklearn") is None, reason="scikit-learn is not installed")


@pytest.fixture
def fresh() -> Any:
    digits.load.cache_clear()
    yield
    digits.load.cache_clear()


def test_the_file_and_the_package_give_equal_arrays() -> None:
    direct = digits._from_file()
    assert direct is not None, "scikit-learn keeps its digits elsewhere now: reading them takes two seconds"
    np.testing.assert_array_equal(direct, digits._from_package())


def test_a_changed_layout_falls_back_to_the_package(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    direct = digits.load()
    digits.load.cache_clear()
    monkeypatch.setattr(digits, "_from_file", lambda: None)
    np.testing.assert_array_equal(direct[0], digits.load()[0])
    np.testing.assert_array_equal(direct[1], digits.load()[1])


CONTENTS = [b"", b"not gzip", gzip.compress(b"a,b\n"), gzip.compress(b"1,2\n3,4\n")]


@pytest.mark.parametrize("content", CONTENTS, ids=["empty", "not gzip", "letters", "too few"])
def test_another_file_in_its_place_is_not_taken_for_the_digits(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    folder = tmp_path / "datasets" / "data"
    folder.mkdir(parents=True)
    (folder / "digits.csv.gz").write_bytes(content)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: Spec)
    assert digits._from_file() is None


def test_small_digits_are_the_original_scaled_to_one() -> None:
    data = Digits().read()
    assert data.facts.inputs["x"].sizes == (1, 8, 8)
    assert data.facts.counts == {"train": 1797}
    np.testing.assert_array_equal(data.splits["train"].inputs["x"][:, 0] * 16, digits.load()[0])


def test_enlarged_digits_are_framed_as_mnist_frames_them() -> None:
    images = Digits(size="28").read().splits["train"].inputs["x"]
    assert images.shape == (1797, 1, 28, 28)
    assert images.min() >= 0
    assert images.max() == 1
    inside = images[:, :, 4:24, 4:24].sum()
    assert inside / images.sum() > 0.97


def test_enlarging_keeps_place_and_amount_of_ink() -> None:
    small = digits.load()[0].astype(np.float32) / 16
    large = Digits(size="28").read().splits["train"].inputs["x"][:, 0]
    np.testing.assert_allclose(large.sum() / small.sum(), (20 / 8) ** 2, rtol=0.03)
    blocks = large[:, 4:24, 4:24].reshape(-1, 4, 5, 4, 5).mean((2, 4))  # 5 × 5 pixels: two by two of the small ones
    wanted = small.reshape(-1, 4, 2, 4, 2).mean((2, 4))
    assert np.abs(blocks - wanted).mean() < 0.05
