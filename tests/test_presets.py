"""The presets: ordinary documents, found by being there, that keep what they promise."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from playground import presets as shelf
from playground.data.own_text import OwnText
from playground.experiment import Words
from playground.preparation import prepare
from playground.presets import built_in_folder, open_named, presets, save_as_preset, user_folder
from playground.text import Refusal
from tests.examples import PRESETS, preset

NAMES = sorted(path.stem for path in built_in_folder().glob("*.json"))
PROMISING = [name for name in NAMES if preset(name).result is not None]
"""Those that say what they reach; others only carry a recorded run, or are too large to be trained here."""

TRAINABLE = [name for name in NAMES if getattr(preset(name).source, "path", "there")]
"""Those whose data come with the program."""


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Give the user of every test an empty home."""
    monkeypatch.setenv("NETWORK_PLAYGROUND_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "presets"


def test_the_presets_of_the_first_road_are_there():
    assert set(PRESETS) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_is_complete(name):
    experiment = preset(name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    for words in (experiment.title, experiment.about):
        assert words.en.strip() and words.zh.strip()
        assert re.search(r"[\u4e00-\u9fff]", words.zh) or words is experiment.title
    assert len(experiment.about.en) > 100
    assert experiment.rows
    assert experiment.result is not None or "recorded" in experiment.extra or name not in TRAINABLE
    assert experiment.view.panels or name not in TRAINABLE


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_has_no_problems(name):
    experiment = preset(name)
    report = experiment.examined()
    assert [str(problem.message) for problem in report.problems] == []


@pytest.mark.parametrize("name", TRAINABLE)
def test_the_facts_in_the_file_are_those_of_the_data(name):
    experiment = preset(name)
    data = prepare(experiment.source.read(), experiment.preparation, experiment.training.seed)
    if isinstance(experiment.source, OwnText):  # it grows with every text of the program; so much was there once
        assert experiment.facts.inputs == data.facts.inputs
        assert experiment.facts.targets.keys() == data.facts.targets.keys()
        return
    assert experiment.facts == data.facts
    assert {split: len(examples) for split, examples in data.splits.items()} == dict(data.facts.counts)


@pytest.mark.parametrize("name", TRAINABLE)
def test_a_preset_trains_three_steps_and_evaluates(name):
    training = pytest.importorskip("playground.training")
    trainer = training.Trainer(preset(name), device="cpu")
    steps = list(trainer.steps(3))
    assert [step.number for step in steps] == [1, 2, 3]
    validates = {"validation"} & set(trainer.data.splits)
    assert {made.split for made in steps[-1].evaluations} == {"train"} | validates
    if (result := preset(name).result) is not None:
        assert result.metric in steps[-1].evaluations[0].metrics


@pytest.mark.slow
@pytest.mark.timeout(600)  # a minute at most, of a processor of its own
@pytest.mark.parametrize("name", PROMISING)
def test_a_preset_keeps_its_promise(name):
    training = pytest.importorskip("playground.training")
    trainer = training.Trainer(preset(name), device="cpu")
    for _ in trainer.steps():
        pass
    result = preset(name).result
    reached = trainer.evaluate(result.split).metrics[result.metric]
    assert reached >= result.value if result.at_least else reached <= result.value
    if result.metric == "accuracy" and result.at_least:
        assert reached > result.baseline + 0.1


def test_the_promise_is_better_than_guessing_where_it_is_one():
    for name in PROMISING:
        result = preset(name).result
        assert not result.at_least or result.value > result.baseline


def test_presets_lists_the_programs_own_then_the_users(own_folder):
    save_as_preset(preset("xor"), "zebra")
    save_as_preset(preset("xor"), "ant")
    listed = presets()
    assert [p.name for p in listed] == [*NAMES, "ant", "zebra"]
    assert [p.built_in for p in listed] == [True] * len(NAMES) + [False, False]
    assert user_folder() == own_folder


def test_a_name_of_the_programs_own_cannot_be_taken_or_hidden(own_folder):
    with pytest.raises(Refusal, match="xor is a preset of the program"):
        save_as_preset(preset("lenet"), "xor")
    own_folder.mkdir(parents=True)
    (own_folder / "xor.json").write_text("{}")
    assert next(p for p in presets() if p.name == "xor").built_in


@pytest.mark.parametrize("name", ["", "My Net", "net_1", "-net", "net-", "a--b", "../net", "n" * 61, "网络"])
def test_a_preset_name_is_lower_case_with_hyphens(name):
    with pytest.raises(Refusal, match="lower-case letters"):
        save_as_preset(preset("xor"), name)


def test_a_saved_preset_is_opened_by_name_and_saved_over(own_folder):
    path = save_as_preset(preset("xor"), "mine")
    assert path == own_folder / "mine.json"
    assert open_named("mine")[0] == preset("xor")
    save_as_preset(replace(preset("xor"), title=Words("New")), "mine")
    assert open_named("mine")[0].title == Words("New")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NETWORK_PLAYGROUND_HOME", str(tmp_path / "file"))
    with pytest.raises(Refusal, match="could not be written"):
        save_as_preset(preset("xor"), "mine")


def test_a_preset_is_opened_without_a_path_and_a_file_with_its_own(tmp_path, monkeypatch):
    assert open_named("lenet") == (preset("lenet"), None)
    path = tmp_path / "net.json"
    path.write_text((built_in_folder() / "xor.json").read_text("utf-8"), "utf-8")
    assert open_named(str(path)) == (preset("xor"), path)
    monkeypatch.chdir(tmp_path)
    Path("lenet").write_text(path.read_text("utf-8"), "utf-8")
    assert open_named("lenet")[0] == preset("xor")  # a file of that name that lies here is meant


def test_a_name_that_is_nowhere_is_answered_with_what_there_is():
    with pytest.raises(Refusal, match=r"no preset or file called nothing; the presets are: .*, lenet, "):
        open_named("nothing")
    with pytest.raises(Refusal, match="there is no such file"):
        open_named("nothing.json")


def test_home_is_the_platforms_data_folder_unless_told_otherwise(tmp_path, monkeypatch):
    assert shelf.home() == tmp_path / "home"
    monkeypatch.delenv("NETWORK_PLAYGROUND_HOME")
    assert shelf.home().name == "network-playground"
