"""The small tables: the same numbers as scikit-learn's own, without importing it."""

from __future__ import annotations

import gzip
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground.data import classics
from playground.data.classics import BreastCancer, Diabetes, Iris, TableSource, Wine

pytestmark = pytest.mark.skipif(find_spec("sklearn") is None, reason="scikit-learn is not installed")

TABLES = (Iris, Wine, BreastCancer, Diabetes)


@pytest.fixture
def fresh() -> Any:
    classics.load.cache_clear()
    yield
    classics.load.cache_clear()


@pytest.mark.parametrize("table", TABLES)
def test_the_files_and_the_package_give_equal_arrays(table: type[TableSource]) -> None:
    direct, package = classics._from_files(table), classics._from_package(table)
    assert direct is not None, "scikit-learn keeps its tables elsewhere now: reading them takes two seconds"
    for one, other in zip(direct, package, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("table", "rows", "columns", "classes"),
    [(Iris, 150, 4, (50, 50, 50)), (Wine, 178, 13, (59, 71, 48)), (BreastCancer, 569, 30, (212, 357))],
)
def test_classes_are_those_of_the_original(
    table: type[TableSource], rows: int, columns: int, classes: tuple[int, ...]
) -> None:
    data = table().read()
    train = data.splits["train"]
    assert train.inputs["x"].shape == (rows, columns)
    assert train.inputs["x"].dtype == np.float32
    assert tuple(np.bincount(train.targets["label"])) == classes
    assert len(data.facts.targets["label"].classes) == len(classes)


def test_features_have_the_names_of_the_original() -> None:
    from sklearn import datasets

    assert list(Iris.columns) == datasets.load_iris().feature_names
    assert list(Iris.classes) == list(datasets.load_iris().target_names)
    assert list(BreastCancer.classes) == list(datasets.load_breast_cancer().target_names)
    cancer = [name.removesuffix(" error") for name in datasets.load_breast_cancer().feature_names]
    assert [name.removeprefix("error of ") for name in BreastCancer.columns] == cancer
    wine = [name.replace("_", " ").replace("color", "colour") for name in datasets.load_wine().feature_names]
    assert list(Wine.columns) == wine
    assert len(Diabetes.columns) == len(datasets.load_diabetes().feature_names)


def test_the_names_are_among_the_facts() -> None:
    for table in TABLES:
        assert table().read().facts.names == {"x": table.columns}


def test_diabetes_is_told_in_standard_deviations_or_as_it_was_measured() -> None:
    raw = Diabetes(scaled=False).read().splits["train"].targets["y"]
    assert raw.shape == (442, 1)
    assert (raw.min(), raw.max(), raw.sum()) == (25, 346, 67243)
    scaled = Diabetes().read().splits["train"].targets["y"]
    assert scaled.mean() == pytest.approx(0, abs=1e-6)
    assert scaled.std() == pytest.approx(1, rel=1e-5)
    assert np.corrcoef(raw[:, 0], scaled[:, 0])[0, 1] == pytest.approx(1)


@pytest.mark.parametrize("table", TABLES)
def test_a_changed_layout_falls_back_to_the_package(
    table: type[TableSource], fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = table().read()
    classics.load.cache_clear()
    monkeypatch.setattr(classics, "_from_files", lambda table: None)
    again = table().read()
    assert again.facts == direct.facts
    np.testing.assert_array_equal(again.splits["train"].inputs["x"], direct.splits["train"].inputs["x"])


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"1,2\n", b"1 2\n3 4\n5 6\n", b"a,b\n" * 600, b"1,nan\n" * 600, b"1e999 1\n" * 600],
)
def test_another_file_in_its_place_is_not_taken_for_the_table(
    table: type[TableSource], content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    folder = tmp_path / "datasets" / "data"
    folder.mkdir(parents=True)
    for name in table.files:
        (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: Spec)
    assert classics._from_files(table) is None


def test_reading_a_table_does_not_import_scikit_learn() -> None:
    program = (
        "import sys; from playground.data.classics import *; "
        "[table().read() for table in (Iris, Wine, BreastCancer, Diabetes)]; print('sklearn' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
