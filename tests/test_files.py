"""Documents as files: what is written is read back, and what is read is never trusted."""

from __future__ import annotations

import json
import random
import time
import zipfile
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground import document_json, files
from playground.block import CATALOGUE
from playground.blocks.data import Input
from playground.blocks.dense import Dense
from playground.blocks.unknown import Unknown
from playground.choices import Optimiser
from playground.data import SOURCES
from playground.data.idx import IdxFolder
from playground.data.planar import Blobs
from playground.document_json import Unreadable
from playground.experiment import (
    DIRECTIONS,
    KINDS,
    Experiment,
    Preparation,
    Remark,
    Result,
    Training,
    View,
    Words,
)
from playground.facts import DataFacts, Target
from playground.files import dumps, parse, read, write
from playground.graph import Graph, Wire
from playground.grouping import collapse
from playground.presets import built_in_folder
from playground.shape import Shape
from playground.text import Refusal
from tests.examples import PRESETS, chain, image_facts, planar_facts, preset

bounded = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
LENET_TEXT = (built_in_folder() / "lenet.json").read_text(encoding="utf-8")
XOR_TEXT = (built_in_folder() / "xor.json").read_text(encoding="utf-8")


def document(**changes):
    """A small valid document as plain JSON, with some parts exchanged."""
    return {**json.loads(XOR_TEXT), **changes}


def graph(nodes, wires=()):
    return document(graph={"nodes": nodes, "wires": list(wires)})


def refused(value):
    """Read what must be refused, and return what was said."""
    with pytest.raises(Unreadable) as refusal:
        parse(value if isinstance(value, str) else json.dumps(value), "net.json")
    assert str(refusal.value).startswith("net.json cannot be opened: ")
    assert len(str(refusal.value)) < 500
    return refusal.value


def experiment_or_sentence(text):
    """Read anything: it must come out as an experiment that can be saved, or as a sentence."""
    try:
        experiment = parse(text, "net.json")
    except Refusal as refusal:
        assert 10 < len(str(refusal)) < 2000
        return None
    assert parse(dumps(experiment)) == experiment
    return experiment


# -- round trips -------------------------------------------------------------------------------------------------


def holds(value, part):
    """Whether a JSON value says everything that another says (it may say more: defaults of newer parameters)."""
    if isinstance(part, dict):
        return isinstance(value, dict) and all(key in value and holds(value[key], one) for key, one in part.items())
    if isinstance(part, list):
        return len(value) == len(part) and all(map(holds, value, part))
    return value == part


@pytest.mark.parametrize("name", PRESETS)
def test_nothing_in_a_preset_is_lost_by_saving_it(name):
    text = (built_in_folder() / f"{name}.json").read_text(encoding="utf-8")
    written = dumps(parse(text))
    assert holds(json.loads(written), json.loads(text))
    assert dumps(parse(written)) == written
    assert list(json.loads(written)) == list(json.loads(text))


@st.composite
def experiments(draw):
    blocks = draw(
        st.lists(
            st.sampled_from([name for name, block in CATALOGUE.items() if block().ports() and block().outputs]),
            max_size=5,
        )
    )
    made = chain(Input(), *[CATALOGUE[name]() for name in blocks])
    if draw(st.booleans()):
        made = made.add(Unknown.keeping("Quantum", {"spin": [1, 0.5, None]}, ["right"], []), "odd_1")
        made = made.connect(Wire("input_1", "odd_1", "out", "right"))
    if draw(st.booleans()) and blocks:
        made, _ = collapse(made, [id for id in made.nodes if id not in ("input_1", "odd_1")], "Grüße")
    marks = st.sampled_from([{"frozen": True}, {"state": "muted"}, {"weights": {"bias": (1.0, 2.5)}}, {}])
    for id in made.nodes:
        made = made.mark(id, **draw(marks))
    words = st.builds(Words, st.text(max_size=20), st.text(max_size=20))
    result = st.builds(
        Result,
        st.sampled_from(["accuracy", "mse"]),
        st.sampled_from(["train", "test"]),
        st.floats(0, 1),
        st.floats(0, 1),
    )
    places = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
    return Experiment(
        title=draw(words),
        about=draw(words),
        rows=tuple(draw(st.lists(st.sampled_from(["A1", "B6"]), max_size=2))),
        source=draw(st.sampled_from([cls() for cls in SOURCES.values()])),
        preparation=Preparation(validation=draw(st.floats(0, 0.9))),
        facts=draw(st.sampled_from([planar_facts(), image_facts()])),
        graph=made,
        training=Training(
            optimiser=draw(st.sampled_from([cls() for cls in Optimiser.members.values()])),
            seed=draw(st.integers(0, 2**31 - 1)),
        ),
        view=View(
            {id: draw(places) for id in made.nodes},
            tuple(draw(st.lists(st.text(max_size=5), max_size=3))),
            (Remark("note_1", draw(st.sampled_from(KINDS)), draw(st.text(max_size=9)), (1.0, 2.0, 30.0, 40.0)),),
            ("group_1",),
            draw(st.sampled_from(DIRECTIONS)),
        ),
        result=draw(st.none() | result),
        extra=draw(st.dictionaries(st.sampled_from(["notes", "later"]), st.integers() | st.text(max_size=5))),
    )


