"""The user's own blocks: saved, found again, deleted; what lies in the folder is not trusted."""

from __future__ import annotations

import json
import os

import pytest

from playground import own_blocks
from playground.blocks.dense import Dense
from playground.blocks.group import Group
from playground.fragment import FORMAT, Fragment, to_text
from playground.graph import Graph
from playground.own_blocks import (
    LARGEST,
    LONGEST_TITLE,
    MOST,
    PREFIX,
    folder,
    forget_own,
    own_block,
    own_titled,
    read_own,
    save_own,
)
from playground.suggest import fresh_block, offered
from playground.text import Refusal
from tests.examples import planar_facts
from tests.test_nesting import residual
from tests.test_sheet import sheet


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NETWORK_PLAYGROUND_HOME", str(tmp_path))
    return tmp_path


def group(**parameters: object) -> Group:
    return Group(graph=residual(), **parameters)


def titles() -> list[str]:
    return [block.title for block in own_blocks.own_blocks()]


# -- saving and finding --------------------------------------------------------------------------------------------


def test_without_a_folder_there_are_none():
    assert titles() == [] and own_block(f"{PREFIX}anything") is None and not folder().exists()


def test_a_saved_block_is_found_by_its_key_with_all_that_it_holds():
    saved = save_own(group(repeat=3, tied=True), "  My block ", {"dense_1": (8.0, 16.0)})
    assert saved.path == folder() / "my-block.json" and saved.key == "own:my-block"
    found = own_block(saved.key)
    assert found == saved and found.title == "My block"
    assert found.group == group(repeat=3, tied=True, title="My block")
    assert found.places == {"group_1.dense_1": (8.0, 16.0)}


def test_they_are_listed_by_title_whatever_the_case():
    for title in ("zebra", "Apple", "Émile", "banana"):
        save_own(group(), title)
    assert titles() == ["Apple", "banana", "zebra", "Émile"]


def test_one_of_the_same_title_takes_the_place_of_the_other():
    save_own(group(), "Block")
    assert own_titled(" bLOCK ") is not None and own_titled("other") is None
    save_own(group(repeat=5), "block")
    assert titles() == ["block"] and own_block("own:block").group.repeat == 5


def test_titles_that_would_make_the_same_file_name_do_not_take_each_others_place():
    first, second, third = save_own(group(repeat=2), "A b"), save_own(group(repeat=3), "a-B"), save_own(group(), "a.b!")
    assert len({first.path, second.path, third.path}) == 3 and set(titles()) == {"A b", "a-B", "a.b!"}
    assert [own_block(one.key).group.repeat for one in (first, second, third)] == [2, 3, 1]
    save_own(group(repeat=9), "a-b")
    assert own_block(second.key).group.repeat == 9 and len(titles()) == 3


@pytest.mark.parametrize(
    "title",
    [
        "残差块 3×3",
        "../../etc/passwd",
        "a/b\\c:d*?",
        "İstanbul ß ﬁ",
        "x" * 300,
        "a" * 59 + " b",
        "_private_",
        "con\ud800x",
    ],
)
def test_odd_titles_make_plain_file_names_that_are_found_again(title):
    saved = save_own(group(), title)
    assert saved.path.parent == folder() and saved.path.is_file() and len(saved.path.name) <= 70
    found = own_block(saved.key)
    assert found is not None and found.path == saved.path and len(found.title) <= LONGEST_TITLE
    assert [block.key for block in own_blocks.own_blocks()] == [saved.key]
    forget_own(saved.key)
    assert titles() == []


@pytest.mark.parametrize("title", ["", "   ", "!?", "---", "😀"])
def test_a_title_without_letters_is_refused(title):
    with pytest.raises(Refusal, match="letters"):
        save_own(group(), title)
    assert not folder().exists()


def test_what_is_in_the_way_and_no_block_is_not_overwritten():
    folder().mkdir(parents=True)
    (folder() / "block.json").write_text("my notes")
    saved = save_own(group(), "Block")
    assert saved.path.name == "block-2.json" and (folder() / "block.json").read_text() == "my notes"


def test_a_folder_that_cannot_be_written_is_told(home):
    (home / "blocks").write_text("a file where the folder should be")
    with pytest.raises(Refusal, match="could not be written"):
        save_own(group(), "Block")


