"""Every block of the catalogue against the real torch layer: a new block is tested by being there."""

from __future__ import annotations

import inspect
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground import blocks as _filled  # noqa: F401 - importing it fills the catalogue
from playground.block import CATALOGUE, Block
from playground.facts import DataFacts, Target
from playground.shape import Shape, ShapeError

torch = pytest.importorskip("torch")

from playground import attention, layers, recurrent  # noqa: E402
from playground.network import build  # noqa: E402

NOT_COMPUTING = ("Input", "Group", "GroupInput", "GroupOutput", "Noise", "RealOrGenerated")
"""An Input's shape comes from the data, groups are unfolded before anything is asked of them.

Into a Noise nothing comes, and RealOrGenerated makes two rows of each example: `test_adversarial` tries them.
"""
COMPUTING = [name for name in CATALOGUE if name not in NOT_COMPUTING]
VOCABULARY = 7
FACTS = DataFacts({"text": Shape(time=5)}, {"label": Target(("a", "b", "c"))}, vocabularies={"text": VOCABULARY})

STRICTER_THAN_TORCH = (
    "wants a flat row of features",  # torch would take the last axis of an image for one
    "wants an image",  # torch would take a sequence for an image without its batch
    "BatchNorm wants",
    "Add wants equal shapes",  # torch would repeat the smaller one
    "Multiply wants equal shapes",
    "Concat wants shapes that differ",
    "wants a sequence",
    "begins with a state of",  # torch is given it laid out by layer, and says so in other words
    "within one sequence",  # torch would let the first query see the first key, and so on
    "Sample wants",  # torch would repeat the smaller one, and draw beyond the end of a text
    "LayerNorm wants",
    "Embedding wants",
    "there is no",  # an axis is named that does not come in: there is not even a layer to build
    "nothing would be left; cut off less",  # torch makes an image without pixels
    "cannot be laid out",
    "Permute wants each of the axes",
    "different names from these",
    "there are only",
)
"""Refusals that are ours: the rule says why, where torch would compute something nobody meant."""

images = st.builds(
    lambda c, h, w: Shape(channels=c, height=h, width=w), st.integers(1, 6), st.integers(1, 14), st.integers(1, 14)
)
rows = st.builds(lambda n: Shape(features=n), st.integers(1, 9))
sequences = st.builds(lambda t, n: Shape(time=t, features=n), st.integers(1, 9), st.integers(1, 5))
tokens = st.builds(lambda t: Shape(time=t), st.integers(1, 9))
shapes = st.one_of(images, images, rows, sequences)
likely = st.integers(0, 9).map(bool)
bounded = settings(
    deadline=None, derandomize=True, max_examples=80, database=None, suppress_health_check=list(HealthCheck)
)


WORDS = {
    "shape": ("channels=1, height=auto, width=2", "time=auto, features=1", "features=4"),
    "order": ("width, height, channels", "features, time", "height, channels, width"),
    "names": ("time, features", "channels, width, height"),
}
"""What parameters that are free texts are tried with, by their name."""


def values(parameter):
    """Draw values that the declaration allows, small ones."""
    low, high = parameter.low, parameter.high
    if parameter.auto == "vocabulary":
        return st.just("auto") | st.integers(VOCABULARY, 20)
    if parameter.name == "layers":
        return st.integers(1, 2)
    if parameter.kind == "integer":
        few = st.integers(int(low), int(min(high, low + 7))) | st.just(parameter.default)
        return few | st.just("auto") if parameter.auto else few
    if parameter.kind == "number":
        return st.floats(max(low, -20.0), min(high, 20.0), allow_nan=False)
    if parameter.kind == "sides":
        side = st.integers(int(low), int(min(high, low + 3)))
        return st.just(parameter.default) | st.tuples(side, side)
    if parameter.kind == "switch":
        return st.booleans()
    if parameter.kind == "choice":
        return st.sampled_from(parameter.choices)
    assert parameter.kind == "words", f"draw values of the kind {parameter.kind} here"
    return st.sampled_from((parameter.default, *WORDS.get(parameter.name, ())))


