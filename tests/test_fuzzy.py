"""Finding by typing parts of names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.fuzzy import best, score

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=24)
WORDS = st.text("abcdefgh", min_size=1, max_size=10)


def in_order(query, text):
    rest = iter(text)
    return all(letter in rest for letter in query)


@given(st.text("abc", min_size=1, max_size=4), st.text("abc ", max_size=12))
def test_a_word_matches_exactly_the_texts_that_hold_its_letters_in_order(query, text):
    assert (score(query, text) is not None) == in_order(query, text)


@given(TEXTS)
def test_every_text_matches_itself_and_nothing_matches_it_better(text):
    own = score(text, text)
    assert own is not None
    for length in range(len(text)):
        piece = score(text[:length], text)
        assert piece is None or piece <= own


@given(TEXTS, TEXTS)
def test_upper_case_and_full_width_letters_make_no_difference(query, text):
    assert score("ＲｅＬＵ", "ReLU") == score("relu", "ReLU")
    folded = score(query.casefold(), text)
    assert (score(query, text) is None) == (folded is None)


@given(st.lists(WORDS, min_size=2, max_size=3), TEXTS)
def test_words_may_come_in_any_order(words, text):
    one, other = " ".join(words), " ".join(reversed(words))
    assert (score(one, text) is None) == (score(other, text) is None)


@given(TEXTS)
def test_nothing_typed_fits_everything_alike(text):
    assert score("", text) == score("  ", text) == 0.0


@given(st.text("ab ", max_size=6), st.lists(st.text("abc ", max_size=8), max_size=8))
def test_the_best_come_first_and_equals_stay_in_their_order(query, texts):
    found = best(query, list(enumerate(texts)), lambda item: item[1])
    ranks = [(-score(query, text), number) for number, text in found]
    assert ranks == sorted(ranks)
    assert len(found) == sum(score(query, text) is not None for text in texts)


@pytest.mark.parametrize(
    ("query", "ranking"),
    [
        ("add", ["Add", "Add noise", "Weighted add", "Radd", "Sharp edged"]),
        ("fit", ["Fit the network", "Show fitting", "Find important things", "Unfit"]),
        ("bn", ["Bnode", "BatchNorm", "Cabn", "Urban"]),
        ("pool", ["Pooling", "MaxPool2D", "Average pool of all", "Spool", "Person of a lull"]),
    ],
)
def test_beginnings_come_before_words_before_initials_before_the_rest(query, ranking):
    assert best(query, reversed(ranking), str) == ranking


def test_humps_digits_and_ideographs_begin_words():
    assert score("pool", "MaxPool2D") > score("pool", "Maxpool")
    assert score("2d", "MaxPool2D") > score("ax", "MaxPool2D")
    assert score("池化", "最大池化") > score("arge", "Large")


def test_the_shorter_of_two_texts_is_meant():
    assert best("dense", ["Dense with a skip", "Dense block", "Dense"], str)[0] == "Dense"
    assert best("den", ["Dense with a skip", "Dense"], str)[0] == "Dense"


def test_words_that_stand_together_are_better_than_words_apart():
    assert best("zoom in", ["Zoom selection into view", "Zoom in"], str)[0] == "Zoom in"


def test_any_of_several_texts_may_match():
    items = {"fit": ("适合窗口", "Fit the network"), "tidy": ("整理", "Tidy up")}
    assert best("tid", items, items.get) == ["tidy"]
    assert best("适", items, items.get) == ["fit"]
    assert best("t", items, items.get) == ["tidy", "fit"]
