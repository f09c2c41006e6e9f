"""Recurrent layers against torch's own, against loops written from the formulas, and with padding."""

from __future__ import annotations

import copy
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence  # noqa: E402

from playground.choices import Identity, Orthogonal, Xavier, Zeros  # noqa: E402
from playground.initialising import initialise  # noqa: E402
from playground.recurrent import GRU, LSTM, RNN, PeepholeLSTM  # noqa: E402
from playground.stepwise import Recurrent, turned  # noqa: E402

INPUTS, UNITS, STEPS = 3, 4, 6
LENGTHS = torch.tensor([6, 2, 1, 5])

LIKE_TORCH: dict[str, tuple[type[Recurrent], dict[str, Any]]] = {
    "tanh": (RNN, {}),
    "relu": (RNN, {"activation": "relu"}),
    "lstm": (LSTM, {}),
    "gru": (GRU, {}),
}
OWN: dict[str, tuple[type[Recurrent], dict[str, Any]]] = {
    "full peepholes": (PeepholeLSTM, {}),
    "diagonal peepholes": (PeepholeLSTM, {"full": False}),
    "gru, reset before": (GRU, {"reset": "before"}),
    "gru, z takes": (GRU, {"update": "takes"}),
    "gru, both": (GRU, {"update": "takes", "reset": "before"}),
}
ALL = LIKE_TORCH | OWN
FORMS: dict[str, dict[str, Any]] = {
    "stacked": {"layers": 2},
    "both ways": {"layers": 2, "direction": "both"},
    "backwards": {"direction": "backward"},
}


def made(kind: str, **more: Any) -> Recurrent:
    torch.manual_seed(1)
    cls, own = ALL[kind]
    return cls(INPUTS, UNITS, **own, **more)


def sequences(batch: int = 4, steps: int = STEPS) -> Tensor:
    return torch.randn(batch, steps, INPUTS, generator=torch.Generator().manual_seed(2))


def first_state(layer: Recurrent, batch: int = 4) -> list[Tensor]:
    size = layer.num_layers * (2 if layer.bidirectional else 1) * UNITS
    generator = torch.Generator().manual_seed(3)
    return [torch.randn(batch, size, generator=generator) for _ in layer.carried]


