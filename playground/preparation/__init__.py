"""What is done with data between reading and training: `Preparation` says what, `prepare` does it.

One file a step, in the order in which they are taken: what validates is held back (`splitting`), gaps are filled and
answers scaled (`measuring`), texts become numbers of tokens (`texts`), images get their size (`pictures`), rare classes
are made up for (`balancing`). Whatever is learnt from examples, a mean or a vocabulary, is learnt from those to train
on alone. What happens anew in every step, augmenting, and standardising, which is quicker where the training runs, are
the Trainer's.
"""

from __future__ import annotations

from playground.data import Data
from playground.declare import Declared, choice, integer, number, sides, switch
from playground.facts import DataFacts
from playground.preparation.balancing import balanced
from playground.preparation.measuring import measured
from playground.preparation.pictures import resized
from playground.preparation.splitting import split
from playground.preparation.texts import numbered
from playground.text import Refusal, note

SPLITTING = {
    "auto": note("as suits the data"),
    "random": note("at random"),
    "stratified": note("of each class alike"),
    "end": note("the last ones"),
    "file": note("whole files"),
}

BALANCING = {
    "none": note("as they are"),
    "repeat": note("repeat rare classes"),
    "drop": note("leave out of common classes"),
}

TOKENS = {
    "auto": note("as suits the data"),
    "words": note("words and signs"),
    "characters": note("characters"),
    "jieba": note("Chinese words (jieba)"),
}

IMAGES = ("resize", "flip", "shift", "crop", "rotate", "noise")
TEXTS = ("tokens", "lower", "vocabulary", "rarest", "longest", "padding", "letters")
"""The parameters that matter for images only, and for texts only."""


class Preparation(Declared):
    """What is done with the data before training."""

    validation: float = number(
        0.2, low=0.0, high=0.9, help="The share held back to validate, where the data brings no split of its own"
    )
    split: str = choice(
        "auto",
        choices=SPLITTING,
        label="Held back",
        help="Which examples are held back; of what goes on in time it should be the last ones",
    )
    standardise: bool = switch(
        False, help="Shift and scale the inputs so that over the training examples their mean is 0 and their spread 1"
    )
    balance: str = choice(
        "none",
        choices=BALANCING,
        label="Rare classes",
        help="What is done where some classes have fewer examples",
    )
    resize: tuple[int, int] = sides(0, high=512, help="Height and width that images are brought to; 0 leaves them")
    flip: bool = switch(False, label="Augment: flip", help="Mirror every other image, left to right, in each step")
    shift: int = integer(
        0, high=64, label="Augment: shift", help="Move each image by up to so many pixels, another way in each step"
    )
    crop: float = number(
        0.0,
        low=0.0,
        high=0.9,
        label="Augment: crop",
        help="Cut away up to this share of each side, elsewhere in each step, and enlarge the rest",
    )
    rotate: float = number(
        0.0, low=0.0, high=180.0, label="Augment: rotate", help="Turn each image by up to so many degrees either way"
    )
    noise: float = number(
        0.0, low=0.0, high=1.0, label="Augment: noise", help="The standard deviation of what is added to every pixel"
    )
    tokens: str = choice("auto", choices=TOKENS, help="What a text is parted into; words of Chinese are characters")
    lower: bool = switch(False, label="Lower case", help="Take capital letters for small ones")
    vocabulary: int = integer(
        20_000, low=1, high=90_000, help="How many different tokens are told apart at most, the most frequent ones"
    )
    rarest: int = integer(
        1,
        low=1,
        high=1_000_000,
        label="At least",
        help="How often a token must occur in the training texts to be known",
    )
    longest: int = integer(
        0,
        high=10_000,
        label="Longest",
        help="How many tokens of a text are read; 0: as many as the longest has, up to 256",
    )
    padding: str = choice(
        "end",
        choices={"end": note("at the end"), "start": note("at the start")},
        help="Where shorter texts are filled up; at the end it is skipped, at the start it is read like a word",
    )

    letters: int = integer(
        0,
        high=64,
        help="How many letters of each word are read besides, as the input “letters”; of longer words those at both "
        "ends; 0: none",
    )

    def matters(self, facts: DataFacts) -> tuple[str, ...]:
        """Return the parameters that make a difference for such data."""
        unused: set[str] = set()
        if not any(shape.is_image for shape in facts.inputs.values()):
            unused.update(IMAGES)
        if not facts.vocabularies:
            unused.update(TEXTS)
        if not any(target.is_class and not target.shape.sizes for target in facts.targets.values()):
            unused.add("balance")
        return tuple(name for name in self.parameters if name not in unused)


def prepare(data: Data, preparation: Preparation, seed: int) -> Data:
    """Return data as they are trained on; refuse with one sentence what cannot be done with them."""
    for name, why in data.spoilt_by.items():
        if getattr(preparation, name):
            raise Refusal(why)
    data = measured(split(data, preparation.validation, preparation.split, seed))
    data = _numbered(data, preparation)
    data = resized(data, preparation.resize)
    return balanced(data, preparation.balance, seed)


def to_look_at(data: Data) -> Data:
    """Return data only to be looked at: texts are numbers, but nothing is held back, or need be there to train on."""
    return _numbered(measured(data), Preparation()) if data.splits else data


def _numbered(data: Data, preparation: Preparation) -> Data:
    return numbered(data, **{name: getattr(preparation, name) for name in TEXTS})


__all__ = ["Preparation", "prepare", "to_look_at"]
