"""The well-known data sets that can be had from elsewhere: what each consists of, where it is published, what is here.

Every file is known beforehand by its size and SHA-256, so that it does not matter who delivers it: the official place
is asked first, then mirrors, and what is not the very file is thrown away. The sums of MNIST, Fashion-MNIST, KMNIST
and CIFAR-10 are those that TensorFlow Datasets publishes (`url_checksums/`; torchvision's MD5 belong to the same
files), those of the treebanks stand in Hugging Face's `datasets/universal_dependencies/dataset_infos.json` (release
2.7, to which they are pinned).

`fetching.fetch` does the work. What is here lies in the user's cache folder, a folder for each set.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playground.text import Refusal, Sentence, note, say


@dataclass(frozen=True)
class Item:
    """One file as it is published: its size and sum, and the addresses that have it, the official one first."""

    name: str
    size: int
    sha256: str
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Downloadable:
    """A data set that can be had.

    Attributes:
        key: its name in files and on the command line.
        title: what it is called.
        about: what it holds, in a sentence.
        licence: who made it and what may be done with it.
        items: the files to be fetched.
        members: where the only item is an archive, what is taken out of it: how many bytes by name; 0 for a small
            text whose length does not matter.
        classes: what the classes are called where the files only number them.
        is_image: whether its examples are images.
    """

    key: str
    title: str
    about: str
    licence: str
    items: tuple[Item, ...]
    members: Mapping[str, int] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    is_image: bool = True

    @property
    def size(self) -> int:
        """How many bytes are transferred."""
        return sum(item.size for item in self.items)

    @property
    def files(self) -> Mapping[str, int]:
        """What lies here once it is fetched: bytes by name."""
        return self.members or {item.name: item.size for item in self.items}


MEMBER_TEXT = 4096
"""How many bytes a small text of an archive may have."""

SUMS = ".sums.json"
"""Beside what was taken out of an archive: the SHA-256 of each file, by which damage is noticed later."""


def _idx(places: tuple[str, ...], files: Mapping[str, tuple[int, str]]) -> tuple[Item, ...]:
    return tuple(Item(name, size, sha, tuple(place + name for place in places)) for name, (size, sha) in files.items())


def _treebank(repository: str, files: Mapping[str, tuple[int, str]]) -> tuple[Item, ...]:
    places = (
        f"https://raw.githubusercontent.com/UniversalDependencies/{repository}/r2.7/",
        f"https://cdn.jsdelivr.net/gh/UniversalDependencies/{repository}@r2.7/",
    )
    return _idx(places, files)


CATALOGUE = (
    Downloadable(
        "mnist",
        note("MNIST (digits)"),
        note("70,000 handwritten digits of 28 × 28 pixels"),
        note("MNIST, Y. LeCun, C. Cortes and C. Burges; no licence stated"),
        _idx(
            (
                "http://yann.lecun.com/exdb/mnist/",
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "https://storage.googleapis.com/cvdf-datasets/mnist/",
            ),
            {
                "train-images-idx3-ubyte.gz": (
                    9_912_422,
                    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                ),
                "train-labels-idx1-ubyte.gz": (
                    28_881,
                    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                ),
                "t10k-images-idx3-ubyte.gz": (
                    1_648_877,
                    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                ),
                "t10k-labels-idx1-ubyte.gz": (
                    4_542,
                    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                ),
            },
        ),
    ),
    Downloadable(
        "fashion-mnist",
        note("Fashion-MNIST (clothes)"),
        note("70,000 grey images of clothes of 28 × 28 pixels"),
        note("Fashion-MNIST, Zalando SE 2017; MIT"),
        _idx(
            (
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            ),
            {
                "train-images-idx3-ubyte.gz": (
                    26_421_880,
                    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                ),
                "train-labels-idx1-ubyte.gz": (
                    29_515,
                    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                ),
                "t10k-images-idx3-ubyte.gz": (
                    4_422_102,
                    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                ),
                "t10k-labels-idx1-ubyte.gz": (
                    5_148,
                    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                ),
            },
        ),
        classes=(
            *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
            *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        ),
    ),
    Downloadable(
        "kmnist",
        note("KMNIST (cursive Japanese)"),
        note("70,000 cursive Japanese characters of 28 × 28 pixels"),
        note("KMNIST, created by CODH from the Kuzushiji Dataset of NIJL and others; CC BY-SA 4.0"),
        _idx(
            ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
            {
                "train-images-idx3-ubyte.gz": (
                    18_165_135,
                    "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
                ),
                "train-labels-idx1-ubyte.gz": (
                    29_497,
                    "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
                ),
                "t10k-images-idx3-ubyte.gz": (
                    3_041_136,
                    "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
                ),
                "t10k-labels-idx1-ubyte.gz": (
                    5_120,
                    "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
                ),
            },
        ),
        classes=("お o", "き ki", "す su", "つ tsu", "な na", "は ha", "ま ma", "や ya", "れ re", "を wo"),
    ),
    Downloadable(
        "cifar-10",
        note("CIFAR-10 (colour images)"),
        note("60,000 colour images of animals and vehicles of 32 × 32 pixels"),
        note("CIFAR-10, A. Krizhevsky 2009; no licence stated, the author asks to be cited"),
        (
            Item(
                "cifar-10-binary.tar.gz",
                170_052_171,
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                (
                    "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                    "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
                    "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/cifar-10-binary.tar.gz",
                ),
            ),
        ),
        members={
            **{f"data_batch_{number}.bin": 30_730_000 for number in range(1, 6)},
            "test_batch.bin": 30_730_000,
            "batches.meta.txt": 0,
        },
    ),
    Downloadable(
        "ud-english-ewt",
        note("UD English EWT (parts of speech)"),
        note("16,622 English sentences from the web with the part of speech of every word"),
        note("UD English EWT 2.7, The Board of Trustees of Leland Stanford Junior University; CC BY-SA 4.0"),
        _treebank(
            "UD_English-EWT",
            {
                "en_ewt-ud-train.conllu": (
                    13_469_758,
                    "4e45f7b6f6d4e8d33e0ba7090fc37f2385a91711edb20d456d3fb5f45ac0fc28",
                ),
                "en_ewt-ud-dev.conllu": (
                    1_711_407,
                    "57703dcd3b04c32dda6cb7c2a9d836daf65c2b9141a670163693d230b46559c8",
                ),
                "en_ewt-ud-test.conllu": (
                    1_712_757,
                    "25ef2d6fe772b8f05be374e093693f14284ccdd870fc27a9295f7e5a0fc3253a",
                ),
            },
        ),
        is_image=False,
    ),
    Downloadable(
        "ud-chinese-gsdsimp",
        note("UD Chinese GSDSimp (parts of speech)"),
        note("4,997 sentences in simplified Chinese with the part of speech of every word"),
        note("UD Chinese GSDSimp 2.7, P. Qi and K. Yasuoka; CC BY-SA 4.0"),
        _treebank(
            "UD_Chinese-GSDSimp",
            {
                "zh_gsdsimp-ud-train.conllu": (
                    5_461_956,
                    "2cd999954a7cb2e1d3be96ae01fbd5d3cf0e10bc42f4e940cd17162c43a558c0",
                ),
                "zh_gsdsimp-ud-dev.conllu": (
                    700_133,
                    "c92901a021712268f9beeac5d1aac80076e3ddf4d4d7f3ed2cb534170b5c15c4",
                ),
                "zh_gsdsimp-ud-test.conllu": (
                    666_330,
                    "3c21e0ce98008d8437d41dc10b3a0d61e2805231a6bb99abbcaeabce01d3a664",
                ),
            },
        ),
        is_image=False,
    ),
)

SETS: dict[str, Downloadable] = {one.key: one for one in CATALOGUE}
"""What can be had, by key."""


def cache_folder() -> Path:
    """Return where downloads are kept; NETWORK_PLAYGROUND_CACHE names another place."""
    if chosen := os.environ.get("NETWORK_PLAYGROUND_CACHE"):
        return Path(chosen)
    if home := os.environ.get("NETWORK_PLAYGROUND_HOME"):
        return Path(home, "cache")
    import platformdirs

    return Path(platformdirs.user_cache_dir("network-playground", appauthor=False))


def folder_of(key: str) -> Path:
    """Return the folder in which a set lies once it is here."""
    return cache_folder() / "data" / key


def places_of(key: str, item: Item) -> tuple[str, ...]:
    """Return the addresses to ask for a file, in their order.

    NETWORK_PLAYGROUND_MIRROR names a server that is asked before all others: in a classroom, one that has the files
    as ``SET/FILE``. It need not be trusted, since every file is checked.
    """
    mirror = os.environ.get("NETWORK_PLAYGROUND_MIRROR", "").rstrip("/")
    return ((f"{mirror}/{key}/{item.name}",) if mirror else ()) + item.urls


def is_here(key: str) -> bool:
    """Whether a set has been fetched: its files are there, as long as they should be. Whether whole, `check` says."""
    folder = folder_of(key)
    try:
        lengths = {name: (folder / name).stat().st_size for name in SETS[key].files}
    except OSError:
        return False
    wanted = SETS[key].files
    return all(length == wanted[name] or (not wanted[name] and length > 0) for name, length in lengths.items())


def check(key: str) -> None:
    """Refuse a set that is not here, or whose files are no longer what was fetched."""
    chosen = SETS[key]
    if not is_here(key):
        raise Refusal(
            say(
                "{title} is not here yet; press Download, or run: main.py download {key}",
                title=Sentence(chosen.title),
                key=key,
            )
        )
    from playground.downloads._sums import differing

    if name := differing(key):
        raise Refusal(
            say(
                "{file} of {title} is no longer what was downloaded; press Download, or run: main.py download {key}",
                file=name,
                title=Sentence(chosen.title),
                key=key,
            )
        )