def test_a_block_that_is_changed_on_disk_is_read_again():
    saved = save_own(group(), "Block")
    assert own_block(saved.key).group.repeat == 1
    text = saved.path.read_text().replace('"repeat": 1', '"repeat": 44')
    saved.path.write_text(text)
    os.utime(saved.path, ns=(1, 1))
    assert own_block(saved.key).group.repeat == 44


def test_files_that_stay_as_they_are_are_not_read_again(monkeypatch):
    saved = save_own(group(), "Block")
    own_blocks.own_blocks()
    monkeypatch.setattr(own_blocks, "from_text", lambda text: pytest.fail("it was read again"))
    assert titles() == ["Block"] and own_block(saved.key) is not None


# -- what is in the folder -----------------------------------------------------------------------------------------


def fragment(*nodes: dict[str, object]) -> str:
    return json.dumps({"format": FORMAT, "version": 1, "nodes": list(nodes), "wires": []})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[" * 10_000,
        "{}",
        fragment(),
        fragment({"id": "dense_1", "block": "Dense", "units": 3}),
        to_text(Fragment(Graph.of({"a": group(), "b": group()}))),
        fragment({"id": "group_1", "block": "Group", "repeat": -4}),
        fragment({"id": "train", "block": "Group"}),
        fragment({"id": "group_1", "block": "Group", "graph": {"nodes": 7, "wires": []}}),
    ],
)
def test_files_that_hold_no_block_are_left_out_and_refused_when_opened(text):
    save_own(group(), "Good")
    path = folder() / "bad.json"
    path.write_text(text)
    assert titles() == ["Good"] and own_block("own:bad") is None
    with pytest.raises(Refusal):
        read_own(path)


def test_bytes_that_are_no_text_folders_and_endless_files_are_left_out():
    folder().mkdir(parents=True)
    (folder() / "bytes.json").write_bytes(b"\xff\xfe\x00")
    (folder() / "folder.json").mkdir()
    with (folder() / "large.json").open("wb") as file:
        file.truncate(LARGEST + 1)
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder() / "pipe.json")  # reading it would wait for ever
    assert titles() == []
    with pytest.raises(Refusal, match="too large"):
        read_own(folder() / "large.json")


def test_only_so_many_files_are_looked_at():
    saved = save_own(group(), "Block")
    for i in range(MOST + 20):
        (folder() / f"copy-{i:04}.json").write_bytes(saved.path.read_bytes())
    assert len(titles()) == MOST


@pytest.mark.parametrize(
    "key", ["block", "own:", "own:../secret", "own:a/b", "own:.hidden", "own:BLOCK", "own:a\0b", "Dense"]
)
def test_keys_that_are_none_lead_nowhere(key, home):
    save_own(group(), "Block")
    (home / "secret.json").write_bytes((folder() / "block.json").read_bytes())
    assert own_block(key) is None


def test_positions_of_a_file_of_another_id_are_those_of_the_group():
    piece = Fragment(Graph.of({"mine": group()}), {"mine.dense_1": (1.0, 2.0), "mine": (0.0, 0.0)})
    folder().mkdir(parents=True)
    path = folder() / "mine.json"
    path.write_text(to_text(piece))
    assert read_own(path).places == {"group_1.dense_1": (1.0, 2.0), "group_1": (0.0, 0.0)}


# -- using and deleting --------------------------------------------------------------------------------------------


def test_they_are_offered_with_the_blocks_of_the_catalogue_and_added_whole():
    saved = save_own(group(repeat=2), "Block")
    assert offered(sheet())[saved.key] == saved.group
    assert fresh_block(saved.key, planar_facts()) == saved.group


def test_a_block_that_is_gone_is_refused_with_its_name():
    saved = save_own(group(), "Block")
    forget_own(saved.key)
    forget_own(saved.key)  # a second time does nothing
    with pytest.raises(Refusal, match="block is no longer there"):
        fresh_block(saved.key, planar_facts())


def test_deleting_by_a_key_of_another_folder_deletes_nothing(home):
    victim = home / "victim.json"
    save_own(group(), "Block").path.rename(victim)
    forget_own("own:../victim")
    assert victim.exists()


def test_a_plain_node_is_no_block_of_ones_own():
    folder().mkdir(parents=True)
    (folder() / "dense.json").write_text(to_text(Fragment(Graph.of({"dense_1": Dense()}))))
    assert titles() == []
