"""Tagged sentences: words that have two tags, and context that says which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.data import Examples
from playground.data._grammar_en import inflect
from playground.data._productions import Call, Grammar
from playground.data.grammar import TaggedSentences
from playground.preparation import Preparation, prepare

LANGUAGES = ["en", "zh"]
Sentence = tuple[tuple[str, ...], list[str]]


@cache
def sentences(language: str, target: str, split: str) -> list[Sentence]:
    """Return the tokens and the names of their classes."""
    data = TaggedSentences(language=language).read()
    examples, names = data.splits[split], data.facts.targets[target].classes
    return [
        (text, [names[at] for at in classes])
        for text, classes in zip(examples.inputs["text"], examples.targets[target], strict=True)
    ]


def uses(found: Sequence[Sentence]) -> dict[str, Counter[str]]:
    """Count the classes of every word."""
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text, names in found:
        for word, name in zip(text, names, strict=True):
            counted[word][name] += 1
    return counted


def accuracy(
    answer: Callable[[tuple[str, ...]], list[str]], found: Sequence[Sentence], among: set[str] | None
) -> float:
    """Return how many words are answered rightly, among some words or among all."""
    right = [
        given == name
        for text, names in found
        for word, given, name in zip(text, answer(text), names, strict=True)
        if among is None or word in among
    ]
    return sum(right) / len(right)


def most_frequent(train: Sequence[Sentence]) -> Callable[[tuple[str, ...]], list[str]]:
    """Return the best that can be done without context: for each word the class that it has most often."""
    best = {word: counted.most_common(1)[0][0] for word, counted in uses(train).items()}
    usual = Counter(name for _, names in train for name in names).most_common(1)[0][0]
    return lambda text: [best.get(word, usual) for word in text]


def features(text: tuple[str, ...], at: int, before: str) -> Iterator[tuple[str, ...]]:
    """What a model of context sees: the words around, and what it took the one before for."""
    padded = ("", "", "", *text, "", "", "")
    a, b, c, word, d, e, f = padded[at : at + 7]
    marks = ("?" in text, ",") if text[-1] == "?" else ()
    yield from (("word", word), ("one before", c, word), ("one after", word, d), ("around", c, word, d))
    yield from (("two before", b, c, word), ("two after", word, d, e), ("before", before, word), ("class", before))
    yield from (("far", a, word), ("far after", word, f), ("near", b, word), ("near after", word, e))
    yield from (("left", c), ("right", d), ("question", word, str(marks)), ("first", word, text[0]))


class Perceptron:
    """A greedy tagger by averaged weights of such features (Collins, 2002)."""

    def __init__(self, train: Sequence[Sentence], rounds: int = 4) -> None:
        self.names = sorted({name for _, names in train for name in names})
        self.weights: defaultdict[tuple[str, ...], defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
        totals: defaultdict[tuple[tuple[str, ...], str], float] = defaultdict(float)
        order, step = np.random.default_rng(1), 0
        for _ in range(rounds):
            for chosen in order.permutation(len(train)):
                text, names = train[chosen]
                before = ""
                for at, name in enumerate(names):
                    step += 1
                    seen = list(features(text, at, before))
                    before = self.best(seen)
                    if before != name:
                        for one in seen:
                            for changed, by in ((name, 1.0), (before, -1.0)):
                                self.weights[one][changed] += by
                                totals[one, changed] += by * step
        for (one, name), total in totals.items():
            self.weights[one][name] -= total / (step + 1)

    def best(self, seen: Sequence[tuple[str, ...]]) -> str:
        scores: defaultdict[str, float] = defaultdict(float)
        for one in seen:
            if one in self.weights:
                for name, weight in self.weights[one].items():
                    scores[name] += weight
        return max(self.names, key=lambda name: scores[name])

    def answer(self, text: tuple[str, ...]) -> list[str]:
        made: list[str] = []
        for at in range(len(text)):
            made.append(self.best(list(features(text, at, made[-1] if made else ""))))
        return made


# -- ambiguity -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_many_words_have_two_tags_and_neither_is_rare(language: str) -> None:
    counted = uses(sentences(language, "tag", "train"))
    both = [word for word, tags in counted.items() if sum(n >= 0.1 * tags.total() for n in tags.values()) >= 2]
    assert len([word for word in both if counted[word].total() >= 20]) >= 30
    assert len(counted) >= 300


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "book can saw duck May Will watch light that to have since before like fly orange back open"),
        ("zh", "把 花 会 在 过 给 代表 工作 和平 上 下 用 到 跟 比 要 想 只 还 对 白 老 得 翻译"),
    ],
)
def test_these_words_are_among_them(language: str, words: str) -> None:
    counted = uses(sentences(language, "tag", "train"))
    assert {word for word in words.split() if len(counted[word]) < 2} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_of_two_kinds(language: str) -> None:
    counted = uses(sentences(language, "entity", "train"))
    words = {
        "en": "Paris Jordan Washington Florence Amazon Apple May Will Ford",
        "zh": "和平 长江 长城 苹果 小米 阳光 北京",
    }
    for word in words[language].split():
        assert len([n for n in counted[word].values() if n >= 0.05 * counted[word].total()]) >= 2, word


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("target", "limit"), [("tag", 0.94), ("entity", 0.985)])
def test_only_context_tells_which(language: str, target: str, limit: float) -> None:
    train, test = (sentences(language, target, split) for split in ("train", "test"))
    ambiguous = {word for word, names in uses(train).items() if names.most_common(1)[0][1] < 0.9 * names.total()}
    alone, perceptron = most_frequent(train), Perceptron(train)
    assert accuracy(alone, test, None) < limit
    assert accuracy(alone, test, ambiguous) < 0.75
    assert accuracy(perceptron.answer, test, None) > 0.98
    assert accuracy(perceptron.answer, test, ambiguous) > 0.92


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_can_be_tagged_in_two_ways(language: str) -> None:
    module, rng = import_module(f"playground.data._grammar_{language}"), np.random.default_rng(2)
    from random import Random

    random, known = Random(int(rng.integers(1000))), {}
    for _ in range(8000):
        words = module.grammar().draw(random)
        forms = tuple(word.form for word in words)
        tags = [(word.tag, word.entity) for word in words]
        assert known.setdefault(forms, tags) == tags, forms


# -- sentences ---------------------------------------------------------------------------------------------------


@given(st.sampled_from(LANGUAGES), st.integers(500, 700), st.integers(8, 20), st.integers(0, 2**31 - 1))
@settings(max_examples=10, deadline=None)
def test_whatever_is_set_there_are_so_many_sentences_no_two_the_same(
    language: str, count: int, longest: int, seed: int
) -> None:
    source = TaggedSentences(language=language, count=count, longest=longest, seed=seed)
    data = source.read()
    assert data.facts.counts == {"train": count, "test": count // 5}
    texts = [text for examples in data.splits.values() for text in examples.inputs["text"]]
    assert len(set(texts)) == len(texts)
    assert all(3 <= len(text) <= longest for text in texts)
    other = source.replace(seed=seed ^ 1).read().splits["train"]
    assert list(other.inputs["text"]) != list(data.splits["train"].inputs["text"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_entities_begin_with_b_and_go_on_in_their_kind(language: str) -> None:
    for text, names in sentences(language, "entity", "train"):
        for before, name in zip(["O", *names], names, strict=False):
            if name.startswith("I-"):
                assert before[2:] == name[2:], text
    found = {name for _, names in sentences(language, "entity", "train") for name in names}
    assert found >= {"O", "B-PER", "B-LOC", "B-ORG", "I-ORG"}


def test_english_agrees() -> None:
    wrong = []
    for text, tags in sentences("en", "tag", "train"):
        for (word, tag), (following, next_tag) in zip(
            zip(text, tags, strict=True), list(zip(text, tags, strict=True))[1:], strict=False
        ):
            word, vowel = word.lower(), following[0].lower() in "aeiou"
            if (word == "a" and vowel and following not in {"useful"}) or (
                word == "an" and not vowel and following not in {"honest"}
            ):
                wrong.append(text)
            if (
                word in {"he", "she"}
                and next_tag in {"AUX", "VERB"}
                and following in {"are", "am", "were", "have", "do"}
            ):
                wrong.append(text)
            if word in {"we", "they"} and following in {"is", "am", "was", "has", "does"}:
                wrong.append(text)
            if (
                tag == "AUX"
                and word in {"will", "can", "must", "should"}
                and following.endswith("ed")
                and next_tag == "VERB"
            ):
                wrong.append(text)
    assert [text for text in wrong if text[-1] != "?" and "need" not in text] == []


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("watch", {".s": "watches", ".ed": "watched", ".en": "watched", ".ing": "watching"}),
        ("try", {".s": "tries", ".ed": "tried", ".en": "tried", ".ing": "trying"}),
        ("play", {".s": "plays", ".ed": "played", ".en": "played", ".ing": "playing"}),
        ("plan", {".s": "plans", ".ed": "planned", ".en": "planned", ".ing": "planning"}),
        ("see", {".s": "sees", ".ed": "saw", ".en": "seen", ".ing": "seeing"}),
        ("have", {".s": "has", ".ed": "had", ".en": "had", ".ing": "having"}),
        ("go", {".s": "goes", ".ed": "went", ".en": "gone", ".ing": "going"}),
        ("dance", {".s": "dances", ".ed": "danced", ".en": "danced", ".ing": "dancing"}),
    ],
)
def test_verbs_have_their_forms(word: str, forms: dict[str, str]) -> None:
    assert inflect(word, "VERB") == forms


def test_nouns_have_their_plurals() -> None:
    nouns = {
        "child": "children",
        "knife": "knives",
        "story": "stories",
        "box": "boxes",
        "toy": "toys",
        "sheep": "sheep",
    }
    assert {noun: inflect(noun, "NOUN")[".s"] for noun in nouns} == nouns


# -- grammars ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_that_is_asked_for_exists_and_every_rule_is_asked_for(language: str) -> None:
    rules = import_module(f"playground.data._grammar_{language}").grammar().rules
    todo, seen = [("sentence", "")], set()
    while todo:
        rule, form = todo.pop()
        if (rule, form) in seen:
            continue
        seen.add((rule, form))
        assert rule + form in rules or rule in rules, rule + form
        for items in (rules.get(rule + form) or rules[rule])[1]:
            todo += [(item.rule, form if item.inherits else item.form) for item in items if isinstance(item, Call)]
    asked = {rule for rule, _ in seen} | {rule + form for rule, form in seen}
    assert {name for name in rules if "." not in name} - asked == set()


def test_the_notation_means_what_it_says() -> None:
    from random import Random

    grammar = Grammar(
        "sentence = 3 @stroll.ed here | that/PRON @town @nothing\nstroll = @walk~ the\n    @walk~\nnothing = ()\n"
        "*/VERB: walk\ntown/PROPN/LOC: New_York  # of two words",
        "DET: the\nADV: here",
        inflect,
    )
    drawn = [grammar.draw(Random(seed)) for seed in range(400)]
    found = Counter(" ".join(f"{word.form}/{word.tag}/{word.entity}" for word in words) for words in drawn)
    assert set(found) == {
        "walked/VERB/O the/DET/O here/ADV/O",
        "walked/VERB/O here/ADV/O",
        "that/PRON/O New/PROPN/B-LOC York/PROPN/I-LOC",
    }
    assert 60 <= found["that/PRON/O New/PROPN/B-LOC York/PROPN/I-LOC"] <= 140  # one in four
    assert grammar.tags == {"ADV", "DET", "PRON", "PROPN", "VERB"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_prepared_every_step_has_its_tag_and_its_word(language: str) -> None:
    source = TaggedSentences(language=language, count=500)
    data, made = source.read(), prepare(source.read(), Preparation(validation=0.0), seed=1)
    examples: Examples = made.splits["train"]
    tokens = made.vocabularies["text"]
    for at in (0, 1, 77):
        n = examples.lengths["text"][at]
        assert (
            tuple(tokens[token] for token in examples.inputs["text"][at][:n]) == data.splits["train"].inputs["text"][at]
        )
        for name in ("tag", "entity"):
            assert list(examples.targets[name][at][:n]) == list(data.splits["train"].targets[name][at])


def test_the_names_alone_are_called_as_in_files_of_tagged_sentences():
    both, names = (TaggedSentences(count=500, marked=marked).read() for marked in ("both", "names"))
    assert list(names.facts.targets) == ["tag"] and names.facts.targets["tag"] == both.facts.targets["entity"]
    for one, other in zip(names.splits["test"].targets["tag"], both.splits["test"].targets["entity"], strict=True):
        assert one.tolist() == other.tolist()
