"""What the fields of objects are for: guessed from their names and from the first objects, each to be said by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from playground.data._languages import in_order, is_language
from playground.data._values import glance
from playground.text import Refusal, Sentence, note, say

TASKS = {
    "auto": note("as the fields suggest"),
    "classes": note("the class of a text"),
    "tags": note("the tag of each token"),
    "pairs": note("another text"),
    "running": note("the next character"),
}
"""What can be predicted, and what it is called."""

TEXTS = (
    *("text", "sentence", "content", "paragraphs", "review", "body", "question", "utterance", "comment", "tweet"),
    *("document", "headline", "title", "query", "文本", "句子", "内容"),
)
LABELS = (
    *("label_text", "label_name", "label", "labels", "class", "category", "sentiment", "intent", "polarity"),
    *("gold_label", "y", "target", "stars", "rating", "标签", "类别"),
)
TOKENS = ("tokens", "words", "forms", "characters", "chars")
TAGS = ("tags", "ner_tags", "pos_tags", "upos", "pos", "ner", "labels", "tag")
TITLES = ("title", "rhythmic", "name", "标题")
PAIRS = (
    ("source", "target"),
    ("src", "tgt"),
    ("src", "trg"),
    ("input", "output"),
    ("instruction", "output"),
    ("prompt", "completion"),
    ("prompt", "response"),
    ("question", "answer"),
    ("article", "highlights"),
    ("document", "summary"),
    ("text", "summary"),
)
"""The names of fields in use, the most telling first."""

MOST_FIELDS = 200
LONGEST_CLASS = 60
NOTHING = "-"
"""What a person writes where no field is meant."""

_CHINESE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True)
class Wish:
    """What a person has said: what is predicted, and from which fields; empty where it is to be guessed."""

    task: str = "auto"
    text: str = ""
    label: str = ""
    target: str = ""
    tokens: str = ""
    tags: str = ""
    title: str = ""


@dataclass(frozen=True)
class Plan:
    """What is made of objects: a task of `TASKS`, the field that is read, the one of the answers, the one above."""

    task: str
    text: str
    answer: str = ""
    title: str = ""

    def told(self) -> Sentence:
        """Say what is read from which field, so that a wrong guess is seen."""
        text, answer = glance(self.text), glance(self.answer)
        if self.task == "classes":
            return say("The texts are in the field {text}, their classes in {answer}", text=text, answer=answer)
        if self.task == "tags":
            return say("The tokens are in the field {text}, their tags in {answer}", text=text, answer=answer)
        if self.task == "pairs":
            return say("From the field {text} to the field {answer}", text=text, answer=answer)
        if self.title:
            title = glance(self.title)
            return say("Running text from the field {text}, with {title} above it", text=text, title=title)
        return say("Running text from the field {text}", text=text)


def get(values: dict[str, Any], field: str) -> Any:
    """Return what an object holds in a field, or in a field of a field: ``translation.en``; None where it does not."""
    if field in values:
        return values[field]
    outer, _, inner = field.partition(".")
    within = values.get(outer)
    return within.get(inner) if isinstance(within, dict) else None


def as_text(value: Any) -> str | None:
    """Return a text, or lines in a list as one text; None of anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    return None