@given(experiments())
@settings(bounded, max_examples=80)
def test_what_is_written_is_read_back(experiment):
    again = parse(dumps(experiment))
    assert again == experiment
    assert list(again.graph.nodes) == list(experiment.graph.nodes)
    assert dumps(again) == dumps(experiment)


def test_a_file_is_written_and_read(tmp_path):
    path = tmp_path / "net.json"
    write(preset("lenet"), path)
    assert read(path) == preset("lenet")
    assert [p.name for p in tmp_path.iterdir()] == ["net.json"]
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())  # as some editors on Windows save it
    assert read(path) == preset("lenet")


def test_a_node_and_a_wire_have_a_line_of_their_own():
    assert '      {"id": "tanh_1", "block": "Tanh"},\n' in LENET_TEXT
    assert '      {"from": "input_1", "to": "conv_1"},\n' in LENET_TEXT


def test_an_unknown_block_and_unknown_fields_are_kept_through_save():
    nodes = [
        {"id": "input_1", "block": "Input", "field": "x"},
        {"id": "q_1", "block": "Quantum", "spin": {"up": [1, 2]}, "units": 1e5},
        {"id": "dense_1", "block": "Dense", "units": 1, "bias": True},
    ]
    wires = [
        {"from": "input_1", "to": "q_1.left"},
        {"from": "input_1", "to": "q_1"},
        {"from": "q_1.up", "to": "dense_1"},
    ]
    experiment = parse(json.dumps({**graph(nodes, wires), "notes": {"by": "Ada"}}))
    assert experiment.graph.nodes["q_1"].block.name == "Quantum"
    again = json.loads(dumps(experiment))
    assert again["graph"]["nodes"] == nodes
    assert again["graph"]["wires"] == wires
    assert again["notes"] == {"by": "Ada"}
    assert parse(dumps(experiment)) == experiment


def test_ids_of_a_file_are_not_given_out_again():
    experiment = parse(json.dumps(graph([{"id": "dense_7", "block": "Dense", "units": 1, "bias": True}])))
    assert experiment.graph.fresh_id(Dense()) == "dense_8"


def test_a_text_in_one_language_may_be_a_bare_string():
    assert parse(json.dumps(document(title="Net"))).title == Words("Net")


def test_a_circle_is_read_so_that_it_can_be_mended():
    nodes = [{"id": "relu_1", "block": "ReLU"}, {"id": "relu_2", "block": "ReLU"}]
    wires = [{"from": "relu_1", "to": "relu_2"}, {"from": "relu_2", "to": "relu_1"}]
    assert len(parse(json.dumps(graph(nodes, wires))).graph.wires) == 2


# -- what is refused, with its place -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["xor", "lenet"])
def test_a_document_cut_short_anywhere_is_refused_with_a_sentence(name):
    whole = {"xor": XOR_TEXT, "lenet": LENET_TEXT}[name].encode()
    for cut in range(0, len(whole.rstrip()), 50):
        try:
            text = whole[:cut].decode()
        except UnicodeDecodeError:
            continue
        assert "this is not JSON" in str(refused(text))


