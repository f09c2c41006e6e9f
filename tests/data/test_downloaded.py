"""Downloaded sets as data: read by the reader of their format, refused in one sentence where they are not here."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from playground.data.downloaded import Downloaded
from playground.downloads import SETS, folder_of
from playground.downloads.fetching import fetch
from playground.text import Refusal
from tests.data.idx_files import images, labels
from tests.download_server import Server, item, own_cache, publish, serving

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    own_cache(monkeypatch, tmp_path / "cache")
    with serving() as made:
        yield made


def publish_digits(server: Server, monkeypatch: pytest.MonkeyPatch, key: str, classes: tuple[str, ...] = ()) -> None:
    """Put six images to train and three to test onto the server, named as MNIST's are."""
    made = {
        "train-images-idx3-ubyte.gz": images(6),
        "train-labels-idx1-ubyte.gz": labels(),
        "t10k-images-idx3-ubyte.gz": images(3),
        "t10k-labels-idx1-ubyte.gz": labels((0, 1, 2)),
    }
    items = []
    for name, content in made.items():
        server.files[f"/{name}"] = gzip.compress(content)
        items.append(item(name, server.files[f"/{name}"], server.url))
    publish(monkeypatch, *items, key=key, classes=classes)


def test_a_set_is_read_once_it_is_here(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_digits(server, monkeypatch, "mnist")
    source = Downloaded(set="mnist")
    with pytest.raises(Refusal, match="is not here yet; press Download"):
        source.read()
    fetch("mnist")
    data = source.read()
    assert data.facts.counts == {"train": 6, "test": 3}
    assert data.facts.fingerprint
    assert source.picture() == "image"


def test_classes_have_their_names(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_digits(server, monkeypatch, "fashion-mnist", ("Trouser", "Bag", "Coat"))
    fetch("fashion-mnist")
    data = Downloaded(set="fashion-mnist").read()
    assert data.facts.targets["label"].classes == ("Trouser", "Bag", "Coat")
    np.testing.assert_array_equal(data.splits["train"].targets["label"], [0, 1, 2, 0, 1, 2])


def test_a_file_that_was_changed_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_digits(server, monkeypatch, "mnist")
    path = fetch("mnist") / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Refusal, match="no longer what was downloaded; press Download"):
        Downloaded(set="mnist").read()


def test_each_set_tells_its_own_licence() -> None:
    assert {Downloaded(set=key).licence for key in SETS} == {one.licence for one in SETS.values()}


@pytest.mark.skipif(not (SHARED / "ud_chinese_gsdsimp").exists(), reason="the real data sets are not there")
def test_a_treebank_that_is_here_is_read_by_its_reader(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "zh_gsdsimp-ud-dev.conllu"
    content = (SHARED / "ud_chinese_gsdsimp" / name).read_bytes()
    publish(monkeypatch, item(name, content, server.url), key="ud-chinese-gsdsimp", is_image=False)
    folder_of("ud-chinese-gsdsimp").mkdir(parents=True)
    shutil.copyfile(SHARED / "ud_chinese_gsdsimp" / name, folder_of("ud-chinese-gsdsimp") / name)
    source = Downloaded(set="ud-chinese-gsdsimp")
    data = source.read()
    assert data.facts.counts["validation"] == 500
    assert source.picture() == ""


@pytest.mark.skipif(not (SHARED / "cifar10_bin").exists(), reason="the real data sets are not there")
def test_what_is_unpacked_of_cifar_is_what_its_reader_knows(server: Server) -> None:
    folder = folder_of("cifar-10")
    folder.mkdir(parents=True)
    for name, size in SETS["cifar-10"].files.items():
        real = SHARED / "cifar10_bin" / name
        if real.exists():
            shutil.copyfile(real, folder / name)
        assert size in (0, 3073 * 10_000)
    from playground.data.recognise import recognise

    data = recognise(folder).read()
    assert data.facts.counts == {"train": 2000, "test": 500}
    assert data.facts.targets["label"].classes[0] == "airplane"