def torchs(layer: Recurrent) -> Any:
    """Return torch's own layer with the same weights."""
    cls = {"LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU}.get(layer.mode, torch.nn.RNN)
    more = {"nonlinearity": layer.activation} if isinstance(layer, RNN) else {}
    theirs = cls(INPUTS, UNITS, layer.num_layers, batch_first=True, bidirectional=layer.bidirectional, **more)
    theirs.load_state_dict(layer.state_dict())
    return theirs


def run_torchs(layer: Recurrent, x: Tensor, state: list[Tensor], lengths: Tensor | None) -> list[Tensor]:
    """Run torch's own layer as its documentation says; what is beyond the end is packed away."""
    places = layer.num_layers * (2 if layer.bidirectional else 1)
    hidden = tuple(one.reshape(len(x), places, UNITS).transpose(0, 1).contiguous() for one in state)
    read = x
    if layer.direction == "backward":
        read = torch.stack([torch.cat((row[:n].flip(0), row[n:])) for row, n in zip(x, ends(x, lengths), strict=True)])
    packed = read if lengths is None else pack_padded_sequence(read, lengths, batch_first=True, enforce_sorted=False)
    said, last = torchs(layer)(packed, hidden if len(hidden) > 1 else hidden[0])
    if lengths is not None:
        said, _ = pad_packed_sequence(said, batch_first=True, total_length=x.shape[1])
    if layer.direction == "backward":
        said = torch.stack(
            [torch.cat((row[:n].flip(0), row[n:])) for row, n in zip(said, ends(x, lengths), strict=True)]
        )
    last = last if isinstance(last, tuple) else (last,)
    return [said, *(one.transpose(0, 1).reshape(len(x), -1) for one in last)]


def ends(x: Tensor, lengths: Tensor | None) -> list[int]:
    return [x.shape[1]] * len(x) if lengths is None else lengths.tolist()


def total(values: Any) -> Tensor:
    """Make one number of everything that a layer returned, in which each number counts differently."""
    return sum((one * torch.arange(one.numel()).reshape(one.shape).cos()).sum() for one in values)  # type: ignore[return-value]


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["all steps", "lengths"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", LIKE_TORCH)
def test_outputs_states_and_gradients_are_those_of_torchs_own(kind: str, form: str, lengths: Tensor | None) -> None:
    layer = made(kind, **FORMS[form])
    x = sequences().requires_grad_()
    state = [one.requires_grad_() for one in first_state(layer)]
    ours = layer(x, *state, lengths=[lengths])
    theirs = run_torchs(layer, x, state, lengths)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=0)
    grads = [torch.autograd.grad(total(values), [x, *state]) for values in (ours, theirs)]
    for one, other in zip(*grads, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", LIKE_TORCH)
def test_what_runs_on_cuda_says_the_same(kind: str, form: str) -> None:
    layer = made(kind, **FORMS[form])
    x, state = sequences(), layer._first_state(sequences(), first_state(layer))
    one = layer._layer_by_layer(x, state, LENGTHS)
    other = layer._packed(x, state, LENGTHS)
    torch.testing.assert_close(one, other, atol=1e-6, rtol=0)


def sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def by_formula(layer: Any, x: Tensor) -> tuple[list[Tensor], ...]:
    """Read one example (time, features) as the papers write it, one unit after the other; return h and c by step."""
    rows = {name: getattr(layer, f"{name}_l0") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
    h, c = torch.zeros(UNITS, dtype=x.dtype), torch.zeros(UNITS, dtype=x.dtype)
    hs, cs = [], []
    for x_t in x:
        h, c = lstm_step(layer, rows, x_t, h, c) if isinstance(layer, LSTM) else (gru_step(layer, rows, x_t, h), c)
        hs.append(h)
        cs.append(c)
    return hs, cs


def affine(rows: dict[str, Tensor], k: int, x: Tensor, h: Tensor) -> Tensor:
    return (rows["weight_ih"][k] * x).sum() + rows["bias_ih"][k] + (rows["weight_hh"][k] * h).sum() + rows["bias_hh"][k]


def lstm_step(layer: Any, rows: dict[str, Tensor], x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    def seen(gate: int, j: int, cells: Tensor) -> Tensor:
        v = layer.weight_ch_l0[gate * UNITS + j]
        return (v * cells).sum() if layer.full else v * cells[j]

    new = []
    for j in range(UNITS):
        i = sigmoid(affine(rows, j, x, h) + seen(0, j, c))
        f = sigmoid(affine(rows, UNITS + j, x, h) + seen(1, j, c))
        g = torch.tanh(affine(rows, 2 * UNITS + j, x, h))
        new.append(f * c[j] + i * g)
    c = torch.stack(new)
    o = [sigmoid(affine(rows, 3 * UNITS + j, x, h) + seen(2, j, c)) for j in range(UNITS)]
    return torch.stack(o) * torch.tanh(c), c


def gru_step(layer: Any, rows: dict[str, Tensor], x: Tensor, h: Tensor) -> Tensor:
    r = torch.stack([sigmoid(affine(rows, j, x, h)) for j in range(UNITS)])
    new = []
    for j in range(UNITS):
        z = sigmoid(affine(rows, UNITS + j, x, h))
        k = 2 * UNITS + j
        own = (rows["weight_ih"][k] * x).sum() + rows["bias_ih"][k]
        if layer.reset == "before":
            n = torch.tanh(own + (rows["weight_hh"][k] * (r * h)).sum() + rows["bias_hh"][k])
        else:
            n = torch.tanh(own + r[j] * ((rows["weight_hh"][k] * h).sum() + rows["bias_hh"][k]))
        new.append(z * h[j] + (1 - z) * n if layer.update == "keeps" else (1 - z) * h[j] + z * n)
    return torch.stack(new)


@pytest.mark.parametrize("kind", [*OWN, "gru"])
def test_what_torch_lacks_is_the_published_formula(kind: str) -> None:
    layer = made(kind).double()
    x = sequences(1).double()
    hs, cs = by_formula(layer, x[0])
    said, *last = layer(x)
    assert torch.allclose(said[0], torch.stack(hs), atol=1e-12)
    assert torch.allclose(last[0][0], hs[-1], atol=1e-12)
    if isinstance(layer, LSTM):
        assert torch.allclose(last[1][0], cs[-1], atol=1e-12)


def test_z_means_the_opposite_in_the_other_convention() -> None:
    keeps, takes = made("gru"), made("gru, z takes")
    takes.load_state_dict(keeps.state_dict())
    with torch.no_grad():
        for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
            getattr(takes, name)[UNITS : 2 * UNITS] *= -1  # σ(−a) = 1 − σ(a)
    assert torch.allclose(keeps(sequences())[0], takes(sequences())[0], atol=1e-6)


@pytest.mark.parametrize("kind", ALL)
def test_gradients_are_right(kind: str) -> None:
    layer = made(kind, direction="both").double()
    x = sequences(2, 3).double().requires_grad_()
    state = [one.double().requires_grad_() for one in first_state(layer, 2)]
    names = [name for name, _ in layer.named_parameters()]

    def run(x: Tensor, *rest: Tensor) -> Any:
        given, weights = rest[: len(state)], dict(zip(names, rest[len(state) :], strict=True))
        return torch.func.functional_call(layer, weights, (x, *given), {"lengths": [torch.tensor([3, 1])]})

    assert torch.autograd.gradcheck(run, (x, *state, *layer.parameters()), fast_mode=True)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ALL)
def test_padding_changes_no_output_no_state_and_no_gradient(kind: str, form: str) -> None:
    layer = made(kind, **FORMS[form])

    def run(more: int, filling: float) -> tuple[list[Tensor], list[Tensor]]:
        x = torch.nn.functional.pad(sequences(), (0, 0, 0, more))
        gone = torch.arange(x.shape[1]) >= LENGTHS[:, None]
        x[gone] = filling
        x.requires_grad_()
        said, *last = layer(x, lengths=[LENGTHS])
        assert said[gone].eq(0).all()
        grads = torch.autograd.grad(total((said[:, :STEPS], *last)), [x, *layer.parameters()])
        assert grads[0][gone].eq(0).all()
        return [said[:, :STEPS], *last], [grads[0][:, :STEPS], *grads[1:]]

    plain, padded = run(0, 0.0), run(5, 1e6)
    for one, other in zip(plain, padded, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-5)
    not_numbers = run(3, float("nan"))
    for one, other in zip(plain, not_numbers, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("kind", ALL)
def test_each_example_by_itself_gives_what_it_gives_in_a_batch(kind: str) -> None:
    layer = made(kind, layers=2, direction="both")
    together = layer(sequences(), lengths=[LENGTHS])
    for row, length in enumerate(LENGTHS.tolist()):
        alone = layer(sequences()[row : row + 1, :length])  # a batch of one, and a sequence of one step among them
        torch.testing.assert_close(alone[0][0], together[0][row, :length], atol=1e-6, rtol=0)
        for one, other in zip(alone[1:], together[1:], strict=True):
            torch.testing.assert_close(one[0], other[row], atol=1e-6, rtol=0)


@pytest.mark.parametrize("kind", ALL)
def test_reading_in_two_pieces_is_reading_at_once(kind: str) -> None:
    layer = made(kind, layers=2)
    whole = layer(sequences())
    first = layer(sequences()[:, :2])
    second = layer(sequences()[:, 2:], *first[1:])
    torch.testing.assert_close(torch.cat((first[0], second[0]), dim=1), whole[0], atol=1e-6, rtol=0)
    torch.testing.assert_close(second[1:], whole[1:], atol=1e-6, rtol=0)


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["all steps", "lengths"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ALL)
def test_what_is_traced_is_what_was_computed(kind: str, form: str, lengths: Tensor | None) -> None:
    layer = made(kind, **FORMS[form]).eval()
    state = first_state(layer)
    said = layer(sequences(), *state, lengths=[lengths])[0]
    halves = [layer.traced(sequences(), *state, lengths=lengths, backward=b) for b in (False, True)]
    traced = torch.cat([half["h"] for half in halves[: 1 + layer.bidirectional]], dim=2)
    torch.testing.assert_close(traced, said, atol=1e-6, rtol=0)
    names = {"RNN": "h", "LSTM": "cfghio", "PeepholeLSTM": "cfghio", "GRU": "hnrz"}[type(layer).__name__]
    assert sorted(halves[0]) == list(names)
    assert {one.shape for one in halves[0].values()} == {(4, STEPS, UNITS)}
    if lengths is not None:
        assert all(one[1, 2:].eq(0).all() for one in halves[0].values())


def test_traced_gates_satisfy_the_equations_in_any_layer() -> None:
    layer = made("lstm", layers=2).eval()
    for k in (0, 1):
        at = layer.traced(sequences(), layer=k)
        before = torch.nn.functional.pad(at["c"], (0, 0, 1, 0))[:, :-1]  # c_{t−1}
        torch.testing.assert_close(at["c"], at["f"] * before + at["i"] * at["g"])
        torch.testing.assert_close(at["h"], at["o"] * at["c"].tanh())
    below = made("lstm").eval()
    below.load_state_dict({name: value for name, value in layer.state_dict().items() if name.endswith("_l0")})
    torch.testing.assert_close(layer.traced(sequences(), layer=0)["h"], below(sequences())[0], atol=1e-6, rtol=0)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("biases", ["one", "none"])
def test_biases_can_be_one_or_none(kind: str, biases: str) -> None:
    layer, full = made(kind, biases=biases), made(kind)
    gone = {name for name, _ in full.named_parameters()} - {name for name, _ in layer.named_parameters()}
    assert gone == {"bias_hh_l0"} | ({"bias_ih_l0"} if biases == "none" else set())
    assert set(layer.state_dict()) == {name for name, _ in layer.named_parameters()}
    with torch.no_grad():
        for name, weight in full.named_parameters():
            weight.copy_(layer.get_parameter(name)) if name not in gone else weight.zero_()
    for lengths in (None, LENGTHS):
        torch.testing.assert_close(
            layer(sequences(), lengths=[lengths]), full(sequences(), lengths=[lengths]), atol=1e-6, rtol=0
        )


def test_the_silent_bias_stays_silent_and_a_copy_computes_the_same() -> None:
    layer = made("lstm", biases="one")
    layer(sequences())[0].sum().backward()
    with torch.no_grad():
        for weight in layer.parameters():
            weight -= 0.1 * weight.grad
    assert layer.get_buffer("bias_hh_l0").eq(0).all()
    twin = copy.deepcopy(layer)
    assert torch.equal(twin(sequences())[0], layer(sequences())[0])
    with torch.no_grad():
        twin.weight_ih_l0.zero_()
    assert not torch.equal(twin(sequences())[0], layer(sequences())[0])


def test_dropout_stands_between_layers_and_only_while_training() -> None:
    for kind in ("lstm", "full peepholes"):
        layer, plain = made(kind, layers=2, dropout=0.5), made(kind, layers=2)
        for lengths in (None, LENGTHS):
            differ = [not torch.equal(layer(sequences(), lengths=[lengths])[0], plain(sequences())[0])]
            layer.eval()
            assert torch.allclose(
                layer(sequences(), lengths=[lengths])[0], plain(sequences(), lengths=[lengths])[0], atol=1e-6
            )
            layer.train()
            assert differ == [True]
        assert made(kind, dropout=0.5).dropout == 0.0  # a single layer has nothing in between


def test_the_forget_gate_begins_open() -> None:
    for kind in ("lstm", "full peepholes"):
        for biases in ("one", "two"):
            layer = made(kind, biases=biases, forget_bias=2.5, layers=2, direction="both")
            for at in ("l0", "l1_reverse"):
                both = getattr(layer, f"bias_ih_{at}") + getattr(layer, f"bias_hh_{at}")
                assert both[UNITS : 2 * UNITS].eq(2.5).all() and not both[:UNITS].eq(2.5).any()


def test_a_relu_network_begun_with_the_identity_adds_up_what_it_reads() -> None:
    layer = made("relu", start="identity")
    x = sequences().abs()
    with torch.no_grad():
        layer.weight_ih_l0.abs_()
    summed = torch.cumsum(x @ layer.weight_ih_l0.T, dim=1)
    assert torch.allclose(layer(x)[0], summed, atol=1e-5)


def test_initialisations_see_each_gate_as_a_matrix_of_its_own() -> None:
    layer = made("full peepholes")
    initialise(layer, Orthogonal())
    for weight in (layer.weight_hh_l0, layer.weight_ch_l0):
        for part in weight.split(UNITS):
            assert torch.allclose(part @ part.T, torch.eye(UNITS), atol=1e-5)
    assert layer.bias_ih_l0[UNITS : 2 * UNITS].eq(1).all()  # the forget gate is open all the same
    assert layer.bias_ih_l0[:UNITS].eq(0).all() and layer.bias_hh_l0.eq(0).all()
    initialise(layer, Identity())
    assert torch.equal(layer.weight_hh_l0, torch.eye(UNITS).repeat(4, 1))
    wide = GRU(300, 200)
    initialise(wide, Xavier())
    assert [part.std().item() for part in wide.weight_ih_l0.split(200)] == pytest.approx(
        [(2 / 500) ** 0.5] * 3, rel=0.02
    )
    identity = made("relu", start="identity")
    initialise(identity, Zeros())
    assert torch.equal(identity.weight_hh_l0, torch.eye(UNITS)) and identity.weight_ih_l0.eq(0).all()


def test_turning_leaves_what_lies_beyond_the_end() -> None:
    x = torch.arange(5.0).reshape(1, 5, 1).repeat(2, 1, 1)
    assert turned(x, torch.tensor([5, 3]))[:, :, 0].tolist() == [[4, 3, 2, 1, 0], [2, 1, 0, 3, 4]]
    assert turned(x, None)[0, :, 0].tolist() == [4, 3, 2, 1, 0]


def test_a_layer_prints_what_it_is_made_of() -> None:
    assert repr(made("gru, both", layers=2, dropout=0.25)) == (
        "GRU(3, 4, layers=2, direction='forward', dropout=0.25, biases='two', update='takes', reset='before')"
    )


def test_what_says_nothing_of_its_step_cannot_be_run() -> None:
    with pytest.raises(NotImplementedError):
        Recurrent("GRU", 2, 2).traced(torch.zeros(1, 1, 2))


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["all steps", "lengths"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ALL)
def test_unrolled_it_says_the_same_and_names_every_state(kind: str, form: str, lengths: Tensor | None) -> None:
    layer = made(kind, **FORMS[form]).eval()
    state = first_state(layer)
    said = layer(sequences(), *state, lengths=[lengths])
    again, heard = layer.unrolled(sequences(), *state, lengths=lengths)
    torch.testing.assert_close(again, said, atol=1e-6, rtol=0)
    assert len(heard) == layer.num_layers * layer._directions and layer._heard is None
    assert {(len(one), one[0].shape) for one in heard.values()} == {(STEPS, (4, UNITS))}