def test_a_file_cut_in_the_middle_of_a_character_is_refused(tmp_path):
    path = tmp_path / "net.json"
    whole = XOR_TEXT.encode()
    path.write_bytes(whole[: whole.index("用".encode()) + 1])
    with pytest.raises(Unreadable, match="it is not a text in UTF-8"):
        read(path)


def test_the_place_of_a_slip_in_the_json_is_told():
    text = XOR_TEXT.replace('"rows":', '"rows"')
    line = text[: text.index('"rows"')].count("\n") + 1
    assert f"line {line}, column" in str(refused(text))


def test_a_newer_version_is_refused_with_the_advice_to_update():
    assert "newer Network Playground (format 99)" in str(refused(document(version=99)))


@pytest.mark.parametrize("value", [[], 3, None, "x", {}, {"format": "else"}, {"nodes": []}])
def test_json_that_is_no_document_is_told_so(value):
    assert "this is not a Network Playground document" in str(refused(json.dumps(value)))


@pytest.mark.parametrize("version", [0, -1, "1", None, True, 1.5, [1]])
def test_a_version_that_is_no_number_is_refused(version):
    assert "the version is not a number" in str(refused(document(version=version)))


NODE = {"id": "dense_1", "block": "Dense"}


@pytest.mark.parametrize(
    ("value", "place", "sentence"),
    [
        (document(title=3), "title", "must be a JSON object"),
        (document(title={"en": 3}), "title", "must be a text"),
        (document(about="x" * 20_001), "about", "at most 20,000 characters"),
        (document(rows="A1"), "rows", "list of names"),
        (document(data=3), "data", "must be a JSON object"),
        (document(data={"source": {"name": "moon"}}), "data.source", "no data set called 'moon'"),
        (document(data={"source": {"name": ["xor"]}}), "data.source", "no data set called"),
        (document(data={"source": {"name": "xor", "count": 1}}), "data.source", "between 10 and 100,000, not 1"),
        (document(data={"source": {"name": "xor", "colour": 1}}), "data.source", "no parameter called 'colour'"),
        (document(data={"source": {"name": "xor"}, "facts": [1]}), "data.facts", "not describe a data set"),
        (document(data={"source": {"name": "xor"}, "preparation": {"validation": 2}}), "data.preparation", "between"),
        (document(training={"optimiser": {"name": "magic"}}), "training", "optimiser wants one of"),
        (document(training={"optimiser": {"name": []}}), "training", "optimiser wants one of"),
        (document(training={"epochs": 0}), "training", "epochs must lie between 1 and"),
        (document(view=[]), "view", "must be a JSON object"),
        (document(view={"positions": {"a": [1]}}), "view", "must be two numbers"),
        (document(view={"positions": {"a": [1, 10**400]}}), "view", "must be two numbers"),
        (document(result={"metric": "accuracy"}), "result", "needs a metric"),
        (document(graph=3), "graph", "must be a JSON object"),
        (document(graph={"nodes": {}}), "graph", "must be lists"),
        (graph([3]), "graph.nodes[0]", "must be a JSON object"),
        (graph([{"id": "a"}]), "graph.nodes[0]", "needs an id and a block"),
        (graph([{"id": 3, "block": "Dense"}]), "graph.nodes[0]", "needs an id and a block"),
        (graph([{"id": "a b", "block": "Dense"}]), "graph.nodes[0]", "cannot be a name"),
        (graph([{"id": "train", "block": "Dense"}]), "graph.nodes[0]", "PyTorch uses itself"),
        (graph([{**NODE, "units": 0}]), "graph.nodes[0]", "units must lie between 1 and 65,536, not 0"),
        (graph([{**NODE, "units": 10**400}]), "graph.nodes[0]", "units must lie between"),
        (graph([{**NODE, "size": 0}]), "graph.nodes[0]", "Dense has no parameter called 'size'"),
        (graph([NODE, NODE]), "graph.nodes[1]", "already a node called dense_1"),
        (graph([NODE], [3]), "graph.wires[0]", "must be a JSON object"),
        (graph([NODE], [{"from": "a", "to": "dense_1"}]), "graph.wires[0]", "no node called 'a'"),
        (graph([NODE], [{"from": "dense_1"}]), "graph.wires[0]", "no node called ''"),
        (graph([NODE], [{"from": "dense_1.y", "to": "dense_1"}]), "graph.wires[0]", "no output called y"),
        (graph([NODE], [{"from": "dense_1", "to": "dense_1.y"}]), "graph.wires[0]", "no input called y"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_by_its_place(value, place, sentence):
    error = refused(value)
    assert error.problems[0][0] == place
    assert sentence in str(error.problems[0][1])
    assert sentence in str(error)


def test_two_wires_at_a_port_for_one_are_refused():
    nodes = [{"id": "a", "block": "Input"}, {"id": "b", "block": "Input"}, {"id": "c", "block": "ReLU"}]
    error = refused(graph(nodes, [{"from": "a", "to": "c"}, {"from": "b", "to": "c"}]))
    assert error.problems[0][0] == "graph.wires[1]"


def test_all_problems_are_reported_together():
    value = document(title=3, training={"epochs": 0})
    value["graph"] = {"nodes": [{"id": "a b", "block": "Dense"}, {"id": "c", "block": "Dense", "units": 0}]}
    error = refused(value)
    assert [place for place, _ in error.problems] == ["title", "training", "graph.nodes[0]", "graph.nodes[1]"]
    assert "(and 3 more problems)" in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"format":"network-playground","version":1,"x":' + "[" * 50_000 + "]" * 50_000 + "}",
        json.dumps(document(notes=json.loads("[" * 200 + "]" * 200))),
        json.dumps(graph([{"id": "q_1", "block": "Quantum", "deep": json.loads("[" * 300 + "]" * 300)}])),
        '{"format":"network-playground","version":' + "9" * 10_000 + "}",
        XOR_TEXT.replace('"version": 1', '"version": NaN'),
        XOR_TEXT.replace("0.02", "NaN"),
        XOR_TEXT.replace("0.02", "-Infinity"),
        XOR_TEXT.replace("0.02", "1e999"),
        XOR_TEXT.replace('"A3"', '"\\ud800"'),
        json.dumps(document(notes={"\udfff": 1})),
        "",
        "\x00",
        "ÿþ",
    ],
    ids=range(14),
)
def test_hostile_json_is_refused(text):
    refused(text)


def test_too_many_nodes_are_refused_before_anything_is_built():
    many = graph([{"id": f"n_{n}", "block": "ReLU"} for n in range(5001)])
    assert "more nodes or wires than any network has" in str(refused(many))
    many = graph([{"id": "a", "block": "ReLU"}], [{"from": "a", "to": "a"}] * 20_001)
    assert "more nodes or wires" in str(refused(many))


def test_the_largest_graph_of_unknown_blocks_is_read_in_a_moment():
    nodes = [{"id": f"q_{n}", "block": "Quantum"} for n in range(5000)]
    rng = random.Random(1)
    wires = [{"from": f"q_{rng.randrange(5000)}", "to": f"q_{rng.randrange(5000)}"} for _ in range(20_000)]
    text = json.dumps(graph(nodes, wires))
    began = time.process_time()
    assert len(parse(text).graph.nodes) == 5000
    assert time.process_time() - began < 10  # it is half a second; one look at every wire a node took minutes


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 10**30, 10**400, 1e308, -0.0, "", "auto", "dense_1", "x.y.z", "\u0000", "é" * 300])
    | st.text(max_size=6)
)
junk = scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.text(max_size=5), scalars, max_size=3)


