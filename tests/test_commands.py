"""The commands that need no window: their JSON, their exit statuses, and what they print for people."""

from __future__ import annotations

import json
from dataclasses import replace
from math import prod

import pytest

pytest.importorskip("torch")

from playground import bootstrap, commands
from playground.analysis import analyse
from playground.blocks.combine import Flatten
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.group import Group, GroupInput, GroupOutput
from playground.choices import SGD
from playground.data.idx import IdxFolder
from playground.experiment import Words
from playground.files import read, write
from playground.graph import Graph, Wire
from playground.presets import presets, save_as_preset
from playground.project import read_record
from playground.training import Trainer
from tests.data.idx_files import write_set
from tests.examples import BINARY, PRESETS, chain, delicate, preset, small


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NETWORK_PLAYGROUND_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANGUAGE", "en")
    return tmp_path / "home" / "presets"


@pytest.fixture
def run(capsys):
    """Run a command in this process; return its status, what it printed and what it complained of."""

    def call(name, *arguments):
        command = commands.find(name)
        try:
            options = command.parse([str(one) for one in arguments], "main.py")
        except SystemExit as ending:
            return ending.code, *capsys.readouterr()
        status = bootstrap._call(command, options)
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def saved(tmp_path):
    """Write an experiment to a file and return its path."""

    def save(experiment, name="net.json"):
        write(experiment, tmp_path / name)
        return tmp_path / name

    return save


def broken():
    experiment = small()
    return replace(experiment, graph=experiment.graph.disconnect(Wire("input_1", "dense_1")))


# -- presets -----------------------------------------------------------------------------------------------------


def test_presets_lists_every_preset_with_the_fields_that_programs_rely_on(run):
    status, out, _ = run("presets", "--json")
    listed = json.loads(out)
    assert status == 0
    assert [entry["name"] for entry in listed] == [p.name for p in presets()]
    for entry in listed:
        assert {"name", "title", "about", "rows", "result", "recorded"} <= set(entry)
        assert set(entry["title"]) == {"en", "zh"}
    lenet = next(entry for entry in listed if entry["name"] == "lenet")
    assert lenet["rows"] == ["B6"]
    assert {"metric", "split", "value", "at_least", "baseline"} <= set(lenet["result"])


def test_presets_for_people_has_a_line_each(run):
    status, out, _ = run("presets")
    assert status == 0 and len(out.splitlines()) >= len(PRESETS)
    assert any(line.startswith("lenet") and "LeNet" in line for line in out.splitlines())


def test_a_preset_that_cannot_be_read_is_listed_with_the_reason(run, own_folder):
    save_as_preset(small(), "good")
    (own_folder / "bad.json").write_text("{")
    status, out, _ = run("presets", "--json")
    entries = {entry["name"]: entry for entry in json.loads(out)}
    assert status == 1
    assert "bad.json cannot be opened" in entries["bad"]["problem"]
    assert entries["good"]["result"] is None


# -- check -------------------------------------------------------------------------------------------------------


def test_check_tells_what_analysis_knows(run):
    status, out, _ = run("check", "lenet", "--json")
    answer = json.loads(out)
    report = analyse(preset("lenet").graph, preset("lenet").facts)
    assert status == 0
    assert (answer["ok"], answer["parameters"], answer["macs"], answer["problems"]) == (True, 61_706, 416_520, [])
    assert answer["memory_bytes"] > report.parameters * 4
    conv = next(node for node in answer["nodes"] if node["id"] == "conv_1")
    assert conv == {
        "id": "conv_1",
        "block": "Conv2D",
        "shape": {"channels": 6, "height": 28, "width": 28},
        "parameters": 156,
        "macs": 117_600,
        "receptive_field": [5, 5],
    }
    assert next(node for node in answer["nodes"] if node["id"] == "dense_1")["receptive_field"] is None


def test_check_of_several_files_is_a_list_and_one_problem_is_enough_for_exit_one(run, saved):
    status, out, _ = run("check", "xor", saved(broken()), "--json")
    good, bad = json.loads(out)
    assert status == 1
    assert good["ok"] and not bad["ok"]
    assert bad["problems"] == [{"node": "dense_1", "message": "nothing comes in at x; draw a wire to it"}]
    assert [node["id"] for node in bad["nodes"]] == ["input_1"]