def as_class(value: Any) -> str | None:
    """Return what names a class: a word or a number; None of anything else, and of what means that it is missing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return None if value != value else f"{value:g}" if abs(value) < 1e15 else str(value)
    if isinstance(value, int):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def planned(sample: Sequence[dict[str, Any]], wish: Wish) -> Plan:
    """Say what is made of objects that begin like these; refuse, and say what is missing, where nothing can be."""
    fields = _Fields(sample)
    fields.check(wish.text, wish.label, wish.target, wish.tokens, wish.tags, wish.title)
    for task, rule in _RULES.items():
        if wish.task in ("auto", task) and (plan := rule(fields, wish)):
            return plan
    raise fields.refusal(wish.task)


class _Fields:
    """The fields of the first objects and what they hold."""

    def __init__(self, sample: Sequence[dict[str, Any]]) -> None:
        self.sample = sample
        self.names = list(dict.fromkeys(name for values in sample for name in _names(values)))[:MOST_FIELDS]

    def values(self, name: str) -> list[Any]:
        """Return what a field holds where it is there."""
        return [value for values in self.sample if (value := get(values, name)) is not None]

    def named(self, names: Sequence[str]) -> Iterator[str]:
        """Yield the fields that are called so, whatever their capitals, in the order of the names."""
        for name in names:
            yield from (own for own in self.names if own.casefold() == name)

    def check(self, *said: str) -> None:
        """Refuse a field that is not there."""
        for name in said:
            if name and name != NOTHING and not self.values(name):
                raise Refusal(
                    say(
                        "there is no field called {name}; choose one of these: {fields}",
                        name=glance(name),
                        fields=self.listed,
                    )
                )

    @property
    def listed(self) -> str:
        """The fields as a sentence can hold them."""
        return ", ".join(glance(name, 40) for name in self.names[:12]) + (", …" if len(self.names) > 12 else "")

    def are_texts(self, name: str) -> bool:
        """Whether most objects have a text in a field."""
        return 2 * sum(as_text(value) is not None for value in self.values(name)) > len(self.sample)

    def are_lists(self, name: str) -> bool:
        """Whether most objects have a list in a field."""
        return 2 * sum(isinstance(value, list) for value in self.values(name)) > len(self.sample)

    def are_classes(self, name: str) -> bool:
        """Whether most objects have a class in a field: short names, and of many objects some that come again."""
        found = [one for value in self.values(name) if (one := as_class(value)) is not None]
        short = sum(len(one) <= LONGEST_CLASS for one in found)
        return 2 * short > len(self.sample) and len(set(found)) <= max(10, len(found) / 2)

    def are_aligned(self, one: str, other: str) -> bool:
        """Whether two fields hold lists of equal length wherever both are there."""
        both = [(a, b) for values in self.sample if (a := get(values, one)) and (b := get(values, other))]
        fitting = sum(isinstance(a, list) and isinstance(b, list) and len(a) == len(b) for a, b in both)
        return bool(both) and 2 * fitting > len(both)

    def prose(self, name: str) -> float:
        """Return how long what a field holds is on average, nothing where it is no prose but names and numbers."""
        texts = [text for value in self.values(name)[:200] if (text := as_text(value))]
        several = sum(" " in text.strip() or "\n" in text or bool(_CHINESE.search(text)) for text in texts)
        return sum(map(len, texts)) / len(texts) if 2 * several > len(texts) else 0.0

    def text(self) -> str:
        """Return the field of texts: by its name, else the one with the longest."""
        named = [name for name in self.named(TEXTS) if self.are_texts(name)]
        others = [name for name in self.names if self.are_texts(name) and self.prose(name)]
        return next(iter(named), "") or max(others, key=self.prose, default="")

    def refusal(self, task: str) -> Refusal:
        """Say what is missing."""
        fields = self.listed or say("none")
        if task == "classes" and self.text():
            return Refusal(say("no field holds classes; its fields are: {fields}; say which does", fields=fields))
        if task == "tags":
            return Refusal(say("no field holds lists of tags; its fields are: {fields}; say which does", fields=fields))
        if task == "pairs":
            return Refusal(say("no two fields hold texts; its fields are: {fields}; say which do", fields=fields))
        return Refusal(say("no field holds texts; its fields are: {fields}; say which does", fields=fields))


def _names(values: dict[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from (f"{name}.{inner}" for inner in value)
        else:
            yield name


def _tags(fields: _Fields, wish: Wish) -> Plan | None:
    if wish.task == "auto" and (wish.label or wish.target or wish.text):
        return None
    tokens = [wish.tokens] if wish.tokens else list(fields.named(TOKENS))
    tags = [wish.tags] if wish.tags else list(fields.named(TAGS))
    for one, other in product(tokens, tags):
        if one != other and fields.are_lists(one) and fields.are_lists(other):
            if (wish.tokens and wish.tags) or fields.are_aligned(one, other):
                return Plan("tags", one, other)
    return None


def _pairs(fields: _Fields, wish: Wish) -> Plan | None:
    if wish.target:
        text = wish.text or next((name for name in _sides(fields) if name != wish.target), "") or fields.text()
        return Plan("pairs", text, wish.target) if text and text != wish.target else None
    sides = _sides(fields)
    text = fields.text()
    labels = [
        name for name in fields.named(LABELS) if fields.are_classes(name) and (name not in sides or text not in sides)
    ]
    if wish.task == "auto" and (wish.label or labels):
        return None
    sides = [name for name in sides if name != wish.text]
    if wish.text:
        return Plan("pairs", wish.text, sides[0]) if sides else None
    return Plan("pairs", sides[0], sides[1]) if len(sides) > 1 else None


def _sides(fields: _Fields) -> list[str]:
    """Return the fields that say the same in two languages, or a question and its answer."""
    languages: dict[str, dict[str, str]] = {}
    for name in fields.names:
        outer, _, inner = name.rpartition(".")
        if is_language(inner) and inner.lower() != "id" and fields.are_texts(name):
            languages.setdefault(outer, {})[inner] = name
    for some in languages.values():
        if len(some) > 1:
            return [some[language] for language in in_order(some)]
    for names in PAIRS:
        found = [next((name for name in fields.named([one]) if fields.are_texts(name)), "") for one in names]
        if all(found):
            return found
    return []


def _classes(fields: _Fields, wish: Wish) -> Plan | None:
    if wish.task == "auto" and wish.label == NOTHING:
        return None
    text = wish.text or fields.text()
    able = [name for name in fields.named(LABELS) if name != text and fields.are_classes(name)]
    label = wish.label.replace(NOTHING, "") or next(iter(able), "")
    return Plan("classes", text, label) if text and label and text != label else None


def _running(fields: _Fields, wish: Wish) -> Plan | None:
    text = wish.text or fields.text()
    if not text:
        return None
    title = wish.title
    if not title and any(isinstance(value, list) for value in fields.values(text)):
        title = next((name for name in fields.named(TITLES) if name != text and fields.are_texts(name)), "")
    return Plan("running", text, title="" if title == NOTHING else title)


_RULES = {"tags": _tags, "pairs": _pairs, "classes": _classes, "running": _running}
