"""The document under edit: undo, merging, dirtiness, listeners."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from playground.blocks.activation import ReLU
from playground.blocks.dense import Dense
from playground.blocks.group import Group
from playground.data.planar import Circle, Xor
from playground.document import Document
from playground.experiment import Experiment, Remark, View, Words
from playground.graph import Graph
from playground.nesting import edit_inside, inside
from playground.text import say, set_language
from tests.examples import chain, planar_facts, preset

TYPE = say("Type")


def titles(document):
    """Note every change that is told."""
    told = []
    document.subscribe(lambda old, new: told.append((old.title.en, new.title.en)))
    return told


def rename(document, title, **options):
    document.edit(TYPE, title=Words(title), **options)


def test_an_edit_is_told_with_the_old_and_the_new_value():
    document = Document()
    told = titles(document)
    rename(document, "a")
    rename(document, "b")
    assert told == [("", "a"), ("a", "b")]


def test_an_edit_that_changes_nothing_is_none():
    document = Document()
    told = titles(document)
    document.edit(TYPE, title=Words(""))
    document.note(title=Words(""))
    assert (told, document.undo_name, document.dirty) == ([], None, False)


def test_undo_and_redo_walk_the_history_and_name_what_they_do():
    document = Document()
    document.edit(say("Connect"), title=Words("a"))
    document.edit(say("Delete"), title=Words("b"))
    assert str(document.undo_name) == "Delete"
    document.undo()
    assert (document.now.title.en, str(document.undo_name), str(document.redo_name)) == ("a", "Connect", "Delete")
    document.undo()
    document.undo()  # there is nothing left
    assert (document.now, document.undo_name, str(document.redo_name)) == (Experiment(), None, "Connect")
    document.redo()
    document.redo()
    document.redo()
    assert (document.now.title.en, document.redo_name) == ("b", None)


def test_an_edit_after_undo_cuts_the_future_off():
    document = Document()
    rename(document, "a")
    document.undo()
    rename(document, "b")
    document.redo()
    assert document.now.title.en == "b"


def test_edits_with_one_mark_become_one_step():
    document = Document()
    rename(document, "start")
    for typed in ("c", "ca", "cat"):
        rename(document, typed, merge=("title", 1))
    document.undo()
    assert document.now.title.en == "start"
    document.redo()
    assert document.now.title.en == "cat"


def test_merging_ends_at_another_edit_at_the_end_of_a_step_and_at_undo():
    document = Document()
    rename(document, "a", merge="m")
    document.close_step()
    rename(document, "b", merge="m")
    rename(document, "c", merge="other")
    rename(document, "d", merge="m")
    seen = []
    while document.undo_name:
        document.undo()
        seen.append(document.now.title.en)
    assert seen == ["c", "b", "a", ""]

    document = Document()
    rename(document, "a", merge="m")
    rename(document, "b", merge="other")
    document.undo()
    rename(document, "c", merge="m")  # the same mark as what lies below the undone step
    document.undo()
    assert document.now.title.en == "a"


def test_redo_does_not_merge_with_what_follows():
    document = Document()
    rename(document, "a", merge="m")
    document.undo()
    document.redo()
    rename(document, "b", merge="m")
    document.undo()
    assert document.now.title.en == "a"


def test_dirty_is_about_values_not_about_clicks():
    document = Document()
    rename(document, "a")
    assert document.dirty
    document.undo()
    assert not document.dirty
    document.redo()
    document.saved(Path("here.json"))
    assert not document.dirty and document.path == Path("here.json")
    document.undo()
    assert document.dirty
    rename(document, "a")
    assert not document.dirty


def test_saving_is_told_to_listeners():
    document, told = Document(), []
    document.subscribe(lambda old, new: told.append(old is new))
    document.saved(Path("x.json"))
    assert told == [True]


def test_facts_are_noted_without_a_step_and_without_making_dirty():
    document = Document()
    document.note(facts=planar_facts())
    assert not document.dirty and document.undo_name is None
    assert document.now.facts == planar_facts()


def test_undo_keeps_the_facts_of_the_same_data_and_is_clean_again_at_the_saved_value():
    document = Document(Experiment(graph=chain(Dense())))
    rename(document, "a")
    document.note(facts=planar_facts())
    document.undo()
    assert document.now.facts == planar_facts()
    assert not document.dirty


def test_undoing_a_change_of_data_brings_the_old_facts_back():
    document = Document(Experiment(source=Xor(), facts=planar_facts(2)))
    document.edit(say("Data"), source=Circle())
    document.note(facts=planar_facts(5))
    document.undo()
    assert document.now.facts == planar_facts(2)


def test_opening_takes_the_same_path_and_begins_a_fresh_history():
    document = Document()
    told = titles(document)
    rename(document, "a")
    document.open(replace(Experiment(), title=Words("other")), Path("other.json"))
    assert told[-1] == ("a", "other")
    assert (document.dirty, document.undo_name, document.redo_name, document.path) == (
        False,
        None,
        None,
        Path("other.json"),
    )


def test_the_report_follows_the_graph_and_is_kept_while_neither_graph_nor_facts_change():
    document = Document(preset("xor"))
    report = document.report
    rename(document, "a")
    assert document.report is report
    document.edit(say("Add"), graph=document.now.graph.add(ReLU()))
    assert {problem.node for problem in document.report.problems} == {"relu_1"}
    document.undo()
    assert document.report.problems == ()


def test_a_listener_can_leave_even_while_it_is_being_told():
    document, told = Document(), []

    def once(old, new):
        told.append(new.title.en)
        leave()

    leave = document.subscribe(once)
    other = titles(document)
    rename(document, "a")
    rename(document, "b")
    assert told == ["a"] and len(other) == 2


def test_the_name_is_the_title_then_the_file_then_a_word_for_none():
    document = Document(path=Path("folder/my-net.json"))
    assert document.name == "my-net"
    document.edit(TYPE, title=Words("Net", "网络"))
    assert document.name == "Net"
    set_language("zh")
    assert document.name == "网络"
    set_language("en")
    assert Document().name == "Untitled"


def test_a_graph_of_equal_content_is_no_change():
    document = Document(Experiment(graph=chain(Dense(), ReLU())))
    document.edit(TYPE, graph=chain(Dense(), ReLU()))
    assert document.undo_name is None
    document.edit(TYPE, graph=Graph())
    assert document.undo_name is not None


def test_an_id_is_not_given_out_again_after_undo():
    document = Document(Experiment())
    document.edit(say("Add"), graph=document.now.graph.add(Dense()))
    document.undo()
    document.edit(say("Add"), graph=document.now.graph.add(Dense()))
    assert list(document.now.graph.nodes) == ["dense_2"]


def test_typing_that_comes_back_to_where_it_began_leaves_no_step():
    document = Document(Experiment(title=Words("a")))
    rename(document, "ab", merge="m")
    rename(document, "a", merge="m")
    assert document.undo_name is None
    assert not document.dirty
    rename(document, "ac", merge="m")
    document.undo()
    assert str(document.now.title) == "a"


def test_an_id_inside_a_group_is_not_given_out_again_after_undo():
    document = Document(Experiment(graph=chain(Dense(), Group(), Dense())))

    def add_inside():
        graph = edit_inside(document.now.graph, "group_1", lambda inner: inner.add(Dense()))
        document.edit(say("Add"), graph=graph)
        return next(reversed(inside(document.now.graph, "group_1").nodes))

    before = document.now
    assert add_inside() == "dense_1"
    document.undo()
    assert document.now == before
    assert add_inside() == "dense_2"


def test_what_is_removed_leaves_nothing_behind_in_the_view_and_undo_brings_it_back():
    remarks = (
        Remark("note_1", "note", "in there", (0, 0, 80, 40), level="group_1"),
        Remark("note_2", "note", "out here", (0, 0, 80, 40)),
    )
    places = {"dense_1": (0.0, 0.0), "group_1": (240.0, 0.0), "group_1.x": (0.0, 0.0)}
    view = View(positions=places, remarks=remarks, opened=("group_1",))
    document = Document(Experiment(graph=chain(Dense(), Group()), view=view))
    document.edit(say("Take group_1 away"), graph=document.now.graph.remove(["group_1"]))
    assert document.now.view == View(positions={"dense_1": (0.0, 0.0)}, remarks=remarks[1:])
    document.undo()
    assert document.now.view == view
