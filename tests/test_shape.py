"""Shapes: named axes, and the arithmetic that explains itself."""

from __future__ import annotations

import copy
import pickle
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.shape import AXES, Counted, Shape, ShapeError, slide
from playground.text import set_language

IMAGE = Shape(channels=3, height=4, width=5)
small = st.integers(1, 9)


def test_a_shape_tells_its_axes_in_physical_order():
    assert IMAGE.names == ("channels", "height", "width")
    assert IMAGE.sizes == (3, 4, 5)
    assert (IMAGE.channels, IMAGE.height, IMAGE.width) == (3, 4, 5)
    assert IMAGE.count == 60
    assert str(IMAGE) == "3 × 4 × 5"
    assert IMAGE.to_json() == {"channels": 3, "height": 4, "width": 5}
    assert list(IMAGE) == [("channels", 3), ("height", 4), ("width", 5)]
    assert "height" in IMAGE and "features" not in IMAGE


def test_only_channels_height_width_in_this_order_make_an_image():
    assert IMAGE.is_image
    assert not Shape(height=4, width=5, channels=3).is_image
    assert not Shape(features=60).is_image


def test_shapes_compare_and_hash_by_their_axes():
    assert Shape(channels=3, height=4, width=5) == IMAGE
    assert hash(Shape(channels=3, height=4, width=5)) == hash(IMAGE)
    assert Shape(height=4, width=5, channels=3) != IMAGE
    assert Shape(features=Counted(4, "8 / 2 = 4")) == Shape(features=4)


def test_a_missing_axis_is_explained_and_an_unknown_one_is_a_mistake_in_the_program():
    with pytest.raises(ShapeError, match="no features axis in 3 × 4 × 5"):
        _ = IMAGE.features
    with pytest.raises(ShapeError, match="no time axis"):
        IMAGE.replace(time=3)
    with pytest.raises(AttributeError):
        _ = IMAGE.depth
    with pytest.raises(TypeError, match="depth"):
        Shape(depth=3)


@pytest.mark.parametrize("size", [0, -2])
def test_nothing_can_have_no_size(size):
    with pytest.raises(ShapeError, match=f"width would be {size}"):
        IMAGE.replace(width=size)


def test_replace_keeps_the_other_axes_and_their_order():
    assert IMAGE.replace(height=9).to_json() == {"channels": 3, "height": 9, "width": 5}
    assert IMAGE.height == 4


@given(st.dictionaries(st.sampled_from(AXES), st.integers(1, 10**6)))
@settings(deadline=None, derandomize=True, max_examples=30)
def test_a_shape_survives_json_copying_and_the_pipe(sizes):
    shape = Shape(**sizes)
    assert Shape(**shape.to_json()) == shape
    assert pickle.loads(pickle.dumps(shape)) == shape
    assert copy.deepcopy(shape) == shape


@given(size=st.integers(1, 40), kernel=small, stride=small, padding=st.integers(0, 9), dilation=small)
@settings(deadline=None, derandomize=True, max_examples=300)
def test_slide_counts_the_places_where_a_window_fits(size, kernel, stride, padding, dilation):
    offsets = [dilation * k for k in range(kernel)]
    width = size + 2 * padding
    places = [start for start in range(0, width, stride) if start + offsets[-1] < width]
    if not places:
        with pytest.raises(ShapeError, match="does not fit"):
            slide(size, kernel, stride, padding, dilation)
    else:
        assert slide(size, kernel, stride, padding, dilation) == len(places)


@given(size=st.integers(1, 40), kernel=small, stride=small, padding=st.integers(0, 9), dilation=small)
@settings(deadline=None, derandomize=True, max_examples=100)
def test_what_slide_shows_is_what_it_computed(size, kernel, stride, padding, dilation):
    try:
        counted = slide(size, kernel, stride, padding, dilation)
    except ShapeError:
        return
    shown, _, value = counted.how.partition(" = ")
    python = shown.replace("·", "*").replace("−", "-").replace("⌊", "int(").replace("⌋", ")")
    assert eval(re.sub(r"\s+", " ", python)) == int(value) == counted


def test_the_example_of_the_design_reads_as_it_does_there():
    counted = slide(28, 5, 1, 2)
    assert counted == 28
    assert counted.how == "(28 + 2·2 − 5) / 1 + 1 = 28"
    assert pickle.loads(pickle.dumps(counted)).how == counted.how


def test_a_shape_error_is_read_in_the_language_of_the_moment(monkeypatch):
    import gettext

    from playground import text

    class Chinese(gettext.NullTranslations):
        def gettext(self, message):
            return "{shape} 中没有 {axis} 轴" if message == "there is no {axis} axis in {shape}" else message

    monkeypatch.setattr(text, "_catalogue", lambda code: Chinese() if code == "zh" else gettext.NullTranslations())
    try:
        _ = IMAGE.features
    except ShapeError as error:
        assert str(error) == "there is no features axis in 3 × 4 × 5"
        set_language("zh")
        assert str(error) == "3 × 4 × 5 中没有 features 轴"