LIKELY = {
    "Convolution": images,
    "Pooling": images,
    "Upsample": images,
    "GroupNorm": images,
    "Conv1D": st.builds(lambda t, n: Shape(time=t, features=n), st.integers(8, 24), st.integers(1, 5)),
    "MaxOverTime": sequences,
    "MeanOverTime": sequences,
    "LastStep": sequences,
    "Recurrent": sequences,
    "PositionalEncoding": sequences,
    "ScaledDotProductAttention": st.builds(
        lambda t, n: Shape(time=t, features=n), st.sampled_from((3, 3, 3, 2)), st.sampled_from((8, 8, 8, 4))
    ),
    "Embedding": tokens,
    "Sample": st.builds(lambda n: Shape(features=n), st.integers(1, 3)),
}
"""What comes in most often, by the name of a block or of its family, so that most cases drawn are valid ones."""


@st.composite
def blocks_and_inputs(draw, name):
    cls = CATALOGUE[name]
    block = cls(**{key: draw(values(parameter)) for key, parameter in cls.parameters.items()})
    inputs = []
    for port in cls.ports():
        if port.variadic:
            first = draw(shapes)
            others = draw(st.lists(st.just(first) | shapes | first_with_other_size(first), max_size=2))
            inputs += [first, *others]
        elif port.optional:
            states = st.just(block.output(Shape(time=1, features=1))["h"])
            inputs.append(draw(st.none() | states | (rows if draw(likely) else shapes)))
        else:
            inputs.append(draw(LIKELY.get(name, LIKELY.get(cls.family, shapes)) if draw(likely) else shapes))
    return block.resolve(FACTS), tuple(inputs)


def first_with_other_size(shape):
    axis = shape.names[0] if shape.is_image else "features"
    return st.integers(1, 6).map(lambda n: shape.replace(**{axis: n}))


def batch(inputs, size=2):
    generator = torch.Generator().manual_seed(0)
    return [
        None
        if shape is None
        else torch.randint(0, VOCABULARY, (size, *shape.sizes), generator=generator)
        if shape.names == ("time",)
        else torch.randn(size, *shape.sizes, generator=generator)
        for shape in inputs
    ]


@pytest.mark.parametrize("name", COMPUTING)
def test_the_rule_agrees_with_the_torch_layer(name):
    agreed = 0

    @given(blocks_and_inputs(name))
    @bounded
    def check(drawn):
        nonlocal agreed
        block, inputs = drawn
        try:
            shape = block.output(*inputs)
        except ShapeError as error:
            if not any(reason in str(error) for reason in STRICTER_THAN_TORCH):
                with pytest.raises((RuntimeError, ValueError)):
                    build(block.layer(*inputs))(*batch(inputs))
            return
        module = build(block.layer(*inputs))
        made = module(*batch(inputs))
        if isinstance(shape, dict):
            assert [tuple(one.shape) for one in made] == [(2, *one.sizes) for one in shape.values()]
            assert tuple(shape) == block.outputs
        else:
            assert tuple(made.shape) == (2, *shape.sizes)
        parameters = {key: tuple(value.shape) for key, value in module.named_parameters()}
        assert parameters == dict(block.weights(*inputs))
        agreed += 1

    check()
    assert agreed >= 8, "hardly any drawn case was a valid one: the test says nothing"


@pytest.mark.parametrize("name", COMPUTING)
def test_the_macs_agree_with_torchs_own_counter(name):
    from torch.utils.flop_counter import FlopCounterMode

    @given(blocks_and_inputs(name))
    @settings(bounded, max_examples=15)
    def check(drawn):
        block, inputs = drawn
        try:
            block.output(*inputs)
        except ShapeError:
            return
        module = build(block.layer(*inputs)).double()  # the counter cannot look into oneDNN's recurrent layers
        given = [x.double() if x is not None and x.is_floating_point() else x for x in batch(inputs)]
        unfused = torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH)  # nor into the fused kernels
        with unfused, FlopCounterMode(display=False) as counter, torch.no_grad():
            module(*given)
        assert counter.get_total_flops() == 2 * 2 * block.macs(*inputs)  # two operations each, a batch of two

    check()


@pytest.mark.parametrize("name", COMPUTING)
def test_the_exported_line_makes_the_same_layer(name):
    @given(blocks_and_inputs(name))
    @settings(bounded, max_examples=15)
    def check(drawn):
        block, inputs = drawn
        try:
            block.output(*inputs)
        except ShapeError:
            return
        layer = block.layer(*inputs)
        home, _, called = layer.name.partition(".")
        homes = {"nn": torch.nn, "layers": layers, "recurrent": recurrent, "attention": attention}
        assert inspect.isclass(getattr(homes[home], called))
        assert repr(eval(str(layer), homes)) == repr(build(layer))

    check()


