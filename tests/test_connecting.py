"""Two solutions and ways between them."""

from __future__ import annotations

import json

import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import Tanh  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.choices import Adam  # noqa: E402
from playground.connecting import PLACES, connected, place  # noqa: E402
from playground.files import write  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import small  # noqa: E402
from tests.test_commands import run  # noqa: E402, F401  the fixture


def solved(**training):
    return small(Dense(units=12), Tanh(), **{"optimiser": Adam(learning_rate=0.03), "epochs": 25, **training})


def test_a_quadratic_curve_begins_and_ends_at_the_solutions_and_bends_towards_its_middle_point():
    one, middle, other = (torch.tensor(point) for point in ([0.0, 0.0], [1.0, 4.0], [2.0, 0.0]))
    assert place(one, middle, other, 0.0).tolist() == [0.0, 0.0]
    assert place(one, middle, other, 1.0).tolist() == [2.0, 0.0]
    assert place(one, middle, other, 0.5).tolist() == [1.0, 2.0]


def test_the_bent_way_is_lower_than_the_straight_one_and_both_end_at_the_solutions():
    shares = []
    ways = connected(solved(), told=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0
    trainer = Trainer(solved(), device="cpu")
    for _ in trainer.steps():
        pass
    reached = trainer.evaluate("train").metrics["loss"]
    assert len(ways.straight) == len(ways.curve) == PLACES
    for way in (ways.straight, ways.curve):
        assert way[0] == (0.0, pytest.approx(reached, rel=1e-4)) and way[-1][0] == 1.0
    assert ways.straight[-1][1] == ways.curve[-1][1]
    assert max(loss for _, loss in ways.straight) > 2 * max(loss for _, loss in ways.curve)


def test_the_command_prints_one_json_value(run, tmp_path):  # noqa: F811
    write(solved(epochs=2), tmp_path / "net.json")
    status, out, _ = run("connect", str(tmp_path / "net.json"), "--json")
    told = json.loads(out)
    assert status == 0 and set(told["lines"]) == {"straight", "curve"} and len(told["validation"]) == 4
    status, out, _ = run("connect", str(tmp_path / "net.json"))
    assert status == 0 and out.count("\n") == PLACES + 1
