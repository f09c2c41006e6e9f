"""Names of digits: the right one for each image, parted into letters, whatever is asked for."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from playground.data.digit_names import NAMES, DigitNames
from playground.data.digits import Digits
from playground.preparation import Preparation, prepare
from playground.preparation.tokens import joined

pytest.importorskip("sklearn")


def written(data, split: str, at: int) -> str:
    """Read the name that is to come out from its numbers, up to the end."""
    target = data.facts.targets["next"]
    letters = [target.classes[number] for number in data.splits[split].targets["next"][at] if number >= 0]
    assert letters[-1] == "<end>"
    return joined(letters[:-1], "characters")


@pytest.mark.parametrize("language", NAMES)
def test_every_image_has_the_name_of_its_digit(language: str) -> None:
    data = DigitNames(language=language).read()
    labels = Digits().read().splits["train"].targets["label"]
    train = data.splits["train"]
    assert list(train.targets["name"]) == [NAMES[language][k] for k in labels]
    np.testing.assert_array_equal(train.inputs["x"], Digits().read().splits["train"].inputs["x"])
    assert data.facts.counts == {"train": 1797}
    assert data.unit == "characters"


@pytest.mark.parametrize("given", ["image", "class"])
@pytest.mark.parametrize("language", NAMES)
def test_prepared_the_name_is_written_letter_by_letter(given: str, language: str) -> None:
    data = prepare(DigitNames(given=given, language=language).read(), Preparation(), seed=1)
    longest = max(map(len, NAMES[language]))
    assert data.facts.inputs["previous"].sizes == (longest + 1,)
    assert {written(data, "train", at) for at in range(400)} == set(NAMES[language])
    for split in ("train", "validation"):
        previous, coming = data.splits[split].inputs["previous"][:, 1:], data.splits[split].targets["next"][:, :-1]
        inside = previous > 0
        assert inside.any()
        np.testing.assert_array_equal(previous[inside], coming[inside])


def test_given_the_class_there_are_all_ten_to_train_and_to_validate() -> None:
    data = prepare(DigitNames(given="class").read(), Preparation(), seed=1)
    assert data.facts.counts == {"train": 500, "validation": 10}
    assert sorted(data.vocabularies["text"][2:]) == list("0123456789")
    for split in ("train", "validation"):
        for at, (number,) in enumerate(data.splits[split].inputs["text"]):
            assert written(data, split, at) == NAMES["english"][int(data.vocabularies["text"][number])]


def test_every_letter_is_one_character_with_its_accent() -> None:
    for names in NAMES.values():
        assert len(set(names)) == 10
        for name in names:
            assert name == unicodedata.normalize("NFC", name)
    assert "".join(NAMES["chinese"]) == "零一二三四五六七八九"
    bare = unicodedata.normalize("NFD", "".join(NAMES["pinyin"]))
    assert "".join(letter for letter in bare if letter.isascii()) == "lingyiersansiwuliuqibajiu"


def test_the_size_is_that_of_the_images() -> None:
    assert DigitNames(size="28").read().facts.inputs["x"].sizes == (1, 28, 28)
    assert DigitNames().picture() == "image"
    assert DigitNames(given="class").picture() == ""