def test_check_lists_what_is_in_groups_and_its_sums_are_those_of_its_nodes(run, saved):
    inner = Graph.of(
        {"x": GroupInput(), "dense_1": Dense(units=2), "out": GroupOutput()},
        (Wire("x", "dense_1"), Wire("dense_1", "out")),
    )
    graph = chain(Input(), Group(graph=inner, repeat=2), Dense(units=1), BINARY).mark("dense_1", frozen=True)
    _, out, _ = run("check", saved(replace(small(), graph=graph)), "--json")
    answer = json.loads(out)
    inside = ["group_1.1.dense_1", "group_1.2.dense_1"]
    assert [node["id"] for node in answer["nodes"]] == ["input_1", *inside, "dense_1", "output_1"]
    assert answer["parameters"] == sum(node["parameters"] for node in answer["nodes"]) == 6 + 6 + 3
    assert answer["macs"] == sum(node["macs"] for node in answer["nodes"])
    held = 4 * 10 * sum(prod(node["shape"].values()) for node in answer["nodes"])  # a batch of ten
    assert answer["memory_bytes"] == 4 * 15 + 4 * 12 * (1 + 2) + held  # three are frozen; Adam remembers two numbers


def test_check_tells_every_problem_of_a_file_that_cannot_be_read(run, tmp_path):
    path = tmp_path / "bad.json"
    path.write_text('{"format": "network-playground", "version": 1, "title": 3, "training": {"epochs": 0}}')
    status, out, _ = run("check", path, "--json")
    answer = json.loads(out)
    assert (status, answer["ok"], answer["nodes"]) == (1, False, [])
    assert answer["problems"][0]["message"].startswith("title:")
    assert len(answer["problems"]) >= 2
    status, out, _ = run("check", "no-such-thing", "--json")
    assert status == 1 and "no preset or file called no-such-thing" in json.loads(out)["problems"][0]["message"]


def test_check_for_people_names_the_problem_beside_its_node(run, saved):
    status, out, _ = run("check", saved(broken()))
    assert status == 1
    assert "  ! dense_1: nothing comes in at x; draw a wire to it" in out
    status, out, _ = run("check", "lenet")
    assert status == 0 and "61,706 parameters, 416,520 MACs" in out and "6 × 28 × 28" in out


def test_check_without_a_file_is_wrong_usage(run):
    assert run("check")[0] == 2


# -- data --------------------------------------------------------------------------------------------------------


def test_data_tells_the_fields_that_programs_rely_on(run, tmp_path):
    write_set(tmp_path, n=40)
    write_set(tmp_path, role="t10k", n=5)
    status, out, err = run("data", tmp_path, "--json")
    answer = json.loads(out)
    assert (status, err) == (0, "")
    assert answer["format"] == "idx"
    assert answer["splits"] == {"train": 40, "validation": 0, "test": 5}
    assert answer["facts"]["inputs"] == {"x": {"channels": 1, "height": 4, "width": 3}}
    assert answer["facts"]["targets"] == {"label": {"classes": ["0", "1", "2"]}}
    assert answer["problems"] == [] and answer["seconds"] > 0


def test_data_with_problems_ends_with_one(run, tmp_path):
    for path, words in ((tmp_path / "gone", "no file or folder"), (tmp_path, "the folder is empty")):
        status, out, _ = run("data", path, "--json")
        answer = json.loads(out)
        assert (status, answer["format"], answer["splits"]["train"]) == (1, None, 0)
        assert words in answer["problems"][0]
    write_set(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"")
    status, out, _ = run("data", tmp_path)
    assert status == 1 and "  ! train-images-idx3-ubyte is empty or damaged" in out
    assert run("data")[0] == 2


def test_data_of_which_something_had_to_be_left_out_are_told_and_end_with_one(run, tmp_path):
    pytest.importorskip("PIL")
    from tests.data.pictures import write_folder

    write_folder(tmp_path)
    (tmp_path / "cat" / "bad.png").write_bytes(b"no")
    status, out, _ = run("data", tmp_path, "--json")
    answer = json.loads(out)
    assert (status, answer["format"], answer["splits"]["train"]) == (1, "image-folder", 6)
    assert "bad.png was left out" in answer["problems"][0]


def test_data_for_people_is_said_in_both_languages(run, tmp_path, monkeypatch):
    write_set(tmp_path, n=40)
    roles = "train-images-idx3-ubyte=test, train-labels-idx1-ubyte=test"
    status, out, _ = run("data", tmp_path, "--roles", roles)
    assert status == 1 and "for testing" in out
    assert run("data", tmp_path, "--roles", "train")[0] == 1
    status, out, _ = run("data", tmp_path)
    assert status == 0
    assert "40 grey images of 4 × 3, 3 classes; 40 to train" in out
    assert "target label: 3 classes (0, 1, 2)" in out
    monkeypatch.setenv("LANGUAGE", "zh")
    assert "训练" in run("data", tmp_path)[1]


# -- train -------------------------------------------------------------------------------------------------------


def test_train_tells_the_fields_that_programs_rely_on(run, saved):
    experiment = delicate(epochs=4)
    status, out, err = run("train", saved(experiment), "--device", "cpu", "--json")
    answer = json.loads(out)
    trainer = Trainer(experiment, device="cpu")
    losses = [step.loss for step in trainer.steps()]
    assert (status, err) == (0, "")
    assert answer["losses"] == losses[:20]
    assert (answer["device"], answer["threads"], answer["seed"]) == ("cpu", 1, 1)
    assert (answer["steps"], answer["epochs"], answer["parameters"]) == (32, 4, trainer.report.parameters)
    assert answer["seconds"] > 0 and answer["name"].endswith("net.json")
    assert answer["train"] == trainer.evaluate("train").metrics
    assert answer["validation"] == trainer.evaluate("validation").metrics
    assert answer["test"] is None