def places(value, path=()):
    """List every place in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def exchanged(value, path, new):
    if not path:
        return new
    if isinstance(value, dict):
        return {key: exchanged(one, path[1:], new) if key == path[0] else one for key, one in value.items()}
    return [exchanged(one, path[1:], new) if i == path[0] else one for i, one in enumerate(value)]


PLACES = {name: list(places(json.loads((built_in_folder() / f"{name}.json").read_text("utf-8")))) for name in PRESETS}


@given(st.data(), st.sampled_from(["xor", "lenet"]))
@settings(bounded, max_examples=400)
def test_any_value_at_any_place_gives_an_experiment_or_a_sentence(data, name):
    value = json.loads((built_in_folder() / f"{name}.json").read_text("utf-8"))
    for path in data.draw(st.lists(st.sampled_from(PLACES[name]), min_size=1, max_size=2, unique=True)):
        try:
            value = exchanged(value, path, data.draw(junk))
        except (TypeError, AttributeError):  # the first exchange took the place of the second away
            continue
    experiment_or_sentence(json.dumps(value))


@given(st.data())
@settings(bounded, max_examples=200)
def test_any_bytes_exchanged_give_an_experiment_or_a_sentence(data):
    text = list(XOR_TEXT)
    for at in data.draw(st.lists(st.integers(0, len(text) - 1), min_size=1, max_size=3)):
        text[at] = data.draw(st.sampled_from('{}[]",:0-e.\\ux\n') | st.characters())
    experiment_or_sentence("".join(text))


@given(st.data(), st.sampled_from(["xor", "lenet"]))
@settings(bounded, max_examples=100)
def test_what_is_missing_or_doubled_gives_an_experiment_or_a_sentence(data, name):
    value = json.loads((built_in_folder() / f"{name}.json").read_text("utf-8"))
    path = data.draw(st.sampled_from([path for path in PLACES[name] if path]))
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    if isinstance(holder, list) and data.draw(st.booleans()):
        holder.append(holder[path[-1]])
    else:
        del holder[path[-1]]
    experiment_or_sentence(json.dumps(value))


# -- files and projects ------------------------------------------------------------------------------------------


def test_a_missing_file_a_folder_and_a_huge_file_are_refused(tmp_path, monkeypatch):
    with pytest.raises(Unreadable, match="there is no such file"):
        read(tmp_path / "none.json")
    with pytest.raises(Unreadable, match="cannot be opened"):
        read(tmp_path)
    path = tmp_path / "big.json"
    path.write_text(XOR_TEXT)
    monkeypatch.setattr(files, "LARGEST_FILE", 100)
    with pytest.raises(Unreadable, match="larger than any document"):
        read(path)


def project(path, entries, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def test_a_project_is_read_as_its_document(tmp_path):
    path = project(tmp_path / "net.zip", {"document.json": LENET_TEXT, "weights.safetensors": b"\0" * 9})
    assert read(path) == preset("lenet")


def test_a_zip_without_a_document_is_no_project(tmp_path):
    with pytest.raises(Unreadable, match=r"there is no document\.json in it"):
        read(project(tmp_path / "net.zip", {"other.json": "{}"}))


def test_a_zip_bomb_is_read_no_further_than_any_document_goes(tmp_path):
    import tracemalloc

    path = project(tmp_path / "net.zip", {"document.json": b" " * (200 * 2**20)}, compresslevel=9)
    assert path.stat().st_size < 2**20
    tracemalloc.start()
    with pytest.raises(Unreadable, match="larger than any document"):
        read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * 2**20


def test_a_damaged_zip_gives_an_experiment_or_a_sentence(tmp_path):
    whole = project(tmp_path / "net.zip", {"document.json": LENET_TEXT}).read_bytes()
    rng = random.Random(7)
    path = tmp_path / "damaged.zip"
    refusals = 0
    for n in range(300):
        damaged = bytearray(whole)
        if n % 3 == 0:
            del damaged[rng.randrange(len(damaged)) :]
        else:
            for _ in range(1 + n % 4):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            read(path)
        except Refusal as refusal:
            assert str(refusal)
            refusals += 1
    assert refusals > 150


def test_writing_replaces_the_old_file_or_leaves_it_whole(tmp_path, monkeypatch):
    path = tmp_path / "net.json"
    write(preset("xor"), path)
    old = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(Refusal, match=r"net.json could not be written: No space left on device"):
        write(preset("lenet"), path)
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["net.json"]


def test_a_place_that_cannot_be_written_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file" / "net.json", tmp_path / "none" / "net.json"):
        with pytest.raises(Refusal, match="could not be written"):
            write(preset("xor"), path)
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(Refusal, match="could not be written"):
        write(preset("xor"), tmp_path / "folder.json")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.json"]


def test_half_a_character_does_not_cost_the_work(tmp_path):
    path = tmp_path / "net.json"
    write(replace(preset("xor"), title=Words("a\ud800b")), path)
    assert read(path).title.en == "a?b"


def test_an_older_version_passes_the_migrations_in_order(monkeypatch):
    steps = []

    def first(value):
        steps.append(1)
        return {**value, "title": value.pop("name"), "version": 2}

    def second(value):
        steps.append(2)
        return {**value, "title": value["title"].upper(), "version": 3}

    monkeypatch.setattr(document_json, "MIGRATIONS", (first, second))
    monkeypatch.setattr(document_json, "VERSION", 3)
    old = {key: one for key, one in document().items() if key != "title"}
    assert parse(json.dumps({**old, "name": "net"})).title.en == "NET"
    assert steps == [1, 2]
    assert parse(json.dumps(document(version=3, title="x"))).title.en == "x"
    assert steps == [1, 2]


def test_an_empty_document_is_written_and_read():
    assert parse(dumps(Experiment())) == Experiment()
    assert parse(dumps(Experiment(source=Blobs(classes=4)))).source == Blobs(classes=4)
    assert parse(dumps(Experiment(graph=Graph()))).graph == Graph()


def test_facts_of_any_size_do_not_cost_memory():
    facts = {"inputs": {"x": {"features": 2**31}}, "targets": {}, "counts": {"train": 2**50}}
    value = document(data={"source": {"name": "xor"}, "facts": facts})
    assert parse(json.dumps(value)).facts.inputs["x"] == Shape(features=2**31)


def test_data_files_are_named_as_seen_from_the_document(tmp_path):
    folder = tmp_path / "work"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    experiment = Experiment(source=IdxFolder(path=str(tmp_path / "data"), roles="extra=test"))
    write(experiment, folder / "net.json")
    saved = json.loads((folder / "net.json").read_text())["data"]["source"]
    assert saved == {"name": "idx", "path": "../data", "roles": "extra=test"}
    assert read(folder / "net.json").source == experiment.source
    tmp_path.joinpath("work").rename(tmp_path / "moved")  # together with its data
    assert read(tmp_path / "moved" / "net.json").source == experiment.source
    write(experiment, tmp_path / "moved" / "sub" / "net.json")
    assert read(tmp_path / "moved" / "sub" / "net.json").source == experiment.source


@pytest.mark.parametrize("path", ["", "a\0b", "/" + "x" * 4000, "\n", "~/data", "C:\\data"])
def test_a_data_path_that_leads_nowhere_does_not_keep_a_document_from_being_opened_or_saved(path, tmp_path):
    experiment = Experiment(source=IdxFolder(path=path))
    write(experiment, tmp_path / "net.json")
    again = read(tmp_path / "net.json")
    assert bool(again.source.path) == bool(path)
    write(again, tmp_path / "net.json")
    assert read(tmp_path / "net.json") == again


def test_the_fingerprint_of_the_data_is_kept():
    facts = DataFacts({"x": Shape(features=2)}, {}, {"train": 1}, fingerprint="12-0123456789abcdef")
    assert parse(dumps(Experiment(facts=facts))).facts == facts
    value = document(data={"source": {"name": "xor"}, "facts": {**facts.to_json(), "fingerprint": ["x"]}})
    with pytest.raises(Unreadable, match=r"data\.facts"):
        parse(json.dumps(value))


def test_a_long_list_of_names_fills_its_lines():
    names = ("a\nb", '", "', "猫", *(f"class {n}" for n in range(300)), "n" * 200)
    facts = DataFacts({"x": Shape(features=2)}, {"label": Target(names)}, {"train": 1})
    text = dumps(Experiment(facts=facts))
    assert parse(text).facts == facts
    lines = [line for line in text.splitlines() if '"class ' in line]
    assert max(map(len, lines)) <= 120
    assert len(lines) < 50
