"""The small tables that every textbook uses, as scikit-learn carries them: real data without any download."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from playground.data import Data, Examples, Source
from playground.declare import switch
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import Refusal, note, say

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    Array = np.ndarray[Any, Any]

LARGEST_FILE = 2**20


class TableSource(Source):
    """A table of measurements: a row for each example, with what is to be predicted in the last column.

    Class attributes:
        rows: how many there are.
        columns: what was measured.
        classes: what the numbers of the last column stand for; empty where it is a number itself.
        files: what holds the table in scikit-learn's folder: one file with everything, or measurements and answers.
        loader: the function of scikit-learn that reads it, with its arguments.
    """

    members = Source.members  # a base for data sets, not one of them
    kind = note("Tables")
    rows: ClassVar[int]
    columns: ClassVar[tuple[str, ...]]
    classes: ClassVar[tuple[str, ...]] = ()
    files: ClassVar[tuple[str, ...]]
    loader: ClassVar[tuple[str, dict[str, Any]]]

    def read(self) -> Data:
        import numpy as np

        values, answers = load(self.key)
        if self.classes:
            target, answers = Target(self.classes), answers.astype(np.int64)
            targets = {"label": answers}
        else:
            target = Target(shape=Shape(features=1))
            targets = {"y": self.answers(answers).astype(np.float32)[:, None]}
        facts = DataFacts(
            {"x": Shape(features=len(self.columns))},
            dict.fromkeys(targets, target),
            {"train": self.rows},
            {"x": self.columns},
        )
        return Data(facts, {"train": Examples({"x": values.astype(np.float32)}, targets)})

    def answers(self, answers: Array) -> Array:
        """Return the numbers to be predicted as the network should be told them."""
        return answers


class Iris(TableSource):
    """150 iris flowers of three species, told apart by the length and width of sepals and petals."""

    key = "iris"
    title = note("Iris flowers")
    licence = note("Iris, R. A. Fisher 1936, UCI; CC BY 4.0")
    rows = 150
    columns = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
    classes = ("setosa", "versicolor", "virginica")
    files = ("iris.csv",)
    loader = ("load_iris", {})


class Wine(TableSource):
    """178 wines from three growers of one region in Italy, told apart by 13 chemical measurements."""

    key = "wine"
    title = note("Wines")
    licence = note("Wine, S. Aeberhard and M. Forina, UCI; CC BY 4.0")
    uneven = True
    rows = 178
    columns = (
        "alcohol",
        "malic acid",
        "ash",
        "alcalinity of ash",
        "magnesium",
        "total phenols",
        "flavanoids",
        "nonflavanoid phenols",
        "proanthocyanins",
        "colour intensity",
        "hue",
        "od280/od315 of diluted wines",
        "proline",
    )
    classes = ("grower 1", "grower 2", "grower 3")
    files = ("wine_data.csv",)
    loader = ("load_wine", {})


class BreastCancer(TableSource):
    """569 tumours, malignant or benign, told apart by 30 measurements of the cell nuclei in an image."""

    key = "breast-cancer"
    title = note("Breast cancer")
    licence = note(
        "Breast Cancer Wisconsin (Diagnostic), W. Wolberg, O. Mangasarian, N. Street and W. Street, UCI; CC BY 4.0"
    )
    uneven = True
    rows = 569
    columns = tuple(
        f"{kind} {measure}"
        for kind in ("mean", "error of", "worst")
        for measure in (
            "radius",
            "texture",
            "perimeter",
            "area",
            "smoothness",
            "compactness",
            "concavity",
            "concave points",
            "symmetry",
            "fractal dimension",
        )
    )
    classes = ("malignant", "benign")
    files = ("breast_cancer.csv",)
    loader = ("load_breast_cancer", {})


class Diabetes(TableSource):
    """442 patients: how far diabetes has advanced after a year, predicted from ten measurements."""

    key = "diabetes"
    title = note("Diabetes progression")
    licence = note(
        "B. Efron, T. Hastie, I. Johnstone and R. Tibshirani 2004, Least Angle Regression; no licence stated, "
        "distributed with scikit-learn"
    )
    uneven = True
    rows = 442
    columns = (
        "age",
        "sex",
        "body mass index",
        "blood pressure",
        "total cholesterol",
        "LDL",
        "HDL",
        "cholesterol/HDL",
        "log of triglycerides",
        "blood sugar",
    )
    files = ("diabetes_data_raw.csv.gz", "diabetes_target.csv.gz")
    loader = ("load_diabetes", {"scaled": False})

    scaled: bool = switch(
        True,
        help="Shift and scale the progression (25 to 346) so that its mean is 0 and its spread 1",
        label="Scale answers",
    )

    def answers(self, answers: Array) -> Array:
        return (answers - answers.mean()) / answers.std() if self.scaled else answers


@cache
def load(key: str) -> tuple[Array, Array]:
    """Return the measurements (rows, columns) and the answers (rows,) of a table as float64; not to be written to.

    Importing scikit-learn takes two seconds, reading the files that lie in its folder almost no time.
    """
    table: type[TableSource] = Source.members[key]
    found = _from_files(table) or _from_package(table)
    for values in found:
        values.flags.writeable = False
    return found


def _from_files(table: type[TableSource]) -> tuple[Array, Array] | None:
    """Read the table from scikit-learn's folder, or return None where it is kept otherwise."""
    from importlib.util import find_spec
    from pathlib import Path

    import numpy as np

    spec = find_spec("sklearn")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        try:
            texts = [_text(Path(folder, "datasets", "data", name)) for name in table.files]
            if len(texts) == 1:  # the first line says how much there is
                parts = [np.loadtxt(texts[0].splitlines()[1 : table.rows + 2], delimiter=",", ndmin=2)]
            else:
                parts = [np.loadtxt(text.splitlines()[: table.rows + 1], ndmin=2) for text in texts]
            found = np.hstack(parts)
        except (OSError, EOFError, ValueError):
            continue
        if _is_whole(found, table):
            return found[:, :-1].copy(), found[:, -1].copy()
    return None


def _text(path: Path) -> str:
    import gzip

    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        text = file.read(LARGEST_FILE)
    if text.count("\n") < 2:
        raise ValueError  # numpy would only warn
    return text


def _is_whole(found: Array, table: type[TableSource]) -> bool:
    import numpy as np

    if found.shape != (table.rows, len(table.columns) + 1) or not np.isfinite(found).all():
        return False
    return not table.classes or np.array_equal(np.unique(found[:, -1]), np.arange(len(table.classes)))


def _from_package(table: type[TableSource]) -> tuple[Array, Array]:
    """Ask scikit-learn itself."""
    import numpy as np

    try:
        from sklearn import datasets
    except ImportError as error:
        raise Refusal(
            say("This table comes with scikit-learn, which is not installed; run pip install scikit-learn")
        ) from error
    name, arguments = table.loader
    bunch = getattr(datasets, name)(**arguments)
    return np.array(bunch.data, dtype=np.float64), np.array(bunch.target, dtype=np.float64)