@pytest.mark.parametrize("name", COMPUTING)
def test_a_window_reaches_as_far_as_it_says(name):
    """What one number in the middle depends on must lie within the kernel that `window` tells."""

    @given(blocks_and_inputs(name))
    @settings(bounded, max_examples=15)
    def check(drawn):
        block, inputs = drawn
        inputs = tuple(x.replace(height=15, width=15) if x is not None and x.is_image else x for x in inputs)
        try:
            shape = block.output(*inputs)
        except ShapeError:
            return
        window = block.window(*inputs)
        if window is None or not (inputs[0].is_image and shape.is_image) or not block.has_gradient:
            return
        torch.manual_seed(0)
        module = build(block.layer(*inputs)).eval()
        given_in = [x.requires_grad_() for x in batch(inputs, 1)]
        module(*given_in)[0, 0, shape.height // 2, shape.width // 2].backward()
        touched = given_in[0].grad[0].abs().sum(0)  # (h, w)
        for axis, length in ((1, window.kernel[0]), (0, window.kernel[1])):
            places = torch.nonzero(touched.sum(axis)).flatten()
            if len(places):
                assert int(places[-1] - places[0]) + 1 <= length

    check()


@pytest.mark.parametrize("name", CATALOGUE)
def test_defaults_and_generated_parameters_survive_json(name):
    cls = CATALOGUE[name]

    @given(st.fixed_dictionaries({key: values(parameter) for key, parameter in cls.parameters.items()}))
    @settings(bounded, max_examples=15)
    def check(chosen):
        block = cls(**chosen)
        assert cls.from_json(json.loads(json.dumps(block.to_json()))) == block

    assert cls.from_json(cls().to_json()) == cls()
    check()


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_face_of_a_node_has_room_for_the_summary(name):
    assert len(CATALOGUE[name]().summary()) <= 16


@pytest.mark.parametrize("name", [name for name, block in CATALOGUE.items() if block.formula])
def test_every_formula_can_be_drawn(name):
    ziamath = pytest.importorskip("ziamath")
    drawn = ziamath.Latex(CATALOGUE[name].formula).svg()
    assert drawn.startswith("<svg") and len(drawn) > 500


def test_most_blocks_that_compute_have_a_formula():
    without = {name for name in COMPUTING if not CATALOGUE[name].formula}
    assert without <= {"Output", "Flatten", "Reshape", "Permute", "Slice", "Upsample"}


@pytest.mark.parametrize(
    ("name", "inputs", "sentence"),
    [
        ("Dense", [Shape(channels=1, height=2, width=2)], "put Flatten before it"),
        ("Conv2D", [Shape(features=4)], "wants an image"),
        ("Conv2D", [Shape(channels=1, height=2, width=2)], "a window of 3 does not fit into 2"),
        ("MaxPool2D", [Shape(channels=1, height=1, width=1)], "a window of 2 does not fit into 1"),
        ("BatchNorm", [Shape(time=2, features=4)], "BatchNorm wants"),
        ("Add", [Shape(features=2), Shape(features=3)], "equal shapes, but 2 and 3 come in"),
        ("Concat", [Shape(features=2), Shape(channels=2, height=1, width=1)], "differ in features only"),
    ],
)
def test_a_refusal_says_what_to_do(name, inputs, sentence):
    with pytest.raises(ShapeError, match=sentence):
        CATALOGUE[name]().output(*inputs)


def test_groups_that_do_not_divide_are_explained():
    with pytest.raises(ShapeError, match="3 groups do not divide both the 4 channels that come in and the 6"):
        CATALOGUE["Conv2D"](channels=6, groups=3).output(Shape(channels=4, height=9, width=9))


def test_padding_beyond_half_a_pooling_window_is_refused():
    with pytest.raises(ShapeError, match="at most half its kernel"):
        CATALOGUE["MaxPool2D"](kernel=2, padding=2).output(Shape(channels=4, height=9, width=9))


def test_a_block_without_a_rule_or_layer_says_so():
    with pytest.raises(NotImplementedError):
        Block().output(Shape(features=1))
    with pytest.raises(NotImplementedError):
        Block().layer(Shape(features=1))