def test_train_takes_another_length_and_seed(run, saved):
    path = saved(small())
    steps = json.loads(run("train", path, "--device", "cpu", "--steps", "5", "--json")[1])
    assert (steps["steps"], len(steps["losses"])) == (5, 5)
    epochs = json.loads(run("train", path, "--device", "cpu", "--epochs", "2", "--seed", "9", "--json")[1])
    assert (epochs["steps"], epochs["seed"]) == (16, 9)
    assert epochs["losses"] == [step.loss for step in Trainer(small(seed=9), device="cpu").steps(16)]


def test_train_takes_other_data_if_they_fit(run, saved, tmp_path):
    write_set(tmp_path / "set", n=40)
    path = saved(preset("lenet"))
    status, _, err = run("train", path, "--device", "cpu", "--steps", "2", "--data", tmp_path / "set", "--json")
    assert status == 1 and "conv_2" in err  # an image of 4 × 3 is too small
    status, out, _ = run("train", saved(images_only()), "--steps", "2", "--data", tmp_path / "set", "--json")
    assert status == 0 and json.loads(out)["steps"] == 2
    status, _, err = run("train", path, "--data", tmp_path / "gone")
    assert status == 1 and "no file or folder" in err


def test_train_says_when_the_files_have_changed_since_the_document_was_saved(run, saved, tmp_path):
    write_set(tmp_path / "set", n=40)
    source = IdxFolder(path=str(tmp_path / "set"))
    path = saved(replace(images_only(), source=source, facts=source.read().facts))
    assert run("train", path, "--steps", "1")[2] == ""
    write_set(tmp_path / "set", n=41)
    status, _, err = run("train", path, "--steps", "1")
    assert status == 0 and "have changed since this document was saved" in err


def images_only():
    return replace(small(), graph=chain(Input(), Flatten(), Dense(units="auto"), Output()))


def test_train_for_people_tells_the_result(run, saved):
    status, out, err = run("train", saved(replace(small(), title=Words("My net"))), "--device", "cpu", "--steps", "3")
    assert (status, err) == (0, "")
    assert out.startswith("My net: 3 steps in ") and "validation" in out and "accuracy" in out


def test_train_writes_a_project_that_opens_again(run, saved, tmp_path):
    project = tmp_path / "done.zip"
    status, _, _ = run("train", saved(small()), "--device", "cpu", "--steps", "6", "--out", project)
    assert status == 0
    assert read(project) == small()
    assert list(read_record(project).losses) == [step.loss for step in Trainer(small(), device="cpu").steps(6)]
    assert run("check", project)[0] == 0


def test_a_graph_with_a_problem_is_exit_one_with_its_place(run, saved):
    status, out, err = run("train", saved(broken()), "--device", "cpu", "--json")
    assert (status, out) == (1, "")
    assert err == "network-playground: dense_1: nothing comes in at x; draw a wire to it\n"


def test_a_file_or_device_that_is_not_there_is_exit_one(run):
    status, _, err = run("train", "nothing")
    assert status == 1 and "no preset or file called nothing" in err
    status, _, err = run("train", "xor", "--device", "cuda:99")
    assert status == 1 and "there is no device cuda:99 here" in err
    status, _, err = run("train", "xor", "--data", "/no/such/place")
    assert status == 1 and err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [(), ("xor", "--steps", "0"), ("xor", "--steps", "x"), ("xor", "--steps", "1", "--epochs", "1"),
     ("xor", "--seed", "-1"), ("xor", "--fast"), ("xor", "--epochs", "99999999999")],
)  # fmt: skip
def test_wrong_usage_is_exit_two(run, arguments):
    status, out, err = run("train", *arguments)
    assert (status, out) == (2, "")
    assert "usage:" in err


def test_training_that_fails_is_exit_three_and_prints_no_json(run, saved):
    experiment = small(optimiser=SGD(learning_rate=1000.0, weight_decay=10.0), epochs=1000)
    status, out, err = run("train", saved(experiment), "--device", "cpu", "--json")
    assert (status, out) == (3, "")
    assert "is not a number: it began at" in err


def test_numbers_that_json_lacks_are_null(run, saved):
    experiment = small(optimiser=SGD(learning_rate=1000.0, weight_decay=10.0))
    for steps in range(1, 60):
        status, out, _ = run("train", saved(experiment), "--device", "cpu", "--steps", steps, "--json")
        if status == 3:
            break
        json.loads(out, parse_constant=pytest.fail)
    assert status == 3 and steps > 1
