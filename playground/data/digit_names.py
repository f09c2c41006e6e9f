"""Digits and their names, to be written letter by letter: one thing goes in, a sequence comes out."""

from __future__ import annotations

from dataclasses import replace

from playground.data import Data, Examples, column
from playground.data.digits import Digits
from playground.declare import choice
from playground.facts import DataFacts
from playground.text import note

NAMES = {
    "english": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "pinyin": ("líng", "yī", "èr", "sān", "sì", "wǔ", "liù", "qī", "bā", "jiǔ"),
    "chinese": ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九"),
}
"""What the digits are called, every letter one character with its accent."""

TIMES = 50
"""How often an epoch has each digit, where they are given as classes: there are only ten."""


class DigitNames(Digits):
    """Handwritten digits whose names are to be written letter by letter, in English or in Chinese.

    The digit goes in as an image or as its class, one token. All ten classes are there to train and to validate: one
    that was held back could not be known.
    """

    key = "digit-names"
    title = note("Names of digits")
    kind = note("Sequences")

    given: str = choice(
        "image", choices={"image": note("an image"), "class": note("the class")}, help="What the network is told"
    )
    language: str = choice(
        "english",
        choices={
            "english": note("English letters"),
            "pinyin": note("Chinese, in pinyin"),
            "chinese": note("Chinese characters"),
        },
        label="Names",
        help="In which letters the names are written",
    )

    def read(self) -> Data:
        names = NAMES[self.language]
        if self.given == "class":
            digits = Examples({"text": column([(str(k),) for k in range(10)])}, {"name": column(names)})
            train = digits.take(list(range(10)) * TIMES)
            data = Data(DataFacts()).with_splits({"train": train, "validation": digits})
        else:
            images = super().read()
            train = images.splits["train"]
            written = column([names[k] for k in train.targets["label"]])
            facts = replace(images.facts, targets={})
            data = Data(facts, {"train": replace(train, targets={"name": written})})
        return replace(data, unit="characters")

    def picture(self) -> str:
        return "image" if self.given == "image" else ""
