"""Looking at data: pages of every form, classes, words, mistakes, counts; small enough to be sent."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from playground.analysis import analyse
from playground.block import Block
from playground.blocks.combine import Flatten
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.normalisation import BatchNorm, Dropout
from playground.browsing import Browse, Page, Question, Survey, _judging, _tallies
from playground.browsing.answers import Boxes, Classes, Curves, Masks, Pictures, Rows, Steps, Tally, Texts, Values
from playground.data import IGNORED, Data, Examples
from playground.data._stored import Mapped
from playground.data.idx import IdxFolder
from playground.data.planar import Xor
from playground.experiment import Experiment, Training
from playground.facts import DataFacts, Target
from playground.graph import Graph
from playground.lab import Lab
from playground.messages import Ask, Load, Replied
from playground.probes import LARGEST_ANSWER
from playground.report import Report
from playground.shape import Shape
from playground.text import Refusal, say
from playground.training import Trainer, read_data
from tests import forms_of_data as forms
from tests.examples import chain


@dataclass
class Oracle:
    """A run whose network answers as it is told, from the inputs of a batch."""

    data: Data
    says: Callable[[Mapping[str, Any]], Any]
    output: Block = Output()
    number: int = 7
    network: Any = None
    looked: int = 0

    @property
    def report(self) -> Report:
        facts = self.data.facts
        field = next(iter(facts.inputs))
        return analyse(chain(Input(field=field), Flatten(), Dense(units=4), self.output), facts)

    @property
    def experiment(self) -> Experiment:
        raise AssertionError

    def look(self, inputs: Mapping[str, Any], keep: Iterable[str]) -> dict[str, Any]:
        (id,) = keep
        self.looked += len(next(iter(inputs.values())))
        return {id: self.says(inputs)}


def chances(*answers: int, classes: int = 3, sure: float = 2.0) -> np.ndarray[Any, Any]:
    return np.eye(classes)[list(answers)] * sure


# -- pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", forms.FORMS)
def test_a_page_of_every_form_is_small_and_as_long_as_what_it_shows(name: str) -> None:
    data = forms.FORMS[name]()
    page = Browse().answer(data, None)
    assert len(page.numbers) == min(page.size, page.found) > 0
    assert page.total == page.fits == page.found == len(data.splits["train"])
    content = page.content
    held = {Pictures: "frames", Texts: "tokens", Curves: "values", Rows: "values"}[type(content)]
    assert len(getattr(content, held)) == len(page.numbers)
    assert len(pickle.dumps((page, Survey().answer(data, None)))) < LARGEST_ANSWER


@pytest.mark.parametrize(
    ("shape", "targets"),
    [
        (Shape(channels=3, height=300, width=200), {"mask": Target(("a", "b"), Shape(height=300, width=200))}),
        (Shape(channels=1, height=2, width=9000), {"label": Target(("a", "b"))}),
        (Shape(time=40, channels=3, height=64, width=64), {"label": Target(("a", "b"))}),
        (Shape(time=3000, features=40), {"y": Target(shape=Shape(features=500))}),
        (Shape(features=5000), {"y": Target(shape=Shape(features=500))}),
        (Shape(channels=2, height=128, width=128), {"label": Target(("x" * 200, "b"))}),
    ],
    ids=lambda value: str(value) if isinstance(value, Shape) else "",
)
def test_large_examples_are_made_small_and_come_in_smaller_pages(shape: Shape, targets: dict[str, Target]) -> None:
    n = 60
    x = np.zeros((n, *shape.sizes), dtype=np.float32)
    made = {
        name: np.zeros((n, *one.shape.sizes), dtype=np.int64 if one.is_class else np.float32)
        for name, one in targets.items()
    }
    data = Data(DataFacts({"x": shape}, targets)).with_splits({"train": Examples({"x": x}, made)})
    for count in (1, 500):
        page = Browse(count=count).answer(data, None)
        assert 0 < len(page.numbers) <= count
        assert len(pickle.dumps(page)) < LARGEST_ANSWER


def test_texts_of_many_long_tokens_are_cut_and_say_so() -> None:
    known = ("<pad>", "<unk>", *("字" * 30 + str(n) for n in range(500)))
    rows = np.random.default_rng(0).integers(2, 500, (80, 2000))
    data = Data(
        DataFacts({"text": Shape(time=2000)}, {"label": Target(("a",))}), vocabularies={"text": known}
    ).with_splits({"train": Examples({"text": rows}, {"label": np.zeros(80, dtype=np.int64)})})
    page = Browse(count=200).answer(data, None)
    assert isinstance(page.content, Texts)
    assert len(page.content.tokens[0]) + page.content.cut[0] == 2000
    assert len(pickle.dumps(page)) < LARGEST_ANSWER


def test_pages_go_on_where_the_last_one_ended_and_never_beyond_the_end() -> None:
    data = forms.numbers()
    seen: list[int] = []
    for first in range(0, 40, 15):
        page = Browse(first=first, count=15).answer(data, None)
        assert page.size == 15 and page.first == first
        seen += page.numbers.tolist()
    assert seen == list(range(40))
    assert Browse(first=10**9).answer(data, None).numbers.tolist() == [39]
    assert Browse(first=-5, count=2).answer(data, None).numbers.tolist() == [0, 1]


def test_another_split_is_shown_and_one_that_is_missing_gives_way() -> None:
    data = forms.numbers()
    assert Browse(split="test").answer(data, None).total == 5
    page = Browse(split="validation").answer(data, None)
    assert (page.split, page.total) == ("train", 40)
    with pytest.raises(Refusal, match="no examples"):
        Browse().answer(Data(DataFacts()), None)


def test_a_class_is_shown_alone_and_a_tag_where_a_text_holds_it() -> None:
    page = Browse(label=2).answer(forms.images(), None)
    assert page.numbers.tolist() == list(range(2, 30, 3)) and page.fits == 10
    tagged = Browse(label=1).answer(forms.tagged(), None)
    assert tagged.numbers.tolist() == [0], "only one sentence names a person"
    assert len(Browse(label=99).answer(forms.images(), None).numbers) == 0


# -- forms -------------------------------------------------------------------------------------------------------


def test_pictures_keep_their_brightness_and_planes() -> None:
    content = Browse(count=3).answer(forms.images(), None).content
    assert isinstance(content, Pictures) and content.frames.shape == (3, 1, 12, 12, 1)
    assert content.frames[:, 0, 0, 0, 0].tolist() == [0, 85, 170] and content.frames[0, 0, 3, 3, 0] == 255
    x = np.array([[[[0.0, 255.0]]], [[[0.0, 1.0]]]], dtype=np.float32)
    bytes_of_pixels = Data(DataFacts({"x": Shape(channels=1, height=1, width=2)})).with_splits(
        {"train": Examples({"x": x}, {})}
    )
    content = Browse().answer(bytes_of_pixels, None).content
    assert isinstance(content, Pictures) and content.frames.ravel().tolist() == [0, 255, 0, 1]


def test_a_picture_on_its_own_is_sharper_than_in_a_page() -> None:
    x = np.random.default_rng(0).random((4, 3, 200, 100), dtype=np.float32)
    data = Data(DataFacts({"x": Shape(channels=3, height=200, width=100)})).with_splits(
        {"train": Examples({"x": x}, {})}
    )
    small, large = Browse(count=4).answer(data, None).content, Browse(count=1).answer(data, None).content
    assert isinstance(small, Pictures) and isinstance(large, Pictures)
    assert small.frames.shape[2:4] == (50, 25) and large.frames.shape[2:4] == (200, 100)
    assert small.size == (200, 100)
    mean = x[0, 1, :4, :4].mean() * 255
    assert abs(float(small.frames[0, 0, 0, 0, 1]) - mean) < 1, "a pixel is the mean of those it stands for"


def test_masks_boxes_and_clips_come_along() -> None:
    (mask,) = Browse().answer(forms.masked(), None).wanted
    assert isinstance(mask, Masks) and mask.classes.shape == (6, 20, 20) and mask.names == ("ground", "disc", "square")
    label, box = Browse().answer(forms.boxed(), None).wanted
    assert isinstance(label, Classes) and label.names[0] == "thin"
    assert isinstance(box, Boxes) and box.values.shape == (8, 4)
    clip = Browse().answer(forms.clips(), None).content
    assert isinstance(clip, Pictures) and clip.frames.shape == (5, 8, 8, 8, 1), "eight of the ten frames"
    first, last = clip.frames[2, 0, ..., 0], clip.frames[2, -1, ..., 0]
    assert first[2, 0] == 255 and last[2, 9 % 8] == 255


def test_pixels_without_a_class_are_told_from_all_classes() -> None:
    data = forms.masked()
    train = data.splits["train"]
    masks = train.targets["mask"].copy()
    masks[:, 0] = IGNORED
    data = data.with_splits({"train": replace(train, targets={"mask": masks})})
    (mask,) = Browse().answer(data, None).wanted
    assert isinstance(mask, Masks) and set(mask.classes[0, 0]) == {255}


def test_tables_have_their_columns_names_and_numbers_their_own() -> None:
    page = Browse().answer(forms.table(), None)
    assert isinstance(page.content, Rows) and page.content.names == ("height", "width")
    (label,) = page.wanted
    assert isinstance(label, Classes) and label.names == ("no", "yes", "yes", "no")
    page = Browse(count=1).answer(forms.numbers(), None)
    assert isinstance(page.content, Rows) and page.content.names == ("x",)
    assert isinstance(page.wanted[0], Values) and page.wanted[0].values.tolist() == [[1.0]]


def test_series_keep_their_ends_and_the_names_of_what_runs() -> None:
    page = Browse().answer(forms.series(), None)
    assert isinstance(page.content, Curves) and page.content.names == ("sine", "cosine")
    assert page.content.values.shape == (7, 150, 2) and page.content.stride == 2


def test_a_sentence_is_its_tokens_without_padding_and_unknown_ones_are_told() -> None:
    data = forms.sentences()
    page = Browse().answer(data, None)
    assert isinstance(page.content, Texts) and page.content.spaced and not page.content.running
    assert page.content.tokens[0] == ("the", "film", "is", "good")
    assert page.content.tokens[2][:4] == ("你", "好", "世", "界")
    held = Browse(split="validation").answer(data, None).content
    assert isinstance(held, Texts) and held.tokens == (("a", "<unk>", "film"),)


@pytest.mark.parametrize("padding", ["end", "start"])
def test_each_token_has_its_own_tag_wherever_the_padding_is(padding: str) -> None:
    data = forms.tagged(padding)
    page = Browse().answer(data, None)
    assert isinstance(page.content, Texts)
    (tags,) = page.wanted
    assert isinstance(tags, Steps) and not tags.written
    assert list(zip(page.content.tokens[0], tags.names[0], strict=True)) == [
        ("Anna", "B-PER"), ("lives", "O"), ("in", "O"), ("Oslo", "B-LOC"),
    ]  # fmt: skip
    assert list(zip(page.content.tokens[1], tags.names[1], strict=True)) == [("Oslo", "B-LOC"), ("sleeps", "O")]
    (known,) = Survey().answer(data, None).vocabularies
    assert (known.mean, known.longest) == (3.0, 4), "what fills up is no text"
    assert tallies(data)["tokens"].counts["train"].sum() == 6


def test_what_is_to_be_written_is_a_text_of_its_own_without_its_end() -> None:
    page = Browse().answer(forms.pairs(), None)
    assert isinstance(page.content, Texts) and "".join(page.content.tokens[0]) == "3 May"
    (written,) = page.wanted
    assert isinstance(written, Steps) and written.written and "".join(written.names[1]) == "06-12"


def test_a_stream_is_shown_in_its_windows_and_nothing_else() -> None:
    page = Browse().answer(forms.running(), None)
    assert isinstance(page.content, Texts) and page.content.running and not page.content.spaced
    assert "".join(page.content.tokens[0]).startswith("春眠不觉晓\n")
    assert page.wanted == ()


@pytest.mark.parametrize(
    ("words", "found"),
    [("film", [0, 1]), ("GOOD FILM", []), ("film is", [0]), ("世界", [2]), ("bad,", [1]), ("zebra", [])],
)
def test_texts_are_searched_by_words_that_follow_each_other(words: str, found: list[int]) -> None:
    assert Browse(search=words).answer(forms.sentences(), None).numbers.tolist() == found


def test_a_stream_of_letters_is_searched_across_its_tokens() -> None:
    data = forms.running()
    page = Browse(search="闻啼").answer(data, None)
    text = [
        "".join(data.vocabularies["text"][one] for one in row if one) for row in data.splits["train"].inputs["text"]
    ]
    assert page.numbers.tolist() == [at for at, one in enumerate(text) if "闻啼" in one] != []
    assert len(Browse(search="闻处").answer(data, None).numbers) == 0


def test_examples_left_in_their_files_are_read_for_the_page_alone() -> None:
    data = forms.images()
    read: list[int] = []

    def convert(raw: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        read.append(len(raw))
        return raw

    train = data.splits["train"]
    stored = replace(train, inputs={"x": Mapped(np.asarray(train.inputs["x"]), convert)})
    read.clear()
    page = Browse(first=3, count=4).answer(data.with_splits({"train": stored}), None)
    kept = Browse(first=3, count=4).answer(data, None)
    assert isinstance(page.content, Pictures) and isinstance(kept.content, Pictures)
    assert (page.content.frames == kept.content.frames).all()
    assert max(read) <= 64


# -- mistakes ----------------------------------------------------------------------------------------------------


def test_mistakes_are_what_the_network_takes_for_another_class_the_surest_first() -> None:
    data = forms.images()

    def says(inputs: Mapping[str, Any]) -> Any:  # right but for the second kind, of which it is surer each time
        kinds = (inputs["x"][:, 0, 0, 0] * 3).round().astype(int)
        sure = 1 + np.arange(len(kinds)) / 10
        return np.eye(3)[np.where(kinds == 1, 2, kinds)] * sure[:, None]

    page = Browse(mistakes=True).answer(data, Oracle(data, says))
    assert page.numbers.tolist() == list(range(28, 0, -3))
    assert (page.found, page.looked, page.fits, page.step, page.errors) == (10, 30, 30, 7, False)
    (given,) = page.given
    assert isinstance(given, Classes) and set(given.names) == {"kind 2"} and given.sure is not None
    assert given.sure.min() > 0
    of_a_class = Browse(mistakes=True, label=0).answer(data, Oracle(data, says))
    assert (of_a_class.found, of_a_class.looked) == (0, 10)


def test_one_score_for_yes_is_read_as_two_classes() -> None:
    data = forms.table()
    output = Output(task="binary", loss="binary_cross_entropy")
    page = Browse(mistakes=True).answer(data, Oracle(data, lambda inputs: np.full((len(inputs["x"]), 1), 3.0), output))
    assert page.numbers.tolist() == [0, 3]
    (given,) = page.given
    assert isinstance(given, Classes) and given.sure is not None
    assert given.sure[0] == pytest.approx(1 / (1 + np.exp(-3)))
    hard = Output(task="binary", loss="mse")
    page = Browse(mistakes=True).answer(data, Oracle(data, lambda inputs: np.zeros((len(inputs["x"]), 1)), hard))
    assert page.numbers.tolist() == [1, 2]


def test_where_numbers_are_to_be_predicted_the_largest_errors_come_first() -> None:
    data = forms.numbers()
    output = Output(target="y", task="regression", loss="mse")
    page = Browse(mistakes=True).answer(data, Oracle(data, lambda inputs: inputs["x"] * 0, output))
    error = data.splits["train"].targets["y"][page.numbers, 0]
    assert page.errors and page.found == 40 and (np.diff(error) <= 0).all()


def test_a_text_is_wrong_by_how_many_of_its_tags_are_and_padding_is_never() -> None:
    data = forms.tagged()

    def says(inputs: Mapping[str, Any]) -> Any:  # everything is outside; (n, time, classes)
        return np.broadcast_to(np.array([1.0, 0, 0]), (*inputs["text"].shape, 3))

    page = Browse(mistakes=True).answer(data, Oracle(data, says, Output(target="tag")))
    assert page.numbers.tolist() == [0, 1], "half of both are wrong"
    (given,) = page.given
    assert isinstance(given, Steps) and given.names == (("O",) * 4, ("O",) * 2)
    truth = data.splits["train"].targets["tag"]
    right = Oracle(data, lambda inputs: np.eye(3)[np.where(truth == IGNORED, 2, truth)], Output(target="tag"))
    assert Browse(mistakes=True).answer(data, right).found == 0


def test_an_image_is_wrong_by_its_pixels() -> None:
    data = forms.masked()

    def says(inputs: Mapping[str, Any]) -> Any:  # (n, classes, height, width)
        scores = np.zeros((len(inputs["x"]), 3, 20, 20))
        scores[:, 1] = 1
        return scores

    page = Browse(mistakes=True).answer(data, Oracle(data, says, Output(target="mask")))
    (given,) = page.given
    assert page.found == 6 and isinstance(given, Masks) and set(given.classes.ravel()) == {1}


def test_only_so_many_are_judged_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    data = forms.images(300)
    monkeypatch.setattr(_judging, "MOST_JUDGED", 200)
    oracle = Oracle(data, lambda inputs: chances(*[0] * len(inputs["x"])))
    page = Browse(mistakes=True, count=5).answer(data, oracle)
    assert (page.looked, page.fits) == (200, 300)
    assert oracle.looked == 205, "those on the page once more"
    monkeypatch.setattr(_judging, "SECONDS", -1.0)
    assert Browse(mistakes=True).answer(data, oracle).looked == _judging.BATCH, "time is up after the first batch"


def test_without_a_network_mistakes_are_refused_but_nothing_else() -> None:
    with pytest.raises(Refusal, match="no network"):
        Browse(mistakes=True).answer(forms.images(), None)


# -- counts ------------------------------------------------------------------------------------------------------


def tallies(data: Data) -> dict[str, Tally]:
    return {one.kind: one for one in Survey().answer(data, None).tallies}


def test_classes_are_counted_in_every_split() -> None:
    overview = Survey().answer(forms.images(), None)
    (tally,) = overview.tallies
    assert tally.names == ("kind 0", "kind 1", "kind 2") and overview.choosing == "label"
    assert {split: found.tolist() for split, found in tally.counts.items()} == {
        "train": [10, 10, 10],
        "validation": [3, 3, 3],
    }


def test_tags_and_pixels_are_counted_where_there_are_any() -> None:
    assert tallies(forms.tagged())["steps"].counts["train"].tolist() == [3, 1, 2]
    counted = tallies(forms.masked())["pixels"].counts["train"]
    truth = forms.masked().splits["train"].targets["mask"]
    assert counted.tolist() == [int((truth == kind).sum()) for kind in range(3)]


def test_numbers_are_counted_in_ranges_that_hold_them_all() -> None:
    tally = tallies(forms.numbers())["numbers"]
    assert len(tally.edges) == len(tally.counts["train"]) + 1
    assert tally.counts["train"].sum() == 40 and tally.counts["test"].sum() == 5
    assert tally.edges[0] <= 0.001 and tally.edges[-1] == 1.0


def test_texts_say_their_vocabulary_their_unknown_share_and_frequent_tokens() -> None:
    data = forms.sentences()
    (known,) = Survey().answer(data, None).vocabularies
    assert known.size == len(data.vocabularies["text"]) and known.longest == 12
    assert known.mean == pytest.approx((4 + 5 + 12 + 3) / 4)
    assert known.unknown == {"train": 0.0, "validation": pytest.approx(1 / 3)}
    tokens = tallies(data)["tokens"]
    assert tokens.names[0] == "good" and tokens.counts["train"][0] == 4
    assert "<pad>" not in tokens.names and "<unk>" not in tokens.names


def test_of_very_many_classes_the_most_frequent_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tallies, "MOST_NAMED", 2)
    (tally,) = Survey().answer(forms.images(29), None).tallies
    assert tally.names == ("kind 0", "kind 1") and tally.more == 1


def test_of_very_many_numbers_the_first_are_counted_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tallies, "MOST_COUNTED", 9)
    (tally,) = Survey().answer(forms.images(), None).tallies
    assert tally.partly and tally.counts["train"].sum() == 9


def test_what_was_said_when_the_data_were_read_comes_along() -> None:
    data = replace(forms.images(), remarks=(say("Ready"),) * 50, problems=(say("Paused"),))
    overview = Survey().answer(data, None)
    assert overview.problems == (say("Paused"),) and 0 < len(overview.remarks) < 50


# -- in the Lab --------------------------------------------------------------------------------------------------


def replies(experiment: Experiment, *questions: Question) -> list[Replied]:
    """Return what a Lab says to questions, in their order, after it has been given an experiment."""
    lab = Lab()
    lab.start()
    lab.post(Load(1, experiment))
    for id, question in enumerate(questions):
        lab.post(Ask(id, question))
    found: list[Replied] = []
    end = time.monotonic() + 20
    while len(found) < len(questions) and time.monotonic() < end:
        found += [notice for notice in lab.outbox.take()[0] if isinstance(notice, Replied)]
        time.sleep(0.005)
    assert lab.close()
    return found


def test_data_are_seen_before_there_is_a_network() -> None:
    shown, survey, refused = replies(
        Experiment(source=Xor(count=40), graph=Graph()), Browse(), Survey(), Browse(mistakes=True)
    )
    assert isinstance(shown.answer, Page) and shown.answer.total == 32
    assert survey.answer.choosing == "label"
    assert refused.failure is not None and "no network" in str(refused.failure)


def test_data_that_could_not_be_read_are_refused() -> None:
    (refused,) = replies(Experiment(source=IdxFolder(path="nowhere")), Browse())
    assert refused.failure == say("the data have not been read")


def test_looking_at_mistakes_changes_nothing_of_the_run() -> None:
    graph = chain(Input(), Dense(units=8), BatchNorm(), Dropout(), Dense(units=2), Output())
    experiment = Experiment(source=Xor(count=80), graph=graph, training=Training(batch_size=16, epochs=3))

    def losses(look: bool) -> list[float]:
        trainer = Trainer(experiment, read_data(experiment), "cpu")
        found = []
        for step in trainer.steps():
            found.append(step.loss)
            if look and step.number % 2:
                page = Browse(mistakes=True).answer(trainer.data, trainer)
                assert page.step == step.number and page.found == len(page.numbers)
        return found

    assert losses(look=True) == losses(look=False)
